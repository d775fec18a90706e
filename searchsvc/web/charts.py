"""Counts → bars to draw. Coordinates only: a bar is one unit wide, the picture HEIGHT high, y goes down.

The picture is stretched to the room it has, so nothing here knows a pixel.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from searchsvc.search.results import Timeline

HEIGHT = 100
# Of the width that a bar has, what is drawn; the rest parts it from the next.
DRAWN = 0.86
# One article among thousands is still seen.
LOWEST = 3


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars of a timeline, as one SVG path, and the name and count of the highest.

    ``columns``: the name, the count and the place of each bucket that has a bar.
    """

    buckets: tuple[tuple[str, int], ...]
    bars: str
    highest: str
    most: int

    @property
    def columns(self) -> tuple[tuple[str, int, int], ...]:
        return tuple((name, count, x) for x, (name, count) in enumerate(self.buckets) if count)


def chart(timeline: Timeline) -> Chart:
    """The chart of a timeline that has buckets."""
    highest, most = max(timeline.buckets, key=lambda bucket: bucket[1])
    return Chart(timeline.buckets, bars([count for _, count in timeline.buckets]), highest, most)


def bars(counts: Sequence[int]) -> str:
    """The bars of some counts, as one SVG path."""
    most = max(counts, default=0)
    return "".join(
        f"M{x} {HEIGHT}V{HEIGHT - _height(count, most)}h{DRAWN}V{HEIGHT}".replace("0.", ".")
        for x, count in enumerate(counts)
        if count
    )


def _height(count: int, most: int) -> int:
    return max(LOWEST, round(HEIGHT * count / most))
