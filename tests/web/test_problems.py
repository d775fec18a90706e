"""Every way to ask wrongly: the right status, the culprit by name, and never a 500."""

import random

import pytest
from flask import Flask
from flask.testing import FlaskClient

from searchsvc.errors import StoreError
from searchsvc.service import Service
from searchsvc.web.app import create_app
from searchsvc.web.headers import COMMON

API = "/api/v1/search"

BAD = [
    ("page_size=0", "page_size", "bad_value"),
    ("page_size=1000000000", "page_size", "bad_value"),
    ("page_size=-1", "page_size", "bad_value"),
    ("page_size=ten", "page_size", "bad_value"),
    ("page_size=101", "page_size", "bad_value"),
    ("page=0", "page", "bad_value"),
    ("page=501", "page", "too_deep"),
    ("page=" + "9" * 400, "page", "bad_value"),
    ("from=2024-13-45", "from", "bad_date"),
    ("to=gestern", "to", "bad_date"),
    ("from=2024-12&to=2024-11", "from", "bad_range"),
    ("tz=Mars/Olympus", "tz", "bad_value"),
    ("sort=best", "sort", "bad_value"),
    ("search_in=body", "search_in", "bad_value"),
    ("query=a", "query", "unknown_param"),
    ("sort=newest&sort=oldest", "sort", "repeated_param"),
    ("cursor=abc", "cursor", "bad_cursor"),
    ("cursor=%FF", "cursor", "bad_encoding"),
    ("cursor=+", "cursor", "bad_cursor"),
    ("cursor=" + "A" * 7_000, "cursor", "bad_cursor"),
    ("cursor=&page=1", "cursor", "bad_combination"),
    ("cursor=&page_size=0", "page_size", "bad_value"),
    ("facets=source,author", "facets", "bad_value"),
    ("script=simplified", "script", "bad_value"),
    ("script=HANS", "script", "bad_value"),
    ("facets=,", "facets", "bad_value"),
    ("facets=source&facets=timeline", "facets", "repeated_param"),
    ("q=%ED%A0%80", "q", "bad_encoding"),
    ("q=%FF", "q", "bad_encoding"),
    ("source=%C0%80", "source", "bad_encoding"),
    ("q=" + "a" * 3_000, "q", "too_long"),
]


@pytest.mark.parametrize(("query", "param", "code"), BAD, ids=[row[0][:30] for row in BAD])
def test_the_api_names_the_culprit(client: FlaskClient, query: str, param: str, code: str) -> None:
    answer = client.get(f"{API}?{query}")
    problem = answer.json
    assert answer.mimetype == "application/problem+json"
    assert (answer.status_code, problem["status"]) == (400, 400)
    assert (problem["param"], problem["code"]) == (param, code)
    assert (problem["type"], problem["title"], problem["instance"]) == ("about:blank", "Bad Request", API)
    assert param in problem["detail"]


ELSEWHERE = [
    ("GET", "/api/v1/articles/nobody", 404, "not_found", None),
    ("GET", "/api/v1/articles/%00%FF", 404, "not_found", None),
    ("GET", "/api/v1/nothing", 404, "not_found", None),
    ("GET", "/api/v1/sources?q=a", 400, "unknown_param", "q"),
    ("GET", "/api/v1/articles/nobody?q=a", 400, "unknown_param", "q"),
    ("GET", "/api/v1/articles/nobody?script=a", 400, "bad_value", "script"),
    ("GET", "/api/v1/articles/nobody?script=hans&script=hans", 400, "repeated_param", "script"),
    ("GET", "/api/v1/articles/nobody?script=%FF", 400, "bad_encoding", "script"),
    ("GET", "/api/v1/articles/nobody?script=hans", 404, "not_found", None),
    ("POST", API, 405, "method_not_allowed", None),
    ("DELETE", "/api/v1/sources", 405, "method_not_allowed", None),
    ("BREW", API, 405, "method_not_allowed", None),
    ("GET", f"{API}?q={'石' * 10_000}", 414, "url_too_long", None),
    ("GET", f"{API}?q={'a' * 10_000}", 414, "url_too_long", None),
]


@pytest.mark.parametrize(
    ("method", "address", "status", "code", "param"),
    ELSEWHERE,
    ids=[f"{r[0]} {r[1][:30]}" for r in ELSEWHERE],
)
def test_other_problems_of_the_api(
    client: FlaskClient, method: str, address: str, status: int, code: str, param: str | None
) -> None:
    answer = client.open(address, method=method)
    assert answer.mimetype == "application/problem+json"
    assert (answer.status_code, answer.json["code"], answer.json.get("param")) == (status, code, param)
    if status == 405:
        assert "GET" in answer.headers["Allow"]


