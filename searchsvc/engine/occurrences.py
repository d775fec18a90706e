"""Where a string occurs in a segment: documents, and how often in each, by arrays.

A string of one term is that term's posting list. A longer one is found in three steps, each on
what the one before has left:

1. Of its terms only as many are read as leave no character out, the rarest first. The words have
   to be there as wholes, and every sign must be in one of the pairs; since places are compared,
   the other pairs follow. 中华人民共和国 needs four pairs of its six.
2. Documents that have all of those.
3. In these, the places, each moved back by its distance from the beginning of the string: where
   all terms point to the same beginning, there the string is. A document and a place make one
   64-bit number, so this too is an intersection of sorted arrays.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.listing import List
from searchsvc.engine.postings import Ints
from searchsvc.engine.segment import FieldFile
from searchsvc.text.terms import Term

# So many times fewer is few: what can be looked up one by one.
FEW = 16
# A few documents are looked up among others by bisection, many by a table of all documents. Measured:
# bisection takes 16 ns for each, a write to the table 1; clearing it takes 1 ns for 8 documents where
# it has indices, for 32 where it has truth values.
STEP, CLEARED, CLEARED_BITS = 16, 8, 32

Freqs = NDArray[np.unsignedinteger]


class Occurrences:
    """Documents, ascending; and how often it occurs in each, read when first asked for."""

    __slots__ = ("_freqs", "_kept", "_list", "docs")

    def __init__(self, docs: Ints, freqs: Freqs | None = None, found: List | None = None) -> None:
        self.docs = docs
        self._freqs, self._list = freqs, found
        self._kept: Ints | None = None

    def only(self, kept: Ints) -> "Occurrences":
        """Some of these, by their indices."""
        some = Occurrences(self.docs[kept], None if self._freqs is None else self._freqs[kept], self._list)
        some._kept = kept if self._kept is None else self._kept[kept]
        return some

    def freqs(self, index: Ints | None = None) -> Freqs | None:
        """How often it occurs in each document, or in some by their index; None if once everywhere."""
        if self._list is not None:
            if index is not None and len(index) * FEW < len(self.docs):
                return self._list.freqs_of(index if self._kept is None else self._kept[index])
            whole = self._list.freqs()
            self._freqs = whole if whole is None or self._kept is None else whole[self._kept]
            self._list = None
        if index is None or self._freqs is None:
            return self._freqs
        return self._freqs[index]


NOWHERE = Occurrences(np.zeros(0, np.intp))


def listed(field: FieldFile, parts: Sequence[Term]) -> list[tuple[Term, List]]:
    """The posting lists of a string's terms; none at all if one of them does not occur."""
    lists = []
    for part in parts:
        found = field.list(part.kind, part.text)
        if found is None:
            return []
        lists.append((part, found))
    return lists


def occurrences(lists: Sequence[tuple[Term, List]]) -> Occurrences:
    """Where a string is, given the posting lists of its terms."""
    if not lists:
        return NOWHERE
    if len(lists) == 1:
        return Occurrences(lists[0][1].docs(), found=lists[0][1])
    return _together(cover(lists))


def cover(lists: Sequence[tuple[Term, List]]) -> list[tuple[Term, List]]:
    """Terms that leave no character out, rarest first."""
    chosen, open_ = [], set()
    for part, found in lists:
        if part.kind == "word":
            chosen.append((part, found))
        else:
            open_ |= {part.place, part.place + 1}
    for part, _ in chosen:
        open_ -= set(range(part.place, part.place + part.length))
    pairs = [item for item in lists if item[0].kind == "pair"]
    for part, found in sorted(pairs, key=lambda item: item[1].df):
        if not open_.isdisjoint((part.place, part.place + 1)):
            chosen.append((part, found))
            open_ -= {part.place, part.place + 1}
    return sorted(chosen, key=lambda item: item[1].df)


