"""The compiled loop that looks for a query's strings says what looking for each of them by itself says."""

from bisect import bisect_left

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.search.finding import chosen
from searchsvc.search.matches import Finder
from searchsvc.search.needles import Needle

SIGNS = [
    *"石破茂後后，。𠮷é\n",
    "e\u0301",
    "葛\U000e0100",
    "\u00ad",
    "\u200d",
    " ",
    "\u3000",
    "G20",
    "a",
    "b1",
    "ａ",
    "Ⅳ",
]
texts = st.lists(st.sampled_from(SIGNS), max_size=40).map("".join)
needles = st.lists(
    st.builds(
        Needle,
        st.lists(st.sampled_from(SIGNS), max_size=4).map("".join),
        prefix=st.booleans(),
        quiet=st.sampled_from([False, False, True]),
    ),
    max_size=5,
)
MOST, REACH, APART = 2, 7, 11


@given(texts, needles)
def test_it_finds_what_looking_for_one_string_after_another_finds(text: str, asked: list[Needle]) -> None:
    finder = Finder(asked)
    assert [tuple(place) for place in finder.places(text).tolist()] == list(finder.places_one_by_one(text))


def test_a_text_with_more_places_than_there_is_room_for_at_first_has_all_of_them() -> None:
    found = Finder([Needle("石")]).places("石破" * 1_000)
    assert found[:, 0].tolist() == list(range(0, 2_000, 2))


def test_lone_surrogates_are_signs_like_others() -> None:
    assert Finder([Needle("石")]).places("\ud800石\udfff").tolist() == [[1, 2, 0]]


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3)), max_size=40))
def test_the_passages_chosen_show_the_most_that_is_new_and_then_the_most(
    drawn: list[tuple[int, int]],
) -> None:
    starts = np.cumsum([step for step, _ in drawn], dtype=np.int64).tolist()
    kinds = [kind for _, kind in drawn]
    found = np.array([(start, start + 1, kind) for start, kind in zip(starts, kinds, strict=True)], np.int64)
    assert chosen(found.reshape(-1, 3), MOST, REACH, APART).tolist() == plainly_chosen(starts, kinds)


def plainly_chosen(starts: list[int], kinds: list[int]) -> list[int]:
    """The same, each window counted by itself."""
    ends = [bisect_left(starts, start + REACH) for start in starts]
    picked: list[int] = []
    shown: set[int] = set()
    for _ in range(MOST):
        left = [
            at for at, start in enumerate(starts) if all(abs(start - starts[one]) > APART for one in picked)
        ]
        news = {at: len({*kinds[at : ends[at]]} - shown) for at in left}
        best = max(left, key=lambda at: (news[at], ends[at] - at, -at), default=None)
        if best is None or (picked and not news[best]):
            break
        picked.append(best)
        shown |= {*kinds[best : ends[best]]}
    return sorted(picked)
