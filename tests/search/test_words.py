"""A run of text → the words in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.search.words import is_particle, split_mixed, split_words


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("日美关系", "日美 关系"),
        ("石破茂特朗普会晤", "石破茂 特朗普 会晤"),  # The dictionary does not know 石破茂.
        ("唐纳德·特朗普", "唐纳德·特朗普"),
        ("G20峰会", "G20峰会"),
        ("2024年第三季度出口增长", "2024年 第三季度 出口 增长"),
        # Folded text has to be written as the dictionary writes, or 和平 would be unknown.
        ("了解和平与农村管理规划", "了解 和平 与 农村 管理 规划"),
        ("瞭解和平與農村管理規劃", "瞭解 和平 與 農村 管理 規劃"),
        # Particles are no part of a name, and letters no part of the words beside them.
        ("格物致知是谁的理念", "格物致知 是 谁 的 理念"),
        ("OpenCourseWare指什么东西", "OpenCourseWare 指 什么 东西"),
    ],
)
def test_words_of_a_run(run: str, words: str) -> None:
    assert split_words(run) == words.split()


def test_a_short_mixed_run_has_words_too() -> None:
    assert split_mixed("G20峰会") == ["G20", "峰会"]
    assert split_mixed("11月18日") == ["11月18日"]


def test_particles_are_known_in_both_scripts() -> None:
    assert all(map(is_particle, "的了與与誰谁們"[:-1]))
    assert not any(map(is_particle, ["石", "什么", ""]))


@given(st.text(max_size=60))
def test_no_character_is_lost(text: str) -> None:
    assert "".join(split_mixed(text)) == text
