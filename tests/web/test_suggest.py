"""Suggestions and similar articles as programs meet them."""

import random

import pytest
from flask.testing import FlaskClient

from searchsvc.service import Service
from searchsvc.web.app import create_app

SUGGEST = "/api/v1/suggest"


def test_suggestions_have_the_shape_of_the_contract(client: FlaskClient) -> None:
    answer = client.get(f"{SUGGEST}?q=日美 石&limit=1")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json == {
        "q": "日美 石",
        "suggestions": [
            {"text": "石破茂", "kind": "word", "count": 2, "query": "日美 石破茂", "script": None}
        ],
    }
    assert "石破茂".encode() in answer.data


@pytest.mark.parametrize(
    "query", ["", "q=", "q=%20", "q=%00%01", "q=%E2%80%AE", "q=" + "a" * 2_000, "q=*", "q=-"]
)
def test_from_nothing_nothing_follows(client: FlaskClient, query: str) -> None:
    answer = client.get(f"{SUGGEST}?{query}")
    assert (answer.status_code, answer.json["suggestions"]) == (200, [])


def test_similar_articles_are_shown_as_hits_without_marks(client: FlaskClient, ishiba: str) -> None:
    (article,) = client.get(f"/api/v1/articles/{ishiba}/similar").json["articles"]
    assert article["title"] == "石破茂訪美"
    assert set(article) == {
        *("id", "url", "title", "source", "author", "published_at", "script", "image", "score"),
        "same_story",
    }
    assert article["same_story"] is False
    converted = client.get(f"/api/v1/articles/{ishiba}/similar?script=hans").json["articles"]
    assert [each["title"] for each in converted] == ["石破茂访美"]


BAD = [
    *[
        (SUGGEST, f"q=石&limit={limit}", 400, "bad_value", "limit")
        for limit in ("0", "-1", "abc", "1000", "٣", "9" * 99)
    ],
    (SUGGEST, "q=石&page=1", 400, "unknown_param", "page"),
    (SUGGEST, "q=石&q=油", 400, "repeated_param", "q"),
    (SUGGEST, "q=%ED%A0%80", 400, "bad_encoding", "q"),
    (SUGGEST, "q=" + "a" * 3_000, 400, "too_long", "q"),
    (SUGGEST, "q=" + "a" * 10_000, 414, "url_too_long", None),
    *[
        ("/api/v1/articles/nobody/similar", f"limit={limit}", 400, "bad_value", "limit")
        for limit in ("0", "51", "x")
    ],
    ("/api/v1/articles/nobody/similar", "q=石", 400, "unknown_param", "q"),
    ("/api/v1/articles/nobody/similar", "script=latin", 400, "bad_value", "script"),
    ("/api/v1/articles/nobody/similar", "", 404, "not_found", None),
    ("/api/v1/articles/%00%FF/similar", "", 404, "not_found", None),
]


@pytest.mark.parametrize(
    ("path", "query", "status", "code", "param"), BAD, ids=[f"{row[0][-12:]}?{row[1][:20]}" for row in BAD]
)
def test_the_culprit_is_named(
    client: FlaskClient, path: str, query: str, status: int, code: str, param: str | None
) -> None:
    answer = client.get(f"{path}?{query}")
    assert answer.mimetype == "application/problem+json"
    assert (answer.status_code, answer.json["code"], answer.json.get("param")) == (status, code, param)


def test_without_an_index_both_say_so(service: Service, news: Service) -> None:
    client = create_app(service).test_client()
    service.store.put([])
    answer = client.get(f"{SUGGEST}?q=石")
    assert (answer.status_code, answer.json["code"]) == (503, "no_index")
    kept = next(iter(news.store.all()))
    from searchsvc.store.articles import Write

    service.store.put([Write(kept)])
    answer = client.get(f"/api/v1/articles/{kept.id}/similar")
    assert (answer.status_code, answer.json["code"]) == (503, "no_index")


def test_whatever_is_typed_there_is_no_500(client: FlaskClient) -> None:
    rng = random.Random(11)
    alphabet = [*"%&=+;()\"*:-~ \t\x00<>'", "%00", "%ED%A0%80", "石", "破", "a", "q=", "limit=", "宽", "1"]
    for _ in range(300):
        query = "".join(rng.choices(alphabet, k=rng.randrange(1, 40))).encode().decode("latin-1")
        for prefix in ("", "q="):
            answer = client.get(SUGGEST, environ_overrides={"QUERY_STRING": prefix + query})
            assert answer.status_code in (200, 400), query
