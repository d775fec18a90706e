"""Asking only for what changed; addresses that moved; when to come back; who asks, and by what way."""

import socket
import time

import pytest

import config
from searchsvc.errors import FetchFailed
from searchsvc.ingest.fetch import Fetched, Fetcher, Validators, fetcher
from searchsvc.settings import load_settings
from tests.ingest.listener import Detour, Script, always, answer, path_of, serving


def get(address: str, known: Validators | None = None, **options: object) -> Fetched:
    values: dict[str, object] = {"timeout_seconds": 5, "max_bytes": 1_000_000, "allow_private": True}
    return Fetcher(**(values | options)).fetch(address, known)  # type: ignore[arg-type]


def failure(address: str, **options: object) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        get(address, **options)
    return caught.value


def by_path(**answers: bytes) -> Script:
    """Answers by the first part of a path: ``/a`` by ``a``."""
    return lambda sock, request: sock.sendall(answers[path_of(request).strip("/")])


def test_validators_come_with_the_body_and_are_told_back() -> None:
    def script(sock: socket.socket, request: bytes) -> None:
        has = (
            b'if-none-match: "v1"\r\n' in request.lower()
            and b"if-modified-since: thu, 07 nov" in request.lower()
        )
        body = answer(b"body", ETag='"v1"', Last_Modified="Thu, 07 Nov 2024 08:00:00 GMT")
        sock.sendall(answer(status="304 Not Modified") if has else body)

    with serving(script) as server:
        first = get(server.url)
        second = get(server.url, first.validators)
    assert (first.data, first.unchanged) == (b"body", False)
    assert (second.data, second.unchanged) == (b"", True)
    assert second.wire_bytes < 100


def test_validators_are_told_only_to_the_address_they_came_from() -> None:
    with serving(always(answer(b"body"))) as server:
        get(f"{server.url}/b", Validators(f"{server.url}/a", '"v1"'))
    assert b"if-none-match" not in server.requests[0].lower()


def test_behind_a_redirect_the_last_address_is_told_its_validators() -> None:
    pages = by_path(a=answer(status="302 Found", Location="/b"), b=answer(b"body", ETag='"v2"'))
    with serving(pages) as server:
        known = get(f"{server.url}/a").validators
        get(f"{server.url}/a", known)
    assert known == Validators(f"{server.url}/b", '"v2"')
    assert [b'if-none-match: "v2"' in request.lower() for request in server.requests] == [
        False,
        False,
        False,
        True,
    ]


def test_a_304_that_was_not_asked_for_is_an_error() -> None:
    with serving(always(answer(status="304 Not Modified"))) as server:
        assert failure(server.url).status == 304


def test_an_endless_validator_is_not_kept() -> None:
    with serving(always(answer(b"body", ETag='"' + "x" * 5_000 + '"'))) as server:
        assert get(server.url).validators is None


@pytest.mark.parametrize("status", ["301 Moved Permanently", "308 Permanent Redirect"])
def test_a_permanent_redirect_is_where_the_feed_is_now(status: str) -> None:
    with serving(by_path(a=answer(status=status, Location="/b"), b=answer(b"body"))) as server:
        assert get(f"{server.url}/a").moved_to == f"{server.url}/b"


@pytest.mark.parametrize("status", ["302 Found", "303 See Other", "307 Temporary Redirect"])
def test_a_temporary_redirect_moves_nothing(status: str) -> None:
    with serving(by_path(a=answer(status=status, Location="/b"), b=answer(b"body"))) as server:
        assert get(f"{server.url}/a").moved_to is None


def test_a_feed_moves_as_far_as_redirects_are_permanent() -> None:
    pages = by_path(
        a=answer(status="301 Moved", Location="/b"),
        b=answer(status="302 Found", Location="/c"),
        c=answer(status="301 Moved", Location="/d"),
        d=answer(b"body"),
    )
    with serving(pages) as server:
        assert get(f"{server.url}/a").moved_to == f"{server.url}/b"


