"""Sorted terms with their posting lists: one table for the words, pairs or singles of a field, to read.

How they are written is in ``table_writer``.

Sections of the container, after the table's name, for n terms::

    .data          the packed lists (see ``postings``), in the order of the terms
    .at, .base     where each list starts: .base of its 256 terms, plus .at, (n,) uint32
    .flags         (n,) uint8
    .dfs, .repeats number of documents, and of occurrences beyond one per document; (n,) uint8, 255
                   for "see below". Nine of ten terms occur in fewer than 255 documents.
    .big, .big_dfs, .big_cfs   the terms that do not fit, their documents and occurrences, uint32

and one of three kinds of keys. Every kind orders terms as their UTF-8 does, and can also be had as
one number for each term, which is what merging sorts by.

- pairs: .alphabet, the code points that occur; .first, for each of them where its pairs begin;
  .second, the rank of a pair's other character, two bytes. Four bytes less per pair than two code
  points, and a search is one look-up and a bisection among the pairs of one character;
- singles: .points, their code points;
- words: .text, their UTF-8 one after the other, and .ends.
"""

from bisect import bisect_left
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine import reading, spelling
from searchsvc.engine.container import Container
from searchsvc.engine.listing import List
from searchsvc.engine.postings import Ints, Lists, Packed, unpack
from searchsvc.engine.reading import END, START, Rows
from searchsvc.engine.table_writer import ENCODING, GROUP, PAIR_BITS
from searchsvc.text.terms import encode

# The sections of a table that a term's row is made from.
ROW_PARTS = ("at", "base", "flags", "dfs", "repeats", "big", "big_dfs", "big_cfs")


class Keys(Protocol):
    """The terms of a table. ``len``, and each term as UTF-8 by its number."""

    def __len__(self) -> int: ...

    def find(self, text: str) -> int:
        """The number of a term, or -1."""

    def lower_bound(self, encoded: bytes) -> int:
        """The number of the first term not below this one."""

    def encoded(self, number: int) -> bytes: ...


class PairKeys:
    """Two characters each."""

    def __init__(self, container: Container, name: str) -> None:
        self._alphabet = container.numbers(f"{name}.alphabet")
        self._first = container.numbers(f"{name}.first")
        self._second = container.numbers(f"{name}.second")
        self.arrays = tuple(container.array(f"{name}.{part}") for part in ("alphabet", "first", "second"))
        # Looked up several times for each word of a query: a dictionary takes 0.1 µs, bisection 2.
        self._ranks = {chr(point): rank for rank, point in enumerate(self._alphabet)}
        at = [container.start(f"{name}.{part}") for part in ("alphabet", "first", "second")]
        # As compiled functions find them (see ``reading``).
        self.layout = [at[0], len(self._alphabet), at[1], at[2], self.arrays[2].itemsize]

    def __len__(self) -> int:
        return len(self._second)

    def find(self, text: str) -> int:
        left, right = self._ranks.get(text[0]), self._ranks.get(text[1])
        if left is None or right is None:
            return -1
        end = self._first[left + 1]
        number = bisect_left(self._second, right, self._first[left], end)
        return number if number < end and self._second[number] == right else -1

    def lower_bound(self, encoded: bytes) -> int:
        return bisect_left(range(len(self)), encoded, key=self.encoded)

    def encoded(self, number: int) -> bytes:
        left = bisect_left(self._first, number + 1) - 1
        text = chr(self._alphabet[left]) + chr(self._alphabet[self._second[number]])
        return text.encode(*ENCODING)

    def numbers(self) -> NDArray[np.uint64]:
        """Each pair as one number, shape (n,)."""
        alphabet, first, second = self.arrays
        left = np.repeat(alphabet.astype(np.uint64), np.diff(first))
        return left << np.uint64(PAIR_BITS) | alphabet[second].astype(np.uint64)


class SingleKeys:
    """One character each."""

    def __init__(self, container: Container, name: str) -> None:
        self._points = container.numbers(f"{name}.points")
        self._array = container.array(f"{name}.points")

    def __len__(self) -> int:
        return len(self._points)

    def find(self, text: str) -> int:
        number = bisect_left(self._points, ord(text))
        return number if number < len(self) and self._points[number] == ord(text) else -1

    def lower_bound(self, encoded: bytes) -> int:
        return bisect_left(range(len(self)), encoded, key=self.encoded)

    def encoded(self, number: int) -> bytes:
        return chr(self._points[number]).encode(*ENCODING)

    def numbers(self) -> NDArray[np.uint64]:
        return self._array.astype(np.uint64)


