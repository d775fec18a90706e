"""Nothing on a page moves that nobody moved: neither while it loads, nor under the pointer of who uses it."""

import re
import socket
import time
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.service import Served
from tests.ingest.listener import path_of
from tests.ingest.listener import serving as listening
from tests.web.conftest import SIZES, Visits
from tests.web.states import STATES, State

every_size = pytest.mark.parametrize("size", SIZES)
LOADED = {state.address + state.reader: state for state in STATES}.values()


@every_size
@pytest.mark.parametrize("state", LOADED, ids=[state.name for state in LOADED])
def test_nothing_shifts_while_a_page_loads_and_is_worked_with(state: State, size: str, visit: Visits) -> None:
    page = visit(state, viewport=SIZES[size])
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert page.evaluate(SHIFTS) == []


@pytest.mark.parametrize("address", ["/", "/search?q=石破茂"])
def test_a_page_that_comes_in_pieces_does_not_move_and_keeps_its_focus(
    address: str, browser: Browser, server: Served
) -> None:
    def relay(sock: socket.socket, request: bytes) -> None:
        with urllib.request.urlopen(f"{server.url}{path_of(request)}") as answer:
            body, kind = answer.read(), answer.headers["Content-Type"]
        sock.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode())
        # Where a slow network may cut it: before each menu of the head, and after the head.
        for piece in re.split(rb"(?=<details class=.menu|<main)", body):
            sock.sendall(piece)
            time.sleep(0.2)

    with listening(relay) as slow:
        page = browser.new_page(viewport=SIZES["phone"])
        page.goto(f"{slow.url}{address}")
        assert page.evaluate(SHIFTS) == []
        expect(page.locator("[autofocus]:not(:focus)")).to_have_count(0)
        page.close()


def test_a_shift_would_be_noticed(visit: Visits) -> None:
    page = visit(State("results", "/search?q=石破茂"))
    page.evaluate("""() => {
      const block = document.createElement("div");
      block.style.height = "100px";
      document.querySelector("main").prepend(block);
    }""")
    assert page.evaluate(SHIFTS) != []


@every_size
@pytest.mark.parametrize("address", ["/", "/search?q=石破茂", "/article/{ishiba}?q=石破茂"])
def test_nothing_moves_under_the_pointer_when_a_menu_or_the_completions_open(
    size: str, address: str, visit: Visits
) -> None:
    page = visit(State("any", address), viewport=SIZES[size])
    page.wait_for_load_state("networkidle")
    before = places(page)
    for menu in ("how", "settings"):
        page.locator(f"details.{menu} > summary").click()
        expect(page.locator(f"details.{menu} .panel")).to_be_visible()
        assert places(page) == before
        page.keyboard.press("Escape")
    page.locator("#q").fill("")
    page.locator("#q").press_sequentially("石")
    expect(page.locator(".completions [role=option]").first).to_be_visible()
    assert places(page) == before
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    assert places(page) == before
    assert page.evaluate(SHIFTS) == []


def places(page: Page) -> list[Any]:
    """Where everything on the page is, but for what lies over it."""
    return list(page.evaluate(PLACES))


# The shifts that no input explains, buffered ones included, with what moved.
SHIFTS = """() => new Promise((resolve) => {
  const seen = [];
  const note = (entries) => seen.push(...entries.filter((entry) => !entry.hadRecentInput).map((entry) =>
    [entry.value, ...entry.sources.map((source) => source.node?.nodeName)]));
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ type: "layout-shift", buffered: true });
  const afterFrames = (count, done) => count ? requestAnimationFrame(() => afterFrames(count - 1, done)) : done();
  afterFrames(3, () => setTimeout(() => { note(observer.takeRecords()); resolve(seen); }));
})"""

PLACES = """() => [...document.body.querySelectorAll("*")]
  .filter((node) => !node.closest(".panel, .completions, .unseen, .skip"))
  .map((node) => { const { x, y, width, height } = node.getBoundingClientRect(); return [x, y, width, height] })"""
