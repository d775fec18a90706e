"""The figures of the archive: one function for the terminal, the API and the page.

In: the service and a time. Out: ``Stats``, which are values only. Counting takes a few milliseconds for
some ten thousand articles and a third of a second for a million, so counts are kept until an article
comes or the day ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from searchsvc.engine import Generation
from searchsvc.search.results import Interval, Timeline
from searchsvc.search.timeline import LENGTHS
from searchsvc.service import Service
from searchsvc.store.counts import CountStore, SourceSpan
from searchsvc.store.runs import Run

# Days that are counted one by one, and equal stretches, from the first article to the last, in which
# each source is.
DAYS, STRETCHES = 90, 24
# One article with a date of the year 1 does not make a picture of 24,000 months.
MOST_MONTHS = 600


@dataclass(frozen=True, slots=True)
class Counted:
    """What is in the archive.

    ``days``: the last DAYS up to today, or up to the last article when it is older than all of them.
    ``sources``: the one with the most articles first; their counts are those in STRETCHES stretches.
    """

    articles: int
    undated: int
    earlier_versions: int
    first: int | None
    last: int | None
    days: Timeline
    months: Timeline
    sources: tuple[SourceSpan, ...]


@dataclass(frozen=True, slots=True)
class Stats:
    """All figures. ``last_ingest`` is the last that ended, ``unfinished_ingest`` when a later one began."""

    counted: Counted
    zone: ZoneInfo
    database_bytes: int
    index: Generation | None
    last_ingest: Run | None
    unfinished_ingest: int | None


def take_stats(service: Service, now: float) -> Stats:
    """The figures as of a time, in seconds. Raises StoreError, IndexUnavailable."""
    zone = service.settings.timezone
    today = datetime.fromtimestamp(now, zone).date()
    return Stats(
        counted=_count(service.counts, service.store.change(), zone, today),
        zone=zone,
        database_bytes=service.store.bytes_kept(),
        index=service.engine.current(),
        last_ingest=service.runs.last(),
        unfinished_ingest=service.runs.unfinished(),
    )


@lru_cache(maxsize=4)
def _count(store: CountStore, change: int, zone: ZoneInfo, today: date) -> Counted:
    """Count everything. ``change`` is the database's: with the next one this is asked anew."""
    with store.at_one_moment() as counts:
        span = counts.span()
        ends = None if span is None else _local(span, zone)
        days, months = _days(ends, today), _months(ends)
        sources = counts.by_source(_stretches(span))
        return Counted(
            articles=counts.articles(),
            undated=sum(source.undated for source in sources),
            earlier_versions=counts.versions(),
            first=span[0] if span else None,
            last=span[1] if span else None,
            days=_timeline("day", days, counts.between(_edges(days, zone))),
            months=_timeline("month", months, counts.between(_edges(months, zone))),
            sources=tuple(sorted(sources, key=lambda source: (-source.total, source.source.id))),
        )


def _local(span: tuple[int, int], zone: ZoneInfo) -> tuple[date, date]:
    first, last = (datetime.fromtimestamp(seconds, zone).date() for seconds in span)
    return first, last


def _days(ends: tuple[date, date] | None, today: date) -> list[date]:
    """The days to count one by one, and the one behind them."""
    last = today if ends is None or 0 <= (today - ends[1]).days < DAYS else ends[1]
    return [last + timedelta(number) for number in range(1 - DAYS, 2)]


def _months(ends: tuple[date, date] | None) -> list[date]:
    """The first days of the months from the first article to the last, and of the one behind them."""
    if ends is None:
        return []
    first, last = (end.year * 12 + end.month - 1 for end in ends)
    numbers = range(max(first, last + 1 - MOST_MONTHS), last + 2)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _stretches(span: tuple[int, int] | None) -> list[int]:
    """Edges of equal stretches that have everything in them."""
    if span is None:
        return []
    first, length = span[0], span[1] + 1 - span[0]
    return [first + length * number // STRETCHES for number in range(STRETCHES + 1)]


def _edges(days: Sequence[date], zone: ZoneInfo) -> list[int]:
    """The midnights with which days begin, in seconds."""
    return [int(datetime.combine(day, time(), zone).timestamp()) for day in days]


def _timeline(interval: Interval, days: Sequence[date], counts: Sequence[int]) -> Timeline:
    names = (day.isoformat()[: LENGTHS[interval]] for day in days)
    return Timeline(interval, tuple(zip(names, counts, strict=False)))
