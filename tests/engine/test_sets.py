"""Operations on ascending documents against Python's sets, few and many."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.engine import sets
from searchsvc.engine.sets import Docs

DOCUMENTS = 3_000


@st.composite
def ascending(draw: st.DrawFn) -> Docs:
    """A few documents, or every so many-th of all: all ways to work on them are tried."""
    few = draw(st.sets(st.integers(0, DOCUMENTS - 1), max_size=30))
    step = draw(st.sampled_from([0, 1, 2, 7, 50, 400]))
    many = range(draw(st.integers(0, 50)), DOCUMENTS, step) if step else ()
    return np.array(sorted(few.union(many)), np.int32)


@given(ascending(), ascending())
def test_two_are_taken_together_and_apart(left: Docs, right: Docs) -> None:
    one, other = set(left.tolist()), set(right.tolist())
    assert sets.common(left, right).tolist() == sorted(one & other)
    assert sets.without(left, right).tolist() == sorted(one - other)
    assert sets.union(left, right, DOCUMENTS).tolist() == sorted(one | other)


@given(ascending(), st.integers(0, 8), st.integers(0, 8), st.sets(st.integers(0, 6)))
def test_filters_keep_what_a_column_says(docs: Docs, low: int, high: int, chosen: set[int]) -> None:
    column = (np.arange(DOCUMENTS) * 5 % 7).astype(np.uint32)
    wanted = np.isin(np.arange(7), sorted(chosen))
    in_range = [doc for doc in docs.tolist() if low <= column[doc] < high]
    assert sets.in_range(docs, column, low, high).tolist() == in_range
    kept = [doc for doc in docs.tolist() if column[doc] in chosen]
    assert sets.in_sources(docs, column, wanted).tolist() == kept
    assert sets.marked(docs, wanted[column]).tolist() == kept
