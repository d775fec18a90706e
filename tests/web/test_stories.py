"""The same story of several sources, as the API and the pages show it and fold it."""

from typing import Any

import opencc
import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from searchsvc.service import open_service
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from tests.build import fill
from tests.stories.build import edited, prose, telling

SEARCH = "/api/v1/search"
TAIPEI = opencc.OpenCC("s2tw")


@pytest.fixture(scope="module")
def client(kept_settings: Settings) -> FlaskClient:
    """Three tell one story, two another, five their own; each but the first two is found by 丁酉."""
    articles = [
        telling("甲", prose(1) + "丁酉", 1),
        telling("乙", TAIPEI.convert(edited(prose(1), 0.02)) + "丁酉", 2),
        telling("丙", edited(prose(1), 0.04) + "丁酉", 3),
        telling("丁", prose(2) + "丁酉", 4),
        telling("戊", prose(2) + "丁酉，丁酉", 5),
        *(telling(f"独{number}", prose(10 + number) + "丁酉", 6 + number) for number in range(5)),
    ]
    return create_app(fill(open_service(kept_settings), articles)).test_client()


def asked(client: FlaskClient, query: str) -> Any:
    answer = client.get(f"{SEARCH}?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json


def sources(document: Any) -> list[str]:
    return [article["source"]["name"] for article in document["articles"]]


def test_each_hit_says_how_many_articles_tell_its_story(client: FlaskClient) -> None:
    document = asked(client, "q=丁酉&sort=oldest")
    counts = [article["same_story"] and article["same_story"]["count"] for article in document["articles"]]
    assert counts == [3, 3, 3, 2, 2, *[None] * 5]
    first = document["articles"][0]["id"]
    assert {article["same_story"]["id"] for article in document["articles"][:3]} == {first}
    assert (document["total"], document["folded"]) == (10, 0)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("oldest", ["甲", "丁", "独0", "独1", "独2", "独3", "独4"]),
        ("newest", ["独4", "独3", "独2", "独1", "独0", "戊", "丙"]),
    ],
)
def test_folded_each_story_has_its_first_hit_and_pages_miss_nothing(
    client: FlaskClient, sort: str, expected: list[str]
) -> None:
    met: list[str] = []
    address = f"{SEARCH}?q=丁酉&fold=on&facets=source&page_size=2&sort={sort}"
    while address:
        document = client.get(address).json
        assert (document["total"], document["folded"]) == (7, 3)
        assert len(document["facets"]["source"]) == 10
        met += sources(document)
        address = document["next"]
    assert met == expected


def test_folded_by_relevance_the_best_stands_for_its_story(client: FlaskClient) -> None:
    unfolded, folded = (sources(asked(client, f"q=丁酉&fold={fold}")) for fold in ("off", "on"))
    best = [next(name for name in unfolded if name in story) for story in ("甲乙丙", "丁戊")]
    assert folded == [name for name in unfolded if name in best or name.startswith("独")]


def test_a_walk_by_cursor_is_not_folded(client: FlaskClient) -> None:
    answer = client.get(f"{SEARCH}?q=丁酉&fold=on&cursor=")
    assert (answer.status_code, answer.json["code"], answer.json["param"]) == (400, "bad_combination", "fold")
    answer = client.get(f"{SEARCH}?q=丁酉&fold=yes")
    assert (answer.status_code, answer.json["code"], answer.json["param"]) == (400, "bad_value", "fold")


def test_a_story_is_listed_by_any_article_that_tells_it(client: FlaskClient) -> None:
    everything = asked(client, "q=丁酉&sort=oldest")["articles"]
    for article in everything[:3]:
        assert sources(asked(client, f"story={article['id']}&sort=oldest")) == ["甲", "乙", "丙"]
        assert sources(asked(client, f"q=丁酉&story={article['id']}&source=乙.example")) == ["乙"]
    assert sources(asked(client, f"story={everything[-1]['id']}")) == ["独4"]
    assert sources(asked(client, "story=nobody")) == []


