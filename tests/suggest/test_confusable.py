"""The tables of what sounds and looks alike."""

import pytest
from pypinyin.constants import PINYIN_DICT

from searchsvc.suggest.confusable import SHAPES, Confusable, load_confusable
from searchsvc.suggest.make_sounds import SOUNDS, readings
from searchsvc.text.fold import fold


@pytest.mark.parametrize(
    ("char", "other"), [("郎", "朗"), ("石", "时"), ("印", "银"), ("行", "航"), ("率", "绿")]
)
def test_characters_that_sound_alike(char: str, other: str) -> None:
    confusable = load_confusable()
    assert other in confusable.sounding_like(char)
    assert confusable.sound_alike(char, other)
    assert char not in confusable.sounding_like(char)


@pytest.mark.parametrize(
    ("char", "other"), [("陈", "程"), ("林", "凌"), ("是", "四"), ("刘", "牛"), ("黄", "方")]
)
def test_characters_that_sound_nearly_alike(char: str, other: str) -> None:
    confusable = load_confusable()
    near = list(confusable.sounding_near(char))
    assert (other in near) == ((char, other) != ("黄", "方"))


@pytest.mark.parametrize(
    "group",
    [
        "己已巳",
        "未末",
        "戊戌戍戎",
        "土士",
        "日曰",
        "千干于",
        "拆折析",
        "辨辩辫瓣",
        "候侯",
        "徒徙",
        "乌鸟",
        "崇祟",
        "茶荼",
    ],
)
def test_characters_that_look_alike(group: str) -> None:
    confusable = load_confusable()
    for char in fold(group):
        assert set(fold(group)) - {char} <= set(confusable.looking_like(char))


def test_the_table_of_shapes_is_large_and_of_groups() -> None:
    lines = [line for line in SHAPES.read_text().splitlines() if not line.startswith("#")]
    groups = [group for line in lines for group in line.split()]
    assert len(groups) >= 150
    assert [group for group in groups if len(set(fold(group))) < 2] == []


def test_the_table_of_sounds_is_what_pypinyin_says() -> None:
    rows = [line.split("\t") for line in SOUNDS.read_text().splitlines() if not line.startswith("#")]
    assert {syllable: tuple(chars) for syllable, *chars in rows} == readings(PINYIN_DICT)


def test_the_first_reading_of_a_character_comes_first() -> None:
    confusable = Confusable({"yi": ("一", "印"), "yin": ("银印", "")}, [])
    assert list(confusable.sounding_like("印")) == ["银", "一"]
