"""A report of an ingest → the record that is kept of it, fit to be shown to anybody.

The figures page shows it to whoever reads the news here. So a file goes by its name, without the folders
it lies in, and an address without its password and its query, where keys of paid feeds stand.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, islice
from pathlib import PurePath
from time import perf_counter
from urllib.parse import urlsplit

from searchsvc.errors import StoreError
from searchsvc.ingest.items import Failed, Skipped
from searchsvc.ingest.report import Report, SourceReport
from searchsvc.store.runs import Reason, Run, RunStore, SourceRun

# Reasons kept of one source, and characters of each: enough to see what is wrong with it.
MOST_REASONS, LONGEST = 20, 300
ADDRESS = re.compile(r"https?://[^\s,;'\"）)]+(?<![:.])", re.IGNORECASE)


@contextmanager
def recorded(report: Report, runs: RunStore, began: int) -> Iterator[None]:
    """Record a run that began at a time, in seconds, and what its report says when it ends, in any way."""
    clock = perf_counter()
    number = runs.begin(began)
    try:
        yield
    except BaseException as error:
        with suppress(StoreError):  # The one that is on its way says more.
            runs.end(number, _run(report, began, clock, type(error).__name__))
        raise
    runs.end(number, _run(report, began, clock))


def public(origin: str) -> str:
    """An origin as anybody may see it: ``https://a.example/feed``, ``news.jsonl:17``."""
    if "://" not in origin:
        return PurePath(origin).name[:LONGEST] or origin
    try:
        parts = urlsplit(origin)
        host = f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
    except ValueError:
        return "(unreadable address)"
    return f"{parts.scheme}://{host}{parts.path}"[:LONGEST]


def _run(report: Report, began: int, clock: float, stopped: str | None = None) -> Run:
    took_ms = round((perf_counter() - clock) * 1000)
    return Run(began, took_ms, report.indexed, tuple(map(_source, report.sources)), stopped)


def _source(report: SourceReport) -> SourceRun:
    left_out: Iterator[Failed | Skipped] = chain(report.failed, report.skipped)
    return SourceRun(
        source=public(report.source),
        new=report.new,
        updated=report.updated,
        unchanged=report.unchanged,
        skipped=len(report.skipped),
        failed=len(report.failed),
        reasons=tuple(map(_reason, islice(left_out, MOST_REASONS))),
    )


def _reason(item: Failed | Skipped) -> Reason:
    bare = item.reason.removeprefix(item.origin).lstrip(": ").replace(item.origin, public(item.origin))
    said = ADDRESS.sub(lambda address: public(address[0]), bare)
    return Reason("failed" if isinstance(item, Failed) else "skipped", public(item.origin), said[:LONGEST])
