"""Clients that send half of a request, or a byte now and then: through nginx the others notice nothing.

And without it: what happens is stated, so that nobody is surprised. Gunicorn's threads are held for as long as
a request may take to arrive (``searchsvc/web/worker.py``); others are refused meanwhile, and served after it.
"""

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import quote

from bench.service import Served, serving
from searchsvc.web.worker import ARRIVAL_SECONDS
from tests.proxy import proxied
from tests.torture.archive import make_archive
from tests.torture.row import Outcome, Row, Trial

SEARCH = f"/api/v1/search?q={quote('石破茂')}"
# Beginnings of requests: nothing at all, half a line, half the headers, half a body.
HALVES = (
    b"",
    b"GET /sea",
    b"GET /search HTTP/1.1\r\nHost: x\r\nAccept: ",
    b"POST /preferences HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nlanguage=",
)
DRIP_SECONDS = 0.5
# Half-open connections to gunicorn itself: more than all its workers' threads, and those that may wait.
DIRECTLY = 400
# Time that it may take after the arrival's end: the loop looks once a second.
GRACE_SECONDS = 5.0


def run(trial: Trial) -> Outcome:
    """Through nginx first, then without it."""
    make_archive(trial.folder)
    violations: list[str] = []
    with serving(trial.folder, WORKERS="2") as served:
        with proxied(served.port, trial.folder / "nginx") as port:
            for open_ones in trial.of(100, 100), trial.of(100, 800):
                with half_open(port, open_ones), dripping(port, trial.of(20, 100)):
                    failed = asked(port, trial.of(50, 2_000))
                violations += [f"{what} with {open_ones} half-open at nginx" for what in failed]
        directly = recovers(served) if not trial.quick else ""
        if directly.startswith("not"):
            violations.append(f"without nginx: {directly}")
    figure = (
        f"{len(violations)} searches failed with 100 and {trial.of(100, 800)} half-open and "
        f"{trial.of(20, 100)} dripping connections"
    )
    return Outcome(figure + (f"; without nginx: {directly}" if directly else ""), tuple(violations))


@contextlib.contextmanager
def half_open(port: int, number: int) -> Iterator[None]:
    """Connections that have sent the beginning of a request, and send no more."""
    with contextlib.ExitStack() as stack:
        for each in range(number):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            client.sendall(HALVES[each % len(HALVES)])
        yield


@contextlib.contextmanager
def dripping(port: int, number: int) -> Iterator[None]:
    """Connections that send a header byte by byte; one that is cut off is begun anew."""
    over = threading.Event()

    def drip() -> None:
        clients: list[socket.socket] = []
        while not over.wait(DRIP_SECONDS):
            while len(clients) < number:
                clients.append(socket.create_connection(("127.0.0.1", port), timeout=30))
                clients[-1].sendall(b"GET /search?q=x HTTP/1.1\r\nX: ")
            for client in list(clients):
                try:
                    client.sendall(b"a")
                except OSError:
                    clients.remove(client)
                    client.close()
        for client in clients:
            client.close()

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def asked(port: int, number: int) -> list[str]:
    """What went wrong with so many searches, each on a connection of its own."""
    failed = []
    for _ in range(number):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", SEARCH)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            failed.append(repr(error))
        else:
            if status != http.client.OK:
                failed.append(f"status {status}")
        finally:
            connection.close()
    return failed


def recovers(served: Served) -> str:
    """What half-open connections do to gunicorn without a proxy: for how long it answers no search."""
    began = time.monotonic()
    refused = 0
    with half_open(served.port, DIRECTLY):
        while failed := asked_once(served.port):
            refused += failed.startswith("status 503")
            if time.monotonic() - began > 4 * ARRIVAL_SECONDS + GRACE_SECONDS:
                return f"not answered for {time.monotonic() - began:.0f} s"
            time.sleep(0.2)
    seconds = time.monotonic() - began
    return f"{DIRECTLY} half-open hold it for {seconds:.0f} s, {refused} of those who asked meanwhile got 503"


def asked_once(port: int) -> str:
    """What went wrong with one search, nobody waiting longer than a second; nothing if it was answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", SEARCH)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return repr(error)
    finally:
        connection.close()
    return "" if status == http.client.OK else f"status {status}"


ROW = Row("slow", "half-open and dripping clients", "through nginx 0 searches fail", run)
