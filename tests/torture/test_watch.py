"""What watches over pages notices what it is there for: the payloads as they are, with nothing in between."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote

import pytest
from playwright.sync_api import Browser

from searchsvc.web.headers import CONTENT_SECURITY_POLICY
from tests.torture.poison import payloads
from tests.torture.watch import Watch
from tests.web.conftest import browser

__all__ = ["browser"]
# One of each kind, of those that begin with an element.
LIVE = [each for each in payloads() if each.startswith("<")][5::13]


class Careless(BaseHTTPRequestHandler):
    """A site that writes into its pages whatever it is asked, under our policy."""

    def do_GET(self) -> None:
        body = f"<!doctype html><p>{unquote(self.path[1:])}".encode()
        self.send_response(200)
        for name, value in {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(body)),
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def careless() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Careless) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def seen(watch: Watch, payload: str) -> list[str]:
    watch.live.clear()
    watch.see(f"/{quote(payload.encode('utf-8', 'replace'), safe='')}")
    return list(watch.live)


def test_there_are_more_payloads_than_asked_and_no_two_alike() -> None:
    assert len(payloads()) >= 200
    assert len(set(payloads())) == len(payloads())


@pytest.mark.parametrize("guarded", [False, True])
def test_markup_that_gets_through_is_noticed(browser: Browser, careless: str, guarded: bool) -> None:
    watch = Watch(browser, careless, guarded=guarded)
    missed = [payload for payload in LIVE if not seen(watch, payload) and not watch.shapes.keys() - PLAIN]
    watch.close()
    assert missed == []


PLAIN = {"html", "head", "body", "p"}


def test_plain_words_are_not(browser: Browser, careless: str) -> None:
    watch = Watch(browser, careless, guarded=True)
    assert seen(watch, "平常 &lt;b&gt;") == []
    assert watch.shapes.keys() <= PLAIN
    watch.close()


def test_what_the_policy_stops_counts_all_the_same(browser: Browser, careless: str) -> None:
    watch = Watch(browser, careless, guarded=True)
    assert any("policy" in what for what in seen(watch, "<script>alert(1)</script>"))
    watch.close()
    bare = Watch(browser, careless, guarded=False)
    assert any("alert(1)" in what for what in seen(bare, "<img src=x onerror=alert(1)>"))
    bare.close()
