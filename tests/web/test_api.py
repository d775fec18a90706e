"""The JSON API as programs meet it: the shape of answers, filters, paging."""

import pytest
from flask.testing import FlaskClient

from searchsvc.web.app import FRESH
from tests.web.conftest import MARKUP, TURNED

SEARCH = "/api/v1/search"


def titles(client: FlaskClient, query: str) -> list[str]:
    answer = client.get(f"{SEARCH}?{query}")
    assert answer.status_code == 200, answer.text
    return [article["title"] for article in answer.json["articles"]]


def test_an_answer_has_the_shape_of_the_contract(client: FlaskClient) -> None:
    answer = client.get(f"{SEARCH}?q=石破茂 特朗普")
    document = answer.json
    assert answer.mimetype == "application/json"
    assert document.pop("took_ms") >= 0
    article = document["articles"][0]
    assert article.pop("score") > 0
    assert len(article.pop("id")) > 8
    assert document == {
        "total": 1,
        "query": {
            "raw": "石破茂 特朗普",
            "terms": ["石破茂", "特朗普"],
            "variants": {"特朗普": ["川普"]},
            "matched": "all",
            "warnings": [],
        },
        "articles": [
            {
                "url": "https://news.example/日本首相石破茂寻求会晤特朗普",
                "title": "日本首相石破茂寻求会晤特朗普",
                "source": {"id": "voa.example", "name": "美国之声"},
                "author": "张三",
                "published_at": "2024-11-07T16:49:47Z",
                "script": "hans",
                "image": "https://pictures.example/1.jpg",
                "highlights": article["highlights"],
                "why": ["typed"],
            }
        ],
        "facets": {},
        "next": None,
        "previous": None,
    }
    assert article["highlights"][0] == {
        "field": "title",
        "text": "日本首相石破茂寻求会晤特朗普",
        "spans": [[4, 7], [11, 14]],
    }


def test_text_is_sent_as_text_and_not_as_escapes(client: FlaskClient) -> None:
    assert "石破茂".encode() in client.get(f"{SEARCH}?q=石破茂").data


def test_either_script_finds_both(client: FlaskClient) -> None:
    for query in ("日美关系", "日美關係", '"日美關係"'):
        assert client.get(f"{SEARCH}?q={query}").json["total"] == 2


def test_spans_point_into_their_own_text(client: FlaskClient) -> None:
    articles = client.get(f"{SEARCH}?q=日美关系").json["articles"]
    marked = {
        highlight["text"][start:end]
        for article in articles
        for highlight in article["highlights"]
        for start, end in highlight["spans"]
    }
    assert "".join(sorted(marked)) in ("日美关系日美關係", "关系日美關係", "关系日美關係")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("from=2024-11-08&to=2024-11-08", 1),
        ("from=2024-11-07&to=2024-11-07", 0),
        ("from=2024-11-07&to=2024-11-07&tz=UTC", 1),
        ("from=2024-12", 1),
        ("to=2024-11", 1),
        ("source=udn.example", 1),
        ("source=udn.example&source=voa.example", 2),
        ("exclude_source=udn.example", 1),
        ("source=nobody.example", 0),
        ("search_in=title", 2),
    ],
)
def test_filters(client: FlaskClient, query: str, expected: int) -> None:
    assert client.get(f"{SEARCH}?q=石破茂&{query}").json["total"] == expected


def test_without_words_a_range_lists_its_articles_newest_first(client: FlaskClient) -> None:
    assert titles(client, "from=2024-11-05&to=2024-11-08") == [
        "标记" + MARKUP,
        "日本首相石破茂寻求会晤特朗普",
        "经济快讯第1号",
        "经济快讯第2号",
        "经济快讯第3号",
    ]


def test_oldest_first(client: FlaskClient) -> None:
    assert titles(client, "q=经济&sort=oldest&page_size=2") == ["经济快讯第45号", "经济快讯第44号"]


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_following_next_meets_every_hit_once(client: FlaskClient, sort: str) -> None:
    address: str | None = f"{SEARCH}?q=经济&sort={sort}"
    met: list[str] = []
    pages = []
    while address:
        document = client.get(address).json
        pages.append((document["previous"] is None, len(document["articles"])))
        met += [article["id"] for article in document["articles"]]
        address = document["next"]
    assert pages == [(True, 20), (False, 20), (False, 5)]
    assert len(set(met)) == len(met) == 45


def test_previous_leads_back_to_the_first_page(client: FlaskClient) -> None:
    second = client.get(f"{SEARCH}?q=经济&page=2").json
    first = client.get(second["previous"]).json
    assert first["previous"] is None
    assert first["articles"] == client.get(f"{SEARCH}?q=经济").json["articles"]


def test_what_was_not_understood_is_said(client: FlaskClient) -> None:
    assert client.get(f"{SEARCH}?q=石破茂)").json["query"]["warnings"]


def test_nul_characters_are_left_out_with_a_warning(client: FlaskClient) -> None:
    document = client.get(f"{SEARCH}?q=石破茂%00").json
    assert (document["total"], len(document["query"]["warnings"])) == (2, 1)


def test_an_article_whole(client: FlaskClient, ishiba: str) -> None:
    document = client.get(f"/api/v1/articles/{ishiba}").json
    assert set(document) == {
        *("id", "url", "title", "source", "author", "published_at", "published_from", "retrieved_at"),
        *("language", "script", "image", "text", "html", "parts"),
    }
    assert (document["id"], document["published_from"]) == (ishiba, "stated")
    assert document["parts"][0] == {"kind": "dateline", "start": 0, "end": 5}
    assert document["text"][0:5] == "华盛顿 —"
    assert document["retrieved_at"].endswith("Z")


def test_an_article_without_a_date(client: FlaskClient) -> None:
    (found,) = client.get(f"{SEARCH}?q=无日期的文章").json["articles"]
    assert found["published_at"] is None
    assert client.get(f"/api/v1/articles/{found['id']}").json["published_from"] is None


def test_an_article_that_has_not_changed_is_not_sent_again(client: FlaskClient, ishiba: str) -> None:
    first = client.get(f"/api/v1/articles/{ishiba}")
    again = client.get(f"/api/v1/articles/{ishiba}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == FRESH


def test_sources_by_count(client: FlaskClient) -> None:
    assert client.get("/api/v1/sources").json == {
        "sources": [
            {"id": "news.example", "name": "例报", "count": 46},
            {"id": "voa.example", "name": "美国之声", "count": 2},
            {"id": "turned.example", "name": TURNED.name, "count": 1},
            {"id": "udn.example", "name": "聯合晚報", "count": 1},
        ]
    }


def test_head_is_get_without_the_body(client: FlaskClient) -> None:
    answer = client.head(f"{SEARCH}?q=石破茂")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"", "application/json")
    assert int(answer.headers["Content-Length"]) > 100


def test_options_says_what_is_allowed(client: FlaskClient) -> None:
    answer = client.options(SEARCH)
    assert answer.status_code == 200
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_addresses_keep_the_prefix_that_the_app_is_mounted_under(client: FlaskClient) -> None:
    document = client.get(f"{SEARCH}?q=经济", environ_overrides={"SCRIPT_NAME": "/news"}).json
    assert document["next"].startswith("/news/api/v1/search?")