def _together(lists: Sequence[tuple[Term, List]]) -> Occurrences:
    (first, rarest), *others = lists
    docs = rarest.docs()
    indices = [np.arange(len(docs))]
    for _, found in others:
        index = locate(found.docs(), docs, found.documents)
        kept = np.flatnonzero(index >= 0)
        if not len(kept):
            return NOWHERE
        if len(kept) < len(docs):
            docs, index, indices = docs[kept], index[kept], [one[kept] for one in indices]
        indices.append(index)
    begins = _begins(rarest, indices[0], first.place)
    for (part, found), index in zip(others, indices[1:], strict=True):
        begins = common(begins, _begins(found, index, part.place))
    counts = np.bincount(begins >> 32, minlength=len(docs))
    there = np.flatnonzero(counts)
    return Occurrences(docs[there], counts[there].astype(np.uint32))


def _begins(found: List, index: Ints, place: int) -> Ints:
    """Where the string would begin: the number of the document, shifted, plus the place."""
    places, lengths = found.places_of(index)
    begins = np.repeat(np.arange(len(index)) << 32, lengths)
    begins += places
    begins -= place
    return begins


def common(left: Ints, right: Ints) -> Ints:
    """What is in both of two ascending arrays without repetitions."""
    if len(left) > len(right):
        left, right = right, left
    if not len(left):
        return left
    at = np.searchsorted(right, left)
    at[at == len(right)] = 0
    return left[right[at] == left]


def locate(among: Ints, wanted: Ints, documents: int) -> Ints:
    """The index of each wanted document in an ascending array, -1 where it is not there."""
    if len(wanted) * STEP < len(among) + documents // CLEARED:
        if not len(among):
            return np.full(len(wanted), -1)
        at = np.searchsorted(among, wanted)
        at[at == len(among)] = 0
        return np.where(among[at] == wanted, at, -1)
    table = np.full(documents, -1, np.int32)
    table[among] = np.arange(len(among), dtype=np.int32)
    return table.take(wanted).astype(np.intp)


def within(docs: Ints, others: Ints, documents: int) -> NDArray[np.bool_]:
    """Which documents are among the others."""
    if len(docs) * STEP < len(others) + documents // CLEARED_BITS:
        if not len(others):
            return np.zeros(len(docs), bool)
        at = np.searchsorted(others, docs)
        at[at == len(others)] = 0
        return np.asarray(others[at] == docs)
    table = np.zeros(documents, bool)
    table[others] = True
    return table.take(docs)


def union(parts: Sequence[Ints], documents: int) -> Ints:
    """The documents that are in any of several ascending arrays."""
    parts = sorted(parts, key=len)
    few, most = sum(map(len, parts[:-1])), parts[-1]
    if not few:
        return most
    if few * FEW < len(most):
        return _with_few(most, parts[0] if len(parts) == 2 else _united(parts[:-1]))
    if (few + len(most)) * 4 < documents:
        return _united(parts)
    table = np.zeros(documents, bool)
    for part in parts:
        table[part] = True
    return np.flatnonzero(table)


def _united(parts: Sequence[Ints]) -> Ints:
    """A stable sort merges what is in order already; np.unique would hash, at 30 times the cost."""
    together = np.concatenate(parts)
    together.sort(kind="stable")
    return together[np.append(True, together[1:] != together[:-1])]


def _with_few(most: Ints, few: Ints) -> Ints:
    """A long array with a few more. Titles against texts: mostly there is nothing to add."""
    at = np.searchsorted(most, few)
    inside = at < len(most)
    inside[inside] = most[at[inside]] == few[inside]
    new = np.flatnonzero(~inside)
    if not len(new):
        return most
    slots = at[new] + np.arange(len(new))
    others = np.ones(len(most) + len(new), bool)
    others[slots] = False
    out = np.empty(len(others), np.intp)
    out[others] = most
    out[slots] = few[new]
    return out
