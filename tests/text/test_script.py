"""Which language, and for Chinese which script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.text.script import detect


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("市长说，新渡轮将在春天启航。", ("zh", "hans")),
        ("市長說，新渡輪將在春天啟航。", ("zh", "hant")),
        ("中文", ("zh", None)),
        ("他引述「市長說」三字，但这里写的是简体，这样才对。", ("zh", "hans")),
        ("優の良品開幕，顧客絡繹不絕", ("zh", "hant")),
        (
            "網頁: https://example.com/abcdefghijklmnop 網店: https://shop.example.com/abcdefghij",
            ("zh", "hant"),
        ),
        ("市長は新しい渡し船が春に就航すると述べた。", ("ja", None)),
        ("시장은 새 배가 봄에 떠난다고 말했다.", ("ko", None)),
        ("The mayor said that the new ferry (渡轮) would sail in the spring.", ("en", None)),
        ("Breaking news", ("en", None)),
        ("Der Bürgermeister sagte, die neue Fähre werde im Frühjahr ablegen.", (None, None)),
        ("12:30 — 42 % 🙂", (None, None)),
        ("", (None, None)),
    ],
)
def test_language_and_script_are_told_by_characters(
    text: str, expected: tuple[str | None, str | None]
) -> None:
    assert detect(text) == expected


@given(st.text(alphabet=st.characters()))
def test_any_string_has_an_answer(text: str) -> None:
    language, script = detect(text)
    assert script is None or language == "zh"
