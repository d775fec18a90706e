"""Several searches over the same days, months or years, so that they can be compared.

In: requests that differ in their query. Out: a count for each query in each bucket, and how many
articles there are at all in each, since an archive that grew makes every word look like news. A query's
words must all be there: counts of all words and counts of some could not be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from searchsvc.engine import Plan
from searchsvc.errors import QueryError
from searchsvc.search.plan import zone_of
from searchsvc.search.request import Request
from searchsvc.search.results import Interval
from searchsvc.search.search import Search
from searchsvc.search.timeline import Calendar, fit

MOST_QUERIES = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One query: its hits, and how many of them are in each bucket; those without a date in none."""

    q: str
    total: int
    counts: tuple[int, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trends:
    """Lines over common buckets. ``articles``: all articles of each bucket, whatever their words."""

    interval: Interval
    names: tuple[str, ...]
    lines: tuple[Line, ...]
    articles: tuple[int, ...]


def compare(search: Search, requests: Sequence[Request]) -> Trends:
    """The trends of some requests with the same filters, from their first hit to their last.

    Raises QueryError, for none and for more than MOST_QUERIES too; IndexUnavailable.
    """
    if not 1 <= len(requests) <= MOST_QUERIES:
        raise QueryError(
            f"q: {len(requests)} queries cannot be compared; give 1 to {MOST_QUERIES}",
            param="q",
            code="too_many" if requests else "too_few",
        )
    now = datetime.now(UTC)
    understood = [search.understand(request, now)[:2] for request in requests]
    plans = [replace(plan, limit=0) for _, plan in understood]
    calendar = _calendar(search, plans, zone_of(requests[0], search.zone))
    edges = calendar.edges() if calendar else ()
    found = [search.engine.run(replace(plan, timeline_edges=edges)) for plan in plans]
    articles = search.engine.run(replace(plans[0], query=None, timeline_edges=edges))
    return Trends(
        calendar.interval if calendar else "day",
        calendar.names() if calendar else (),
        tuple(
            Line(request.q, one.total, one.timeline, parsed.warnings)
            for request, one, (parsed, _) in zip(requests, found, understood, strict=True)
        ),
        articles.timeline,
    )


def _calendar(search: Search, plans: Sequence[Plan], zone: tzinfo) -> Calendar | None:
    """The buckets from the first hit of any plan to the last; None when no hit has a time."""
    # The engine tells the extent to whoever asks for edges that fit it.
    found = [search.engine.run(replace(plan, fit_edges=lambda _first, _last: ())) for plan in plans]
    extents = [one.extent for one in found if one.extent]
    if not extents:
        return None
    return fit(min(first for first, _ in extents), max(last for _, last in extents), zone)
