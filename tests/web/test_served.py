"""The service as it is deployed: gunicorn with two workers, spoken to over sockets."""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from email.parser import BytesParser
from urllib.parse import quote

import pytest

from bench.service import Served
from searchsvc.settings import Settings
from searchsvc.web.headers import COMMON
from tests.web.conftest import ROOT, environment


@pytest.fixture
def connection(server: Served) -> Iterator[http.client.HTTPConnection]:
    opened = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    yield opened
    opened.close()


def raw(server: Served, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes that no HTTP library would; the status, headers and body of the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(request)
        answer = b""
        while piece := client.recv(65_536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    status, _, headers = head.partition(b"\r\n")
    return int(status.split()[1]), dict(BytesParser().parsebytes(headers).items()), body


def get(server: Served, target: str) -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode("utf-8", "surrogateescape")


def test_it_answers_searches(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/api/v1/search?q=" + quote("日美關係"))
    answer = connection.getresponse()
    assert (answer.status, json.load(answer)["total"]) == (200, 2)
    connection.request("HEAD", "/search?q=" + quote("石破茂"))
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"")


def test_both_workers_answer_at_once(server: Served) -> None:
    statuses: list[int] = []

    def ask() -> None:
        for _ in range(10):
            statuses.append(raw(server, get(server, "/api/v1/search?q=" + quote("石破茂")))[0])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 80


@pytest.mark.parametrize(
    ("request_bytes", "status", "code"),
    [
        (b"GET /search?q=" + b"%E7%9F%B3" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "url_too_long"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000 + b"\r\n\r\n", 431, "headers_too_large"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nbroken\r\n\r\n", 400, "bad_request"),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400, "bad_request"),
    ],
)
def test_what_never_reaches_the_app_is_answered_like_the_rest(
    server: Served, request_bytes: bytes, status: int, code: str
) -> None:
    found, headers, body = raw(server, request_bytes)
    assert (found, json.loads(body)["code"]) == (status, code)
    assert headers["Content-Type"] == "application/problem+json"
    assert {name: headers.get(name) for name in COMMON} == COMMON


@pytest.mark.parametrize(
    "query", ["q=\udcff\udcfe", "q=%ED%A0%80", "q=%FF", "q=石破茂", "q=%00", "%", "q=" + "a" * 8_100]
)
@pytest.mark.parametrize("path", ["/api/v1/search", "/search"])
def test_odd_bytes_in_an_address_are_no_500(server: Served, path: str, query: str) -> None:
    status, headers, _ = raw(server, get(server, f"{path}?{query}"))
    assert status in (200, 400, 414)
    assert {name: headers.get(name) for name in COMMON} == COMMON


@pytest.mark.parametrize(
    "header",
    ["SCRIPT_NAME: //evil.example", "SCRIPT_NAME: /", "PATH_INFO: /evil", "Script-Name: /evil", "REMOTE_USER: evil",
     "X-Forwarded-Ssl: on", "X-Forwarded-Protocol: ssl", "X-Forwarded-Host: evil.example", "X-Original-URL: /evil"],
)  # fmt: skip
def test_no_header_moves_the_service_elsewhere(server: Served, header: str) -> None:
    plain = raw(server, get(server, "/opensearch.xml"))
    request = f"GET /opensearch.xml HTTP/1.1\r\nHost: x\r\n{header}\r\nConnection: close\r\n\r\n"
    status, _, body = raw(server, request.encode())
    assert (status, body) == (200, plain[2])


@pytest.mark.parametrize(
    ("target", "header", "statuses"),
    [
        ("http://evil.example/search", "Accept: */*", {200}),
        ("//evil.example/search", "Accept: */*", {400, 404}),
        ("/", "Host: evil.example", {400}),
        ("/", "Transfer-Encoding: chunked\r\nContent-Length: 5", {400}),
        ("/", "Transfer-Encoding: xchunked", {400, 501}),
        ("/", "Content-Length: 5\r\nContent-Length: 6", {400}),
        ("/", "Content-Length: +5", {400}),
        ("/", "X-Folded: a\r\n b", {400}),
        ("/", "Bad Name: a", {400}),
        ("/ HTTP/1.1\r\nHost: y\r\nX:", "Accept: */*", {400}),
    ],
)
def test_requests_that_two_servers_might_read_differently(
    server: Served, target: str, header: str, statuses: set[int]
) -> None:
    request = f"GET {target} HTTP/1.1\r\nHost: x\r\n{header}\r\nConnection: close\r\n\r\n"
    status, headers, body = raw(server, request.encode())
    assert status in statuses
    assert {name: headers.get(name) for name in COMMON} == COMMON
    assert b"evil" not in body or status == 404
    assert headers.get("Location") is None


def test_the_cookie_is_for_https_where_the_proxy_says_so(server: Served) -> None:
    form = "language=en"
    for proto, secure in (("https", True), ("http", False)):
        request = (
            f"POST /preferences HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: {proto}\r\nConnection: close\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n{form}"
        )
        _, headers, _ = raw(server, request.encode())
        assert ("Secure" in headers["Set-Cookie"]) is secure


def test_a_body_is_refused_and_the_connection_stays_in_step(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/api/v1/search", body=b"x" * 1_000)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    answer.read()
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200


def test_nothing_is_logged_about_what_people_search_for(server: Served) -> None:
    raw(server, get(server, "/api/v1/search?q=very-private-words"))
    log = server.log.read_text()
    assert "very-private-words" not in log
    assert "Traceback" not in log


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "eighty"), ("PORT", "0"), ("PORT", "70000"), ("PORT", "٨٠٨٠"), ("WORKERS", "-1")],
)
def test_a_bad_number_ends_the_start_with_a_sentence(settings: Settings, name: str, value: str) -> None:
    ended = start(settings, **{name: value})
    assert ended.returncode == 1
    assert ended.stderr.strip().startswith(f"{name}={value!r} is not a whole number")
    assert "Traceback" not in ended.stderr


def test_a_bad_setting_stops_gunicorn_and_is_named(settings: Settings) -> None:
    ended = start(settings, SEARCHSVC_TIMEZONE="Mars/Olympus")
    assert ended.returncode != 0
    assert "SEARCHSVC_TIMEZONE='Mars/Olympus'" in ended.stderr


def test_a_bad_setting_is_a_sentence_in_the_terminal(settings: Settings) -> None:
    command = [sys.executable, "-m", "flask", "stats"]
    wrong = environment(settings, SEARCHSVC_NO_SUCH_THING="1")
    ended = subprocess.run(
        command, cwd=ROOT, env=wrong, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 2
    assert "Unknown setting SEARCHSVC_NO_SUCH_THING" in ended.stderr
    assert "Traceback" not in ended.stderr


def start(settings: Settings, **variables: str) -> subprocess.CompletedProcess[str]:
    """Start gunicorn where it should not get far."""
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        "gunicorn.conf.py",
        "--bind",
        "127.0.0.1:0",
        "wsgi:app",
    ]
    if variables.get("PORT"):
        command = [word for word in command if word not in ("--bind", "127.0.0.1:0")]
    clean = {**environment(settings), **variables, "PATH": os.environ["PATH"]}
    return subprocess.run(
        command, cwd=ROOT, env=clean, capture_output=True, text=True, timeout=60, check=False
    )
