"""What an engine does: write a batch, run a plan, build a generation, switch.

The engine answers with ids, scores and counts; the articles themselves live in ``store/``. Whoever
stands in front of it (commands, web, search) knows this file only, so another engine can take the
place of the one behind it. Query trees are Whoosh's (``whoosh.query``) with one node of our own,
``strings.ExactString``.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from whoosh.query import Query

Order = Literal["relevance", "newest", "oldest"]
Field = Literal["title", "body"]
FIELDS: tuple[Field, ...] = ("title", "body")
# Columns of names: of each article's source, of its author, and of the story that it shares.
NAMES = ("source", "author", "story")
# A word in the title says more about an article than one in its text.
TITLE_BOOST = 3.0


@dataclass(frozen=True, slots=True)
class Document:
    """What the index knows of an article. ``published`` in seconds, None when nobody knows.

    ``story``: the id of the earliest article that tells the same story; None where no other does.
    """

    id: str
    title: str
    body: str
    source: str
    published: int | None
    author: str | None = None
    script: str | None = None
    story: str | None = None


@dataclass(frozen=True, slots=True)
class Statistics:
    """What scores depend on beside the article: of the index, and of the query's strings in it.

    ``averages``: the average length of each of FIELDS. ``frequencies``: how many documents have each
    term or string of the query, in the order of its tree.
    """

    documents: int
    averages: tuple[float, ...]
    frequencies: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the hits of a walk: behind the hit with this key and id.

    Hits stand by key, the greatest first, then by id. The key is the score; by time, the time or its
    negative. ``statistics``: those that the walk began with, so that scores stay what they were.
    """

    key: float
    id: str
    statistics: Statistics | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A search, ready to run.

    ``query`` None means every article. The range is half-open, in seconds: ``since <= published <
    before``; articles without a time are outside any range. ``sources`` None means all of them.
    ``author``: a part of the author's name, in either script. ``story``: the articles that tell it, by
    the id of the earliest.
    ``offset`` and ``limit`` cut the page out of the ordered hits. ``timeline_edges``, if given, are
    the n + 1 ascending edges, in seconds, of n buckets to count hits in. ``fit_edges`` makes them of
    the first and the last time of the hits, so that what is counted fits what was found.
    ``walk``: page after page by ``after``, the place where the last one ended, instead of ``offset``.
    Then articles that come and go in between move no others, and hits alike stand by their ids.
    ``unhurried``: run to the end, however long that takes.
    ``fold``: of the hits that tell one story, only the first in the order stands; not in a walk. Counts by
    source and time are of all hits all the same.
    """

    query: Query | None
    since: int | None = None
    before: int | None = None
    sources: frozenset[str] | None = None
    excluded_sources: frozenset[str] = frozenset()
    author: str | None = None
    story: str | None = None
    order: Order = "relevance"
    offset: int = 0
    limit: int = 20
    count_sources: bool = False
    timeline_edges: tuple[int, ...] = ()
    fit_edges: Callable[[int, int], tuple[int, ...]] | None = None
    walk: bool = False
    after: Place | None = None
    unhurried: bool = False
    fold: bool = False


class Scored(NamedTuple):
    """One hit: the article's id, and its score (0.0 when the order is by time)."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a plan found: the exact total, one page of hits, and the counts that were asked for.

    ``extent``: the first and the last time of the hits, where edges were to be fitted to it; None when
    no hit has a time. ``after``: where a walk goes on; None when no hit is left. ``folded``: how many
    hits do not stand, and are not in the total, because another one tells the same story.
    """

    total: int
    hits: tuple[Scored, ...]
    sources: dict[str, int] = field(default_factory=dict)
    timeline: tuple[int, ...] = ()
    extent: tuple[int, int] | None = None
    after: Place | None = None
    folded: int = 0


@dataclass(frozen=True, slots=True)
class Generation:
    """One whole index: its name, how many articles it has, and up to which change of the database."""

    name: str
    count: int
    change: int
    bytes: int
    built: int


class Answering(Protocol):
    """Whatever answers plans."""

    def run(self, plan: Plan) -> Found:
        """Evaluate a plan."""


@dataclass(frozen=True, slots=True)
class Space:
    """The room that an engine has left: where, in bytes, and how many times the room of a finished index
    is taken while one is built."""

    where: str
    free: int
    building: float


class Engine(Answering, Protocol):
    """The whole of what the rest of the service knows of an index."""

    def writing(self) -> AbstractContextManager[None]:
        """Hold off other writers for several writes and a switch. Raises IndexBusy."""

    def building(self) -> AbstractContextManager[None]:
        """Hold off other builders, from the thought of a generation to the switch. Raises IndexBusy.

        A generation that is not in use at the end goes.
        """

    def write(self, documents: Sequence[Document], change: int, generation: str | None = None) -> None:
        """Put documents in, in place of those with the same ids; all of them or none.

        ``change`` is the database's change number that the index stands at afterwards. ``generation``: into
        that one, in use or not. Raises IndexNotWritten.
        """

    def run(self, plan: Plan) -> Found:
        """Evaluate a plan on the newest commit. Raises IndexUnavailable, and BudgetExceeded for what takes
        too long, unless it is unhurried."""

    def count(self, text: str, least: int = 1) -> int:
        """How many articles contain a string in title or text; 0 where they are surely fewer than
        ``least``. Raises what ``run`` raises."""

    def build(self, documents: Iterable[Document], change: int) -> Generation:
        """Make a new generation beside the one in use, complete and synced, not yet in use."""

    def switch(self, generation: str) -> None:
        """Put a generation in use, atomically; the one that was in use is kept for ``rollback``."""

    def rollback(self) -> Generation:
        """Put the kept generation back in use. Raises IndexUnavailable when there is none."""

    def let_go(self) -> AbstractContextManager[None]:
        """Have no index in use from here on, since its database is about to be replaced; if that fails, it
        is in use again."""

    def current(self) -> Generation | None:
        """The generation in use, at its newest commit."""

    def previous(self) -> Generation:
        """The generation kept for ``rollback``. Raises IndexUnavailable when there is none."""

    def describe(self, generation: str) -> Generation:
        """A generation at its newest commit."""

    def at(self, generation: str) -> Answering:
        """A generation as it stands now, in use or not, to be asked."""

    def ids(self, generation: str | None = None) -> Iterator[str]:
        """The ids of all articles in a generation, or in the one in use."""

    def check(self, generation: str | None = None) -> None:
        """Raise IndexUnavailable unless a generation is whole; without one, those in use and kept."""

    def space(self) -> Space:
        """The room left for a new generation."""
