"""Ascending arrays of documents: what they have in common, together, apart, and what filters leave."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.compiled import DOCS, INT, NUMBERS, TRUTHS, compiled, inlined

Docs = NDArray[np.int32]
NONE: Docs = np.zeros(0, np.int32)
# So many documents for one that is marked: from there on, marking and reading all marks is quicker.
SPARSE = 16
# Arrays that are dense, and of which none is so many times as long as the other, are compared by marks
# as well; else the longer one is searched.
NEAR = 4


@inlined
def _gallop(docs: Any, i: Any, wanted: Any) -> Any:
    """The first place from ``i`` whose document is not before the one wanted."""
    end, step = len(docs), 1
    if i >= end or docs[i] >= wanted:
        return i
    while i + step < end and docs[i + step] < wanted:
        i += step
        step <<= 1
    i += 1
    end = min(end, i + step)
    while i < end:
        middle = (i + end) >> 1
        if docs[middle] < wanted:
            i = middle + 1
        else:
            end = middle
    return i


@inlined
def _marked(docs: Any, documents: Any) -> Any:
    marks = np.zeros(documents, np.bool_)
    for doc in docs:
        marks[doc] = True
    return marks


@compiled(DOCS, DOCS)
def common(left: Docs, right: Docs) -> Docs:
    """What is in both."""
    few, many = (left, right) if len(left) <= len(right) else (right, left)
    out = np.empty(len(few), np.int32)
    n = j = 0
    if not len(few):
        return out
    if len(few) * NEAR > len(many) and len(many) * SPARSE > many[-1]:
        marks = _marked(many, max(few[-1], many[-1]) + 1)
        for doc in few:
            out[n] = doc
            n += marks[doc]
        return out[:n]
    for doc in few:
        j = _gallop(many, j, doc)
        if j == len(many):
            break
        out[n] = doc
        n += many[j] == doc
    return out[:n]


@compiled(DOCS, DOCS)
def without(docs: Docs, others: Docs) -> Docs:
    """What is in the first only."""
    out = np.empty(len(docs), np.int32)
    n = j = 0
    if not len(docs) or not len(others):
        return docs.copy()
    if len(docs) * NEAR > len(others) and len(others) * SPARSE > others[-1]:
        marks = _marked(others, max(docs[-1], others[-1]) + 1)
        for doc in docs:
            out[n] = doc
            n += not marks[doc]
        return out[:n]
    for doc in docs:
        j = _gallop(others, j, doc)
        out[n] = doc
        n += j == len(others) or others[j] != doc
    return out[:n]


@compiled(DOCS, DOCS, INT)
def union(left: Docs, right: Docs, documents: int) -> Docs:
    """What is in either."""
    few, many = (left, right) if len(left) <= len(right) else (right, left)
    if not len(few):
        return many.copy()
    out = np.empty(len(few) + len(many), np.int32)
    n = j = 0
    if len(few) * 8 < len(many):
        for doc in few:
            upto = _gallop(many, j, doc)
            out[n : n + upto - j] = many[j:upto]
            n += upto - j
            j = upto
            if j == len(many) or many[j] != doc:
                out[n] = doc
                n += 1
        out[n : n + len(many) - j] = many[j:]
        return out[: n + len(many) - j]
    if len(out) * SPARSE < documents:
        i = 0
        while i < len(few) and j < len(many):
            a, b = few[i], many[j]
            out[n] = min(a, b)
            i += a <= b
            j += b <= a
            n += 1
        for doc in few[i:]:
            out[n] = doc
            n += 1
        for doc in many[j:]:
            out[n] = doc
            n += 1
        return out[:n]
    marks = np.zeros(documents, np.bool_)
    for doc in few:
        marks[doc] = True
    for doc in many:
        marks[doc] = True
    # One more, for the last write, which does not count.
    out = np.empty(len(few) + len(many) + 1, np.int32)
    for number in range(documents):
        out[n] = number
        n += marks[number]
    return out[:n]


@compiled(DOCS, NUMBERS, INT, INT)
def in_range(docs: Docs, ranks: NDArray[np.uint32], low: int, high: int) -> Docs:
    """The documents whose rank is from ``low`` to below ``high``."""
    out = np.empty(len(docs), np.int32)
    n: Any = 0
    for doc in docs:
        rank = np.int64(ranks[doc])
        out[n] = doc
        n += low <= rank < high
    return out[:n]


@compiled(DOCS, NUMBERS, TRUTHS)
def in_sources(docs: Docs, ordinals: NDArray[np.uint32], wanted: NDArray[np.bool_]) -> Docs:
    """The documents whose ordinal is wanted."""
    out = np.empty(len(docs), np.int32)
    n = 0
    for doc in docs:
        out[n] = doc
        n += wanted[ordinals[doc]]
    return out[:n]


@compiled(DOCS, TRUTHS)
def marked(docs: Docs, marks: NDArray[np.bool_]) -> Docs:
    """The documents that are marked."""
    out = np.empty(len(docs), np.int32)
    n = 0
    for doc in docs:
        out[n] = doc
        n += marks[doc]
    return out[:n]
