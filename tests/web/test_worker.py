"""Gunicorn's worker when there is more to do than it can: nobody waits without end."""

import http.client
import json
import socket
import time
from collections.abc import Iterator

import pytest

from bench.service import Served
from searchsvc.service import Service
from searchsvc.web.headers import COMMON
from searchsvc.web.unread import wants_page
from searchsvc.web.worker import ARRIVAL_SECONDS, WAITING_PER_THREAD
from tests.torture.slow import half_open
from tests.web.conftest import serving

THREADS = 8
BROWSER = b"GET /search?q=x HTTP/1.1\r\nHost: x\r\nAccept: text/html,*/*;q=0.8\r\n\r\n"
PROGRAM = b"GET /api/v1/search?q=x HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n"
WATCHER = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def one_worker(news: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(news.settings, tmp_path_factory.mktemp("log") / "gunicorn.log", WORKERS="1") as server:
        yield server


def answer(server: Served, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=120) as client:
        client.sendall(request)
        found = b""
        while piece := client.recv(65_536):
            found += piece
        return found


def full(server: Served) -> bytes:
    """A program's answer when the threads are held and the line is full."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = answer(server, PROGRAM)
        if found.startswith(b"HTTP/1.1 503"):
            return found
    raise TimeoutError("Nobody was refused")


def test_connections_that_say_nothing_hold_no_thread(one_worker: Served) -> None:
    silent = [socket.create_connection(("127.0.0.1", one_worker.port)) for _ in range(3 * THREADS)]
    connection = http.client.HTTPConnection("127.0.0.1", one_worker.port, timeout=120)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    for client in silent:
        client.close()


def test_when_all_threads_are_held_and_enough_wait_others_are_refused_at_once(one_worker: Served) -> None:
    # Each sends the beginning of a request, and holds a thread or waits for one.
    held = [socket.create_connection(("127.0.0.1", one_worker.port)) for _ in range(THREADS)]
    waiting = [
        socket.create_connection(("127.0.0.1", one_worker.port)) for _ in range(WAITING_PER_THREAD * THREADS)
    ]
    for client in (*held, *waiting):
        client.sendall(b"GET /search")
    head, _, body = answer_of_full(one_worker)
    assert b"Retry-After: 2" in head
    assert json.loads(body)["code"] == "busy"
    for name in COMMON:
        assert f"\r\n{name}: ".encode() in head
    page = answer(one_worker, BROWSER)
    assert page.startswith(b"HTTP/1.1 503")
    assert "忙不过来".encode() in page
    for client in (*held, *waiting):
        client.close()
    # The line is gone with them, and who watches was never refused.
    assert answer(one_worker, WATCHER).startswith(b"HTTP/1.1 200")


def answer_of_full(server: Served) -> tuple[bytes, bytes, bytes]:
    return full(server).partition(b"\r\n\r\n")


def test_a_request_that_does_not_arrive_gives_its_thread_back(one_worker: Served) -> None:
    with half_open(one_worker.port, 4 * THREADS):
        time.sleep(ARRIVAL_SECONDS / 10)
        assert answer(one_worker, WATCHER).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("request_", "page"),
    [(BROWSER, True), (PROGRAM, False), (b"GET /search HTTP/1.1\r\nHost: x\r\n\r\n", False), (b"", False)],
)
def test_a_page_is_for_browsers(request_: bytes, page: bool) -> None:
    assert wants_page(request_) is page
