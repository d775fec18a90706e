"""``/stats``: the figures of the archive as a page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from time import time

from flask import Blueprint, Response, make_response, render_template, request

from searchsvc.article import Source
from searchsvc.search.results import Timeline
from searchsvc.stats import STRETCHES, Counted, take_stats
from searchsvc.store.counts import SourceSpan
from searchsvc.store.runs import Run, SourceRun
from searchsvc.web import messages
from searchsvc.web.charts import HEIGHT, Chart, bars, chart
from searchsvc.web.context import link, reader, service
from searchsvc.web.form import make_form
from searchsvc.web.parameters import Parameter
from searchsvc.web.times import Moment, local

# Rows of a table; what is beyond is in the JSON.
MOST_ROWS = 200
SHORT, LONG = 30, 90
UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))

blueprint = Blueprint("stats_page", __name__)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as shown: its articles' address, first and last day, and how it was over time."""

    source: Source
    count: int
    href: str
    first: str
    last: str
    trend: str


@dataclass(frozen=True, slots=True)
class Pace:
    """Articles a day: on average over the last days, up to one of them."""

    short: str
    long: str
    until: str


@dataclass(frozen=True, slots=True)
class Ingest:
    """The last ingest as shown. ``sources``: those with something new or missing first."""

    run: Run
    began: Moment
    seconds: str
    sources: tuple[SourceRun, ...]
    totals: tuple[int, ...]
    left_out: tuple[SourceRun, ...]


@blueprint.get("/stats")
def stats() -> Response:
    """The page. Raises what counting raises."""
    taken = take_stats(service(), time())
    counted = taken.counted
    page = render_template(
        "stats.html",
        counted=counted,
        ends=[_day(end) for end in (counted.first, counted.last) if end is not None],
        pace=_pace(counted.days),
        charts=tuple(_charts(counted)),
        sources=[_row(span) for span in counted.sources[:MOST_ROWS]],
        most_rows=MOST_ROWS,
        articles_of=articles_of,
        stretches=STRETCHES,
        height=HEIGHT,
        database=_size(taken.database_bytes),
        index=taken.index,
        index_size=_size(taken.index.bytes) if taken.index else None,
        built=local(taken.index.built, taken.zone) if taken.index else None,
        ingest=None if taken.last_ingest is None else _ingest(taken.last_ingest),
        unfinished=None if taken.unfinished_ingest is None else local(taken.unfinished_ingest, taken.zone),
        zone=taken.zone.key,
        api=link("/api/v1/stats"),
        form=make_form(()),
    )
    response = make_response(page)
    response.add_etag()
    response.make_conditional(request)
    return response


def articles_of(name: str) -> str:
    """The address of the articles of a day or a month."""
    return link("/search", (Parameter("from", name), Parameter("to", name)))


def _charts(counted: Counted) -> Iterator[tuple[str, Chart]]:
    """The pictures that there is something to show in, by the last part of their messages' keys."""
    for name, timeline in (("days", counted.days), ("months", counted.months)):
        if any(count for _, count in timeline.buckets):
            yield name, chart(timeline)


def _pace(days: Timeline) -> Pace:
    counts = [count for _, count in days.buckets]
    short, long = (sum(counts[-length:]) / length for length in (SHORT, LONG))
    return Pace(f"{short:,.1f}", f"{long:,.1f}", days.buckets[-1][0])


def _row(span: SourceSpan) -> SourceRow:
    href = link("/search", (Parameter("source", span.source.id),))
    first, last = ("" if end is None else _day(end) for end in (span.first, span.last))
    return SourceRow(span.source, span.total, href, first, last, bars(span.counts))


def _ingest(run: Run) -> Ingest:
    def eventful(source: SourceRun) -> tuple[bool, bool]:
        return not source.failed, not (source.new or source.updated or source.skipped)

    return Ingest(
        run=run,
        began=local(run.began, service().settings.timezone),
        seconds=f"{run.took_ms / 1000:,.1f}",
        sources=tuple(sorted(run.sources, key=eventful)[:MOST_ROWS]),
        totals=tuple(_totals(run.sources)),
        left_out=tuple(source for source in run.sources if source.reasons)[:MOST_ROWS],
    )


def _totals(sources: Iterable[SourceRun]) -> Iterator[int]:
    rows = [(each.new, each.updated, each.unchanged, each.skipped, each.failed) for each in sources]
    return (sum(column) for column in zip(*rows, strict=True))


def _day(seconds: int) -> str:
    """The local day of a time, in the reader's language."""
    there = datetime.fromtimestamp(seconds, service().settings.timezone)
    return messages.moment(reader().language, there, "time.day")


def _size(size: int) -> str:
    """Bytes in the unit that people use for so many."""
    for unit, name in UNITS:
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size:,} B"
