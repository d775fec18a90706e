"""Passages: the stretches that tell most, with every match in them marked."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.search.highlight import LENGTH, MOST_PASSAGES, STRETCH, passages
from searchsvc.search.needles import Needle
from searchsvc.search.results import Span
from tests.build import article, spans

FILLER = "天气晴朗，市民出游。" * 30
texts = st.lists(
    st.sampled_from([*"石破茂，。\n", "特朗普", "𠮷", "天气晴朗" * 20, "a", " ", "b1", "後", "后"]),
    max_size=60,
).map("".join)
words = st.lists(
    st.sampled_from(["石破茂", "特朗普", "後", "𠮷", "a", "b1", "石", "破茂特"]), max_size=4, unique=True
)


def shown(text: str, *words: str, title: str = "标题") -> list[str]:
    """The passages with their matches in brackets."""
    out = []
    for passage in passages(article(title, text), [Needle(word) for word in words]):
        marked = passage.text
        for start, end in reversed(passage.spans):
            marked = f"{marked[:start]}[{marked[start:end]}]{marked[end:]}"
        out.append(marked)
    return out


def test_the_passage_with_most_of_what_was_asked_is_shown_and_not_the_first() -> None:
    text = f"石破茂来了。{FILLER}石破茂和特朗普通了电话。{FILLER}石破茂走了。"
    (passage,) = shown(text, "石破茂", "特朗普")
    assert passage.startswith("[石破茂]和[特朗普]通了电话。")


def test_of_passages_with_the_same_words_the_one_with_more_matches_is_shown() -> None:
    text = f"石破茂来了。{FILLER}石破茂说，石破茂在，石破茂也在。{FILLER}"
    assert shown(text, "石破茂")[0].startswith("[石破茂]说，[石破茂]在，[石破茂]也在。")


def test_what_no_passage_has_together_is_shown_in_two() -> None:
    text = f"特朗普来了。{FILLER}石破茂也来了。{FILLER}石破茂走了。"
    first, second = shown(text, "石破茂", "特朗普")
    assert first.startswith("[特朗普]来了。")
    assert second.startswith("[石破茂]也来了。")


def test_a_passage_begins_with_its_sentence_and_says_that_it_is_cut() -> None:
    (passage,) = passages(article("标题", f"{FILLER}昨天，石破茂来了。{FILLER}"), [Needle("石破茂")])
    assert passage.text.startswith("昨天，石破茂来了。")
    assert (passage.cut_before, passage.cut_after) == (True, True)


@pytest.mark.parametrize("before", [0, STRETCH - 2, STRETCH, STRETCH + 1, 3 * STRETCH + 50])
def test_in_a_very_long_text_a_match_is_shown_wherever_it_is(before: int) -> None:
    text = f"{'晴' * before}石破茂{'晴' * 2 * STRETCH}"
    (passage,) = passages(replace(article(), text=text), [Needle("石破茂")])
    assert [passage.text[start:end] for start, end in passage.spans] == ["石破茂"]
    assert passage.text in text


def test_a_passage_cuts_no_word_and_no_match_in_two() -> None:
    words = " ".join(f"President{number}" for number in range(60))
    text = f"{words} 石破茂 {words} {'特' * 5}"
    (passage,) = passages(article("标题", text), [Needle("石破茂"), Needle("President58 President59")])
    assert set(passage.text.split()) <= {*words.split(), "石破茂"}
    assert [passage.text[start:end] for start, end in passage.spans] == ["President58 President59", "石破茂"]


def test_two_passages_do_not_show_the_same_twice() -> None:
    text = f"石破茂来了{'，天' * 55}，特朗普{'，晴' * 200}。"
    first, second = passages(article("标题", text), [Needle("石破茂"), Needle("特朗普")])
    assert first.cut_after
    assert f"{first.text}{second.text}" in text


@pytest.mark.parametrize("field", ["title", "body"])
def test_what_is_asked_of_one_field_is_not_marked_in_the_other(field: str) -> None:
    needle = Needle("石破茂", fields=(field,))  # type: ignore[arg-type]
    found = passages(article("石破茂来了", "石破茂来了。"), [needle])
    assert {passage.field for passage in found if passage.spans} == {"title" if field == "title" else "text"}


@given(texts, texts, words)
def test_every_match_in_a_passage_is_marked_and_nothing_else(title: str, text: str, asked: list[str]) -> None:
    one, needles = replace(article(), title=title, text=text), [Needle(word) for word in asked]
    found = passages(one, needles)
    assert len([passage for passage in found if passage.field == "text"]) <= MOST_PASSAGES
    for passage in found:
        whole = title if passage.field == "title" else text
        everywhere = spans(whole, needles)
        assert passage.spans in [
            inside(everywhere, at, len(passage.text)) for at in places(whole, passage.text)
        ]
        assert all(left[1] <= right[0] for left, right in pairwise(passage.spans))
        assert len(passage.whys) == len(passage.spans)
        assert passage.field == "title" or len(passage.text) < LENGTH + 60


def places(text: str, part: str) -> list[int]:
    """Where a passage may have been cut out; a line break in it is a space."""
    plain = text.replace("\n", " ") if part not in text else text
    return [at for at in range(len(plain) - len(part) + 1) if plain.startswith(part, at)]


def inside(spans: tuple[Span, ...], at: int, length: int) -> tuple[Span, ...]:
    """The spans within a part of a text, as of that part."""
    return tuple((start - at, end - at) for start, end in spans if at <= start and end <= at + length)
