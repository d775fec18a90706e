"""The language of a few words on a page, for ``lang``: the same character is drawn differently in Beijing and
Taipei, and is not read aloud at all by a voice that speaks English."""

from functools import lru_cache

from searchsvc.text.script import detect
from searchsvc.web.context import reader

LANGUAGES = {"hans": "zh-Hans", "hant": "zh-Hant", "hant-hk": "zh-Hant-HK"}


def lang_of(text: str) -> str:
    """The language of a name, a query, a word of it.

    Chinese that no character tells apart (中央社) is taken for the reader's own; what has no Chinese in it
    for a part of the page.
    """
    language, script = _detected(text)
    if script is not None:
        return LANGUAGES[script]
    own = reader().language
    return language if language in ("zh", "ja", "ko") and not own.startswith(language) else own


# Names of sources stand in every hit.
_detected = lru_cache(maxsize=1024)(detect)
