"""What a segment is made from: batches just inverted, or segments already there.

Both offer the same few things: ids, names of sources, times, and per field the lengths and three
tables, whose terms are numbers and whose lists can be read by slices. So building, merging, and
dropping deleted articles are one and the same work (``merging``).

A batch is inverted while it fits the processor's caches, some thousand articles at a time (98 ns
for a character in batches of 3 million; 280 in batches of 17 million, most of it page faults), and
its plain arrays wait in a scratch file until there is a whole segment's worth.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine import FIELDS, NAMES, Document
from searchsvc.engine.invert import Inverted, Keyed, invert
from searchsvc.engine.postings import Lists
from searchsvc.engine.schema import UNKNOWN_TIME
from searchsvc.engine.table_writer import ENCODING

KINDS = ("word", "pair", "single")


@dataclass(frozen=True, slots=True)
class TableSource:
    """One table. ``numbers``: its terms, ascending; ``read(begin, end)`` the lists of some of them."""

    numbers: NDArray[np.uint64]
    dfs: NDArray[Any]
    cfs: NDArray[Any]
    read: Callable[[int, int], Lists]


@dataclass(frozen=True, slots=True)
class FieldSource:
    """One field: its three tables by kind; the numbers of words are indices into ``vocabulary``."""

    lengths: NDArray[Any]
    tables: dict[str, TableSource]
    vocabulary: list[bytes]


@dataclass(frozen=True, slots=True)
class Source:
    """Articles for a segment. ``names``, by column: that of each article, empty where it has none.
    ``live``, if given, says which of them to take."""

    ids: list[bytes]
    names: dict[str, list[str]]
    times: NDArray[np.int64]
    fields: dict[str, FieldSource]
    live: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """An array in a scratch file."""

    path: str
    dtype: str
    offset: int
    count: int

    def mapped(self) -> NDArray[Any]:
        """The array, mapped: to be searched here and there."""
        if not self.count:
            return np.zeros(0, self.dtype)
        return np.memmap(self.path, self.dtype, "r", self.offset, (self.count,))

    def __getitem__(self, part: slice) -> NDArray[Any]:
        """A slice, read: what is mapped would stay in memory until the end."""
        size = np.dtype(self.dtype).itemsize
        data = os.pread(_opened(self.path), (part.stop - part.start) * size, self.offset + part.start * size)
        return np.frombuffer(data, self.dtype)


@cache
def _opened(path: str) -> int:
    """A scratch file, open until the building process ends."""
    return os.open(path, os.O_RDONLY)


class Scratch:
    """A file for plain arrays, to be read back by this or another process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO = path.open("xb")

    def keep(self, array: NDArray[Any]) -> Kept:
        """Put an array on disk."""
        self._file.write(bytes(-self._file.tell() % 8))
        kept = Kept(str(self.path), array.dtype.str, self._file.tell(), len(array))
        self._file.write(np.ascontiguousarray(array).view(np.uint8).data)
        return kept

    def close(self) -> None:
        """Make what was kept readable."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class PlainField:
    """One field of an inverted batch, as arrays in memory or on disk. ``arrays``, by kind: numbers,
    documents and occurrences of each term, then documents, frequencies and, if kept, places."""

    lengths: NDArray[Any]
    arrays: dict[str, tuple[NDArray[Any] | Kept, ...]]
    vocabulary: list[bytes]

    def source(self) -> FieldSource:
        return FieldSource(
            self.lengths, {kind: _table(*arrays) for kind, arrays in self.arrays.items()}, self.vocabulary
        )


@dataclass(frozen=True, slots=True)
class Plain:
    """An inverted batch. With its arrays on disk, it can be sent to another process."""

    ids: list[bytes]
    names: dict[str, list[str]]
    times: NDArray[np.int64]
    fields: dict[str, PlainField]

    def source(self) -> Source:
        fields = {name: field.source() for name, field in self.fields.items()}
        return Source(self.ids, self.names, self.times, fields)


def from_documents(documents: Sequence[Document], scratch: Scratch | None = None) -> Plain:
    """A batch of articles, inverted."""
    fields: dict[str, PlainField] = {
        name: _field(invert([getattr(document, name) for document in documents]), scratch) for name in FIELDS
    }
    times = [document.published or UNKNOWN_TIME for document in documents]
    return Plain(
        [document.id.encode(*ENCODING) for document in documents],
        {name: [getattr(document, name) or "" for document in documents] for name in NAMES},
        np.maximum(np.array(times, np.int64), UNKNOWN_TIME),
        fields,
    )


def _field(inverted: Inverted, scratch: Scratch | None) -> PlainField:
    tables = {"word": inverted.words, "pair": inverted.pairs, "single": inverted.singles}
    arrays = {kind: _arrays(keyed, scratch) for kind, keyed in tables.items()}
    return PlainField(tight(inverted.lengths), arrays, inverted.vocabulary)


def _arrays(keyed: Keyed, scratch: Scratch | None) -> tuple[NDArray[Any] | Kept, ...]:
    lists = keyed.lists
    plain = [lists.dfs, lists.cfs(), lists.docs, lists.freqs]
    if lists.places is not None:
        plain.append(lists.places)
    arrays = [keyed.numbers, *map(tight, plain)]
    return tuple(arrays) if scratch is None else tuple(map(scratch.keep, arrays))


def tight(array: NDArray[Any]) -> NDArray[Any]:
    """The same numbers in the fewest bytes."""
    largest = int(array.max()) if len(array) else 0
    return array.astype(np.uint8 if largest < 1 << 8 else np.uint16 if largest < 1 << 16 else np.uint32)


def _table(
    numbers: NDArray[Any] | Kept,
    dfs: NDArray[Any] | Kept,
    cfs: NDArray[Any] | Kept,
    *lists: NDArray[Any] | Kept,
) -> TableSource:
    numbers, dfs, cfs = (one.mapped() if isinstance(one, Kept) else one for one in (numbers, dfs, cfs))
    postings, occurrences = Ends(dfs), Ends(cfs)

    def read(begin: int, end: int) -> Lists:
        of_postings = slice(postings.before(begin), postings.before(end))
        of_occurrences = slice(occurrences.before(begin), occurrences.before(end))
        docs, freqs = (np.asarray(one[of_postings], np.uint32) for one in lists[:2])
        places = np.asarray(lists[2][of_occurrences], np.uint32) if len(lists) > 2 else None
        return Lists(dfs[begin:end].astype(np.intp), docs, freqs, places)

    return TableSource(numbers, dfs, cfs, read)


class Ends:
    """Running sums of counts, kept for every 1,024th only."""

    STEP = 1024

    def __init__(self, counts: NDArray[Any]) -> None:
        self._counts = counts
        steps = np.arange(0, len(counts), self.STEP)
        sums = np.add.reduceat(counts, steps, dtype=np.intp) if len(steps) else np.zeros(0, np.intp)
        self._sums = np.append(0, np.cumsum(sums))

    def before(self, number: int) -> int:
        """The sum of all counts before this one."""
        step = number // self.STEP
        return int(self._sums[step]) + int(self._counts[step * self.STEP : number].sum(dtype=np.intp))
