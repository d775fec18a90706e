"""What somebody who means harm would try at the doors of the web, and what comes of it."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from searchsvc.errors import IndexUnavailable, StoreError
from searchsvc.service import Service
from searchsvc.web import headers
from searchsvc.web.app import create_app
from searchsvc.web.headers import COMMON
from tests.web.conftest import ROOT

API = "/api/v1/search"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "BREW")
# Languages and cookies change pages, and feeds' words; nothing else that is answered.
VARIED = ("text/html", "application/atom+xml", "application/opensearchdescription+xml")
BREAKS = ("%0d%0a", "%0a", "%0d", "%E5%98%8D%E5%98%8A", "%00", "%E2%80%A8", "%C2%85", "\r\n")
INJECTED = "X-Injected: yes"


def rules(app: Flask) -> Iterator[str]:
    """An address for every rule, of things that are there where they can be."""
    for rule in app.url_map.iter_rules():
        yield re.sub(r"<(?:\w+:)?\w+>", "x", rule.rule)


def harmless(answer: TestResponse) -> None:
    """Fail unless an answer has all headers that protect."""
    assert {name: answer.headers.get(name) for name in COMMON} == COMMON
    assert answer.headers["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Server" not in answer.headers or "/" not in answer.headers["Server"]
    assert not answer.data or answer.mimetype


# Headers


def test_every_rule_and_method_has_the_headers_that_protect(app: Flask, client: FlaskClient) -> None:
    statuses = set()
    for address in rules(app):
        for method in METHODS:
            answer = client.open(address, method=method)
            harmless(answer)
            statuses.add(answer.status_code)
    assert {200, 303, 400, 404, 405} <= statuses


@pytest.mark.parametrize(
    ("method", "address", "how", "status"),
    [
        ("GET", f"{API}?page=x", {}, 400),
        ("GET", "/search?from=x", {}, 400),
        ("POST", "/preferences", {"headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
        ("GET", "/nothing", {}, 404),
        ("GET", "/api/v1/nothing", {}, 404),
        ("GET", "/static/0/nothing.js", {}, 404),
        ("DELETE", "/search", {}, 405),
        ("DELETE", API, {}, 405),
        ("GET", "/search", {"data": b"x" * 20_000}, 413),
        ("GET", API, {"data": b"x" * 20_000}, 413),
        ("GET", "/search?q=" + "a" * 9_000, {}, 414),
        ("GET", f"{API}?q=" + "a" * 9_000, {}, 414),
    ],
)
def test_every_error_has_them_too(
    client: FlaskClient, method: str, address: str, how: dict[str, object], status: int
) -> None:
    answer = client.open(address, method=method, **how)  # type: ignore[arg-type]
    assert answer.status_code == status
    harmless(answer)


@pytest.mark.parametrize(
    ("error", "status"),
    [(RuntimeError("inside"), 500), (IndexUnavailable("inside"), 503), (StoreError("inside"), 503)],
)
@pytest.mark.parametrize("address", ["/", "/search?q=a", API, "/search.atom?q=a", "/trends?q=a", "/api"])
def test_failures_have_them_and_tell_nothing(
    app: Flask,
    news: Service,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    address: str,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(type(news.search), "search", broken)
    monkeypatch.setattr(type(news.search), "find", broken)
    answer = app.test_client().get(address)
    if address != "/trends?q=a" and address != "/api":
        assert answer.status_code == status
    harmless(answer)
    assert "inside" not in answer.text


def test_a_redirect_and_not_modified_have_them(client: FlaskClient) -> None:
    redirect = client.get("/api/open?operation=sources")
    tag = client.get("/api/v1/sources").headers["ETag"]
    unchanged = client.get("/api/v1/sources", headers={"If-None-Match": tag})
    assert (redirect.status_code, unchanged.status_code) == (303, 304)
    harmless(redirect)
    harmless(unchanged)


def test_the_policy_lets_nothing_run_that_is_not_a_file_of_ours() -> None:
    for policy in (headers.CONTENT_SECURITY_POLICY, headers.WITH_PICTURES):
        directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
        images = directives.pop("img-src")
        assert "unsafe" not in policy
        assert set(directives.values()) == {"'none'", "'self'"}
        assert (
            directives["default-src"] == directives["base-uri"] == directives["frame-ancestors"] == "'none'"
        )
        assert "*" not in images


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/search?q=石破茂",
        "/search?q=标记",
        "/article/{id}?q=石破茂",
        "/trends?q=石破茂",
        "/stats",
        "/api",
        "/nothing",
    ],
)
def test_pages_have_no_script_style_or_handler_in_them(
    client: FlaskClient, ishiba: str, address: str
) -> None:
    page = client.get(address.format(id=ishiba)).text
    assert re.findall(r"<script(?![^>]* src=\"/static/)[^>]*>", page) == []
    assert re.findall(r"<style|<[^>]*\sstyle\s*=|<[^>]*\son\w+\s*=", page) == []


# Who is believed

HOSTS = [
    "evil.example",
    "evil.example:80",
    "evil.example#",
    "localhost.evil.example",
    "127.0.0.1@evil.example",
]


@pytest.fixture
def public(news: Service) -> FlaskClient:
    """The service as it is reached at https://news.example."""
    settings = news.settings.model_copy(update={"public_url": "https://news.example"})
    return create_app(Service(settings, *_parts(news))).test_client()


