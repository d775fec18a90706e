"""The first and last time of the hits → the days, months or years to count them in.

A bucket is a local day, month or year of the request's zone, from its midnight to the next one's,
however long daylight saving makes it. The stretch of the hits decides which: up to three months are
shown by days, up to twelve years by months, more by years.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from searchsvc.search.results import Interval

# The longest stretches that are shown in days, and in months: three months and twelve years.
MOST_DAYS, MOST_MONTHS = 92, 144
LENGTHS: dict[Interval, int] = {"day": 10, "month": 7, "year": 4}


@dataclass(frozen=True, slots=True)
class Calendar:
    """Neighbouring days, months or years: the first day of each, and of the one behind the last.

    ``first`` and ``last``: the times, in seconds, that are within.
    """

    interval: Interval
    days: tuple[date, ...]
    first: int
    last: int
    zone: tzinfo

    def edges(self) -> tuple[int, ...]:
        """The midnights at which they begin and the last one ends, in seconds.

        A midnight that daylight saving leaves out is the moment at which the clock goes on. Of one that
        comes twice it is the first; where the day before goes on after it (Newfoundland's clocks went
        back from 0:01 to 23:01 until 2011), the last bucket still reaches beyond the last hit.
        """
        start, *inner, end = (int(datetime.combine(day, time(), self.zone).timestamp()) for day in self.days)
        return min(start, self.first), *inner, max(end, self.last + 1)

    def names(self) -> tuple[str, ...]:
        """What they are called: 2024-11-07, 2024-11 or 2024."""
        return tuple(day.isoformat()[: LENGTHS[self.interval]] for day in self.days[:-1])


def fit(first: int, last: int, zone: tzinfo) -> Calendar:
    """The calendar from a first to a last time, in seconds, both of them within."""
    low, high = (datetime.fromtimestamp(seconds, zone).date() for seconds in (first, last))
    months = (high.year - low.year) * 12 + high.month - low.month + 1
    interval: Interval = "year"
    days = [date(year, 1, 1) for year in range(low.year, high.year + 2)]
    if (high - low).days < MOST_DAYS:
        interval, days = "day", [low + timedelta(number) for number in range((high - low).days + 2)]
    elif months <= MOST_MONTHS:
        interval, days = "month", list(_months(low, months))
    return Calendar(interval, tuple(days), first, last, zone)


def _months(low: date, count: int) -> Iterator[date]:
    """The first days of so many months, and of the one behind them."""
    for number in range(low.month - 1, low.month + count):
        yield date(low.year + number // 12, number % 12 + 1, 1)
