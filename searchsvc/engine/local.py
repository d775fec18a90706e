"""The engine of one machine: a Whoosh index in a folder, written and searched by Whoosh itself.

Searching never waits for writing: a snapshot is an open searcher on one commit of one generation,
shared by the threads of a process. Every run takes one cheap look at the folder and opens a new
snapshot when something changed; whoever still uses the old one finishes with it.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from whoosh.index import EmptyIndexError, FileIndex, create_in, open_dir
from whoosh.query import And, Every, NumericRange, Or, Query, Term
from whoosh.searching import Searcher
from whoosh.sorting import FieldFacet

from searchsvc.engine import Document, Found, Generation, Plan, Scored
from searchsvc.engine.generations import Generations
from searchsvc.engine.schema import UNKNOWN_TIME, row, schema
from searchsvc.errors import IndexUnavailable

BUILDER, WRITER = "BUILDER", "WRITER"
BATCH = 2_000
# A commit may replace files between reading the table of contents and opening them.
OPEN_TRIES = 5


@dataclass
class Snapshot:
    """A searcher on one commit, and what the folder looked like when it was opened."""

    stamp: tuple[int, ...]
    searcher: Searcher


class LocalEngine:
    """An ``Engine`` on this machine's disk. Opens nothing until first asked."""

    def __init__(self, folder: Path) -> None:
        self.generations = Generations(folder)
        self._snapshot: Snapshot | None = None
        self._opening = threading.Lock()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold off other writers for several writes and a switch."""
        with self.generations.lock(WRITER):
            yield

    def write(self, documents: Sequence[Document], change: int, generation: str | None = None) -> None:
        with self.generations.lock(WRITER):
            name = generation or self.generations.current().name
            index = _open(self.generations.path(name))
            writer = index.writer(limitmb=256)
            try:
                for document in documents:
                    writer.update_document(**row(document))
            except BaseException:
                writer.cancel()
                raise
            writer.commit()
            self.generations.set_state(name, change, index.doc_count())

    def build(self, documents: Iterable[Document], change: int) -> Generation:
        with self.generations.lock(BUILDER, wait_seconds=0):
            name = self.generations.begin()
            index = create_in(self.generations.path(name), schema())
            writer = index.writer(limitmb=256)
            remaining = iter(documents)
            while batch := list(islice(remaining, BATCH)):
                for document in batch:
                    writer.add_document(**row(document))
            writer.commit()
            self.generations.set_state(name, change, index.doc_count())
            return self.generations.describe(name)

    def switch(self, generation: str) -> None:
        with self.generations.lock(WRITER), self.generations.lock(BUILDER):
            self.generations.switch(generation)

    def rollback(self) -> Generation:
        with self.generations.lock(WRITER):
            return self.generations.describe(self.generations.rollback())

    def current(self) -> Generation | None:
        if self.generations.pointer().current is None:
            return None
        return self.generations.describe(self.generations.current().name)

    def ids(self, generation: str | None = None) -> Iterator[str]:
        path = self.generations.path(generation) if generation else self.generations.current()
        with _open(path).searcher() as searcher:
            for fields in searcher.reader().all_stored_fields():
                yield fields["id"]

    def run(self, plan: Plan) -> Found:
        searcher = self._fresh().searcher
        query, within = plan.query or Every(), _filter(plan)
        results = searcher.search(query, filter=within, limit=plan.offset + plan.limit or 1, **_order(plan))
        hits = tuple(_scored(hit, plan) for hit in results[plan.offset : plan.offset + plan.limit])
        total = len(results)
        if not (plan.count_sources or plan.timeline_edges):
            return Found(total, hits)
        sources, times = _columns(searcher, query, within)
        return Found(total, hits, dict(sources), _timeline(times, plan.timeline_edges))

    def _fresh(self) -> Snapshot:
        """The snapshot of the newest commit, opened anew if the folder has changed."""
        stamp = self.generations.stamp()
        snapshot = self._snapshot
        if snapshot is None or snapshot.stamp != stamp:
            with self._opening:
                snapshot = self._snapshot
                if snapshot is None or snapshot.stamp != stamp:
                    self._snapshot = snapshot = self._open_snapshot()
        return snapshot

    def _open_snapshot(self) -> Snapshot:
        stamp = self.generations.stamp()
        path = self.generations.current()
        self.generations.state(path.name)
        return Snapshot(stamp, _open(path).searcher())


def _open(path: Path) -> FileIndex:
    for attempt in range(OPEN_TRIES):
        try:
            return open_dir(path)
        except (FileNotFoundError, EmptyIndexError) as error:
            if attempt == OPEN_TRIES - 1:
                raise IndexUnavailable(f"The index in {path} cannot be opened; run 'flask reindex'") from error
    raise AssertionError


def _filter(plan: Plan) -> Query | None:
    """The plan's range and sources as a query that restricts without scoring."""
    parts: list[Query] = []
    if plan.since is not None or plan.before is not None:
        start = UNKNOWN_TIME + 1 if plan.since is None else plan.since
        parts.append(NumericRange("published", start, plan.before, endexcl=True))
    if plan.sources is not None:
        parts.append(Or([Term("source", name) for name in sorted(plan.sources)]))
    allowed = And(parts) if parts else None
    if not plan.excluded_sources:
        return allowed
    return (allowed or Every()) - Or([Term("source", name) for name in sorted(plan.excluded_sources)])


def _order(plan: Plan) -> dict[str, Any]:
    if plan.order == "relevance":
        return {}
    return {"sortedby": FieldFacet("published", reverse=plan.order == "newest")}


def _scored(hit: Any, plan: Plan) -> Scored:
    return Scored(hit["id"], float(hit.score) if plan.order == "relevance" else 0.0)


def _columns(searcher: Searcher, query: Query, within: Query | None) -> tuple[Counter[str], list[int]]:
    """The source and the time of every hit."""
    sources: Counter[str] = Counter()
    times: list[int] = []
    allowed = set(searcher.docs_for_query(within)) if within is not None else None
    for leaf, base in searcher.leaf_searchers():
        names = leaf.reader().column_reader("source")
        moments = leaf.reader().column_reader("published")
        for number in query.docs(leaf):
            if allowed is None or number + base in allowed:
                sources[names[number]] += 1
                times.append(moments[number])
    return sources, times


def _timeline(times: Iterable[int], edges: tuple[int, ...]) -> tuple[int, ...]:
    import numpy as np

    if not edges:
        return ()
    inside = np.array([time for time in times if edges[0] <= time < edges[-1]], np.int64)
    counts = np.bincount(np.searchsorted(edges, inside, "right") - 1, minlength=len(edges) - 1)
    return tuple(counts.tolist())
