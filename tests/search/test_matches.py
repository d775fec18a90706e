"""Spans: what is marked is what matched, whole, in the article's own script."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.search.needles import Needle
from searchsvc.text.terms import squeeze
from tests.build import spans

ALPHABET = "石破茂后後鐘钟a1b -，\n\u200b\ufe0e\u0301𠮷"
texts = st.text(ALPHABET, max_size=60)


def marked(text: str, *words: str) -> list[str]:
    return [text[start:end] for start, end in spans(text, [Needle(word) for word in words])]


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("通了五分钟的电话", "五分鐘的電話", ["五分钟的电话"]),
        ("通了五分鐘的電話", "五分钟的电话", ["五分鐘的電話"]),
        ("石破茂和石破茂", "石破茂", ["石破茂", "石破茂"]),
        ("石破\n茂", "石破茂", ["石破\n茂"]),
        ("出席G20 峰会", "G20峰會", ["G20 峰会"]),
        ("在𠮷野家吃飯", "𠮷野家", ["𠮷野家"]),
        ("class classes", "class", ["class"]),
        ("111月18日", "11月18日", []),
        ("Cafe\u0301 là", "café", ["Cafe\u0301"]),
        ("covid19 covid-19 covid 19", "covid-19", ["covid-19"]),
    ],
)
def test_marks(text: str, word: str, expected: list[str]) -> None:
    assert marked(text, word) == expected


def test_of_overlapping_matches_the_first_and_longest_is_marked() -> None:
    assert marked("石破茂", "石破", "石破茂", "破茂") == ["石破茂"]


def test_a_prefix_marks_whole_words() -> None:
    text = "Volvo and volt, revolve"
    assert [text[start:end] for start, end in spans(text, [Needle("vol", prefix=True)])] == ["Volvo", "volt"]


@given(texts, st.lists(st.text(ALPHABET, min_size=1, max_size=4), max_size=3))
def test_spans_are_ordered_apart_inside_and_fold_to_what_was_asked(text: str, words: list[str]) -> None:
    found = spans(text, [Needle(word) for word in words])
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert all(left[1] <= right[0] for left, right in pairwise(found))
    wanted = {squeeze(word).text for word in words}
    assert {squeeze(text[start:end]).text for start, end in found} <= wanted
