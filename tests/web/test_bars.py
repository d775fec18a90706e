"""Bars and the stretches that a link narrows to."""

import re
from datetime import date, timedelta
from itertools import pairwise

from searchsvc.search.results import Interval, Timeline
from searchsvc.web.bars import LOWEST, MOST_LINKS, Ends, Span, bars, rules, spans


def timeline(interval: Interval, names: list[str], counts: list[int] | None = None) -> Timeline:
    return Timeline(interval, tuple(zip(names, counts or [1] * len(names), strict=True)))


def days(first: date, count: int) -> list[str]:
    return [(first + timedelta(n)).isoformat() for n in range(count)]


def months(year: int, month: int, count: int) -> list[str]:
    return [f"{year + (month - 1 + n) // 12}-{(month - 1 + n) % 12 + 1:02}" for n in range(count)]


def narrowed(found: list[Span]) -> list[tuple[str, str]]:
    return [(span.since, span.until) for span in found]


def test_bars_are_as_high_as_their_share_of_the_greatest() -> None:
    assert bars((1, 0, 4, 2)) == "M0 0V25M2 0V100M3 0V50"


def test_one_among_thousands_is_seen_and_nothing_is_not() -> None:
    heights = dict(re.findall(r"M(\d+) 0V(\d+)", bars((1, 0, 100_000))))
    assert heights == {"0": str(LOWEST), "2": "100"}


def test_rules_stand_where_they_are_asked_for() -> None:
    assert rules(iter((0, 12))) == "M0 0v100M12 0v100"


def test_few_buckets_have_a_link_each_but_those_without_hits() -> None:
    found = list(spans(timeline("month", ["2024-11", "2024-12", "2025-01"], [3, 0, 4]), Ends()))
    assert narrowed(found) == [("2024-11", "2024-11"), ("2025-01", "2025-01")]
    assert [span.path for span in found] == ["M0 0h1v100h-1z", "M2 0h1v100h-1z"]
    assert [span.count for span in found] == [3, 4]


def test_as_many_days_as_a_month_can_have_are_few() -> None:
    assert len(list(spans(timeline("day", days(date(2024, 11, 8), MOST_LINKS)), Ends()))) == MOST_LINKS


def test_many_days_are_linked_by_months_whole_ones_by_their_names() -> None:
    found = list(spans(timeline("day", days(date(2024, 9, 24), 45)), Ends()))
    assert narrowed(found) == [
        ("2024-09-24", "2024-09-30"),
        ("2024-10", "2024-10"),
        ("2024-11-01", "2024-11-07"),
    ]
    assert [(span.start, span.width, span.count) for span in found] == [(0, 7, 7), (7, 31, 31), (38, 7, 7)]


def test_many_months_are_linked_by_years_and_many_years_by_decades() -> None:
    assert narrowed(list(spans(timeline("month", months(2020, 11, 32)), Ends()))) == [
        ("2020-11", "2020-12"),
        ("2021", "2021"),
        ("2022", "2022"),
        ("2023-01", "2023-06"),
    ]
    years = [str(year) for year in range(1987, 2025)]
    assert narrowed(list(spans(timeline("year", years), Ends()))) == [
        ("1987", "1989"),
        ("1990", "1999"),
        ("2000", "2009"),
        ("2010", "2019"),
        ("2020", "2024"),
    ]


def test_links_cover_all_hits_and_no_place_twice() -> None:
    for several in (timeline("day", days(date(2024, 1, 15), 92)), timeline("month", months(2012, 3, 144))):
        found = list(spans(several, Ends()))
        assert sum(span.count for span in found) == sum(count for _, count in several.buckets)
        for span, following in pairwise(found):
            assert span.start + span.width == following.start


def test_a_link_at_the_end_does_not_lead_beyond_the_dates_that_were_asked_for() -> None:
    ends = Ends("2024-11-15", "2025-01-10T12:00")
    found = list(spans(timeline("month", ["2024-11", "2024-12", "2025-01"]), ends))
    assert narrowed(found) == [
        ("2024-11-15", "2024-11"),
        ("2024-12", "2024-12"),
        ("2025-01", "2025-01-10T12:00"),
    ]
    assert found[0].first == "2024-11"
