"""The figures of the archive: what is counted, in which days, and that it is counted once."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from searchsvc.article import Source
from searchsvc.service import Service
from searchsvc.stats import DAYS, MOST_MONTHS, STRETCHES, Stats, take_stats
from searchsvc.store.articles import Write
from searchsvc.store.counts import CountStore
from tests.build import article, fill

pytestmark = pytest.mark.both_databases
DAY = 86_400
# Midnight of 2024-11-08 in Shanghai.
MIDNIGHT = int(datetime(2024, 11, 7, 16, tzinfo=UTC).timestamp())


def filled(service: Service, *times: int) -> Stats:
    fill(service, [article(f"第{number}篇", stated=time) for number, time in enumerate(times)])
    return take_stats(service, MIDNIGHT + DAY / 2)


def counted(stats: Stats) -> dict[str, int]:
    """The days and months that have articles."""
    buckets = (*stats.counted.days.buckets, *stats.counted.months.buckets)
    return {name: count for name, count in buckets if count}


def test_an_empty_archive_has_figures_too(service: Service) -> None:
    stats = take_stats(service, MIDNIGHT)
    assert (stats.counted.articles, stats.counted.first, stats.counted.sources) == (0, None, ())
    assert stats.counted.months.buckets == ()
    assert len(stats.counted.days.buckets) == DAYS
    assert (stats.index, stats.last_ingest, stats.unfinished_ingest) == (None, None, None)


def test_days_and_months_are_local_ones(service: Service) -> None:
    stats = filled(service, MIDNIGHT - 1, MIDNIGHT, MIDNIGHT + 1, MIDNIGHT - 8 * DAY)
    assert counted(stats) == {"2024-11-07": 1, "2024-11-08": 2, "2024-10-31": 1, "2024-10": 1, "2024-11": 3}
    assert stats.zone == ZoneInfo("Asia/Shanghai")


def test_the_last_days_go_up_to_today_so_that_silence_is_seen(service: Service) -> None:
    days = filled(service, MIDNIGHT - 50 * DAY).counted.days.buckets
    assert (len(days), days[-1]) == (DAYS, ("2024-11-08", 0))
    assert ("2024-09-19", 1) in days


def test_an_archive_that_ended_long_ago_shows_its_last_days(service: Service) -> None:
    days = filled(service, MIDNIGHT - 500 * DAY).counted.days.buckets
    assert (len(days), days[-1]) == (DAYS, ("2023-06-27", 1))


def test_months_without_articles_are_there(service: Service) -> None:
    months = filled(service, MIDNIGHT - 400 * DAY, MIDNIGHT).counted.months.buckets
    assert [months[0], months[-1], len(months)] == [("2023-10", 1), ("2024-11", 1), 14]


def test_an_article_of_a_far_year_does_not_make_the_picture_endless(service: Service) -> None:
    year_one = int(datetime(1, 1, 3, tzinfo=UTC).timestamp())
    months = filled(service, year_one, MIDNIGHT).counted.months.buckets
    assert (len(months), months[-1]) == (MOST_MONTHS, ("2024-11", 1))


def test_every_article_is_in_one_bucket_and_one_source(service: Service) -> None:
    sources = [Source("a.example", "甲报"), Source("b.example", "乙報")]
    fill(
        service,
        [
            article(f"第{n}篇", source=sources[n % 7 == 0], stated=MIDNIGHT - n * 11 * DAY if n % 5 else None)
            for n in range(60)
        ],
    )
    figures = take_stats(service, MIDNIGHT).counted
    assert (figures.articles, figures.undated) == (60, 12)
    assert sum(count for _, count in figures.months.buckets) == 48
    assert [each.source.id for each in figures.sources] == ["a.example", "b.example"]
    assert sum(each.total for each in figures.sources) == 60
    assert all(len(each.counts) == STRETCHES for each in figures.sources)
    assert (figures.first, figures.last) == (MIDNIGHT - 59 * 11 * DAY, MIDNIGHT - 11 * DAY)


def test_counts_are_kept_until_an_article_comes_or_the_day_ends(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(service, MIDNIGHT)
    asked: list[object] = []
    real = CountStore.at_one_moment
    monkeypatch.setattr(CountStore, "at_one_moment", lambda store: asked.append(store) or real(store))
    take_stats(service, MIDNIGHT + 1)
    take_stats(service, MIDNIGHT + DAY - 1)
    assert len(asked) == 0
    take_stats(service, MIDNIGHT + DAY)
    assert len(asked) == 1
    service.store.put([Write(article("新来的"))])
    assert take_stats(service, MIDNIGHT + DAY).counted.articles == 2
    assert len(asked) == 2


def test_sizes_and_the_index_are_told(service: Service) -> None:
    stats = filled(service, MIDNIGHT)
    assert stats.index is not None
    assert (stats.index.count, stats.index.bytes > 0) == (1, True)
    assert stats.database_bytes > 4096
