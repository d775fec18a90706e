"""The sources beside the hits: chosen, chosen together, left out, taken back, by links alone."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser, LexborNode

from searchsvc.article import Source
from searchsvc.service import Service
from searchsvc.web.app import create_app
from searchsvc.web.sources import SHOWN
from tests.build import article, fill
from tests.web.conftest import MARKUP
from tests.web.test_pages import one, tree, words


def rows(page: LexborHTMLParser) -> dict[str, LexborNode]:
    return {node.css_first("bdi").text(): node for node in page.css(".sources li")}


def follow(client: FlaskClient, page: LexborHTMLParser, name: str, link: int) -> LexborHTMLParser:
    """The page behind a source's first link, which chooses it, or the second, which leaves it out."""
    return tree(client, "/search" + str(rows(page)[name].css("a")[link].attributes["href"]))


def counts(page: LexborHTMLParser) -> dict[str, str]:
    return {name: row.css_first("b").text() for name, row in rows(page).items()}


CHOOSE, EXCLUDE = 0, 1


def test_sources_have_counts_of_all_hits_the_most_first(client: FlaskClient) -> None:
    assert counts(tree(client, "/search?q=石破茂")) == {"聯合晚報": "1", "美国之声": "1"}
    assert list(counts(tree(client, "/search?sort=newest")).values()) == ["46", "2", "1", "1"]


def test_one_is_chosen_another_one_added_and_taken_away_again(client: FlaskClient) -> None:
    page = follow(client, tree(client, "/search?q=石破茂"), "聯合晚報", CHOOSE)
    assert words(page, ".hits h2") == ["石破茂訪美"]
    assert words(page, ".sources .chosen a[aria-current=true] bdi") == ["聯合晚報"]
    # The others keep their counts, so that one can be added.
    assert counts(page) == {"聯合晚報": "1", "美国之声": "1"}
    both = follow(client, page, "美国之声", CHOOSE)
    assert len(both.css(".hits li")) == len(both.css(".sources .chosen")) == 2
    assert words(follow(client, both, "聯合晚報", CHOOSE), ".sources .chosen bdi") == ["美国之声"]


def test_one_is_left_out_and_brought_back(client: FlaskClient) -> None:
    page = follow(client, tree(client, "/search?q=石破茂"), "聯合晚報", EXCLUDE)
    assert words(page, ".hits h2") == ["日本首相石破茂寻求会晤特朗普"]
    assert "已排除" in rows(page)["聯合晚報"].text()
    assert rows(page)["聯合晚報"].css("a")[EXCLUDE].attributes["aria-label"] == "恢复聯合晚報"
    back = follow(client, page, "聯合晚報", EXCLUDE)
    assert len(back.css(".hits li")) == 2
    assert not back.css(".sources .excluded")


def test_what_is_left_out_can_be_chosen_and_what_is_chosen_left_out(client: FlaskClient) -> None:
    out = tree(client, "/search?q=石破茂&exclude_source=udn.example")
    assert words(follow(client, out, "聯合晚報", CHOOSE), ".hits h2") == ["石破茂訪美"]
    chosen = tree(client, "/search?q=石破茂&source=udn.example&source=voa.example")
    assert words(follow(client, chosen, "聯合晚報", EXCLUDE), ".sources .chosen bdi") == ["美国之声"]


def test_a_choice_keeps_the_rest_of_the_search_and_begins_at_its_first_page(client: FlaskClient) -> None:
    page = tree(client, "/search?q=经济&page=2&from=2024&sort=oldest")
    address = str(rows(page)["例报"].css("a")[CHOOSE].attributes["href"])
    assert address == "?q=经济&from=2024&sort=oldest&source=news.example"


def test_all_sources_again(client: FlaskClient) -> None:
    page = tree(client, "/search?q=石破茂&source=udn.example&exclude_source=b.example")
    assert one(page, ".sources p a").attributes["href"] == "?q=石破茂"
    assert not tree(client, "/search?q=石破茂").css(".sources p a")


def test_a_chosen_source_without_hits_is_there_to_be_taken_away(client: FlaskClient) -> None:
    page = tree(client, "/search?q=石破茂&exclude_source=nowhere.example")
    assert counts(page)["nowhere.example"] == "0"
    assert len(follow(client, page, "nowhere.example", EXCLUDE).css(".hits li")) == 2


def test_chosen_sources_are_counted_where_only_some_words_matched(client: FlaskClient) -> None:
    page = tree(client, "/search?q=经济关系&source=news.example")
    assert page.css(".hits li")
    assert words(page, ".sources .chosen bdi") == ["例报"]


@pytest.fixture
def many(service: Service) -> FlaskClient:
    """Forty sources, the first with the most articles."""
    articles = [
        replace(
            article(f"新闻 {n} {copy}", "消息。"),
            source=Source(f"s{n:02}.example", MARKUP if n == 39 else f"第{n}家"),
        )
        for n in range(40)
        for copy in range(2 if n == 0 else 1)
    ]
    return create_app(fill(service, articles)).test_client()


def test_a_long_list_is_folded_and_can_be_searched_by_a_script(many: FlaskClient) -> None:
    page = tree(many, "/search?q=消息")
    assert words(page, ".sources > ul bdi")[0] == "第0家"
    assert len(page.css(".sources > ul > li")) == SHOWN
    fold = one(page, ".sources details")
    assert len(fold.css("li")) == 40 - SHOWN
    assert one(page, ".sources summary").text() == f"另外 {40 - SHOWN} 个来源"
    assert fold.attributes["data-filter"]


def test_a_chosen_source_is_never_folded_away(many: FlaskClient) -> None:
    page = tree(many, "/search?q=消息&source=s30.example&exclude_source=s31.example")
    assert words(page, ".sources > ul bdi")[:2] == ["第30家", "第31家"]


def test_the_count_of_sources_is_on_the_fold_for_phones(many: FlaskClient) -> None:
    assert one(tree(many, "/search?q=消息"), ".fold summary").text() == "来源（40）"


def test_markup_in_the_name_of_a_source_stays_text(many: FlaskClient) -> None:
    page = tree(many, "/search?q=消息")
    assert MARKUP in rows(page)
    assert len(page.css("script")) == 1