def _parts(news: Service) -> tuple[object, ...]:
    return tuple(getattr(news, name) for name in Service.__slots__[1:])  # type: ignore[attr-defined]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("address", ["/", "/search.atom?q=石破茂", "/opensearch.xml", "/api", API])
def test_a_host_that_is_not_the_public_one_is_refused(public: FlaskClient, host: str, address: str) -> None:
    answer = public.get(address, headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text
    harmless(answer)


@pytest.mark.parametrize("host", ["news.example", "127.0.0.1:8000", "localhost", "localhost:8000"])
def test_documents_that_travel_have_the_public_address(public: FlaskClient, host: str) -> None:
    for address in ("/search.atom?q=石破茂", "/opensearch.xml", "/api"):
        text = public.get(address, headers={"Host": host}).text
        assert "https://news.example/" in text
        assert host == "news.example" or host not in text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Server", "evil.example"),
        ("X-Forwarded-Port", "31337"),
        ("X-Forwarded-Prefix", "/evil"),
        ("X-Forwarded-Proto", "evil"),
        ("Forwarded", "host=evil.example;proto=evil"),
        ("X-Host", "evil.example"),
        ("X-Original-URL", "/evil"),
        ("X-Rewrite-URL", "/evil"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-Method-Override", "POST"),
        ("Script-Name", "/evil"),
        ("Origin", "https://evil.example"),
        ("Referer", "https://evil.example/"),
        ("User-Agent", "evil"),
        ("X-Forwarded-For", "evil"),
        ("Range", "bytes=0-3"),
    ],
)
def test_headers_that_no_cache_looks_at_change_nothing(
    client: FlaskClient, ishiba: str, name: str, value: str
) -> None:
    for address in (
        "/",
        f"/article/{ishiba}",
        "/search.atom?q=石破茂",
        "/opensearch.xml",
        "/api/v1/sources",
        "/openapi.json",
    ):
        plain, other = client.get(address), client.get(address, headers={name: value})
        assert (other.status_code, other.data) == (plain.status_code, plain.data), address
        assert other.headers.get("Location") == plain.headers.get("Location")


def test_a_form_field_overrides_no_method(client: FlaskClient) -> None:
    assert client.post(API, data={"_method": "GET"}).status_code == 405
    assert client.get("/preferences?_method=POST&language=en").status_code == 405


# What caches may keep


def test_what_differs_by_reader_says_so_and_is_private(app: Flask, client: FlaskClient, ishiba: str) -> None:
    english = {"Accept-Language": "en", "Cookie": "reader=language%3Den%26script%3Dhant%26pictures%3Don"}
    addresses = [
        *rules(app),
        f"/article/{ishiba}",
        f"/article/{ishiba}/similar",
        f"{API}?q=石破茂",
        "/search.atom?q=石破茂",
    ]
    for address in (*addresses, f"/api/v1/articles/{ishiba}", "/trends?q=石破茂", "/trends.csv?q=石破茂"):
        plain, other = client.get(address), client.get(address, headers=english)
        if re.sub(rb'"took_ms":[\d.]+', b"", plain.data) != re.sub(rb'"took_ms":[\d.]+', b"", other.data):
            assert plain.mimetype in VARIED, address
        if plain.mimetype in VARIED:
            assert {"cookie", "accept-language"} <= {each.lower() for each in plain.vary}, address
        if not address.startswith("/static/"):
            assert "private" in plain.headers["Cache-Control"] or "no-store" in plain.headers["Cache-Control"]


