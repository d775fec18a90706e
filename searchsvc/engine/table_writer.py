"""Sorted terms and posting lists → the sections of a table, as ``tables`` describes and reads them.

Apart from the reading, since a process that builds an index reads none: it does without the compiled
loops, which take a process 54 MB and a third of a second to load.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.container import Writer
from searchsvc.engine.postings import Lists, pack

GROUP = 256
PAIR_BITS = 21
ENCODING = ("utf-8", "surrogatepass")


def write_pairs(writer: Writer, name: str, numbers: NDArray[np.uint64]) -> None:
    """Write the keys of a table of pairs."""
    left = (numbers >> np.uint64(PAIR_BITS)).astype(np.uint32)
    right = (numbers & np.uint64((1 << PAIR_BITS) - 1)).astype(np.uint32)
    present = np.zeros(0x110000, bool)
    present[left] = present[right] = True
    alphabet = np.flatnonzero(present).astype(np.uint32)
    small = np.uint16 if len(alphabet) <= 1 << 16 else np.uint32
    writer.add(f"{name}.alphabet", alphabet)
    writer.add(f"{name}.first", np.searchsorted(left, np.append(alphabet, 1 << PAIR_BITS)).astype(np.uint32))
    writer.add(f"{name}.second", np.searchsorted(alphabet, right).astype(small))


def write_words(writer: Writer, name: str, words: Sequence[bytes]) -> None:
    """Write texts, in the order given."""
    ends = np.cumsum(np.fromiter(map(len, words), np.intp, len(words)))
    writer.add(f"{name}.text", np.frombuffer(b"".join(words), np.uint8))
    writer.add(f"{name}.ends", ends.astype(np.uint32 if not len(ends) or ends[-1] < 1 << 32 else np.uint64))


@dataclass(frozen=True, slots=True)
class Columns:
    """What is kept of each term beside its list: bytes, flags, documents, occurrences."""

    sizes: NDArray[Any]
    flags: NDArray[np.uint8]
    dfs: NDArray[Any]
    cfs: NDArray[Any]

    @classmethod
    def joined(cls, parts: Sequence["Columns"]) -> "Columns":
        """The columns of several runs of terms, one behind the other."""
        none = np.zeros(0, np.intp)
        sizes, dfs, cfs = (
            np.concatenate([none, *(getattr(part, name) for part in parts)])
            for name in ("sizes", "dfs", "cfs")
        )
        return cls(sizes, np.concatenate([np.zeros(0, np.uint8), *(part.flags for part in parts)]), dfs, cfs)


class TableWriter:
    """Writes lists, slice after slice in the order of terms; its keys are written apart."""

    def __init__(self, writer: Writer, name: str) -> None:
        self._writer, self._name = writer, name
        self._parts: list[Columns] = []
        writer.begin(f"{name}.data", "|u1")

    def append(self, lists: Lists, documents: int) -> None:
        """Pack lists of a segment of so many documents."""
        packed = pack(lists, documents)
        self.append_data(packed.data)
        self.append_columns(Columns(packed.sizes, packed.flags, lists.dfs, lists.cfs()))

    def append_data(self, data: NDArray[np.uint8]) -> None:
        """Packed lists, or a piece of them; what is known of their terms follows."""
        self._writer.append(data)

    def append_columns(self, columns: Columns) -> None:
        self._parts.append(columns)

    def columns(self) -> Columns:
        """The columns of all terms so far."""
        return Columns.joined(self._parts)

    def finish(self) -> None:
        columns = self.columns()
        dfs, repeats = columns.dfs, columns.cfs - columns.dfs
        begin = np.append(0, np.cumsum(columns.sizes))
        bases = begin[::GROUP]
        self._add("at", begin - np.repeat(bases, GROUP)[: len(begin)], np.uint32)
        self._add("base", bases, np.uint64)
        self._add("flags", columns.flags, np.uint8)
        self._add("dfs", np.minimum(dfs, 255), np.uint8)
        self._add("repeats", np.minimum(repeats, 255), np.uint8)
        big = np.flatnonzero((dfs > 254) | (repeats > 254))
        self._add("big", big, np.uint32)
        self._add("big_dfs", dfs[big], np.uint32)
        self._add("big_cfs", columns.cfs[big], np.uint32)

    def _add(self, part: str, values: NDArray[Any], dtype: type) -> None:
        self._writer.add(f"{self._name}.{part}", values.astype(dtype))
