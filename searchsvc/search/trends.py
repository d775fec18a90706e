"""Several searches over the same days, months or years, so that they can be compared.

In: requests that differ in their query. Out: a count for each query in each bucket, and how many
articles there are at all in each, since an archive that grew makes every word look like news. A query's
words must all be there: counts of all words and counts of some could not be compared.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from time import perf_counter

from searchsvc.errors import BudgetExceeded, QueryError
from searchsvc.search.plan import zone_of
from searchsvc.search.request import Request
from searchsvc.search.results import Interval
from searchsvc.search.search import Answer, Search
from searchsvc.search.timeline import Calendar, fit
from searchsvc.search.warnings import QueryWarning

MOST_QUERIES = 6
LONGEST_SECONDS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One query: its hits, and how many of them are in each bucket; those without a date in none."""

    q: str
    total: int
    counts: tuple[int, ...]
    warnings: tuple[QueryWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class Trends:
    """Lines over common buckets. ``articles``: all articles of each bucket, whatever their words."""

    interval: Interval
    names: tuple[str, ...]
    lines: tuple[Line, ...]
    articles: tuple[int, ...]


def compare(search: Search, requests: Sequence[Request]) -> Trends:
    """The trends of some requests with the same filters, from their first hit to their last.

    Raises QueryError, for none and for more than MOST_QUERIES too; IndexUnavailable; BudgetExceeded when
    all of them together take too long.
    """
    if not 1 <= len(requests) <= MOST_QUERIES:
        raise QueryError(
            f"q: {len(requests)} queries cannot be compared; give 1 to {MOST_QUERIES}",
            param="q",
            code="too_many" if requests else "too_few",
        )
    answers = tuple(_answers(search, requests))
    calendar = _calendar(answers, zone_of(requests[0], search.zone))
    edges = calendar.edges() if calendar else ()
    plans = [replace(one.plan, limit=0, fit_edges=None, timeline_edges=edges) for one in answers]
    found = [search.engine.run(plan) for plan in plans]
    articles = search.engine.run(replace(plans[0], query=None))
    return Trends(
        calendar.interval if calendar else "day",
        calendar.names() if calendar else (),
        tuple(
            Line(request.q, one.total, one.timeline, answer.parsed.warnings)
            for request, one, answer in zip(requests, found, answers, strict=True)
        ),
        articles.timeline,
    )


def _answers(search: Search, requests: Sequence[Request]) -> Iterator[Answer]:
    """What is found for each request, and from when to when."""
    began = perf_counter()
    for request in requests:
        # One hit, by time: nothing has to be scored.
        yield search.find(replace(request, sort="newest", page_size="1", facets="timeline"))
        if perf_counter() - began > LONGEST_SECONDS:
            raise BudgetExceeded("Comparing these queries takes too long; compare fewer or simpler ones")


def _calendar(answers: Sequence[Answer], zone: tzinfo) -> Calendar | None:
    """The buckets from the first hit of any request to the last; None when no hit has a time."""
    extents = [one.found.extent for one in answers if one.found.extent and one.matched == "all"]
    if not extents:
        return None
    return fit(min(first for first, _ in extents), max(last for _, last in extents), zone)