def test_what_is_public_is_the_same_for_all_and_sets_no_cookie(client: FlaskClient) -> None:
    page = client.get("/").text
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        answer = client.get(address, headers={"Cookie": "reader=language%3Den"})
        assert answer.headers["Cache-Control"].startswith("public")
        assert "Set-Cookie" not in answer.headers
        assert "Vary" not in answer.headers


def test_a_tag_of_one_language_is_none_of_another(client: FlaskClient, ishiba: str) -> None:
    address = f"/article/{ishiba}"
    tag = client.get(address, headers={"Accept-Language": "zh-CN"}).headers["ETag"]
    again = client.get(address, headers={"Accept-Language": "zh-CN", "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert {"Cookie", "Accept-Language"} <= set(again.vary)
    assert client.get(address, headers={"Accept-Language": "en", "If-None-Match": tag}).status_code == 200


def test_an_error_is_kept_by_no_shared_cache(client: FlaskClient) -> None:
    for address in (
        "/nothing",
        "/static/x/nothing.css",
        f"{API}?page=x",
        "/article/x",
        "/static/x/style.css",
    ):
        assert "public" not in client.get(address).headers["Cache-Control"]


# Redirects

ELSEWHERE = [
    *(
        "//evil.example",
        "///evil.example",
        "////evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
    ),
    *(
        "http:evil.example",
        "http:/evil.example",
        "http://evil.example",
        "https:evil.example",
        "HTTPS://evil.example",
    ),
    *(
        "javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        " //evil.example",
        "\t//evil.example",
    ),
    *(
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r\n/evil.example",
        "\x00//evil.example",
        "/%0d%0aLocation:x\r\n",
    ),
    *(
        "evil.example",
        ".evil.example",
        "@evil.example",
        "?//evil.example",
        "#//evil.example",
        "//evil.example\\@here",
    ),
    *(
        "/\u2028/evil.example",
        "/\u00ad/evil.example",
        "／／evil.example",
        "//[::1",
        "http://[",
        "/\\\tevil.example",
    ),
    *(
        "/../\\evil.example",
        "/./\\evil.example",
        "/.//evil.example",
        "/x/..//evil.example",
        "/;//evil.example",
    ),
]


def leads(location: str) -> str:
    """Where a browser goes from http://localhost/preferences: as the URL standard has it."""
    plain = re.sub(r"[\t\n\r]", "", location.strip("".join(map(chr, range(33))))).replace("\\", "/")
    if re.match(r"[a-z][a-z0-9+.-]*:", plain, re.IGNORECASE) or plain.startswith("//"):
        return "elsewhere"
    return "here"


@pytest.mark.parametrize("address", ELSEWHERE)
def test_no_form_leads_elsewhere(client: FlaskClient, address: str) -> None:
    answer = client.post("/preferences", data={"next": address, "language": "en"})
    assert answer.status_code == 303
    assert leads(answer.headers["Location"]) == "here"
    assert "\n" not in answer.headers["Location"]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_the_page_to_try_the_api_leads_only_to_the_api(client: FlaskClient, address: str) -> None:
    for operation in ("article", "similar", "search", address):
        answer = client.get(
            "/api/open", query_string={"operation": operation, "id": address, "q": address, "next": address}
        )
        assert answer.status_code in (303, 400)
        if answer.status_code == 303:
            assert re.match(r"/api/v1/(search\?|articles/)", answer.headers["Location"])
            assert leads(answer.headers["Location"]) == "here"


@pytest.mark.parametrize(
    "name", ["next", "url", "return", "return_to", "redirect", "lang", "language", "continue"]
)
def test_no_address_that_is_read_leads_elsewhere(app: Flask, client: FlaskClient, name: str) -> None:
    for path in rules(app):
        answer = client.get(path, query_string={name: "//evil.example"})
        assert leads(answer.headers.get("Location", "/")) == "here"
        assert answer.status_code not in (301, 302, 307, 308)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "//evil.example/",
            "//evil.example/%2e%2e",
            "/\\evil.example",
            "/search/",
            "/search//",
            "/.//search",
        ),
        *(
            "/static/../config.py",
            "/static/%2e%2e/config.py",
            "/static/x/..%2f..%2fconfig.py",
            "/static/x/%2e%2e%5capp.py",
        ),
        *(
            "/static/x/....//config.py",
            "/static/x/style.css%00.txt",
            "/static/x/%2fetc%2fpasswd",
        ),
        *(
            "/article/../../etc/passwd",
            "/article/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
            "/article/%00",
            "/article/" + "a" * 8_000,
        ),
        *(
            "/api/v1/articles/%2e%2e",
            "/api/v1/articles/..%2fsources",
            "/api/v1/articles/" + "%F0%9F%98%80" * 100,
        ),
        *(
            "/article/x/versions/..%2f..%2f",
            "/article/x/versions/%00",
            "/;/search",
            "/search;jsessionid=1",
            "/search%3fq=a",
        ),
        *(
            "/SEARCH",
            "/%73earch%00",
            "/%ff%fe",
            "/api/v1/../../config.py",
            "/.git/config",
            "/.env",
            "/wsgi.py",
            "/index/CURRENT",
        ),
        *(
            "/data/articles.sqlite3",
            "/config.py",
            "/requirements.txt",
            "/console",
            "/debug",
            "/admin",
            "/static/",
            "/static/x/",
        ),
    ],
)
def test_path_tricks_find_nothing_and_lead_nowhere(client: FlaskClient, path: str) -> None:
    answer = client.get("/", environ_overrides={"PATH_INFO": _decoded(path), "REQUEST_URI": path})
    assert answer.status_code == 404, path
    assert "Location" not in answer.headers
    harmless(answer)


