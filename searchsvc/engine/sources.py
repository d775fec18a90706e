"""What a segment is made from: batches just inverted, or segments already there.

Both offer the same few things: ids, names of sources, times, and per field the lengths and three
tables, whose terms are numbers and whose lists can be read by slices. So building, merging, and
dropping deleted articles are one and the same work (``merging``).

A batch is inverted while it fits the processor's caches, some thousand articles at a time (98 ns
for a character in batches of 3 million; 280 in batches of 17 million, most of it page faults), and
its plain arrays wait in a scratch file until there is a whole segment's worth.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine import FIELDS, Document
from searchsvc.engine.invert import Inverted, Keyed, invert
from searchsvc.engine.postings import Ints, Lists
from searchsvc.engine.schema import UNKNOWN_TIME
from searchsvc.engine.tables import ENCODING

KINDS = ("word", "pair", "single")


@dataclass(frozen=True, slots=True)
class TableSource:
    """One table. ``numbers``: its terms, ascending; ``read(begin, end)`` the lists of some of them."""

    numbers: NDArray[np.uint64]
    dfs: Ints
    cfs: Ints
    read: Callable[[int, int], Lists]


@dataclass(frozen=True, slots=True)
class FieldSource:
    """One field: its three tables by kind; the numbers of words are indices into ``vocabulary``."""

    lengths: NDArray[Any]
    tables: dict[str, TableSource]
    vocabulary: list[bytes]


@dataclass(frozen=True, slots=True)
class Source:
    """Articles for a segment. ``live``, if given, says which of them to take."""

    ids: list[bytes]
    outlets: list[str]
    times: NDArray[np.int64]
    fields: dict[str, FieldSource]
    live: NDArray[np.bool_] | None = None


class Scratch:
    """A file for plain arrays that are read back once, through a mapping."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO = path.open("xb")

    def keep(self, array: NDArray[Any]) -> NDArray[Any]:
        """The same array, on disk."""
        if not len(array):
            return array
        offset = self._file.tell()
        array.tofile(self._file)
        self._file.flush()
        return np.memmap(self._path, array.dtype, "r", offset, array.shape)

    def close(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


def from_documents(documents: Sequence[Document], scratch: Scratch | None = None) -> Source:
    """A batch of articles, inverted."""
    fields: dict[str, FieldSource] = {
        name: _field(invert([getattr(document, name) for document in documents]), scratch) for name in FIELDS
    }
    times = [document.published or UNKNOWN_TIME for document in documents]
    return Source(
        [document.id.encode(*ENCODING) for document in documents],
        [document.source for document in documents],
        np.maximum(np.array(times, np.int64), UNKNOWN_TIME),
        fields,
    )


def _field(inverted: Inverted, scratch: Scratch | None) -> FieldSource:
    tables = {"word": inverted.words, "pair": inverted.pairs, "single": inverted.singles}
    return FieldSource(
        inverted.lengths,
        {kind: _table(keyed, scratch) for kind, keyed in tables.items()},
        inverted.vocabulary,
    )


def _table(keyed: Keyed, scratch: Scratch | None) -> TableSource:
    lists = keyed.lists
    cfs = lists.cfs()
    arrays = [tight(lists.docs), tight(lists.freqs)]
    if lists.places is not None:
        arrays.append(tight(lists.places))
    if scratch is not None:
        arrays = [scratch.keep(array) for array in arrays]
    return TableSource(keyed.numbers, lists.dfs, cfs, reader(lists.dfs, cfs, arrays))


def tight(array: NDArray[Any]) -> NDArray[Any]:
    """The same numbers in the fewest bytes."""
    largest = int(array.max()) if len(array) else 0
    return array.astype(np.uint8 if largest < 1 << 8 else np.uint16 if largest < 1 << 16 else np.uint32)


def reader(dfs: Ints, cfs: Ints, arrays: Sequence[NDArray[Any]]) -> Callable[[int, int], Lists]:
    """Reads slices of plain lists: documents, frequencies and, if kept, places."""
    postings, occurrences = np.append(0, np.cumsum(dfs)), np.append(0, np.cumsum(cfs))

    def read(begin: int, end: int) -> Lists:
        of_postings = slice(postings[begin], postings[end])
        places = None
        if len(arrays) > 2:
            places = np.asarray(arrays[2][occurrences[begin] : occurrences[end]], np.uint32)
        docs, freqs = (np.asarray(array[of_postings], np.uint32) for array in arrays[:2])
        return Lists(dfs[begin:end], docs, freqs, places)

    return read
