"""The figures of the archive → lines of the terminal."""

from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from searchsvc.present import local_time
from searchsvc.stats import Stats
from searchsvc.store.runs import Run


def show_stats(stats: Stats) -> None:
    """Print them."""
    counted, index, run = stats.counted, stats.index, stats.last_ingest
    days = [count for _, count in counted.days.buckets]
    lines = {
        "articles": f"{counted.articles:,} ({counted.undated:,} without a date)",
        "earlier versions": f"{counted.earlier_versions:,}",
        "first": "-" if counted.first is None else local_time(counted.first, stats.zone),
        "last": "-" if counted.last is None else local_time(counted.last, stats.zone),
        "a day": f"{sum(days[-30:]) / 30:,.1f} in 30 days, {sum(days) / len(days):,.1f} in {len(days)}, up to"
        f" {counted.days.buckets[-1][0]}",
        "database": f"{stats.database_bytes / 1e6:,.1f} MB",
        "index": f"{index.name}, {index.count:,} articles, {index.bytes / 1e6:,.1f} MB, built"
        f" {local_time(index.built, stats.zone)}"
        if index
        else "-",
        "last ingest": _described(run, stats.zone) if run else "-",
    }
    if stats.unfinished_ingest is not None:
        lines["unfinished"] = f"an ingest of {local_time(stats.unfinished_ingest, stats.zone)}"
    for name, value in lines.items():
        click.echo(f"{name:18} {value}")
    _show_spans(stats)


def _described(run: Run, zone: ZoneInfo) -> str:
    counts = ("new", "updated", "unchanged", "skipped", "failed")
    sums = (f"{sum(getattr(source, name) for source in run.sources):,} {name}" for name in counts)
    stopped = f", stopped by {run.stopped}" if run.stopped else ""
    return f"{local_time(run.began, zone)}, {run.took_ms / 1000:,.1f} s: {', '.join(sums)}{stopped}"


def _show_spans(stats: Stats) -> None:
    table = Table("source", "name", "first", "last")
    table.add_column("articles", justify="right")
    for span in stats.counted.sources:
        ends = ("-" if end is None else local_time(end, stats.zone)[:10] for end in (span.first, span.last))
        table.add_row(escape(span.source.id), escape(span.source.name), *ends, f"{span.total:,}")
    Console().print(table)