@pytest.mark.parametrize("path", ["//search", "////search", "//"])
def test_slashes_before_a_path_are_one_and_stay_in_no_link(client: FlaskClient, path: str) -> None:
    given = {"PATH_INFO": path, "REQUEST_URI": path, "QUERY_STRING": "q=a"}
    answer = client.get("/", environ_overrides=given)
    assert answer.status_code == 200
    assert re.findall(r'(?:href|src|action|value)="[^"]{0,9}//(?!/)[^"]*"', answer.text) == []


def _decoded(path: str) -> str:
    """A path as a WSGI server hands it on: its escapes undone, byte for byte."""
    raw = re.sub(rb"%([0-9a-fA-F]{2})", lambda found: bytes.fromhex(found[1].decode()), path.encode())
    return raw.decode("latin-1")


# Headers that take something from an address


@pytest.mark.parametrize("line_break", BREAKS)
def test_no_parameter_writes_a_header(app: Flask, client: FlaskClient, line_break: str) -> None:
    evil = f"a{line_break}{quote(INJECTED)}{line_break}{line_break}<script>"
    names = (
        "q",
        "from",
        "to",
        "tz",
        "source",
        "author",
        "story",
        "sort",
        "script",
        "page",
        "cursor",
        "facets",
        "search_in",
        "id",
        "limit",
        "operation",
        "measure",
        "next",
        "at",
        evil,
    )
    for path in rules(app):
        for name in names:
            raw = f"{name}={evil}&operation=search&q={evil}".encode().decode("latin-1")
            answer = client.get(path, environ_overrides={"QUERY_STRING": raw})
            assert answer.status_code < 500
            assert "X-Injected" not in answer.headers
            assert not any(re.search(r"[\r\n\0]", value) for _, value in answer.headers)


@pytest.mark.parametrize("line_break", BREAKS)
def test_no_choice_of_a_reader_writes_a_header(client: FlaskClient, line_break: str) -> None:
    evil = f"en{line_break}{INJECTED}"
    raw = "&".join(f"{name}={evil}" for name in ("language", "script", "pictures", "next"))
    answer = client.post("/preferences", data=raw, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 303
    assert "X-Injected" not in answer.headers
    assert answer.headers["Set-Cookie"].count("=") < 10
    assert not any(re.search(r"[\r\n\0]", value) for _, value in answer.headers)


# Cookies, other sites


def test_the_cookie_is_for_this_site_and_no_script(client: FlaskClient, public: FlaskClient) -> None:
    plain = client.post("/preferences", data={"language": "en"}).headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Domain" not in plain
    assert "Secure" not in plain
    safe = client.post("/preferences", data={"language": "en"}, base_url="https://news.example")
    assert "Secure" in safe.headers["Set-Cookie"]
    behind = public.post("/preferences", data={"language": "en"}, base_url="http://127.0.0.1")
    assert "Secure" in behind.headers["Set-Cookie"]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_changes_nothing(client: FlaskClient, site: str) -> None:
    answer = client.post("/preferences", data={"language": "en"}, headers={"Sec-Fetch-Site": site})
    assert (answer.status_code, answer.headers.get("Set-Cookie")) == (403, None)


def test_a_get_sets_nothing(app: Flask, client: FlaskClient) -> None:
    for path in rules(app):
        answer = client.get(path, query_string={"language": "en", "pictures": "on", "operation": "search"})
        assert "Set-Cookie" not in answer.headers


def test_no_other_site_is_let_in(client: FlaskClient) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    for method in ("GET", "OPTIONS"):
        answer = client.open(API, method=method, headers=asked)
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]


