"""A timeline → bars to draw, and the stretches of it that a link can narrow the search to.

Coordinates: a bucket is one unit wide, the greatest count is HEIGHT units high, and y goes down, but up
where bars are drawn. The picture is stretched to the window, so nothing here knows a pixel.

Up to MOST_LINKS buckets have a link each. More would be too narrow to hit and too many to step through:
then a link stands for a month of days, a year of months or ten years, which opens up when it is followed.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from searchsvc.search.results import Timeline

HEIGHT = 100
# One article among thousands is still seen.
LOWEST = 4
MOST_LINKS = 31
# The part of a bucket's name that those of one link have in common.
COMMON = {"day": 7, "month": 4, "year": 3}


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the dates that were asked for cut the first or the last bucket: as asked; else None.

    A link to such a bucket must not lead beyond them.
    """

    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring buckets with hits: ``from`` and ``to`` that narrow a search to them.

    ``first`` and ``last`` name the buckets at its ends; ``count``: the hits between.
    """

    start: int
    width: int
    first: str
    last: str
    since: str
    until: str
    count: int

    @property
    def path(self) -> str:
        """Its area from top to bottom."""
        return f"M{self.start} 0h{self.width}v{HEIGHT}h-{self.width}z"


def bars(counts: tuple[int, ...]) -> str:
    """The bars, as one SVG path of lines that rise from the middle of their buckets.

    Their stroke is what one sees: 9 bytes for a bar, where an outline would take 20.
    """
    greatest = max(counts)
    return "".join(f"M{place} 0V{_height(count, greatest)}" for place, count in enumerate(counts) if count)


def _height(count: int, greatest: int) -> int:
    return max(LOWEST, round(HEIGHT * count / greatest))


def rules(buckets: Iterator[int]) -> str:
    """Lines from top to bottom where labels stand, as one SVG path."""
    return "".join(f"M{place} 0v{HEIGHT}" for place in buckets)


def spans(timeline: Timeline, ends: Ends) -> Iterator[Span]:
    """The stretches to narrow to, from left to right."""
    buckets = timeline.buckets
    common = COMMON[timeline.interval] if len(buckets) > MOST_LINKS else None
    start = 0
    for _, members in groupby(buckets, lambda bucket: bucket[0][:common]):
        group = tuple(members)
        if any(count for _, count in group):
            yield _span(group, start, start + len(group) == len(buckets), ends)
        start += len(group)


def _span(group: tuple[tuple[str, int], ...], start: int, is_last: bool, ends: Ends) -> Span:
    first, last = _names(tuple(name for name, _ in group))
    since = ends.since if start == 0 and ends.since else first
    until = ends.until if is_last and ends.until else last
    return Span(start, len(group), first, last, since, until, sum(count for _, count in group))


def _names(names: tuple[str, ...]) -> tuple[str, str]:
    """What bounds some buckets: the month that they fill or the year, else the first and the last."""
    whole = names[0].rpartition("-")[0]
    if len(whole) == 7 and len(names) == monthrange(int(whole[:4]), int(whole[5:]))[1]:
        return whole, whole
    return (whole, whole) if len(whole) == 4 and len(names) == 12 else (names[0], names[-1])
