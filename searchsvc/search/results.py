"""What a search returns, whichever door asked: values only, no markup, no JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from searchsvc.article import Article, SourceCount
from searchsvc.search.warnings import QueryWarning

__all__ = ["DEEPEST", "Asked", "Facets", "Hit", "Page", "Passage", "SourceCount", "Span", "Timeline"]

HighlightField = Literal["title", "text"]
# Half-open, in code points of the passage it belongs to.
Span = tuple[int, int]
# Why a place matched: it says what was typed, says it in the other script, or is another form of it.
Why = Literal["typed", "script", "variant"]
Matched = Literal["all", "some"]
Interval = Literal["day", "month", "year"]


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a hit's title or text with the places that matched, and why each did.

    ``cut_before`` and ``cut_after`` say whether the field goes on beyond the passage.
    """

    field: HighlightField
    text: str
    spans: tuple[Span, ...]
    cut_before: bool = False
    cut_after: bool = False
    whys: tuple[Why, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found, its score, and the passages that show why.

    ``telling``: how many articles tell its story, itself included. The article is without its markup.
    """

    article: Article
    score: float
    passages: tuple[Passage, ...]
    telling: int = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """How a query was understood: as typed, its words, their other forms, what was not understood.

    ``did_you_mean``: query strings that find clearly more, when this one found little.
    """

    raw: str
    terms: tuple[str, ...]
    matched: Matched
    warnings: tuple[QueryWarning, ...]
    variants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    did_you_mean: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """How many hits each day, month or year has, by its name (2024-11-07, 2024-11 or 2024).

    From the first with hits to the last, those between that have none included.
    """

    interval: Interval
    buckets: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts of all hits of a search; None for what was not asked for."""

    sources: tuple[SourceCount, ...] | None = None
    timeline: Timeline | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search. ``number`` counts from 1; ``total`` is exact.

    ``cursor`` leads to the page behind this one, in a search that was asked with one; None at the end.
    ``folded``: how many hits stand behind another one that tells the same story, and are not in the total.
    """

    asked: Asked
    total: int
    hits: tuple[Hit, ...]
    number: int
    size: int
    took_ms: float
    facets: Facets = Facets()
    cursor: str | None = None
    folded: int = 0


# page x page_size reaches this far.
DEEPEST = 10_000
