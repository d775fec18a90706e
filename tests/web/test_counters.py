"""Counts of requests in memory that processes share."""

import os
from concurrent.futures import ProcessPoolExecutor

import pytest

from searchsvc.web import counters
from searchsvc.web.counters import INHERITED, PLACES, SharedCounters

EACH, PROCESSES = 500, 4


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> SharedCounters:
    monkeypatch.delenv(INHERITED, raising=False)
    return SharedCounters()


def test_a_window_begins_with_its_first_request(own: SharedCounters, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr(counters.time, "time", lambda: now)
    assert [own.incr("a", 60), own.incr("a", 60), own.incr("b", 60)] == [1, 2, 1]
    now += 59
    assert (own.get("a"), own.get_expiry("a")) == (2, 1_000_060.0)
    now += 2
    assert own.get("a") == 0
    assert own.incr("a", 60) == 1


def test_what_is_cleared_begins_anew(own: SharedCounters) -> None:
    own.incr("a", 60), own.incr("b", 60)
    own.clear("a")
    assert (own.get("a"), own.get("b")) == (0, 1)
    own.reset()
    assert own.get("b") == 0


def test_a_flood_of_keys_takes_no_more_room(own: SharedCounters) -> None:
    for number in range(PLACES // 8):
        own.incr(f"address {number}", 60)
    # Few have lost their place to others, as long as the table is not nearly full.
    kept = sum(own.get(f"address {number}") == 1 for number in range(PLACES // 8))
    assert kept == PLACES // 8


def _count(_: int) -> None:
    shared = SharedCounters()
    for _ in range(EACH):
        shared.incr("all", 600)


def test_processes_lose_no_count(monkeypatch: pytest.MonkeyPatch) -> None:
    file = os.memfd_create("counters")
    monkeypatch.setenv(INHERITED, str(file))
    with ProcessPoolExecutor(PROCESSES) as pool:
        list(pool.map(_count, range(PROCESSES)))
    assert SharedCounters().get("all") == EACH * PROCESSES
