"""The other articles that tell an article's story, as the article's page lists them."""

from dataclasses import dataclass

from searchsvc.article import Article
from searchsvc.search.display import hit_in
from searchsvc.search.results import Hit
from searchsvc.store.stories import count_tellers
from searchsvc.suggest.similar import elsewhere
from searchsvc.web.context import link, service
from searchsvc.web.parameters import Parameter
from searchsvc.web.results import Result, Showing, result

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The first of them; ``others``: how many there are, ``count``: with the article itself.

    ``href``: the address where all are listed; None where they are.
    """

    results: tuple[Result, ...]
    others: int
    href: str | None

    @property
    def count(self) -> int:
        return self.others + 1


def told_elsewhere(article: Article, ways: tuple[Parameter, ...], how: Showing) -> Elsewhere | None:
    """The others; None where the article tells its story alone. ``ways``: parameters that links keep."""
    found = elsewhere(article, MOST_SHOWN, service().store)
    if not found:
        return None
    others = count_tellers(service().store, article.story) - 1
    return Elsewhere(
        tuple(result(hit_in(Hit(each, 0.0, ()), how.script), ways, how) for each in found),
        others,
        link("/search", (Parameter("story", article.id),)) if others > len(found) else None,
    )
