"""Several queries over common buckets, counted as a search for each bucket would count."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from searchsvc.article import Source
from searchsvc.errors import BudgetExceeded, QueryError
from searchsvc.search import trends
from searchsvc.search.request import Request
from searchsvc.search.trends import compare
from searchsvc.service import Service
from tests.build import article, fill


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.fixture
def news(service: Service) -> Service:
    return fill(
        service,
        [
            article("特朗普访华", "行程。", stated=at("2024-11-07T17:00"), source=Source("a.example", "甲")),
            article("川普訪中", "行程。", stated=at("2024-11-08T03:00"), source=Source("b.example", "乙")),
            article(
                "特朗普与川普", "行程。", stated=at("2024-11-10T03:00"), source=Source("a.example", "甲")
            ),
            article("天气", "晴。", stated=at("2024-11-09T03:00"), source=Source("b.example", "乙")),
            article("很早", "行程。", stated=at("2011-01-01T03:00"), source=Source("b.example", "乙")),
        ],
    )


def requests(*queries: str, **shared: object) -> list[Request]:
    values: dict[str, object] = {"variants": "off", **shared}
    return [Request(q=q, **values) for q in queries]  # type: ignore[arg-type]


def test_lines_share_their_buckets_from_the_first_hit_of_any_to_the_last(news: Service) -> None:
    found = compare(news.search, requests("特朗普", "川普"))
    assert found.interval == "day"
    assert found.names == ("2024-11-08", "2024-11-09", "2024-11-10")
    assert [line.counts for line in found.lines] == [(1, 0, 1), (1, 0, 1)]
    assert [line.total for line in found.lines] == [2, 2]
    assert found.articles == (2, 1, 1)


def test_buckets_are_days_of_the_zone_that_is_asked_for(news: Service) -> None:
    found = compare(news.search, requests("特朗普", "川普", tz="UTC"))
    assert found.names[0] == "2024-11-07"
    assert found.lines[0].counts == (1, 0, 0, 1)


def test_other_forms_of_words_count_when_that_is_asked_for(news: Service) -> None:
    found = compare(news.search, requests("特朗普", "川普", variants="on"))
    assert found.lines[0].counts == found.lines[1].counts == (2, 0, 1)


def test_filters_hold_for_lines_and_for_all_articles(news: Service) -> None:
    found = compare(news.search, requests("特朗普", "川普", sources=("b.example",)))
    assert [line.total for line in found.lines] == [0, 1]
    assert found.articles == (1,)


def test_what_has_some_of_the_words_only_is_not_counted(news: Service) -> None:
    assert news.search.search(Request(q="特朗普天气")).asked.matched == "some"
    found = compare(news.search, requests("特朗普天气", "晴"))
    assert found.names == ("2024-11-09",)
    assert [line.total for line in found.lines] == [0, 1]


def test_nothing_found_is_no_buckets(news: Service) -> None:
    found = compare(news.search, requests("没有", "也没有"))
    assert (found.names, found.articles) == ((), ())
    assert [(line.total, line.counts) for line in found.lines] == [(0, ()), (0, ())]


def test_articles_without_a_date_are_in_totals_only(service: Service) -> None:
    undated = replace(article("特朗普在哪里", "无"), published=None, published_from=None)
    fill(service, [undated, article("特朗普", "有")])
    found = compare(service.search, requests("特朗普"))
    assert (found.lines[0].total, found.lines[0].counts) == (2, (1,))


def test_none_and_too_many_are_refused_by_name(news: Service) -> None:
    for queries in ((), tuple("一二三四五六七")):
        with pytest.raises(QueryError) as caught:
            compare(news.search, requests(*queries))
        assert caught.value.param == "q"


def test_warnings_belong_to_their_line(news: Service) -> None:
    found = compare(news.search, requests("特朗普)", "川普"))
    assert found.lines[0].warnings
    assert not found.lines[1].warnings


def test_what_takes_too_long_together_is_stopped(news: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter((0.0, 1.0, 5.0))
    monkeypatch.setattr(trends, "perf_counter", lambda: next(clock))
    with pytest.raises(BudgetExceeded):
        compare(news.search, requests("特朗普", "川普", "天气"))


def test_sources_to_choose_from_are_those_of_the_search_without_a_choice(news: Service) -> None:
    for request in (
        Request(q="行程"),
        Request(q="行程", sources=("a.example",), page="3", sort="oldest"),
        Request(q="行程", excluded_sources=("a.example", "b.example")),
    ):
        found = news.search.sources(request)
        assert [(each.source.id, each.source.name, each.count) for each in found] == [
            ("a.example", "甲", 2),
            ("b.example", "乙", 2),
        ]
    assert [each.count for each in news.search.sources(Request(q="行程", since="2024"))] == [2, 1]