def test_a_cursor_of_a_story_is_not_one_of_another(client: FlaskClient) -> None:
    everything = asked(client, "q=丁酉&sort=oldest")["articles"]
    first = asked(client, f"story={everything[0]['id']}&page_size=1&cursor=")
    assert len(sources(client.get(first["next"]).json)) == 1
    other = first["next"].replace(everything[0]["id"], everything[3]["id"])
    assert client.get(other).json["code"] == "bad_cursor"


def test_a_feed_has_each_story_once_where_the_search_has(client: FlaskClient) -> None:
    page = LexborHTMLParser(client.get("/search?q=丁酉&fold=on&sort=oldest").text)
    (link,) = page.css("link[type='application/atom+xml']")
    address = str(link.attributes["href"])
    assert address.endswith("&fold=on")
    titles = [node.text() for node in LexborHTMLParser(client.get(address).text).css("entry > title")]
    assert titles == [f"{name}报" for name in ("独4", "独3", "独2", "独1", "独0", "戊", "丙")]
    story = next(str(node.attributes["href"]) for node in page.css(".hits a") if "另有" in node.text())
    feed = LexborHTMLParser(client.get(story.replace("/search", "/search.atom")).text)
    assert [node.text() for node in feed.css("entry > title")] == ["丙报", "乙报", "甲报"]


def test_other_words_are_compared_without_a_story(client: FlaskClient) -> None:
    page = LexborHTMLParser(client.get("/search?q=丁酉&fold=on").text)
    (link,) = (node for node in page.css("a") if str(node.attributes["href"]).startswith("/trends?"))
    assert link.attributes["href"] == "/trends?q=丁酉"


def test_an_article_names_the_others_that_tell_its_story(client: FlaskClient) -> None:
    everything = asked(client, "q=丁酉&sort=oldest")["articles"]
    same = client.get(f"/api/v1/articles/{everything[1]['id']}?script=hans").json["same_story"]
    assert (same["id"], same["count"]) == (everything[0]["id"], 3)
    assert [other["source"]["name"] for other in same["others"]] == ["甲", "丙"]
    assert client.get(f"/api/v1/articles/{everything[-1]['id']}").json["same_story"] is None


def test_pages_tell_of_the_others_and_fold_them(client: FlaskClient) -> None:
    page = LexborHTMLParser(client.get("/search?q=丁酉&sort=oldest").text)
    lines = [node.text() for node in page.css(".hits a") if "另有" in node.text()]
    assert lines == ["同一报道另有 2 篇"] * 3 + ["同一报道另有 1 篇"] * 2
    (fold,) = (node for node in page.css(".summary a") if node.text() == "同一报道只列一篇")
    folded = LexborHTMLParser(client.get(fold.attributes["href"]).text)
    assert len(folded.css(".hits li")) == 7
    assert "另有 3 篇未列出" in folded.css_first(".summary").text()
    # What is folded is on the picture, so nothing else is missing there.
    assert "没有日期" not in folded.css_first(".timeline").text()
    (unfold,) = (node for node in folded.css(".summary a") if node.text() == "全部列出")
    assert len(LexborHTMLParser(client.get(unfold.attributes["href"]).text).css(".hits li")) == 10


def test_the_page_of_a_story_says_which_and_lets_go_of_it(client: FlaskClient) -> None:
    page = LexborHTMLParser(client.get("/search?q=丁酉&sort=oldest").text)
    story = next(node for node in page.css(".hits a") if "另有" in node.text())
    listed = LexborHTMLParser(client.get(story.attributes["href"]).text)
    assert len(listed.css(".hits li")) == 3
    assert not [node for node in listed.css(".summary a") if "只列一篇" in node.text()]
    assert not [node for node in listed.css(".hits a") if "另有" in node.text()]
    chips = [node.text() for node in listed.css(".chips")]
    assert any("同一报道" in chip and "甲报" in chip for chip in chips)


def test_a_page_without_such_stories_has_no_switch(client: FlaskClient) -> None:
    page = LexborHTMLParser(client.get("/search?q=丁酉&source=独1.example").text)
    assert not [node for node in page.css("a") if "同一报道" in node.text()]
