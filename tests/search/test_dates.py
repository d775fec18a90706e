"""What people type for dates → stretches of time."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.errors import QueryError
from searchsvc.search.dates import Stretch, between, stretch

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
        ("20241107", "2024-11-07 00:00:00", "2024-11-08 00:00:00"),
        ("2024-11-07t16:49:47.123456789z", "2024-11-08 00:49:47", "2024-11-08 00:49:48"),
        # A plus that nobody escaped arrives as a space.
        ("2024-11-07T16:49:47 08:00", "2024-11-07 16:49:47", "2024-11-07 16:49:48"),
        ("2024-11-07 16:49:47 +08:00", "2024-11-07 16:49:47", "2024-11-07 16:49:48"),
        ("2024-11-07 16:49 09:00", "2024-11-07 15:49:00", "2024-11-07 15:49:01"),
        # RFC 3339 has leap seconds.
        ("2016-12-31T23:59:60Z", "2017-01-01 07:59:59", "2017-01-01 08:00:00"),
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


def test_where_midnight_comes_twice_a_day_begins_with_the_first() -> None:
    havana = ZoneInfo("America/Havana")  # 01:00 became 00:00 on 2024-11-03.
    for hour in (4, 5, 12):
        now = datetime(2024, 11, 3, hour, 30, tzinfo=UTC)
        first = datetime(2024, 11, 3, 4, tzinfo=UTC).timestamp()
        assert {stretch(text, havana, now, param="q").start for text in ("today", "P0D")} == {first}
        assert stretch("2024-11-03", havana, now, param="q") == stretch("today", havana, now, param="q")


@pytest.mark.parametrize("zone", ["America/Santiago", "Asia/Beirut", "Africa/Cairo", "Australia/Lord_Howe"])
def test_the_days_of_a_year_follow_each_other_without_a_gap(zone: str) -> None:
    first, local = date(2024, 1, 1), ZoneInfo(zone)
    days = [str(first + timedelta(days=number)) for number in range(367)]
    found = [stretch(day, local, NOW, param="q") for day in days]
    assert all(left.end == right.start for left, right in pairwise(found))
    assert {str(datetime.fromtimestamp(one.start, local).date()) for one in found} == set(days)
    assert {str(datetime.fromtimestamp(one.end - 1, local).date()) for one in found} == set(days)
    assert sum(one.end - one.start for one in found[:366]) == 366 * 86_400


@pytest.mark.parametrize(
    "text",
    ["2024-13-45", "2024-02-30", "0000", "99999", "abc", "", "2024-11-07T25:00", "P", "PT", "P99999999Y", "P9999Y",
     "9999", "2024-11-07/2024-11-09", "2024-W45", "2024-W45-4", "20241345", "\ud800", "\0", "2024-11-07T16:49:47+99:00", "-1", "1e9"],
)  # fmt: skip
def test_what_is_no_date_is_refused_by_name(text: str) -> None:
    with pytest.raises(QueryError, match=r"^to: ") as refused:
        stretch(text, SHANGHAI, NOW, param="to")
    assert (refused.value.param, refused.value.code) == ("to", "bad_date")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-11", "2024-11", "2024-11"),
        ("2024/11/7", "2024-11-07", "2024-11-07"),
        ("2024-11-01/2024-11-07", "2024-11-01", "2024-11-07"),
        ("2023/2024", "2023", "2024"),
        ("2024/11/7/2024", None, None),
        ("2024-11/", "2024-11", ""),
        ("../2024-11", "", "2024-11"),
        ("２０２４－１１／２０２４－１２", "2024-11", "2024-12"),
        ("/", None, None),
        ("../..", None, None),
        ("2024/x", None, None),
    ],
)
def test_a_date_or_two_with_a_slash_between_them(text: str, first: str | None, last: str | None) -> None:
    if first is None or last is None:
        with pytest.raises(QueryError, match=r"^date: "):
            between(text, SHANGHAI, NOW, param="date")
        return
    ends = [stretch(end, SHANGHAI, NOW, param="q") if end else None for end in (first, last)]
    assert list(between(text, SHANGHAI, NOW, param="date")) == ends


@given(st.text(max_size=30) | st.from_regex(r"p?[0-9]{1,5}[-/ymdt.年:]{0,2}[0-9]{0,4}[-tzhms+]?[0-9]{0,4}"))
def test_any_text_is_a_stretch_or_refused(text: str) -> None:
    try:
        found = stretch(text, SHANGHAI, NOW, param="from")
    except QueryError:
        return
    assert isinstance(found, Stretch)
    assert found.start <= found.end
