"""What articles say for a time → seconds."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.ingest.dates import parse_moment

ZONE = ZoneInfo("Asia/Shanghai")


def utc(text: str, **context: object) -> str | None:
    """The moment as UTC, to the second."""
    found = parse_moment(text, zone=ZONE, **context)  # type: ignore[arg-type]
    return None if found is None else f"{datetime.fromtimestamp(found, UTC):%Y-%m-%d %H:%M:%S}"


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize(
    "text",
    ["Thu, 07 Nov 2024 16:49:47 GMT", "Thu, 7 Nov 2024 16:49:47 +0000", "Fri, 08 Nov 2024 00:49:47 +0800",
     "Fri, 08 Nov 2024 00:49:47 CST", "2024-11-07T16:49:47Z", "2024-11-07T16:49:47.865Z", "2024-11-08T00:49:47+08:00",
     "2024-11-08 00:49:47", "2024-11-08 00:49:47 CST", "2024年11月8日 00:49:47", "2024年11月8日 凌晨12点49分47秒",
     "２０２４年１１月８日　００：４９：４７", " 2024/11/8 0:49:47 ", "2024-11-07T16:49:47+00:00"],
)  # fmt: skip
def test_forms_of_one_moment(text: str) -> None:
    assert utc(text) == "2024-11-07 16:49:47"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024年11月7日 下午4:49", "2024-11-07 08:49:00"),
        ("2024年11月7日（星期四）16时05分", "2024-11-07 08:05:00"),
        ("2024-11-07", "2024-11-06 16:00:00"),
        ("31/12/2020 - 22:14", "2020-12-31 14:14:00"),
        ("2024-11-07T23:59:60Z", "2024-11-08 00:00:00"),
    ],
)
def test_other_forms(text: str, expected: str) -> None:
    assert utc(text) == expected


def test_a_time_without_a_zone_is_put_nearest_before_the_sighting() -> None:
    assert utc("2020-07-29T07:47:48", seen=seconds("2020-07-29T07:53:53Z")) == "2020-07-29 07:47:48"
    assert utc("2020-07-29 15:47:48", seen=seconds("2020-07-29T07:53:53Z")) == "2020-07-29 07:47:48"


def test_an_outlet_that_writes_local_time_is_read_in_its_zone() -> None:
    seen = seconds("2020-12-31T21:57:10Z")
    assert utc("31/12/2020 - 22:14", seen=seen, host="rfi.fr") == "2020-12-31 21:14:00"


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2024-02-30", "2024-13-45", "Thu, 32 Nov 2024 16:49:47 GMT", "0000-01-01", "1989-12-31", "9999-12-31",
     "10000-01-01", "2024-11-07T25:00:00Z", "Thu, 07 Nov 0000 16:49:47 GMT", "\ud800", "2024-11-07 and so on", "1730998187"],
)  # fmt: skip
def test_what_cannot_be_is_no_time(text: str) -> None:
    assert utc(text) is None


def test_a_time_after_tomorrow_is_none() -> None:
    assert utc(f"{datetime.now(UTC).year + 1}-12-31") is None


@given(
    st.text(st.characters(codec=None), max_size=60)
    | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,5} \d\d:\d\d [A-Z+]{1,5}\d{0,5}")
)
def test_any_text_is_a_time_or_none(text: str) -> None:
    utc(text, seen=1_600_000_000)
