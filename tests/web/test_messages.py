"""The tables of messages say the same in every language, and what is one is not called many."""

import string
from datetime import datetime

import opencc
import pytest

from searchsvc.web.messages import LANGUAGES, NAMES, age, moment, say, table


def places(message: str) -> set[str]:
    """The names of the values that a message has room for."""
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_with_the_same_values(language: str) -> None:
    reference, other = table("zh-Hans"), table(language)  # type: ignore[arg-type]
    assert {key for key in other if not key.endswith(".one")} == reference.keys()
    for key, message in other.items():
        whole = reference[key.removesuffix(".one")]
        assert places(message) == places(whole) or (key.endswith(".one") and places(message) <= places(whole))


def test_traditional_messages_are_traditional_and_simplified_ones_simplified() -> None:
    # Names of languages and examples stay in their own script.
    mixed = ("简体", "繁體", "干")
    for language, converter in (("zh-Hans", opencc.OpenCC("t2s")), ("zh-Hant", opencc.OpenCC("s2tw"))):
        for key, message in table(language).items():  # type: ignore[arg-type]
            if not any(word in message for word in mixed):
                assert converter.convert(message) == message, (language, key)


def test_one_is_not_many_in_english() -> None:
    assert say("en", "results.total", total=1) == "1 article"
    assert say("en", "results.total", total=12_345) == "12,345 articles"
    assert say("zh-Hans", "results.total", total=1) == "找到 1 篇"


def test_times_and_ages_are_told_as_each_language_does() -> None:
    time = datetime(2024, 11, 8, 0, 49)
    assert [moment(language, time) for language in LANGUAGES] == [
        "2024年11月8日 00:49",
        "2024年11月8日 00:49",
        "8 Nov 2024, 00:49",
    ]
    assert [age(language, 3 * 3600) for language in LANGUAGES] == ["3小时前", "3 小時前", "3 hours ago"]
    assert age("en", -120) == "in 2 minutes"


def test_each_language_is_called_by_its_own_name() -> None:
    assert NAMES.keys() == set(LANGUAGES)
