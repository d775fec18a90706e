"""Where an article stands among the hits of the search it was opened from, and the hits beside it.

A link from a page of results says at which place its hit stands (``at=17``). The search is asked again for
just the hits around that place. When articles arrived meanwhile the article is a few places further on;
when it is not to be seen there, nothing is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from searchsvc.engine import Scored
from searchsvc.search.display import hit_in
from searchsvc.search.results import DEEPEST, Hit
from searchsvc.search.search import Answer
from searchsvc.text.display import Shown
from searchsvc.web.context import link, service
from searchsvc.web.parameters import Parameter, with_page
from searchsvc.web.results import AT, hit_link, language_of

# How many places further on, or back, an article is looked for.
REACH = 10


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A hit beside the one that is open."""

    title: str
    lang: str
    href: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The article's place among all hits, from 1; the hits beside it; the page of results it is on."""

    place: int
    total: int
    previous: Neighbour | None
    next: Neighbour | None
    back: str


def place_asked(parameters: Sequence[Parameter]) -> int | None:
    """The place that an address names; None for anything that is not one."""
    value = next((each.value for each in parameters if each.name == AT), "")
    sound = value.isascii() and value.isdecimal() and len(value) <= len(str(DEEPEST))
    return int(value) if sound and 1 <= int(value) <= DEEPEST else None


def places_around(place: int) -> range:
    """The places to ask for, from 0: those where the article may be, and their neighbours."""
    return range(max(0, place - 2 - REACH), min(DEEPEST, place + REACH + 1))


def standing(
    article_id: str, place: int, answer: Answer, asked: tuple[Parameter, ...], script: Shown | None
) -> Standing | None:
    """Where an article stands in the answer to ``places_around`` a place; None where it is not there."""
    hits, first = answer.found.hits, places_around(place).start
    numbers = [number for number, hit in enumerate(hits) if hit.id == article_id]
    if not numbers:
        return None
    at, here = numbers[0], first + numbers[0] + 1
    beside = {here + step: hits[at + step] for step in (-1, 1) if 0 <= at + step < len(hits)}
    found = _neighbours(beside, asked, answer.cut.size, script)
    back = link("/search", _on_page(asked, here, answer.cut.size))
    return Standing(here, answer.found.total, found.get(here - 1), found.get(here + 1), back)


def _neighbours(
    beside: dict[int, Scored], asked: tuple[Parameter, ...], size: int, script: Shown | None
) -> dict[int, Neighbour]:
    articles = service().store.get_many([hit.id for hit in beside.values()])
    found = {}
    for place, hit in beside.items():
        if article := articles.get(hit.id):
            shown = hit_in(Hit(article, hit.score, ()), script).article
            href = hit_link(hit.id, place, _on_page(asked, place, size))
            found[place] = Neighbour(shown.title, language_of(article, script), href)
    return found


def _on_page(asked: tuple[Parameter, ...], place: int, size: int) -> tuple[Parameter, ...]:
    return with_page(asked, (place - 1) // size + 1)
