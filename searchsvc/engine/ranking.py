"""The best few of many, and counts: what remains of the hits on a page."""

from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.engine.compiled import DOCS, FLOATS, INT, NUMBERS, compiled, inlined, readonly
from searchsvc.engine.sets import Docs

Ints = NDArray[np.int64]
LONGS = readonly(types.int64)


@inlined
def _worse(keys: Any, left: Any, right: Any) -> Any:
    """Whether one index comes after another: a smaller key, or the same one further on."""
    return keys[left] < keys[right] or (keys[left] == keys[right] and left > right)


@inlined
def _sift(keys: Any, heap: Any, size: Any, at: Any) -> Any:
    """Move an entry down until none below it is worse."""
    entry = heap[at]
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and _worse(keys, heap[child + 1], heap[child]):
            child += 1
        if not _worse(keys, heap[child], entry):
            break
        heap[at] = heap[child]
        at = child
    heap[at] = entry


def _best(keys: NDArray[Any], count: int) -> Ints:
    """The indices of the ``count`` greatest keys, greatest first; equal keys in their order.

    A heap whose top is the worst of the best so far: most keys are compared with that one only.
    """
    size = min(count, len(keys))
    heap = np.arange(size)
    if not size:
        return heap
    for at in range(size // 2 - 1, -1, -1):
        _sift(keys, heap, size, at)
    bound = keys[heap[0]]
    for index in range(size, len(keys)):
        if keys[index] > bound:
            heap[0] = index
            _sift(keys, heap, size, 0)
            bound = keys[heap[0]]
    for last in range(size - 1, 0, -1):
        heap[0], heap[last] = heap[last], heap[0]
        _sift(keys, heap, last, 0)
    return heap


best_scores = compiled(FLOATS, INT)(_best)
best_ranks = compiled(NUMBERS, INT)(_best)


@compiled(FLOATS)
def count_positive(scores: NDArray[np.float32]) -> int:
    """How many scores are above nothing."""
    count = 0
    for score in scores:
        count += score > 0
    return count


@compiled(DOCS, NUMBERS)
def ranks_of(docs: Docs, ranks: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The ranks of documents, as keys to sort by."""
    keys = np.empty(len(docs), np.uint32)
    for k in range(len(docs)):
        keys[k] = ranks[docs[k]]
    return keys


@compiled(DOCS, NUMBERS, INT)
def count_ordinals(docs: Docs, ordinals: NDArray[np.uint32], distinct: int) -> Ints:
    """How many documents have each ordinal, shape (distinct,)."""
    counts = np.zeros(distinct, np.int64)
    for doc in docs:
        counts[ordinals[doc]] += 1
    return counts


@compiled(DOCS, NUMBERS, LONGS)
def count_ranks(docs: Docs, ranks: NDArray[np.uint32], edges: Ints) -> Ints:
    """How many documents have a rank between each two of the ascending edges, shape (edges - 1,)."""
    buckets = len(edges) - 1
    counts = np.zeros(buckets, np.int64)
    for doc in docs:
        rank = np.int64(ranks[doc])
        if edges[0] <= rank < edges[-1]:
            low, high = 0, buckets
            while low < high:
                middle = (low + high) >> 1
                if edges[middle + 1] <= rank:
                    low = middle + 1
                else:
                    high = middle
            counts[low] += 1
    return counts


@compiled(NUMBERS, LONGS, INT)
def buckets_of(ranks: NDArray[np.uint32], edges: Ints, distinct: int) -> NDArray[np.uint16]:
    """Between which two of at most 65,535 ascending edges the rank of each document is.

    One more than the last bucket for those outside. All ranks are below ``distinct``.
    """
    buckets = len(edges) - 1
    table = np.full(distinct, buckets, np.uint16)
    for bucket in range(buckets):
        table[edges[bucket] : edges[bucket + 1]] = bucket
    out = np.empty(len(ranks), np.uint16)
    for doc in range(len(ranks)):
        out[doc] = table[ranks[doc]]
    return out


@compiled(DOCS, readonly(types.uint16), INT)
def count_buckets(docs: Docs, buckets: NDArray[np.uint16], distinct: int) -> Ints:
    """How many documents are in each bucket, shape (distinct,); those in none are not counted."""
    counts = np.zeros(distinct + 1, np.int64)
    for doc in docs:
        counts[buckets[doc]] += 1
    return counts[:distinct]
