"""One commit, opened for searching: its segments, and the figures that scoring needs."""

import threading
import weakref
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.index import FileIndex
from whoosh.searching import Searcher

from searchsvc.engine import FIELDS, ranking, sets
from searchsvc.engine.codec import ArraySegment
from searchsvc.engine.commits import Committed, SyncedStorage
from searchsvc.engine.ranking import Ints
from searchsvc.engine.reading import Docs
from searchsvc.engine.schema import UNKNOWN_TIME, schema
from searchsvc.engine.segment import SegmentFile
from searchsvc.engine.strings import K1, B
from searchsvc.engine.writer import live


class Leaf:
    """One segment of a snapshot. ``number``: which; ``base``: the number of its first document."""

    def __init__(self, snapshot: "Snapshot", number: int, segment: ArraySegment, base: int) -> None:
        self.number, self.base = number, base
        self.file: SegmentFile = segment.file(snapshot.folder)
        self.documents = self.file.documents
        # Weak, so that a snapshot goes with its last use and unmaps what is deleted, not some day with a
        # collection of cycles, which is rare in a process as large as ours.
        self._snapshot = weakref.ref(snapshot)
        # Which documents are not deleted; None when none is.
        self.live = live(segment)
        self._buckets: tuple[tuple[int, ...], NDArray[np.uint16]] = ((), np.zeros(0, np.uint16))
        self.norms: Mapping[str, NDArray[np.float32]] = {}
        self._averages: Mapping[str, float] = {}

    def set_norms(self, averages: Mapping[str, float]) -> None:
        """Make the part of BM25 that depends on a document's length only."""
        self.norms = self._norms(averages)
        self._averages = averages

    def norms_of(self, averages: Mapping[str, float]) -> Mapping[str, NDArray[np.float32]]:
        """The same for other average lengths, those of an earlier commit."""
        return self.norms if averages == self._averages else self._norms(averages)

    def _norms(self, averages: Mapping[str, float]) -> Mapping[str, NDArray[np.float32]]:
        return {
            name: (self.file.fields[name].lengths * (K1 * B / average) + K1 * (1 - B)).astype(np.float32)
            for name, average in averages.items()
        }

    def rank(self, seconds: int) -> int:
        """The rank of the first time that is not before this one."""
        return int(np.searchsorted(self.file.times, seconds))

    def edges(self, times: tuple[int, ...]) -> Ints:
        """The ranks of ascending times; what has no time is before all of them."""
        return np.searchsorted(self.file.times, np.maximum(times, UNKNOWN_TIME + 1))

    def buckets(self, times: tuple[int, ...]) -> NDArray[np.uint16]:
        """Between which of these times each document is (see ``ranking.buckets_of``).

        Kept for the edges asked for last: mostly those are the same, whatever is searched for.
        """
        known = self._buckets
        if known[0] != times:
            made = ranking.buckets_of(self.file.ranks, self.edges(times), len(self.file.times))
            self._buckets = known = times, made
        return known[1]

    def only_live(self, docs: Docs) -> Docs:
        return docs if self.live is None else sets.marked(docs, self.live)

    def all_live(self) -> Docs:
        return self.only_live(np.arange(self.documents, dtype=np.int32))

    def stock(self) -> Any:
        """Whoosh's own searcher of this segment."""
        snapshot = self._snapshot()
        assert snapshot is not None  # Whoever searches holds it.
        return snapshot.stock().leaf_searchers()[self.number][0]


class Snapshot:
    """A commit, opened. Segments that ``before`` has open already are taken from there."""

    def __init__(self, folder: Path, committed: Committed, before: "Snapshot | None" = None) -> None:
        self.folder, self.committed = folder, committed
        known = {} if before is None or before.folder != folder else before.files()
        self.leaves: list[Leaf] = []
        self.documents = 0
        for segment in committed.segments:
            segment._file = known.get(segment.segment_id())
            self.leaves.append(Leaf(self, len(self.leaves), segment, self.documents))
            self.documents += segment.doc_count_all()
        self.averages: dict[str, float] = {name: self._average(name) for name in FIELDS}
        for leaf in self.leaves:
            leaf.set_norms(self.averages)
        self._stock: Searcher | None = None
        self._opening = threading.Lock()

    def files(self) -> dict[str, SegmentFile]:
        """The open segment files, by segment."""
        return {leaf.file.segment: leaf.file for leaf in self.leaves}

    def _average(self, field: str) -> float:
        total = sum(leaf.file.fields[field].length for leaf in self.leaves)
        return total / (self.documents or 1) or 1.0

    @cached_property
    def stories(self) -> list[NDArray[np.int32]]:
        """For each segment: which story each ordinal of its column is, over all segments; 0 is none."""
        columns = [leaf.file.columns["story"].keys.all() for leaf in self.leaves]
        numbers = {story: number for number, story in enumerate(sorted({b""}.union(*columns)))}
        return [np.array([numbers[story] for story in column], np.int32) for column in columns]

    def still_whole(self) -> None:
        """Raise IndexUnavailable if a file has been cut since it was opened."""
        for leaf in self.leaves:
            leaf.file.container.still_whole()

    def stock(self) -> Searcher:
        """Whoosh's own searcher, for what is not evaluated on arrays."""
        with self._opening:
            if self._stock is None:
                storage = SyncedStorage(str(self.folder))
                segments, number = list(self.committed.segments), self.committed.number
                self._stock = Searcher(FileIndex._reader(storage, schema(), segments, number))
            return self._stock
