"""Beside an answer with little in it: what may have been meant."""

from dataclasses import replace

import pytest

import config
from searchsvc.engine import Found, Plan
from searchsvc.engine.local import LocalEngine
from searchsvc.search.request import Request
from searchsvc.service import Service, open_service
from searchsvc.settings import load_settings
from tests.build import NOW, article, fill

pytestmark = pytest.mark.usefixtures("enough_time")
DAY = 86_400


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Sixty articles about a ferry, five about a bridge, and one in which the ferry is misspelt."""
    ferries = [article(f"渡轮第{n}班", "渡轮在港口。", stated=NOW - n * DAY) for n in range(60)]
    bridges = [article(f"石桥第{n}座", "石桥上有特朗普。", stated=NOW - n * 400 * DAY) for n in range(5)]
    folder = tmp_path_factory.mktemp("kept")
    folders = {"SEARCHSVC_DATA_DIR": str(folder / "data"), "SEARCHSVC_INDEX_DIR": str(folder / "index")}
    service = open_service(load_settings(vars(config), folders))
    return fill(service, [*ferries, *bridges, article("港口", "度轮今天不开。")])


def meant(service: Service, q: str, **others: object) -> tuple[str, ...]:
    request = replace(Request(q=q), **others)  # type: ignore[arg-type]
    return service.search.search(request).asked.did_you_mean


def test_what_may_have_been_meant_stands_beside_the_answer_and_replaces_nothing(filled: Service) -> None:
    page = filled.search.search(Request(q="度轮"))
    assert (page.asked.raw, page.asked.terms, page.total) == ("度轮", ("度轮",), 1)
    assert page.asked.did_you_mean == ("渡轮",)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("度輪", "渡輪"),
        ("待朗普 石桥", "特朗普 石桥"),
        ("石桥上有待朗普", "石桥上有特朗普"),
        ("intitle:度轮", "intitle:渡轮"),
        ("渡轮港口 OR 待朗普", ""),
        ("度轮 OR 甲乙", "渡轮 OR 甲乙"),
        ('"度轮在港口"', '"渡轮在港口"'),
        ("度轮 -石桥", "渡轮 -石桥"),
        ("度轮 -港口", ""),
    ],
)
def test_only_the_word_that_is_wrong_is_another(filled: Service, typed: str, offered: str) -> None:
    assert meant(filled, typed) == ((offered,) if offered else ())


def test_what_is_offered_is_counted_under_the_same_filters(filled: Service) -> None:
    assert meant(filled, "待朗普") == ("特朗普",)
    assert meant(filled, "待朗普", since="2024-01-01") == ()
    assert meant(filled, "待朗普", search_in="title") == ()
    assert meant(filled, "待朗普", sources=("news.example",)) == ("特朗普",)
    assert meant(filled, "待朗普", sources=("other.example",)) == ()


def test_nothing_is_offered_where_enough_was_found_or_nothing_asked(filled: Service) -> None:
    for q in ("渡轮", "渡轮 港口", "", "*", "date:2024"):
        assert meant(filled, q) == ()


def test_only_the_first_page_has_it(filled: Service) -> None:
    assert meant(filled, "度轮", page="1") == ("渡轮",)
    assert meant(filled, "度轮", page="2") == ()
    assert meant(filled, "度轮", cursor="") == ()


def test_the_order_of_the_hits_and_what_is_counted_change_nothing(filled: Service) -> None:
    for sort in ("relevance", "newest", "oldest"):
        assert meant(filled, "度轮", sort=sort, facets="source,timeline", page_size="1") == ("渡轮",)


def test_where_enough_was_found_the_engine_is_asked_nothing_more(
    filled: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Plan] = []
    run = LocalEngine.run

    def noted(self: LocalEngine, plan: Plan) -> Found:
        asked.append(plan)
        return run(self, plan)

    monkeypatch.setattr(LocalEngine, "run", noted)
    meant(filled, "渡轮 港口")
    assert len(asked) == 1
    meant(filled, "度轮 港口")
    assert len(asked) > 1


def test_no_query_is_longer_for_it_than_its_limits(filled: Service) -> None:
    words = ["港口", '"在港"', '"在港口"', "渡轮", '"轮在"', '"渡轮在"', "港", "口", "渡", "轮", "第", "班"]
    assert meant(filled, f"度轮 {' '.join(words[:11])}") == (f"渡轮 {' '.join(words[:11])}",)
    assert meant(filled, f"度轮 {' '.join(words)}") == ()
    assert meant(filled, "\ud800度轮\x00") == ("?渡轮\x00",)
