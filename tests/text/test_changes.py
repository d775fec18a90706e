"""Two versions of a text: nothing is lost, and what differs is told as an editor would."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.text.changes import changes, counted

texts = st.text(st.sampled_from("石破茂说。，\n他们a1 b2𠮷"), max_size=40)


def told(old: str, new: str) -> str:
    """Both texts in one line: [-gone-] and {+new+}."""
    signs = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    return "".join(
        signs[each.kind].format((old if each.kind == "gone" else new)[each.start : each.end])
        for each in changes(old, new)
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", ""),
        ("一样。", "一样。", "一样。"),
        ("", "新的。", "{+新的。+}"),
        ("旧的。", "", "[-旧的。-]"),
        ("伊凡卡夫妇", "伊万卡夫妇", "伊[-凡-]{+万+}卡夫妇"),
        ("渡轮再掀舆论风波", "渡轮掀风波", "渡轮[-再-]掀[-舆论-]风波"),
        ("会议在五月开。大家都来。", "会议在六月开。大家都来。", "会议在[-五-]{+六+}月开。大家都来。"),
        ("甲。乙。丙。", "甲。丙。", "甲。[-乙。-]丙。"),
        ("甲。\n丙。", "甲。\n乙。\n丙。", "甲。\n{+乙。\n+}丙。"),
        # Words in letters and numbers are changed as a whole.
        ("the ferry of 2020", "the ferries of 2021", "the [-ferry-]{+ferries+} of [-2020-]{+2021+}"),
        # One character in common is chance.
        ("张三和王五来了", "李四和赵六来了", "[-张三和王五-]{+李四和赵六+}来了"),
        ("𠮷野家开门", "𠮷野家关门", "𠮷野家[-开-]{+关+}门"),
    ],
)  # fmt: skip
def test_what_differs_is_told_as_an_editor_would(old: str, new: str, expected: str) -> None:
    assert told(old, new) == expected


def test_a_sentence_that_moved_is_gone_in_one_place_and_new_in_the_other() -> None:
    assert told("早上下雨。中午放晴。晚上刮风。", "中午放晴。晚上刮风。早上下雨。") == (
        "[-早上下雨。-]中午放晴。晚上刮风。{+早上下雨。+}"
    )


@given(texts, texts)
def test_both_texts_can_be_read_from_their_changes(old: str, new: str) -> None:
    made = changes(old, new)
    pieces = [(old if each.kind == "gone" else new)[each.start : each.end] for each in made]
    assert "".join(piece for piece, each in zip(pieces, made, strict=True) if each.kind != "gone") == new
    assert "".join(piece for piece, each in zip(pieces, made, strict=True) if each.kind != "new") == old
    assert all(pieces)
    assert all(left.kind != right.kind for left, right in pairwise(made))


@given(texts)
def test_a_text_is_the_same_as_itself(text: str) -> None:
    assert {each.kind for each in changes(text, text)} <= {"same"}


def test_new_and_gone_characters_are_counted() -> None:
    assert counted(changes("甲。乙乙。丙。", "甲。丙。丁丁丁。")) == (4, 3)


LONG = 100_000
ANY = random.Random(5)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("一" * LONG, "一" * (LONG - 1) + "二"),
        ("ab，" * (LONG // 3), "ba，" * (LONG // 3)),
        ("，".join(map(str, range(20_000))), "，".join(map(str, range(20_000, 0, -1)))),
        ("".join(ANY.choices("的一是不了人", k=LONG)), "".join(ANY.choices("的一是不了人", k=LONG))),
        ("\n" * LONG, "。" * LONG),
        ("(" * LONG, ")" * LONG),
    ],
    ids=["alike", "turned", "reversed", "few-signs", "breaks", "unlike"],
)
def test_long_texts_made_to_be_hard_are_compared_too(old: str, new: str) -> None:
    # difflib takes minutes for some of these.
    made = changes(old, new)
    assert sum(each.end - each.start for each in made if each.kind != "gone") == len(new)