def test_a_permanent_redirect_to_an_error_moves_nothing() -> None:
    with serving(
        by_path(a=answer(status="301 Moved", Location="/b"), b=answer(status="404 Not Found"))
    ) as server:
        assert failure(f"{server.url}/a").status == 404


def test_how_long_an_answer_is_good_is_told_on() -> None:
    with serving(always(answer(b"body", Cache_Control="max-age=1234"))) as server:
        assert get(server.url).fresh_seconds == 1234


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_when_to_come_back_is_told_on_with_the_error(status: str) -> None:
    with serving(always(answer(status=status, Retry_After="120"))) as server:
        before = int(time.time())
        error = failure(server.url)
    assert error.status == int(status[:3])
    assert error.retry_at is not None
    assert before + 120 <= error.retry_at <= time.time() + 120


def test_what_never_answered_has_no_status() -> None:
    assert (failure("http://nothing.invalid/").status, failure("file:///etc/passwd").status) == (None, None)


def test_a_contact_is_sent_along_when_it_is_set() -> None:
    settings = load_settings(
        vars(config),
        {"SEARCHSVC_FETCH_CONTACT": "https://news.example/about", "SEARCHSVC_FETCH_ALLOW_PRIVATE": "1"},
    )
    with serving(always(answer(b"body"))) as server:
        fetcher(settings).fetch(server.url)
    assert b"user-agent: searchsvc/0.1 (+https://news.example/about)\r\n" in server.requests[0].lower()


# By a proxy


def test_a_proxy_that_is_set_is_asked_for_http_addresses() -> None:
    with serving(always(answer(b"by proxy"))) as proxy:
        got = get("http://192.0.2.1/feed", proxy=proxy.url)
    assert got.data == b"by proxy"
    assert proxy.requests[0].startswith(b"GET http://192.0.2.1/feed HTTP/1.1\r\n")


def test_a_proxy_is_asked_for_a_tunnel_to_https_addresses_and_told_the_password() -> None:
    with serving(always(answer(status="403 No"))) as proxy:
        error = failure("https://192.0.2.1/feed", proxy=f"http://me:geheim@127.0.0.1:{proxy.port}")
    assert proxy.requests[0].startswith(b"CONNECT 192.0.2.1:443 HTTP/1.1\r\n")
    assert b"proxy-authorization: basic bwu6z2vozwlt" in proxy.requests[0].lower()
    assert "FETCH_PROXY" in str(error)
    assert "geheim" not in str(error)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "[::1]", "10.0.0.1", "169.254.169.254"])
def test_a_proxy_is_never_asked_for_a_private_address(scheme: str, host: str) -> None:
    with serving(always(answer(b"secret"))) as proxy:
        error = failure(f"{scheme}://{host}/", proxy=proxy.url, allow_private=False)
    assert "not public" in str(error)
    assert proxy.connections == 0


def test_the_proxy_itself_may_be_private_and_its_address_not_a_feed() -> None:
    with serving(always(answer(b"by proxy"))) as proxy:
        assert get("http://93.184.215.14/", proxy=proxy.url, allow_private=False).data == b"by proxy"
        assert "not public" in str(failure(proxy.url, proxy=proxy.url, allow_private=False))
    assert proxy.connections == 1


def test_a_name_that_only_the_proxy_knows_is_left_to_it() -> None:
    with serving(always(answer(b"by proxy"))) as proxy:
        assert get("http://nothing.invalid/", proxy=proxy.url, allow_private=False).data == b"by proxy"


def test_a_name_that_we_know_to_be_private_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(always(answer(b"secret"))) as proxy:
        Detour(monkeypatch, proxy.port, "10.0.0.1")
        assert "not public" in str(failure("http://news.example/", proxy=proxy.url, allow_private=False))
    assert proxy.connections == 0


def test_a_redirect_by_a_proxy_keeps_the_rules() -> None:
    with serving(always(answer(status="302 Found", Location="http://127.0.0.1/"))) as proxy:
        assert "not public" in str(failure("http://93.184.215.14/", proxy=proxy.url, allow_private=False))
    assert proxy.connections == 1