def test_documents_say_what_they_are_and_are_no_page(client: FlaskClient) -> None:
    for address in (f"{API}?q=<script>alert(1)</script>", "/api/v1/<svg onload=alert(1)>", f"{API}?<b>=1"):
        answer = client.get(address)
        assert answer.mimetype in ("application/json", "application/problem+json")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


# Secrets

SECRETS = re.compile(
    r"Traceback|/searchsvc/|site-packages|\.sqlite3|sqlite|SELECT \w+ |\bg\d{4}-\d{8}T|state\.json|Werkzeug/|Python/\d|"
    r"gunicorn/\d|flask (reindex|ingest)|SEARCHSVC_",
)


def test_an_unusable_index_or_database_tells_readers_no_path_and_the_log_once(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    service.settings.index_dir.mkdir(parents=True)
    (service.settings.index_dir / "CURRENT").write_text(
        '{"current": "g0001-20240101T000000", "previous": null}'
    )
    client = create_app(service).test_client()
    for address in (
        "/",
        "/search?q=石破茂",
        f"{API}?q=a",
        "/search.atom?q=a",
        "/readyz",
        "/trends?q=a",
        "/trends.csv?q=a",
    ):
        for language in ("zh-CN", "zh-TW", "en"):
            answer = client.get(address, headers={"Accept-Language": language})
            assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True), address
            assert str(service.settings.index_dir.parent) not in answer.text
            assert not SECRETS.search(answer.text), address
    said = [record.getMessage() for record in caplog.records if "g0001" in record.getMessage()]
    assert len(said) == 1
    assert str(service.settings.index_dir) in said[0]
    assert "flask reindex" in said[0]


def test_a_broken_database_tells_readers_no_path(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    service.settings.data_dir.mkdir(parents=True)
    (service.settings.data_dir / "articles.sqlite3").write_bytes(b"no database" * 500)
    client = create_app(service).test_client()
    for address in (
        "/article/x",
        "/api/v1/articles/x",
        "/stats",
        "/api/v1/stats",
        "/api/v1/sources",
        "/metrics",
    ):
        answer = client.get(address)
        assert answer.status_code == 503, address
        assert str(service.settings.data_dir) not in answer.text
        assert not SECRETS.search(answer.text)
    assert len([record for record in caplog.records if "articles.sqlite3" in record.getMessage()]) == 1


def test_answers_tell_no_versions_and_no_paths(app: Flask, client: FlaskClient, ishiba: str) -> None:
    for address in (
        *rules(app),
        f"/article/{ishiba}",
        "/nothing",
        f"{API}?q=石破茂",
        f"{API}?cursor=x",
        "/search?q=%FF",
    ):
        answer = client.get(address)
        told = answer.text
        if address in ("/metrics", "/api/v1/stats", "/readyz", "/stats"):
            told = re.sub(r"g\d{4}-\d{8}T\d{6}", "", told)
        assert not SECRETS.search(told), (address, SECRETS.search(told))
        assert str(ROOT) not in told


def test_the_project_has_no_secret_in_it(app: Flask) -> None:
    assert app.secret_key is None
    assert not app.debug
    pattern = re.compile(
        r"-----BEGIN|AKIA[0-9A-Z]{16}|(?:api_?key|secret|password|token)\s*=\s*[\"'][^\"']{8,}", re.IGNORECASE
    )
    folders = ("searchsvc", "deploy", "docs", "bench", "samples")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    files += [path for path in ROOT.iterdir() if path.is_file()]
    for path in files:
        if path.suffix in (".png", ".pyc", ".nbi", ".nbc", ".gz"):
            continue
        assert not pattern.search(path.read_text(errors="replace")), path
