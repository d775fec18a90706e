"""Trends → what their page shows: a picture of lines, a legend, and every number with its search."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from searchsvc.errors import QueryError
from searchsvc.search.trends import Line, Trends
from searchsvc.web import lines, messages
from searchsvc.web.axis import Label, labels, words_of
from searchsvc.web.bars import Ends, rules
from searchsvc.web.context import reader, short_link
from searchsvc.web.languages import lang_of
from searchsvc.web.parameters import Parameter
from searchsvc.web.timeline import dated

Measure = Literal["count", "share"]
# A query longer than this is cut in the legend.
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class LineSearch:
    """The search for a line: ``href`` leads to all of its hits; ``anytime``: the same without dates."""

    href: str
    anytime: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of a line: where it is, what it says, and the search for what it counts, if anything."""

    x_percent: float
    y_px: float
    words: str
    href: str | None


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A query as a line; ``href``: the search for all of its hits."""

    number: int
    name: str
    total: int
    href: str
    path: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of the table, and the search for what it counts, if anything."""

    words: str
    href: str | None


@dataclass(frozen=True, slots=True)
class TrendsView:
    """All of it. ``scale``: heights in pixels and the values there; ``rows``: buckets that have hits.

    What follows ``undated`` is for the script, which sums up counts; ``names``: what lines are
    called, and in which language.
    """

    interval: str
    size: int
    rules: str
    labels: tuple[Label, ...]
    scale: tuple[tuple[float, str], ...]
    lines: tuple[DrawnLine, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    undated: bool
    first: str
    counts: str
    articles: str
    names: tuple[tuple[str, str], ...]
    locale: str
    ends: Ends
    href: str


def read_measure(text: str | None) -> Measure:
    """What is asked to be shown: counts, or shares of all articles. Raises QueryError."""
    for measure in get_args(Measure):
        if measure == (text or "count"):
            return measure  # type: ignore[no-any-return]
    raise QueryError(f"measure: {str(text)[:40]!r} is not one of count, share", param="measure")


def values_of(line: Line, trends: Trends, measure: Measure) -> tuple[float, ...]:
    """What a line shows in each bucket: hits, or their per cent of all articles of the bucket."""
    if measure == "count":
        return line.counts
    return tuple(
        100 * count / every if every else 0.0
        for count, every in zip(line.counts, trends.articles, strict=True)
    )


def trends_view(
    trends: Trends, searches: Sequence[LineSearch], ends: Ends, measure: Measure, href: str
) -> TrendsView:
    """Trends as shown; there have to be some. ``href``: the same trends in a range, for the script."""
    drawing = Drawing(trends, searches, ends, measure)
    places = labels(reader().language, trends.interval, trends.names)
    return TrendsView(
        interval=trends.interval,
        size=len(trends.names),
        rules=rules(label.bucket for label in places if label.wide and label.bucket),
        labels=places,
        scale=tuple(drawing.scale()),
        lines=tuple(drawing.line(number) for number in range(len(trends.lines))),
        rows=tuple(drawing.rows()),
        undated=any(line.total > sum(line.counts) for line in trends.lines),
        first=trends.names[0],
        counts="|".join(" ".join(map(str, line.counts)) for line in trends.lines),
        articles=" ".join(map(str, trends.articles)) if measure == "share" else "",
        names=tuple((name, lang_of(name)) for name in (_cut(line.q) for line in trends.lines)),
        locale=messages.LOCALES[reader().language].replace("_", "-"),
        ends=ends,
        href=href,
    )


class Drawing:
    """Trends on their scale."""

    def __init__(self, trends: Trends, searches: Sequence[LineSearch], ends: Ends, measure: Measure) -> None:
        self.trends, self.searches, self.ends, self.measure = trends, searches, ends, measure
        self.values = tuple(values_of(line, trends, measure) for line in trends.lines)
        self.top = lines.top_of(max(max(values) for values in self.values))

    def scale(self) -> Iterator[tuple[float, str]]:
        """The top of the scale, its half and its foot: how far down, and the value there."""
        for value in (self.top, self.top / 2, 0):
            yield lines.place_px(value, self.top), self.words(value)

    def line(self, number: int) -> DrawnLine:
        """A query's line."""
        line = self.trends.lines[number]
        return DrawnLine(
            number=number,
            name=_cut(line.q),
            total=line.total,
            href=self.searches[number].href,
            path=lines.line_path(self.values[number], self.top),
            marks=tuple(self._marks(number)),
        )

    def _marks(self, number: int) -> Iterator[Mark]:
        size, values = len(self.trends.names), self.values[number]
        for bucket in lines.marked(size, number, len(self.values)):
            yield Mark(
                x_percent=lines.place_percent(bucket, size),
                y_px=lines.place_px(values[bucket], self.top),
                words=f"{words_of(reader().language, self.trends.names[bucket])} · "
                f"{_cut(self.trends.lines[number].q)} {self.words(values[bucket])}",
                href=self._search(number, bucket),
            )

    def rows(self) -> Iterator[tuple[str, tuple[Cell, ...]]]:
        """The buckets in which any line has hits."""
        for bucket, name in enumerate(self.trends.names):
            if any(line.counts[bucket] for line in self.trends.lines):
                yield (
                    name,
                    tuple(
                        Cell(self.words(values[bucket]), self._search(number, bucket))
                        for number, values in enumerate(self.values)
                    ),
                )

    def _search(self, number: int, bucket: int) -> str | None:
        """The search for what a line counts in a bucket."""
        if not self.trends.lines[number].counts[bucket]:
            return None
        names = self.trends.names
        since = (self.ends.since if bucket == 0 else None) or names[bucket]
        until = (self.ends.until if bucket == len(names) - 1 else None) or names[bucket]
        return short_link("/search", dated(self.searches[number].anytime, since, until))

    def words(self, value: float) -> str:
        """A value of this measure."""
        return f"{value:,.0f}" if self.measure == "count" else f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def _cut(q: str) -> str:
    return q if len(q) <= LONGEST_NAME else q[: LONGEST_NAME - 1] + "…"
