"""What a reader has chosen: the language of the pages, the script of articles, whether pictures load.

Kept in one cookie of the reader's own; without it the browser's languages decide. Nothing here knows
who reads, and a cookie that says anything else is taken for none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import LanguageAccept

from searchsvc.text.display import Shown
from searchsvc.web.messages import LANGUAGES, Language

COOKIE = "reader"
YEAR_SECONDS = 365 * 24 * 3600
SCRIPTS: tuple[Shown, ...] = get_args(Shown)
# What browsers call the languages that the pages speak, by the first subtags.
SPOKEN: tuple[tuple[str, Language], ...] = (
    ("zh-hant", "zh-Hant"),
    ("zh-tw", "zh-Hant"),
    ("zh-hk", "zh-Hant"),
    ("zh-mo", "zh-Hant"),
    ("zh", "zh-Hans"),
    ("en", "en"),
)


@dataclass(frozen=True, slots=True)
class Reader:
    """``script`` None: each article in its own. ``pictures``: may load from where they were published."""

    language: Language = "zh-Hans"
    script: Shown | None = None
    pictures: bool = False


def read_reader(cookie: str | None, accepted: LanguageAccept) -> Reader:
    """The reader that a cookie and the browser's languages tell of."""
    return chosen(dict(parse_qsl((cookie or "")[:200])), accepted)


def chosen(values: Mapping[str, str], accepted: LanguageAccept) -> Reader:
    """The reader of a form or a cookie: values that are none of those offered count as not given."""
    language = next((each for each in LANGUAGES if each == values.get("language")), None)
    script = next((each for each in SCRIPTS if each == values.get("script")), None)
    return Reader(language or preferred(accepted), script, values.get("pictures") == "on")


def preferred(accepted: LanguageAccept) -> Language:
    """The language that a browser wants most of those there are; simplified Chinese if it wants none."""
    for tag, quality in accepted:
        name = tag.lower()
        for prefix, language in SPOKEN:
            if quality > 0 and (name == prefix or name.startswith(f"{prefix}-")):
                return language
    return "zh-Hans"


def cookie_of(reader: Reader) -> str:
    """The cookie's value that reads as this reader again."""
    values = {"language": reader.language, "script": reader.script, "pictures": "on" * reader.pictures}
    return urlencode({name: value for name, value in values.items() if value})
