"""The JSON API as programs meet it: the shape of answers, filters, paging."""

from typing import Any

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
        "folded": 0,
        "query": {
            "raw": "石破茂 特朗普",
            "terms": ["石破茂", "特朗普"],
            "variants": {"特朗普": ["川普"]},
            "matched": "all",
            "warnings": [],
            "did_you_mean": [],
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
                "same_story": None,
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


@pytest.mark.usefixtures("enough_time")
def test_what_may_have_been_meant_is_a_list_of_query_strings(client: FlaskClient) -> None:
    query = client.get(f"{SEARCH}?q=经计快讯&page_size=1").json["query"]
    assert (query["raw"], query["did_you_mean"]) == ("经计快讯", ["经济快讯"])


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


def facets(client: FlaskClient, query: str) -> dict[str, Any]:
    answer = client.get(f"{SEARCH}?{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json["facets"])


def test_sources_of_all_hits_are_counted_the_most_first_and_then_by_id(client: FlaskClient) -> None:
    assert facets(client, "q=经济&facets=source&page_size=1") == {
        "source": [{"id": "news.example", "name": "例报", "count": 45}]
    }
    found = facets(client, "q=石破茂 OR 标记 OR 无日期&facets=source")["source"]
    assert [(each["id"], each["count"]) for each in found] == [
        ("voa.example", 2),
        ("news.example", 1),
        ("udn.example", 1),
    ]


def test_a_timeline_goes_from_the_first_hit_to_the_last_by_local_days(client: FlaskClient) -> None:
    (found,) = facets(client, "q=经济&facets=timeline").values()
    assert (found["interval"], len(found["buckets"])) == ("day", 45)
    assert found["buckets"][0] == {"start": "2024-09-24", "count": 1}
    assert found["buckets"][-1] == {"start": "2024-11-07", "count": 1}
    assert facets(client, "q=经济&facets=timeline&tz=UTC")["timeline"]["buckets"][-1]["start"] == "2024-11-06"
    (found,) = facets(client, "q=石破茂&facets=timeline").values()
    assert [found["buckets"][at] for at in (0, 1, -1)] == [
        {"start": "2024-11-08", "count": 1},
        {"start": "2024-11-09", "count": 0},
        {"start": "2024-12-08", "count": 1},
    ]


def test_everything_is_counted_by_years_and_what_has_no_date_in_none(client: FlaskClient) -> None:
    document = client.get(f"{SEARCH}?facets=source,timeline").json
    timeline, sources = document["facets"]["timeline"], document["facets"]["source"]
    assert (timeline["interval"], timeline["buckets"][0]) == ("year", {"start": "2000", "count": 1})
    assert timeline["buckets"][-1] == {"start": "2024", "count": 48}
    assert sum(each["count"] for each in sources) == document["total"] == 50
    assert facets(client, "q=无日期&facets=timeline") == {"timeline": {"interval": "day", "buckets": []}}
    assert facets(client, "q=甲乙丙丁&facets=timeline,source") == {
        "source": [],
        "timeline": {"interval": "day", "buckets": []},
    }


def test_facets_count_what_is_shown_when_only_some_words_are_there(client: FlaskClient) -> None:
    query = "q=日美关系中经济消息的无关部分&facets=source,timeline"
    document = client.get(f"{SEARCH}?{query}").json
    assert document["query"]["matched"] == "some"
    counted = document["facets"]["source"]
    assert sum(each["count"] for each in counted) == document["total"]
    assert sum(each["count"] for each in document["facets"]["timeline"]["buckets"]) == document["total"]


def test_only_what_is_asked_for_is_counted(client: FlaskClient) -> None:
    assert facets(client, "q=经济") == facets(client, "q=经济&facets=") == {}
    assert set(facets(client, "q=经济&facets=source, source")) == {"source"}


@pytest.mark.parametrize(
    ("script", "shown"),
    [
        ("original", ["日本首相石破茂寻求会晤特朗普", "石破茂訪美"]),
        ("hans", ["日本首相石破茂寻求会晤特朗普", "石破茂访美"]),
        ("hant", ["日本首相石破茂尋求會晤特朗普", "石破茂訪美"]),
    ],
)
def test_hits_are_shown_in_the_script_asked_for(client: FlaskClient, script: str, shown: list[str]) -> None:
    plain = client.get(f"{SEARCH}?q=石破茂&sort=oldest").json["articles"]
    found = client.get(f"{SEARCH}?q=石破茂&sort=oldest&script={script}").json["articles"]
    assert [article["title"] for article in found] == shown
    assert [article["script"] for article in found] == ["hans", "hant"]
    assert [article["source"] for article in found] == [article["source"] for article in plain]
    for one, other in zip(found, plain, strict=True):
        assert [h["spans"] for h in one["highlights"]] == [h["spans"] for h in other["highlights"]]
        assert one["highlights"][0]["text"] == one["title"]
        assert all("石破茂" in h["text"][slice(*h["spans"][0])] for h in one["highlights"])


def test_an_article_is_shown_in_the_script_asked_for(client: FlaskClient, ishiba: str) -> None:
    plain = client.get(f"/api/v1/articles/{ishiba}").json
    assert client.get(f"/api/v1/articles/{ishiba}?script=hans").json == plain
    shown = client.get(f"/api/v1/articles/{ishiba}?script=hant").json
    assert (shown["title"], shown["script"]) == ("日本首相石破茂尋求會晤特朗普", "hans")
    cut = [shown["text"][part["start"] : part["end"]] for part in shown["parts"]]
    assert (shown["parts"], cut) == (plain["parts"], ["華盛頓 —", "小標題"])
    assert "特朗普通了五分鐘的電話" in shown["html"]
    assert shown["url"] == plain["url"]


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("q", ["经济", ""])
def test_following_next_of_a_cursor_meets_every_hit_once(client: FlaskClient, sort: str, q: str) -> None:
    address: str | None = f"{SEARCH}?cursor=&q={q}&sort={sort}&page_size=7"
    total = client.get(f"{SEARCH}?q={q}").json["total"]
    met: list[str] = []
    while address:
        document = client.get(address).json
        assert (document["total"], document["previous"]) == (total, None)
        met += [article["id"] for article in document["articles"]]
        address = document["next"]
        assert address is None or "&page_size=7&cursor=" in address
    assert len(set(met)) == len(met) == total


def test_a_cursor_goes_with_its_own_search_only(client: FlaskClient) -> None:
    following = client.get(f"{SEARCH}?q=经济&cursor=").json["next"]
    for other in ("&sort=oldest", "&from=2024", "&exclude_source=udn.example"):
        answer = client.get(following + other)
        assert (answer.status_code, answer.json["code"], answer.json["param"]) == (
            400,
            "bad_cursor",
            "cursor",
        )
    kept = client.get(f"{following}&facets=source&script=hant&page_size=3").json
    assert (len(kept["articles"]), kept["facets"]["source"][0]["count"]) == (3, 45)
    assert kept["articles"][0]["title"].startswith("經濟快訊")


def test_an_empty_cursor_of_nothing_leads_nowhere(client: FlaskClient) -> None:
    document = client.get(f"{SEARCH}?q=甲乙丙丁&cursor=").json
    assert (document["total"], document["articles"], document["next"]) == (0, [], None)


def test_what_was_not_understood_is_said(client: FlaskClient) -> None:
    warnings = client.get(f"{SEARCH}?q=石破茂)").json["query"]["warnings"]
    assert warnings == ["A ) without its ( was left out"]


def test_nul_characters_are_left_out_with_a_warning(client: FlaskClient) -> None:
    document = client.get(f"{SEARCH}?q=石破茂%00").json
    assert (document["total"], len(document["query"]["warnings"])) == (2, 1)


def test_an_article_whole(client: FlaskClient, ishiba: str) -> None:
    document = client.get(f"/api/v1/articles/{ishiba}").json
    assert set(document) == {
        *("id", "url", "title", "source", "author", "published_at", "published_from", "retrieved_at"),
        *("language", "script", "image", "same_story", "text", "html", "parts"),
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
