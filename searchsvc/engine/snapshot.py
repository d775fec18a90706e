"""One commit, opened for searching: its segments, and the figures that scoring needs."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.index import FileIndex
from whoosh.searching import Searcher

from searchsvc.engine import FIELDS
from searchsvc.engine.codec import ArraySegment
from searchsvc.engine.commits import Committed, SyncedStorage
from searchsvc.engine.occurrences import Occurrences
from searchsvc.engine.postings import Ints
from searchsvc.engine.schema import schema
from searchsvc.engine.segment import SegmentFile
from searchsvc.engine.strings import K1, B
from searchsvc.engine.writer import live


class Leaf:
    """One segment of a snapshot. ``number``: which; ``base``: the number of its first document."""

    def __init__(self, snapshot: "Snapshot", number: int, segment: ArraySegment, base: int) -> None:
        self.number, self.base = number, base
        self.file: SegmentFile = segment.file(snapshot.folder)
        self.documents = self.file.documents
        self._snapshot = snapshot
        self._live = live(segment)
        self.norms: Mapping[str, NDArray[np.float32]] = {}

    def set_norms(self, averages: Mapping[str, float]) -> None:
        """Make the part of BM25 that depends on a document's length only."""
        self.norms = {
            name: (self.file.fields[name].lengths * (K1 * B / average) + K1 * (1 - B)).astype(np.float32)
            for name, average in averages.items()
        }

    def rank(self, seconds: int) -> int:
        """The rank of the first time that is not before this one."""
        return int(np.searchsorted(self.file.times, seconds))

    def in_range(self, low: int, high: int) -> Ints:
        """The documents whose time has a rank from ``low`` to below ``high``."""
        return np.flatnonzero(self.are_in_range(None, low, high))

    def are_in_range(self, docs: Ints | None, low: int, high: int) -> NDArray[np.bool_]:
        """Which documents, of some or of all, have a time of such a rank.

        One subtraction and one comparison: what is below wraps round and is far above.
        """
        ranks = self.file.ranks if docs is None else self.file.ranks.take(docs)
        return ranks - np.uint32(low) < np.uint32(max(0, high - low))

    def only_live(self, docs: Ints) -> Ints:
        return docs if self._live is None else docs[self._live[docs]]

    def live_only(self, found: Occurrences) -> Occurrences:
        """Occurrences without those in deleted documents."""
        if self._live is None:
            return found
        return found.only(np.flatnonzero(self._live[found.docs]))

    def all_live(self) -> Ints:
        return np.arange(self.documents) if self._live is None else np.flatnonzero(self._live)

    def without(self, docs: Ints) -> Ints:
        """The live documents that are not among these."""
        mask = np.ones(self.documents, bool) if self._live is None else self._live.copy()
        mask[docs] = False
        return np.flatnonzero(mask)

    def stock(self) -> Any:
        """Whoosh's own searcher of this segment."""
        return self._snapshot.stock().leaf_searchers()[self.number][0]


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
        averages: dict[str, float] = {name: self._average(name) for name in FIELDS}
        for leaf in self.leaves:
            leaf.set_norms(averages)
        self._stock: Searcher | None = None
        self._opening = threading.Lock()

    def files(self) -> dict[str, SegmentFile]:
        """The open segment files, by segment."""
        return {leaf.file.segment: leaf.file for leaf in self.leaves}

    def _average(self, field: str) -> float:
        total = sum(leaf.file.fields[field].length for leaf in self.leaves)
        return total / (self.documents or 1) or 1.0

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
