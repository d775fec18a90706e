"""A query that takes too long is answered by a part of it, and that is said."""

from dataclasses import replace

import pytest

from searchsvc.engine.local import LocalEngine
from searchsvc.search.request import Request
from searchsvc.search.results import Page
from searchsvc.search.search import Search
from searchsvc.service import Service
from searchsvc.web.app import create_app
from tests.build import article, fill

WORDS = ["天气", "晴朗", "市民", "出游", "公园", "春天", "花开", "湖水", "小船", "远山"]


@pytest.fixture
def hurried(service: Service) -> Service:
    """A service in which every search of a whole query takes too long."""
    texts = [f"{'，'.join(WORDS[: 6 + number % 5])}。乾隆" for number in range(50)]
    fill(service, [article(f"第{number}篇", text) for number, text in enumerate(texts)])
    slow = LocalEngine(service.settings.index_dir, budget_seconds=1e-9)
    search = Search(service.store, slow, service.search.zone, service.search.names)
    return replace(service, engine=slow, search=search)


def ask(service: Service, q: str, **fields: str) -> Page:
    return service.search.search(Request(q=q, **fields))  # type: ignore[arg-type]


def test_of_many_words_the_first_eight_are_searched(hurried: Service) -> None:
    page = ask(hurried, " ".join(WORDS))
    assert page.total == sum(6 + number % 5 >= 8 for number in range(50))
    assert page.asked.terms == tuple(WORDS[:8])
    assert [*map(str, page.asked.warnings)] == [
        "Only the first 8 words were searched: more of them would take too long"
    ]


def test_a_query_that_is_short_anyway_is_answered_exactly_and_without_a_word(hurried: Service) -> None:
    page = ask(hurried, "天气 晴朗 -湖水")
    assert (page.total, page.asked.warnings) == (sum(6 + number % 5 < 8 for number in range(50)), ())


def test_scripts_are_not_told_apart_and_that_is_said(hurried: Service) -> None:
    page = ask(hurried, "=干")
    assert page.total == 50
    assert "either script" in str(page.asked.warnings[0])


def test_a_walk_goes_on_as_it_began(hurried: Service) -> None:
    q, met, cursor = " ".join(WORDS), list[str](), ""
    while cursor is not None:
        page = ask(hurried, q, cursor=cursor, page_size="7")
        met += [hit.article.id for hit in page.hits]
        assert page.asked.terms == tuple(WORDS[:8])
        cursor = page.cursor
    assert len(met) == len(set(met)) == ask(hurried, q).total


def test_a_walk_that_began_with_all_words_ends_with_all_words(hurried: Service) -> None:
    q = " ".join(WORDS)
    patient = Search(
        hurried.store, LocalEngine(hurried.settings.index_dir), hurried.search.zone, hurried.search.names
    )
    first = patient.search(Request(q=q, cursor="", page_size="4"))
    assert first.total == 10
    following = ask(hurried, q, cursor=first.cursor or "", page_size="10")
    assert (following.asked.warnings, len(following.hits)) == ((), 6)


def test_no_door_answers_it_with_an_error(hurried: Service) -> None:
    client = create_app(hurried).test_client()
    for path in ("/api/v1/search", "/search"):
        answer = client.get(
            path, query_string={"q": " ".join(WORDS) + " 天* OR a* b~ =乾"}, headers={"Accept-Language": "en"}
        )
        assert answer.status_code == 200
        assert "too long" in answer.text
