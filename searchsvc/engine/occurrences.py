"""Where a string occurs in a segment: documents, how often in each, and what that scores.

A string of one term is that term's posting list, which stays packed: it can be asked about a few
documents without reading the rest. A longer string is found by ``reading.string_in`` and kept as
arrays.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine import reading, sets
from searchsvc.engine.reading import DF, Docs, Rows

Scores = NDArray[np.float32]
Norms = NDArray[np.float32]


class Occurrences(Protocol):
    """Documents that contain a string. ``count``: how many."""

    count: int

    def docs(self) -> Docs:
        """The documents, ascending."""

    def keep(self, docs: Docs) -> Docs:
        """Those of some ascending documents that are among them."""

    def score(self, docs: Docs, norms: Norms, factor: float, scores: Scores) -> None:
        """Add BM25 to the scores of some ascending documents."""

    def score_all(self, documents: int, norms: Norms, factor: float, table: Scores) -> None:
        """Add BM25 to a table of the scores of all documents of the segment."""


class Listed:
    """A term's packed list, in a segment without deletions."""

    __slots__ = ("_data", "_docs", "_documents", "_row", "count")

    def __init__(self, data: NDArray[np.uint8], row: Rows, documents: int) -> None:
        self._data, self._row, self._documents = data, row, documents
        self.count = int(row[DF])
        self._docs: Docs | None = None

    def docs(self) -> Docs:
        if self._docs is None:
            self._docs = reading.unpacked(self._data, self._row, self._documents)
        return self._docs

    def keep(self, docs: Docs) -> Docs:
        if self._docs is not None:
            return sets.common(docs, self._docs)
        return reading.kept(self._data, self._row, self._documents, docs)

    def score(self, docs: Docs, norms: Norms, factor: float, scores: Scores) -> None:
        reading.score_list(self._data, self._row, self._documents, docs, norms, factor, scores)

    def score_all(self, documents: int, norms: Norms, factor: float, table: Scores) -> None:
        reading.score_all(self._data, self._row, documents, norms, factor, table)


class Found:
    """Documents and frequencies, as arrays of one length."""

    __slots__ = ("_docs", "_freqs", "count")

    def __init__(self, docs: Docs, freqs: NDArray[np.int32]) -> None:
        self._docs, self._freqs = docs, freqs
        self.count = len(docs)

    def docs(self) -> Docs:
        return self._docs

    def keep(self, docs: Docs) -> Docs:
        return sets.common(docs, self._docs)

    def score(self, docs: Docs, norms: Norms, factor: float, scores: Scores) -> None:
        reading.score_found(self._docs, self._freqs, docs, norms, factor, scores)

    def score_all(self, documents: int, norms: Norms, factor: float, table: Scores) -> None:
        freqs = self._freqs.astype(np.float32)
        table[self._docs] += np.float32(factor) * freqs / (freqs + norms[self._docs])


NOWHERE = Found(sets.NONE, np.zeros(0, np.int32))


def occurrences(
    data: NDArray[np.uint8], rows: Rows, documents: int, live: NDArray[np.bool_] | None
) -> Occurrences:
    """Where a string is, given the rows of its terms; documents that are not ``live`` are left out."""
    if not len(rows):
        return NOWHERE
    if len(rows) == 1 and live is None:
        return Listed(data, rows[0], documents)
    docs, freqs = reading.string_in(data, rows, documents, sets.NONE, False)
    if live is None:
        return Found(docs, freqs)
    mask = live[docs]
    return Found(docs[mask], freqs[mask])
