"""The days, months and years that hits are counted in, whatever clocks do."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.search.timeline import MOST_DAYS, MOST_MONTHS, fit

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Clocks that go forward and back at midnight, at 0:01, by half an hour, and over a whole day.
ZONES = [
    *("Asia/Shanghai", "UTC", "America/New_York", "America/Sao_Paulo", "America/Havana", "Asia/Beirut"),
    *("America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"),
]
EARLIEST, LATEST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (1990, 2030))
times = st.integers(EARLIEST, LATEST)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


@pytest.mark.parametrize(
    ("first", "last", "interval", "names"),
    [
        ("2024-11-07 23:59", "2024-11-07 23:59", "day", ["2024-11-07"]),
        ("2024-02-28 12:00", "2024-03-01 00:00", "day", ["2024-02-28", "2024-02-29", "2024-03-01"]),
        (
            "2023-11-30 12:00",
            "2024-03-31 00:00",
            "month",
            ["2023-11", "2023-12", "2024-01", "2024-02", "2024-03"],
        ),
        ("2010-06-01 00:00", "2023-01-01 00:00", "year", [str(year) for year in range(2010, 2024)]),
    ],
)
def test_the_interval_fits_the_stretch(first: str, last: str, interval: str, names: list[str]) -> None:
    calendar = fit(at(first), at(last), SHANGHAI)
    assert (calendar.interval, list(calendar.names())) == (interval, names)


def test_days_end_after_three_months_and_months_after_twelve_years() -> None:
    first = at("2012-01-01")
    assert len(fit(first, first + MOST_DAYS * 86_400 - 1, SHANGHAI).names()) == MOST_DAYS
    assert fit(first, first + MOST_DAYS * 86_400, SHANGHAI).interval == "month"
    assert len(fit(first, at("2023-12-31"), SHANGHAI).names()) == MOST_MONTHS
    assert fit(first, at("2024-01-01"), SHANGHAI).interval == "year"


def test_a_day_is_as_long_as_daylight_saving_makes_it() -> None:
    new_york = ZoneInfo("America/New_York")
    edges = fit(at("2024-11-02", new_york), at("2024-11-04", new_york), new_york).edges()
    assert [(end - start) // 3_600 for start, end in pairwise(edges)] == [24, 25, 24]
    sao_paulo = ZoneInfo("America/Sao_Paulo")  # 2018-11-04 begins at 1:00.
    edges = fit(at("2018-11-03", sao_paulo), at("2018-11-04 12:00", sao_paulo), sao_paulo).edges()
    assert [(end - start) // 3_600 for start, end in pairwise(edges)] == [24, 23]


def test_a_day_that_a_zone_left_out_has_no_hits() -> None:
    apia = ZoneInfo("Pacific/Apia")  # From the 29th to the 31st, to the other side of the date line.
    calendar = fit(at("2011-12-29", apia), at("2011-12-31", apia), apia)
    lengths = [(end - start) // 3_600 for start, end in pairwise(calendar.edges())]
    assert dict(zip(calendar.names(), lengths, strict=True)) == {
        "2011-12-29": 24,
        "2011-12-30": 0,
        "2011-12-31": 24,
    }


@given(st.tuples(times, times).map(sorted), st.sampled_from(ZONES), st.data())
def test_every_time_is_in_the_bucket_of_its_local_date(
    ends: list[int], name: str, data: st.DataObject
) -> None:
    zone = ZoneInfo(name)
    first, last = ends
    calendar = fit(first, last, zone)
    edges, names = calendar.edges(), calendar.names()
    assert list(edges) == sorted(edges)
    assert len(edges) == len(names) + 1
    assert edges[0] <= first <= last < edges[-1]
    seconds = data.draw(st.integers(first, last))
    (bucket,) = (number for number, (low, high) in enumerate(pairwise(edges)) if low <= seconds < high)
    local = datetime.fromtimestamp(seconds, zone).isoformat()
    assert local.startswith(names[bucket]) or name == "America/St_Johns"


def test_the_last_bucket_reaches_beyond_clocks_that_go_back_over_midnight() -> None:
    zone = ZoneInfo("America/St_Johns")
    twice = int(datetime(2010, 11, 6, 23, 30, tzinfo=zone, fold=1).timestamp())
    calendar = fit(twice, twice, zone)
    low, high = calendar.edges()
    assert low <= twice < high
    assert calendar.names() == ("2010-11-06",)
