"""Which articles have a string in exactly the script typed: 乾 and not 干, 干 and not 乾.

The index does not tell scripts apart, which is what finds an article in either. It knows which forms of
a character an article has, and so can tell for all but those that have several (乾 and 干). These are
looked at themselves, at some 50 µs each.
"""

from collections.abc import Callable, Sequence

from searchsvc.article import Article
from searchsvc.engine import Field
from searchsvc.search.highlight import matches
from searchsvc.search.syntax import Needle
from searchsvc.store.articles import ArticleStore


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
            for identifier, article in self._store.get_many(unknown).items():
                known[identifier] = _has(article, text)
            return [known.get(identifier, (False, False))[place] for identifier in ids]

        return check


def _has(article: Article, text: str) -> tuple[bool, bool]:
    """Whether an article's title, and its text, have a string in exactly this script."""
    wanted = (Needle(text, as_typed=True),)
    return bool(matches(article.title, wanted)), bool(matches(article.text, wanted))