class WordKeys:
    """Any text; also used for ids and the names of sources."""

    def __init__(self, container: Container, name: str) -> None:
        self._text = container.bytes[container.start(f"{name}.text") :]
        self._ends = container.numbers(f"{name}.ends")
        self._array = container.array(f"{name}.ends")
        at = container.start(f"{name}.text"), container.start(f"{name}.ends"), self._ends.itemsize
        self._layout = (container.octets, *at)

    def __len__(self) -> int:
        return len(self._ends)

    def find(self, text: str) -> int:
        encoded = text.encode(*ENCODING)
        number = self.lower_bound(encoded)
        return number if number < len(self) and self.encoded(number) == encoded else -1

    def lower_bound(self, encoded: bytes) -> int:
        return bisect_left(range(len(self)), encoded, key=self.encoded)

    def encoded(self, number: int) -> bytes:
        begin = self._ends[number - 1] if number else 0
        return bytes(self._text[begin : self._ends[number]])

    def beginning(self, text: str) -> range:
        """The numbers of the terms that begin with a text."""
        encoded = text.encode(*ENCODING)
        # No UTF-8 has a byte of 0xFF, so this is beyond every term that begins so.
        return range(self.lower_bound(encoded), self.lower_bound(encoded + b"\xff"))

    def near(self, word: str, most: int, among: range) -> NDArray[np.int32]:
        """The numbers of those terms, of some that follow each other, that differ from a word in at
        most so many letters."""
        data, text, _, _ = self._layout
        first = self._ends[among.start - 1] if among.start else 0
        ends = np.append(np.int64(first), self._array[among.start : among.stop].astype(np.int64)) + text
        found: NDArray[np.int32] = spelling.near(data, ends, encode(word), most)
        return found + np.int32(among.start)

    def texts(self, numbers: NDArray[np.int32]) -> list[str]:
        """Some terms as texts, by their numbers."""
        octets, stops = reading.texts_of(*self._layout, numbers)
        ends, joined = stops.tolist(), octets.tobytes()
        try:
            text = joined.decode("ascii")
        except UnicodeDecodeError:
            return [joined[begin:end].decode(*ENCODING) for begin, end in pairwise([0, *ends])]
        return [text[begin:end] for begin, end in pairwise([0, *ends])]

    def all(self) -> list[bytes]:
        return [self.encoded(number) for number in range(len(self))]


class Table:
    """A table opened for reading."""

    def __init__(self, container: Container, name: str, documents: int, has_places: bool) -> None:
        self.documents, self.has_places = documents, has_places
        self._container, self._name = container, name
        self._data = container.start(f"{name}.data")
        self._length = len(container.array(f"{name}.flags"))
        # Where compiled functions find what they need to make a term's row of its number.
        at = [container.start(f"{name}.{part}") for part in ROW_PARTS]
        bigs = len(container.array(f"{name}.big"))
        self.layout = np.array([*at, bigs, self._data], np.int64)

    def __len__(self) -> int:
        return self._length

    def row(self, number: int) -> Rows:
        """Where a term's list is (see ``reading``), by its number, shape (8,)."""
        row: Rows = reading.row_of(self._container.octets, self.layout, number, self.documents)
        return row

    def touch(self, rows: Rows) -> None:
        """Make sure that lists are what was written, before they are read."""
        if not self._container.is_checked:
            for row in rows.tolist():
                self._container.touch(row[START], row[END])

    def list(self, number: int) -> List:
        """The posting list of a term, by its number."""
        row = self.row(number)
        self.touch(row[None])
        return List(self._container.octets, row, self.documents)

    def mark(self, numbers: NDArray[np.int32], marks: NDArray[np.bool_]) -> None:
        """Mark the documents that have any of some terms, by their ascending numbers."""
        if not len(numbers):
            return
        if not self._container.is_checked:
            first, last = self.row(int(numbers[0])), self.row(int(numbers[-1]))
            self._container.touch(int(first[START]), int(last[END]))
        reading.mark_lists(self._container.octets, self.layout, numbers, self.documents, marks)

    def counts(self) -> tuple[Ints, Ints]:
        """Documents and occurrences of each term, shape (n,) both."""
        part = {name: self._container.array(f"{self._name}.{name}") for name in ("dfs", "repeats", "big")}
        dfs = part["dfs"].astype(np.intp)
        cfs = dfs + part["repeats"]
        dfs[part["big"]] = self._container.array(f"{self._name}.big_dfs")
        cfs[part["big"]] = self._container.array(f"{self._name}.big_cfs")
        return dfs, cfs

    def slice(self, begin: int, end: int, dfs: Ints, cfs: Ints) -> Lists:
        """The plain lists of terms ``begin`` to ``end``; ``dfs`` and ``cfs`` are theirs."""
        at = self._container.array(f"{self._name}.at")[begin : end + 1].astype(np.intp)
        base = self._container.array(f"{self._name}.base").astype(np.intp)
        at = at + base[np.arange(begin, end + 1) // GROUP]
        first = self._data + int(at[0])
        self._container.touch(first, self._data + int(at[-1]))
        data = np.frombuffer(self._container.bytes, np.uint8, int(at[-1] - at[0]), first)
        flags = self._container.array(f"{self._name}.flags")[begin:end]
        return unpack(Packed(data, np.diff(at), flags), dfs, cfs, self.documents, self.has_places)
