"""One packed posting list, read by a few array calls; how it is packed is told in ``postings``.

Nothing is read before it is asked for: documents alone for a boolean query, frequencies for a
score, places only of the documents that still matter.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.postings import (
    BYTE,
    FAR_HIGH,
    FOUR,
    HALF,
    HAS_CODES,
    HAS_FAR,
    HAS_MORE,
    KIND,
    TWO,
    WIDE_MORE,
    Ints,
    block_counts,
    ragged,
)


class List:
    """Where one term occurs. ``df``: in how many documents; ``cf``: how often in all of them."""

    __slots__ = ("_codes_at", "_data", "_flags", "_freqs", "_places_at", "_start", "cf", "df", "documents")

    def __init__(self, data: memoryview, start: int, flags: int, df: int, cf: int, documents: int) -> None:
        self._data, self._start, self._flags = data, start, flags
        self.df, self.cf, self.documents = df, cf, documents
        self._freqs: NDArray[np.unsignedinteger] | None = None
        halves, bytes_ = block_counts(documents)
        kind = flags & KIND
        size = 2 * bytes_ + df if kind == BYTE else 4 * halves + 2 * df if kind == HALF else 4 * df
        self._codes_at = self._places_at = start + size

    def docs(self) -> Ints:
        """The documents, ascending, shape (df,)."""
        kind = self._flags & KIND
        halves, bytes_ = block_counts(self.documents)
        if kind == BYTE:
            return self._blocks("<u2", bytes_, "u1", 8)
        if kind == HALF:
            if halves:
                return self._blocks("<u4", halves, "<u2", 16)
            return np.frombuffer(self._data, "<u2", self.df, self._start).astype(np.intp)
        return np.frombuffer(self._data, "<u4", self.df, self._start).astype(np.intp)

    def _blocks(self, count_dtype: str, blocks: int, low_dtype: str, bits: int) -> Ints:
        counts = np.frombuffer(self._data, count_dtype, blocks, self._start)
        low = np.frombuffer(self._data, low_dtype, self.df, self._start + counts.nbytes)
        docs = np.repeat(_bases(blocks, bits), counts)
        docs += low
        return docs

    def freqs(self) -> NDArray[np.unsignedinteger] | None:
        """How often it occurs in each, shape (df,); None if once everywhere."""
        if not self._flags & HAS_CODES or self._freqs is not None:
            return self._freqs
        packed = np.frombuffer(self._data, np.uint8, (self.df + 3) // 4, self._codes_at)
        freqs: NDArray[np.unsignedinteger] = FOUR.take(packed).view(np.uint8)[: self.df]
        self._places_at = self._codes_at + len(packed)
        if self._flags & HAS_MORE:
            great = np.flatnonzero(freqs == 0)
            dtype = np.dtype("<u4" if self._flags & WIDE_MORE else "u1")
            if self._flags & WIDE_MORE:
                freqs = freqs.astype(np.uint32)
            freqs[great] = np.frombuffer(self._data, dtype, len(great), self._places_at)
            self._places_at += len(great) * dtype.itemsize
        self._freqs = freqs
        return freqs

    def freqs_of(self, chosen: Ints) -> NDArray[np.unsignedinteger] | None:
        """How often it occurs in some of the documents, by their index here; None if once everywhere."""
        if not self._flags & HAS_CODES:
            return None
        if self._freqs is None:
            packed = np.frombuffer(self._data, np.uint8, (self.df + 3) // 4, self._codes_at)
            codes = packed.take(chosen >> 2) >> (chosen & 3) * 2 & 3
            if not self._flags & HAS_MORE or codes.all():
                return codes.astype(np.uint8)
        freqs = self.freqs()
        assert freqs is not None
        return freqs[chosen]

    def places(self) -> NDArray[np.uint32]:
        """Every place, document after document, shape (cf,)."""
        self.freqs()
        low = np.frombuffer(self._data, np.uint8, self.cf, self._places_at)
        highs = np.frombuffer(self._data, np.uint8, (self.cf + 1) // 2, self._places_at + self.cf)
        high = TWO.take(highs).view(np.uint16)[: self.cf]
        places = high.astype(np.uint32)
        places |= low
        if self._flags & HAS_FAR:
            far = np.flatnonzero(high == FAR_HIGH << 8)
            places[far] = np.frombuffer(self._data, "<u4", len(far), self._places_at + self.cf + len(highs))
        return places

    def places_of(self, chosen: Ints) -> tuple[NDArray[np.uint32], Ints]:
        """The places in some of the documents, by their index here; and how many each of them has."""
        freqs = self.freqs()
        if freqs is None:
            return self._picked(chosen), np.ones(len(chosen), np.intp)
        ends = np.cumsum(freqs, dtype=np.intp)
        lengths = freqs[chosen].astype(np.intp)
        return self._picked(ragged(ends[chosen] - lengths, lengths)), lengths

    def _picked(self, occurrences: Ints) -> NDArray[np.uint32]:
        """The places with these numbers."""
        if len(occurrences) * 4 > self.cf:
            return self.places()[occurrences]
        low = np.frombuffer(self._data, np.uint8, self.cf, self._places_at)
        highs = np.frombuffer(self._data, np.uint8, (self.cf + 1) // 2, self._places_at + self.cf)
        high = highs[occurrences >> 1] >> (occurrences & 1) * 4 & 15
        if self._flags & HAS_FAR and (high == FAR_HIGH).any():
            return self.places()[occurrences]
        return high.astype(np.uint32) << 8 | low[occurrences]


@cache
def _bases(blocks: int, bits: int) -> Ints:
    """The first document of each block."""
    return np.arange(blocks) << bits
