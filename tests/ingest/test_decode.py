"""Bytes → text, whatever the header says."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.errors import EntryError
from searchsvc.ingest.decode import decode

HANS = "首相在记者会上说，他将在本月晚些时候举行会晤，讨论两国之间的经济问题。"
HANT = "首相在記者會上說，他將在本月稍晚舉行會晤，討論兩國之間的經濟問題。"


@pytest.mark.parametrize("declared", [None, "utf-8", "big5", "iso-8859-1", "no-such-encoding"])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [(HANS, "utf-8"), (HANS, "gb2312"), (HANS, "gb18030"), (HANT, "gb18030"), (HANT, "big5"), (HANT, "utf-16"),
     (HANS, "utf-8-sig"), (f"<p>{HANS}</p>", "utf-16-le"), (f"<p>{HANT}</p>", "utf-16-be"), (HANT, "utf-32")],
)  # fmt: skip
def test_chinese_is_read_right_whatever_is_declared(text: str, encoding: str, declared: str | None) -> None:
    found = decode(text.encode(encoding), declared)
    assert (found.text, found.replaced) == (text, 0)


def test_a_lying_xml_header_is_not_believed() -> None:
    text = f'<?xml version="1.0" encoding="gb2312"?><p>{HANS}</p>'
    assert decode(text.encode("utf-8")).text == text
    assert decode(text.replace("gb2312", "utf-8").encode("gb18030")).text == text.replace("gb2312", "utf-8")


def test_what_is_declared_counts_where_the_bytes_do_not_tell() -> None:
    text = "Кириллица в старом фиде, которой давно нет"
    assert decode(text.encode("koi8-r"), "koi8-r").text == text


def test_utf_8_with_a_fault_stays_utf_8() -> None:
    assert decode(HANS.encode()[:-1]).encoding == "utf-8"
    assert decode(HANS.encode().replace("会".encode(), b"\xff", 1)).text.count("\ufffd") == 1


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, b"\x7fELF" + b"\x00\x01\xff\x02" * 99]
)
def test_binary_is_refused(data: bytes) -> None:
    with pytest.raises(EntryError, match="not text"):
        decode(data)


@given(st.binary(max_size=400), st.text(max_size=20) | st.none())
def test_any_bytes_are_text_or_refused(data: bytes, declared: str | None) -> None:
    with suppress(EntryError):
        decode(data, declared)
