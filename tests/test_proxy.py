"""deploy/nginx.conf with real nginx: what it passes on, what it keeps to itself, what it says when we are gone."""

import contextlib
import http.client
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.service import Served, serving
from searchsvc.web.headers import COMMON
from tests.proxy import proxied
from tests.torture.archive import make_archive

Answer = tuple[int, dict[str, str], bytes]
# nginx's own pages have nothing to load; their policy is stricter than ours.
OWN = {name: value for name, value in COMMON.items() if name != "Content-Security-Policy"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("proxied")
    make_archive(made)
    return made


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Served]:
    limits = {"SEARCHSVC_RATE_LIMIT": "1000 per hour", "SEARCHSVC_TRUSTED_PROXIES": "1"}
    with serving(folder, WORKERS="2", **limits) as served:
        yield served


@pytest.fixture(scope="module")
def port(service: Served, folder: Path) -> Iterator[int]:
    with proxied(service.port, folder / "nginx") as opened:
        yield opened


def ask(port: int, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    found = answer.status, dict(answer.getheaders()), answer.read()
    connection.close()
    return found


def raw(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=120) as client:
        client.sendall(request)
        found = b""
        # Of a body that does not come nginx ends the connection hard, some seconds after its answer.
        with contextlib.suppress(ConnectionResetError):
            while piece := client.recv(65_536):
                found += piece
    return found


def test_searches_are_passed_on_with_our_headers_once(port: int) -> None:
    status, headers, body = ask(port, "/api/v1/search?q=G20")
    assert status == 200
    assert b'"total"' in body
    for name, value in COMMON.items():
        assert headers[name] == value


def test_metrics_are_not(port: int, service: Served) -> None:
    assert ask(service.port, "/metrics")[0] == 200
    for path in ("/metrics", "//metrics", "/./metrics", "/x/../metrics", "/%6detrics"):
        assert ask(port, path)[0] == 404, path


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /search?q=" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 9_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: " + b"a" * 8_000 + b"\r\nY: " + b"a" * 8_000 + b"\r\nZ: "
         + b"a" * 8_000 + b"\r\nA: " + b"a" * 8_000 + b"\r\nB: " + b"a" * 8_000 + b"\r\n\r\n", 431),
        (b"POST /preferences HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n", 413),
        (b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 400),
    ],
    ids=["address", "header", "headers", "body", "nul", "nonsense"],
)  # fmt: skip
def test_what_is_too_large_or_broken_is_refused_with_our_headers(
    port: int, request_: bytes, status: int
) -> None:
    answer = raw(port, request_)
    assert answer.startswith(f"HTTP/1.1 {status}".encode())
    assert b"nginx/" not in answer
    assert "请求".encode() in answer
    for name, value in OWN.items():
        assert f"\r\n{name}: {value}\r\n".encode() in answer
    assert b"Content-Security-Policy: default-src 'none'" in answer


def test_answers_are_packed(port: int) -> None:
    _, plain, whole = ask(port, "/api/v1/search?q=G20")
    _, headers, packed = ask(port, "/api/v1/search?q=G20", Accept_Encoding="gzip")
    assert (plain.get("Content-Encoding"), headers["Content-Encoding"]) == (None, "gzip")
    assert len(packed) < len(whole) / 2


def test_a_client_cannot_choose_its_address(port: int) -> None:
    # The limit of the service counts by address: all of these are one, which is this machine's.
    def left() -> int:
        return ask(port, "/api/v1/sources", X_Forwarded_For="198.51.100.1", Forwarded="for=198.51.100.2")[0]

    assert {left() for _ in range(5)} == {200}
    assert (
        ask(port, "/opensearch.xml", X_Forwarded_Host="evil.example", X_Forwarded_Proto="gopher")[2].find(
            b"evil.example"
        )
        < 0
    )


def test_when_the_service_is_gone_static_files_stay_and_others_are_told_to_come_again(
    folder: Path, tmp_path: Path
) -> None:
    with serving(folder, WORKERS="1") as served, proxied(served.port, tmp_path / "nginx") as port:
        style = re.search(rb'/static/[^"]+css', ask(port, "/")[2])
        assert style
        kept = ask(port, style[0].decode())
        served.process.terminate()
        served.process.wait(timeout=120)
        assert ask(port, style[0].decode())[2] == kept[2]
        status, headers, body = ask(port, "/search?q=x")
        assert (status, headers["Retry-After"]) == (502, "5")
        assert "请过几秒钟再试" in body.decode()
        status, headers, body = ask(port, "/api/v1/search?q=x")
        assert (status, headers["Content-Type"]) == (502, "application/problem+json")
        assert headers["Retry-After"] == "5"
        for name, value in OWN.items():
            assert headers[name] == value
