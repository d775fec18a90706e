"""The best of many against a stable sort, counts against counting."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.engine.ranking import (
    best_ranks,
    best_scores,
    buckets_of,
    count_buckets,
    count_ordinals,
    count_positive,
    count_ranks,
    ranks_of,
)


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(0, 60), st.sampled_from([1, 300]))
def test_the_best_are_those_a_stable_sort_puts_first(keys: list[int], count: int, times: int) -> None:
    numbers = np.array(keys * times, np.int64)
    stable = sorted(range(len(numbers)), key=lambda index: -numbers[index])
    assert best_ranks(numbers.astype(np.uint32), count).tolist() == stable[:count]
    assert best_scores(numbers.astype(np.float32), count).tolist() == stable[:count]
    assert count_positive(numbers.astype(np.float32)) == np.count_nonzero(numbers)


@given(
    st.lists(st.integers(0, 30), max_size=60),
    st.lists(st.integers(0, 31), min_size=2, max_size=6, unique=True).map(sorted),
)
def test_ranks_are_counted_between_edges(values: list[int], edges: list[int]) -> None:
    docs, ranks = np.arange(len(values), dtype=np.int32), np.array(values, np.uint32)
    wanted = [sum(low <= rank < high for rank in values) for low, high in pairwise(edges)]
    assert count_ranks(docs, ranks, np.array(edges)).tolist() == wanted
    buckets = buckets_of(ranks, np.array(edges), 31)
    assert count_buckets(docs, buckets, len(edges) - 1).tolist() == wanted


@given(st.lists(st.integers(0, 9), min_size=1, max_size=50), st.data())
def test_columns_are_read_for_some_documents(values: list[int], data: st.DataObject) -> None:
    chosen = sorted(data.draw(st.sets(st.integers(0, len(values) - 1))))
    docs, column = np.array(chosen, np.int32), np.array(values, np.uint32)
    assert ranks_of(docs, column).tolist() == [values[doc] for doc in chosen]
    counts = [sum(values[doc] == ordinal for doc in chosen) for ordinal in range(10)]
    assert count_ordinals(docs, column, 10).tolist() == counts
