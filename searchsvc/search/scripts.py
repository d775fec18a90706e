"""Which articles have a string in exactly the script typed: 乾 and not 干, 干 and not 乾.

The index does not tell scripts apart, which is what finds an article in either. It knows which forms of
a character an article has and how often, and so can tell for all but those that have several (乾 and 干):
for a single character even there. The others' texts are looked at themselves, at some 20 µs each.
"""

from collections.abc import Callable, Sequence

from searchsvc.engine import Field
from searchsvc.search.matches import matches
from searchsvc.search.needles import Needle
from searchsvc.store.articles import ArticleStore
from searchsvc.text.terms import squeeze


class InScript:
    """The check of one search. What an article was found to have is remembered while it lasts."""

    def __init__(self, store: ArticleStore) -> None:
        self._store = store
        self._known: dict[str, dict[str, tuple[bool, bool]]] = {}

    def __call__(self, text: str, field: Field) -> Callable[[Sequence[str]], Sequence[bool]]:
        """Ids → for each article whether its title or text has the string; one that is gone has not."""
        known = self._known.setdefault(text, {})
        place = 0 if field == "title" else 1

        def check(ids: Sequence[str]) -> list[bool]:
            unknown = [identifier for identifier in ids if identifier not in known]
            for identifier, (title, body) in self._store.texts(unknown).items():
                known[identifier] = _has(title, text), _has(body, text)
            return [known.get(identifier, (False, False))[place] for identifier in ids]

        return check


def _has(text: str, string: str) -> bool:
    """Whether a text has a string in exactly this script."""
    # As most texts have it: a thousand times as quick, and right where every character is a sign.
    if string in text and not squeeze(string).is_word.any():
        return True
    return bool(matches(text, (Needle(string, as_typed=True),)))
