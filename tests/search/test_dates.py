"""What people type for dates → stretches of time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.errors import QueryError
from searchsvc.search.dates import Stretch, stretch

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
NOW = datetime(2024, 11, 8, 4, 30, tzinfo=UTC)  # 12:30 in Shanghai


def local(text: str, zone: ZoneInfo = SHANGHAI) -> tuple[str, str]:
    """Both ends as local wall-clock times."""
    found = stretch(text, zone, NOW, param="from")
    start, end = (datetime.fromtimestamp(at, zone) for at in (found.start, found.end))
    return f"{start:%Y-%m-%d %H:%M:%S}", f"{end:%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize(
    "text",
    ["2024-11-07", "2024/11/7", "2024.11.07", "2024年11月7日", "２０２４－１１－０７", "昨天", "yesterday"],
)
def test_a_day_is_a_whole_local_day(text: str) -> None:
    assert local(text) == ("2024-11-07 00:00:00", "2024-11-08 00:00:00")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", "2024-01-01 00:00:00", "2025-01-01 00:00:00"),
        ("2024年", "2024-01-01 00:00:00", "2025-01-01 00:00:00"),
        ("2024-02", "2024-02-01 00:00:00", "2024-03-01 00:00:00"),
        ("2024-12", "2024-12-01 00:00:00", "2025-01-01 00:00:00"),
        ("2024年2月", "2024-02-01 00:00:00", "2024-03-01 00:00:00"),
        ("今天", "2024-11-08 00:00:00", "2024-11-09 00:00:00"),
        ("P7D", "2024-11-01 00:00:00", "2024-11-08 12:30:00"),
        ("p1w", "2024-11-01 00:00:00", "2024-11-08 12:30:00"),
        ("P1M", "2024-10-08 00:00:00", "2024-11-08 12:30:00"),
        ("P1Y2M", "2023-09-08 00:00:00", "2024-11-08 12:30:00"),
        ("PT6H", "2024-11-08 06:30:00", "2024-11-08 12:30:00"),
        ("2024-11-07T16:49:47Z", "2024-11-08 00:49:47", "2024-11-08 00:49:48"),
        ("2024-11-07T16:49:47+08:00", "2024-11-07 16:49:47", "2024-11-07 16:49:48"),
        ("2024-11-07 16:49", "2024-11-07 16:49:00", "2024-11-07 16:49:01"),
    ],
)
def test_forms(text: str, start: str, end: str) -> None:
    assert local(text) == (start, end)


def test_a_month_back_from_its_31st_is_the_last_day_of_the_month_before() -> None:
    now = datetime(2024, 3, 31, 12, tzinfo=SHANGHAI)
    start = stretch("P1M", SHANGHAI, now, param="from").start
    assert datetime.fromtimestamp(start, SHANGHAI).date().isoformat() == "2024-02-29"


@pytest.mark.parametrize(("day", "hours"), [("2024-03-10", 23), ("2024-11-03", 25), ("2024-07-01", 24)])
def test_a_day_is_as_long_as_daylight_saving_makes_it(day: str, hours: int) -> None:
    found = stretch(day, NEW_YORK, NOW, param="from")
    assert found.end - found.start == hours * 3600


@pytest.mark.parametrize(
    "text",
    ["2024-13-45", "2024-02-30", "0000", "99999", "abc", "", "2024-11-07T25:00", "P", "PT", "P99999999Y", "P9999Y",
     "9999", "2024-11-07/2024-11-09", "\ud800", "\0", "2024-11-07T16:49:47+99:00", "-1", "1e9"],
)  # fmt: skip
def test_what_is_no_date_is_refused_by_name(text: str) -> None:
    with pytest.raises(QueryError, match=r"^to: ") as refused:
        stretch(text, SHANGHAI, NOW, param="to")
    assert (refused.value.param, refused.value.code) == ("to", "bad_date")


@given(st.text(max_size=30) | st.from_regex(r"p?[0-9]{1,5}[-/ymdt.年:]{0,2}[0-9]{0,4}[-tzhms+]?[0-9]{0,4}"))
def test_any_text_is_a_stretch_or_refused(text: str) -> None:
    try:
        found = stretch(text, SHANGHAI, NOW, param="from")
    except QueryError:
        return
    assert isinstance(found, Stretch)
    assert found.start <= found.end