def test_a_body_is_too_large_before_it_is_read(client: FlaskClient) -> None:
    answer = client.get(API, data=b"x" * 20_000)
    assert (answer.status_code, answer.json["code"]) == (413, "body_too_large")


def test_without_an_index_a_search_says_so_and_when_to_return(service: Service) -> None:
    client = create_app(service).test_client()
    for address in (f"{API}?q=a", "/readyz"):
        answer = client.get(address)
        assert (answer.status_code, answer.json["code"]) == (503, "no_index")
        assert int(answer.headers["Retry-After"]) > 0
    for address in ("/", "/search?q=石破茂"):
        page = client.get(address)
        assert (page.status_code, page.mimetype) == (503, "text/html")
        assert int(page.headers["Retry-After"]) > 0
    assert 'value="石破茂"' in client.get("/search?q=石破茂").text
    assert client.get("/healthz").json == {"status": "ok"}


def test_a_broken_database_is_503_and_pages_stand(
    app: Flask, news: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise StoreError("The article database cannot be opened")

    monkeypatch.setattr(type(news.store), "connection", broken)
    client = app.test_client()
    assert client.get(f"{API}?q=石破茂").json["code"] == "no_store"
    for address in ("/", "/search?q=石破茂", "/article/x"):
        assert client.get(address).status_code == 503


def test_an_unforeseen_error_tells_people_nothing_and_the_log_everything(
    app: Flask, news: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(type(news.search), "search", broken)
    client = app.test_client()
    for address in (f"{API}?q=a", "/search?q=a"):
        answer = client.get(address)
        assert answer.status_code == 500
        assert "secret" not in answer.text
    assert "the secret inside" in caplog.text


def test_ready_names_the_index(client: FlaskClient) -> None:
    answer = client.get("/readyz").json
    assert (answer["status"], answer["articles"]) == ("ready", 50)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 200),
        ("/search?q=石破茂", 200),
        ("/search?from=x", 400),
        ("/nothing", 404),
        ("/article/nothing", 404),
        ("/static/0/nothing.css", 404),
        ("/static/0/style.css", 200),
        (f"{API}?q=石破茂", 200),
        (f"{API}?nothing", 400),
        ("/api/v1/nothing", 404),
        ("/healthz", 200),
        ("/search?q=" + "a" * 9_000, 414),
    ],
)
def test_every_answer_has_the_headers_that_protect(client: FlaskClient, address: str, status: int) -> None:
    for answer in (client.get(address), client.head(address)):
        assert answer.status_code == status
        assert {name: answer.headers.get(name) for name in COMMON} == COMMON
        assert "no-store" not in answer.headers["Cache-Control"]


HOSTILE = [
    *("%00", "%ED%A0%80", "%F0%9F", "%", "%zz", "\udcff", "a&&b==c&=&;", "q=%00%00", "q=" + "(" * 2_000),
    *("q=" + "NOT " * 400, "q=" + '"' * 1_999, "q=*", "q=%2A%3F", "q=%E2%80%AE%E2%81%A8", "q=%F0%A0%AE%B7"),
    *("q=a&page=%D9%A3", "q=a&page=1e3", "q=a&from=P9999999999D", "from=0000", "from=9999-12-31", "to=10000"),
    *(
        "tz=../../etc/passwd",
        "tz=%00",
        "source=%00",
        "q=date:9999",
        "q=intitle:&from=%00",
        "q=before:P99999D",
    ),
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("path", [API, "/search", "/"])
def test_nothing_that_is_asked_is_a_500(client: FlaskClient, path: str, query: str) -> None:
    raw = query.encode("utf-8", "surrogateescape").decode("latin-1")
    answer = client.get(path, environ_overrides={"QUERY_STRING": raw})
    assert answer.status_code in (200, 400, 414), answer.text


def test_random_bytes_are_no_500_either(client: FlaskClient) -> None:
    rng = random.Random(7)
    alphabet = [
        *"%&=+;()\"*:-~ \t\x00<>'",
        "%00",
        "%ED%A0%80",
        "石",
        "q=",
        "from=",
        "OR",
        "NOT",
        "date:",
        "page=",
    ]
    for _ in range(400):
        query = "".join(rng.choices(alphabet, k=rng.randrange(1, 60))).encode().decode("latin-1")
        for path in (API, "/search", "/article/x"):
            answer = client.get(path, environ_overrides={"QUERY_STRING": query})
            assert answer.status_code < 500, (path, query)


def test_a_broken_host_header_is_a_400(client: FlaskClient) -> None:
    for path in ("/", API):
        assert client.get(path, headers={"Host": "a b<c>"}).status_code in (200, 400)
