"""The engine of one machine: a Whoosh index in a folder, written and searched by arrays.

Searching never waits for writing: a snapshot is one commit of one generation, opened, and shared
by the threads of a process. Every run takes one cheap look at the folder and opens a new snapshot
when something changed, taking over the segments that are the same; whoever still uses the old one
finishes with it.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from searchsvc.engine import (
    Document,
    Found,
    Generation,
    Plan,
    Space,
    building,
    commits,
    counting,
    searcher,
    writer,
)
from searchsvc.engine.commits import Committed
from searchsvc.engine.generations import Generations, Pointer, not_written
from searchsvc.engine.snapshot import Snapshot
from searchsvc.engine.table_writer import ENCODING
from searchsvc.errors import IndexBusy, IndexOutdated, IndexUnavailable

BUILDER, WRITER = "BUILDER", "WRITER"
# A commit may remove files between reading what a generation holds and opening it.
OPEN_TRIES = 5
# How long a builder waits for another one: an ingest that tidies up holds their lock for a moment.
TIDYING_SECONDS = 3.0
# While it is built an index takes 4.1 times the room that it takes when it is done (measured on 20,000
# articles: 284 MB for one of 69). The rest is for what is ingested meanwhile.
BUILDING = 4.5


P = ParamSpec("P")
T = TypeVar("T")


def _to_disk(method: Callable[P, T]) -> Callable[P, T]:
    """A method that writes: what the disk refuses is told as IndexNotWritten."""

    @wraps(method)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except OSError as error:
            raise not_written(error) from error

    return run


@dataclass(frozen=True, slots=True)
class Opened:
    """A snapshot, and what the folder looked like when it was opened."""

    stamp: tuple[int, ...]
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Fixed:
    """One commit of one generation; it answers the same whatever is written meanwhile."""

    snapshot: Snapshot

    def run(self, plan: Plan) -> Found:
        """What the plan finds, however long that takes."""
        return searcher.run(self.snapshot, plan, None)


class LocalEngine:
    """An ``Engine`` on this machine's disk. Opens nothing until first asked.

    ``processes`` build a new index, each in about ``memory_mb`` of memory. A search that computes
    for longer than ``budget_seconds`` is stopped with BudgetExceeded.
    """

    def __init__(
        self,
        folder: Path,
        processes: int | None = None,
        memory_mb: int = 400,
        budget_seconds: float | None = 0.4,
    ) -> None:
        self.generations = Generations(folder)
        self._processes = processes or min(2, os.cpu_count() or 1)
        self._memory_mb, self._budget_seconds = memory_mb, budget_seconds
        self._opened: Opened | None = None
        self._opening = threading.Lock()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold off other writers for several writes and a switch."""
        with self.generations.lock(WRITER):
            self._tidy()
            yield

    @contextmanager
    def building(self, wait_seconds: float = TIDYING_SECONDS) -> Iterator[None]:
        """Hold off other builders and whoever tidies up, from the thought of a generation to the switch.

        Raises IndexBusy if there is one. A generation that is not in use at the end goes.
        """
        nested = self.generations.holds(BUILDER)
        with self.generations.lock(BUILDER, wait_seconds):
            try:
                yield
            finally:
                # What cannot go now goes at the next build.
                with suppress(IndexUnavailable, OSError):
                    if not nested:
                        self.generations.sweep()

    @_to_disk
    def _tidy(self) -> None:
        """Remove what a crash left behind; a generation that is being built only looks like it."""
        if not self.generations.holds(BUILDER):
            with suppress(IndexBusy, IndexUnavailable), self.building(wait_seconds=0):
                self.generations.sweep()
        for name in self._pointed():
            folder = self.generations.path(name)
            with suppress(IndexUnavailable):  # Whoever uses it says so; here it is only not touched.
                commits.sweep(folder, commits.read(folder, self.generations.state(name)))

    def _pointed(self) -> list[str]:
        """The generations that are kept; none when the pointer is damaged."""
        with suppress(IndexUnavailable):
            pointer = self.generations.pointer()
            return [name for name in (pointer.current, pointer.previous) if name]
        return []

    @_to_disk
    def write(self, documents: Sequence[Document], change: int, generation: str | None = None) -> None:
        with self.generations.lock(WRITER):
            name = generation or self.generations.current().name
            folder = self.generations.path(name)
            committed = commits.read(folder, self.generations.state(name))
            commits.sweep(folder, committed)
            segments = writer.update(folder, committed, documents, self._memory_mb)
            self._commit(name, change, *writer.next_commit(folder, committed, segments))

    @_to_disk
    def build(self, documents: Iterable[Document], change: int) -> Generation:
        with self.generations.lock(BUILDER, wait_seconds=0):
            name = self.generations.begin()
            folder = self.generations.path(name)
            segments = building.build(folder, documents, self._processes, self._memory_mb)
            self._commit(name, change, *writer.next_commit(folder, None, segments))
            return self.generations.describe(name)

    def _commit(self, name: str, change: int, committed: Committed, toc_digest: str) -> None:
        self.generations.set_state(name, change, committed.count, committed.number, toc_digest)
        commits.sweep(self.generations.path(name), committed)

    @_to_disk
    def switch(self, generation: str) -> None:
        with self.generations.lock(WRITER), self.generations.lock(BUILDER):
            self.generations.switch(generation, keep=self._is_whole())

    @contextmanager
    def let_go(self) -> Iterator[None]:
        """Have no index in use from here on, since its database is about to be replaced.

        If that fails, it is in use again. Call it holding off other writers.
        """
        pointer = Pointer()
        with suppress(IndexUnavailable):  # One that cannot be read is not put back either.
            pointer = self.generations.pointer()
        self.generations.point(Pointer())
        try:
            yield
        except BaseException:
            self.generations.point(pointer)
            raise

    @_to_disk
    def rollback(self) -> Generation:
        with self.generations.lock(WRITER):
            return self.generations.describe(self.generations.rollback())

    def current(self) -> Generation | None:
        if self.generations.pointer().current is None:
            return None
        return self.generations.describe(self.generations.current().name)

    def describe(self, generation: str) -> Generation:
        """A generation at its newest commit."""
        return self.generations.describe(generation)

    def previous(self) -> Generation:
        """The generation kept for ``rollback``. Raises IndexUnavailable when there is none."""
        return self.generations.describe(self.generations.previous().name)

    def at(self, generation: str) -> "Fixed":
        """A generation as it stands now, in use or not, to be asked."""
        return Fixed(self._open(self.generations.path(generation)))

    def ids(self, generation: str | None = None) -> Iterator[str]:
        snapshot = self._open(self.generations.path(generation)) if generation else self.snapshot()
        for leaf in snapshot.leaves:
            for number in leaf.all_live().tolist():
                yield leaf.file.ids.encoded(number).decode(*ENCODING)

    def run(self, plan: Plan) -> Found:
        return searcher.run(self.snapshot(), plan, None if plan.unhurried else self._budget_seconds)

    def count(self, text: str, least: int = 1) -> int:
        return counting.count(self.snapshot(), text, least, self._budget_seconds)

    def check(self, generation: str | None = None) -> None:
        """Compare every file of a generation, or of the one in use and the one kept, with its checksums.

        Raises IndexUnavailable.
        """
        if generation is not None:
            self._check(self.generations.path(generation))
            return
        current, previous = self.generations.current(), self.generations.pointer().previous
        self._check(current)
        if previous:
            with suppress(IndexOutdated):  # After an upgrade nobody goes back to it.
                self._check(self.generations.previous())

    def space(self) -> Space:
        folder = self.generations.folder
        there = next(path for path in (folder, *folder.parents) if path.exists())
        return Space(str(folder), shutil.disk_usage(there).free, BUILDING)

    def _is_whole(self) -> bool:
        """Whether the index in use is worth keeping: nobody goes back to a damaged one."""
        try:
            self._check(self.generations.current())
        except IndexOutdated:
            return True  # The release that made it may come back.
        except IndexUnavailable:
            return False
        return True

    def _check(self, folder: Path) -> None:
        for leaf in self._open(folder).leaves:
            leaf.file.container.check()

    def snapshot(self) -> Snapshot:
        """The newest commit, opened anew if the folder has changed."""
        stamp = self.generations.stamp()
        opened = self._opened
        if opened is None or opened.stamp != stamp:
            with self._opening:
                opened = self._opened
                if opened is None or opened.stamp != self.generations.stamp():
                    self._opened = opened = self._open_newest()
        return opened.snapshot

    def _open_newest(self) -> Opened:
        """Open what is there now; once more if a commit came in between."""
        for attempt in range(OPEN_TRIES):
            stamp = self.generations.stamp()
            before = self._opened.snapshot if self._opened else None
            try:
                return Opened(stamp, self._open(self.generations.current(), before))
            except IndexUnavailable:
                if attempt == OPEN_TRIES - 1 or self.generations.stamp() == stamp:
                    raise
        raise AssertionError

    def _open(self, folder: Path, before: Snapshot | None = None) -> Snapshot:
        return Snapshot(folder, commits.read(folder, self.generations.state(folder.name)), before)
