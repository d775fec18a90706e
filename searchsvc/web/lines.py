"""The values of several lines → what to draw of them: paths, marks on them, and a scale.

Paths are in units that are stretched to the window: a bucket is one wide, the top of the scale HEIGHT
high, y goes down. Marks and the words of the scale must not be stretched: they stand at a share of the
width and at so many pixels from the top, so the picture's height is fixed.
"""

from collections.abc import Iterator, Sequence
from math import floor, log10

from searchsvc.web.bars import HEIGHT

PLOT_PX, ABOVE_PX = 224, 10
# Tops of the scale, in powers of ten; their halves are labelled too. Below ten, halves have to be whole.
ROUND, ROUND_SMALL = (1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10), (2, 4, 6, 8, 10)
# So many buckets are marked each; of more, some.
ALL_MARKED, SOME_MARKED = 31, 12


def top_of(greatest: float) -> float:
    """The top of the scale for a greatest value: a round number, at least as large."""
    if greatest <= 0:
        return 2.0
    unit = 10.0 ** floor(log10(greatest))
    tops = (each * unit for each in (ROUND_SMALL if unit == 1 else ROUND))
    # The logarithm may be a little off at a power of ten.
    return next((top for top in tops if top >= greatest), 20 * unit)


def line_path(values: Sequence[float], top: float) -> str:
    """A line through the middle of each bucket, as an SVG path."""
    points = (f"{place}.5 {HEIGHT * (1 - value / top):.4g}" for place, value in enumerate(values))
    return "M" + " ".join(points)


def place_percent(place: int, size: int) -> float:
    """Where the middle of a bucket is, in per cent of the width."""
    return round((place + 0.5) * 100 / size, 2)


def place_px(value: float, top: float) -> float:
    """How far below the top of the picture a value is."""
    return round(ABOVE_PX + PLOT_PX * (1 - value / top), 1)


def marked(size: int, line: int, lines: int) -> Iterator[int]:
    """The buckets at which a line has a mark: if not all, then not the same as its neighbours."""
    step = 1 if size <= ALL_MARKED else -(-size // SOME_MARKED)
    return iter(range(step * line // lines, size, step))
