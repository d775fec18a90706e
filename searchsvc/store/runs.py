"""What each ingest did: when, how long, what came of each source, and why what is missing is missing.

A run is written when it begins and again when it ends, so that one that was killed is seen to have no
end. The last KEPT are kept. Everything in them may be shown to anybody: whoever records a run leaves out
what is only for the one who runs the service.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal

from searchsvc.store.database import Database

KEPT = 100


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one item of a source is not in the archive."""

    kind: Literal["skipped", "failed"]
    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceRun:
    """What came of one source in one run. ``reasons``: the first ones, where there are many."""

    source: str
    new: int
    updated: int
    unchanged: int
    skipped: int
    failed: int
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """An ingest that ended. ``began`` in seconds; ``stopped``: the error that ended it early, by its name."""

    began: int
    took_ms: int
    indexed: int
    sources: tuple[SourceRun, ...]
    stopped: str | None = None


class RunStore(Database):
    """The runs in one database."""

    def begin(self, began: int) -> int:
        """A new run's number; the oldest one goes."""
        with self.transaction() as connection:
            newest = connection.execute("SELECT coalesce(max(number), 0) FROM runs").fetchone()
            number = int(newest[0]) + 1
            connection.execute("INSERT INTO runs (number, began) VALUES (?, ?)", (number, began))
            connection.execute("DELETE FROM runs WHERE number <= ?", (number - KEPT,))
        return number

    def end(self, number: int, run: Run) -> None:
        """What a run did, now that it has ended."""
        with self.transaction() as connection:
            connection.execute(
                "UPDATE runs SET took_ms = ?, indexed = ?, stopped = ? WHERE number = ?",
                (run.took_ms, run.indexed, run.stopped, number),
            )
            connection.executemany(
                "INSERT INTO run_sources"
                " (run, place, source, new, updated, unchanged, skipped, failed, reasons)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(number, place, *_row(source)) for place, source in enumerate(run.sources)],
            )

    def last(self) -> Run | None:
        """The run that began last of those that ended."""
        row = (
            self.connection()
            .execute(
                "SELECT number, began, took_ms, indexed, stopped FROM runs"
                " WHERE took_ms IS NOT NULL ORDER BY number DESC LIMIT 1"
            )
            .fetchone()
        )
        if row is None:
            return None
        number, began, took_ms, indexed, stopped = row
        sources = self.connection().execute(
            "SELECT source, new, updated, unchanged, skipped, failed, reasons FROM run_sources"
            " WHERE run = ? ORDER BY place",
            (number,),
        )
        return Run(began, took_ms, indexed, tuple(map(_source, sources)), stopped)

    def unfinished(self) -> int | None:
        """When the newest run began, if it has not ended: it is still at work, or was killed."""
        newest = "SELECT began, took_ms FROM runs ORDER BY number DESC LIMIT 1"
        row = self.connection().execute(newest).fetchone()
        return row[0] if row and row[1] is None else None


def _row(source: SourceRun) -> tuple[Any, ...]:
    reasons = json.dumps([[each.kind, each.item, each.reason] for each in source.reasons])
    counts = (source.new, source.updated, source.unchanged, source.skipped, source.failed)
    return source.source, *counts, reasons


def _source(row: Any) -> SourceRun:
    source, new, updated, unchanged, skipped, failed, reasons = row
    why = tuple(Reason(*each) for each in json.loads(reasons))
    return SourceRun(source, new, updated, unchanged, skipped, failed, why)
