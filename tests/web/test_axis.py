"""Labels of an axis: round places, room between them, words in the reader's language."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from searchsvc.search.results import Interval
from searchsvc.web.axis import NARROW_PX, WIDE_PX, WIDEST_BUCKET_PX, labels, words_between, words_of


def days(first: date, count: int) -> tuple[str, ...]:
    return tuple((first + timedelta(n)).isoformat() for n in range(count))


def months(first: int, count: int) -> tuple[str, ...]:
    """Months counted from January of year 0."""
    return tuple(f"{n // 12:04}-{n % 12 + 1:02}" for n in range(first, first + count))


def years(first: int, count: int) -> tuple[str, ...]:
    return tuple(f"{first + n:04}" for n in range(count))


CASES: list[tuple[Interval, tuple[str, ...]]] = [
    ("day", days(date(2024, 11, 7), 1)),
    ("day", days(date(2024, 11, 7), 2)),
    ("day", days(date(2024, 1, 30), 31)),
    ("day", days(date(2024, 8, 8), 92)),
    ("month", months(2024 * 12 + 4, 2)),
    ("month", months(2012 * 12 + 11, 40)),
    ("month", months(2014 * 12 + 7, 144)),
    ("year", years(2012, 13)),
    ("year", years(1927, 100)),
    ("year", years(1000, 900)),
]


@pytest.mark.parametrize(("interval", "names"), CASES)
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_there_is_a_label_and_room_for_each_on_both_screens(
    language: str, interval: Interval, names: tuple[str, ...]
) -> None:
    found = labels(language, interval, names)  # type: ignore[arg-type]
    for width_px, shown in (
        (WIDE_PX, [label for label in found if label.wide]),
        (NARROW_PX, [label for label in found if label.narrow]),
    ):
        assert shown
        picture_px = min(width_px, len(names) * WIDEST_BUCKET_PX)
        # 12 px type: a Han character is as wide as it is high, other ones a little more than half.
        ends = [
            (label.place / 100 * picture_px, sum(12 if sign > "~" else 7 for sign in label.words))
            for label in shown
        ]
        for (left, wide), (following, _) in pairwise(ends):
            assert left + wide <= following
        assert ends[-1][0] + ends[-1][1] <= width_px


def test_weeks_begin_on_mondays_years_in_january_and_decades_with_a_nought() -> None:
    assert [label.words for label in labels("zh-Hans", "day", days(date(2024, 9, 1), 92)) if label.wide][
        :3
    ] == [
        "9月2日",
        "9月9日",
        "9月16日",
    ]
    assert [label.words for label in labels("en", "month", months(2016 * 12 + 10, 115)) if label.narrow] == [
        "2018",
        "2020",
        "2022",
        "2024",
    ]
    assert [label.words for label in labels("zh-Hant", "year", years(1927, 100)) if label.wide][:2] == [
        "1930年",
        "1935年",
    ]


def test_months_tell_their_year_once() -> None:
    assert [label.words for label in labels("zh-Hans", "month", months(2024 * 12 + 10, 4))] == [
        "2024年11月",
        "12月",
        "2025年",
        "2月",
    ]
    assert [label.words for label in labels("en", "month", months(2024 * 12 + 10, 4))] == [
        "Nov 2024",
        "Dec",
        "2025",
        "Feb",
    ]


def test_on_each_screen_only_the_first_month_tells_its_year() -> None:
    found = labels("zh-Hans", "month", months(2024 * 12 + 1, 21))
    assert [label.words for label in found if label.wide][:4] == ["2024年3月", "5月", "7月", "9月"]
    assert [label.words for label in found if label.narrow][:2] == ["2024年7月", "2025年"]
    assert all(label.wide or label.narrow for label in found)


def test_a_bucket_is_called_by_its_day_month_or_year() -> None:
    assert [words_of("zh-Hans", name) for name in ("2024", "2024-11", "2024-11-07")] == [
        "2024年",
        "2024年11月",
        "2024年11月7日",
    ]
    assert words_between("en", "2024-11-07", "2024-12-01") == "7 Nov 2024 – 1 Dec 2024"
    assert words_between("en", "2024-11", "2024-11") == "Nov 2024"
