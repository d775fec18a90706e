"""Many addresses at once: hosts side by side, one visitor each, pauses kept."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

from searchsvc.errors import FetchFailed
from searchsvc.ingest.fetch import Fetched, Fetcher, Validators
from searchsvc.ingest.turns import Turns
from searchsvc.ingest.visits import Answer, Visit, visit_all
from tests.ingest.site import answer, redirect, running

PAUSE = 0.05


class Noted(Turns):
    """Turns that note from when to when each host was visited."""

    def __init__(self) -> None:
        super().__init__(PAUSE)
        self.visits: list[tuple[str, float, float]] = []

    @contextmanager
    def at(self, host: str) -> Iterator[float]:
        with super().at(host) as waited:
            began = time.monotonic()
            yield waited
            self.visits.append((host, began, time.monotonic()))


class Scripted(Fetcher):
    """A fetcher that goes nowhere: what an address does is in its name."""

    def fetch(self, address: str, known: Validators | None = None) -> Fetched:
        if "busy" in address:
            raise FetchFailed("busy", status=429, retry_at=2**40)
        if "fault" in address:
            raise RuntimeError("a fault of ours")
        return Fetched(address.encode(), None, address, 0)


def visit(address: str) -> Visit:
    return Visit(address, address)


def answers(*addresses: str) -> dict[str, Answer]:
    found = visit_all([visit(address) for address in addresses], Scripted(1, 1), 4)
    return {answer.visit.address: answer for answer in found}


def test_a_host_has_one_visitor_at_a_time_and_a_pause_also_behind_redirects() -> None:
    turns = Noted()
    with running(hosts=4) as site:
        for number in range(12):
            target = site.page(f"/{number}", answer(b"x"), (number + 1) % 4)
            site.add("redirected", redirect("302 Found", target), host=number % 4)
        visits = [visit(feed.address) for feed in site.feeds]
        found = list(visit_all(visits, Fetcher(30, 1_000, True, turns=turns), 16))
    assert [answer.error for answer in found] == [None] * 12
    assert len(turns.visits) == 24
    for host in {host for host, _, _ in turns.visits}:
        times = sorted((began, ended) for name, began, ended in turns.visits if name == host)
        assert all(later[0] >= earlier[1] + PAUSE for earlier, later in pairwise(times))


def test_waiting_for_a_turn_takes_nothing_from_the_time_of_a_fetch() -> None:
    with running(hosts=1) as site:
        address = site.page("/", answer(b"x"), 0)
        fetcher = Fetcher(5, 1_000, True, turns=Turns(0))
        held = threading.Event()

        def hold() -> None:
            with fetcher.turns.at("127.0.7.1"):
                held.set()
                time.sleep(3.5)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait()
        line = Fetcher(3, 1_000, True, turns=fetcher.turns)
        assert line.fetch(address).data == b"x"
        thread.join()


def test_hosts_are_visited_side_by_side() -> None:
    """Eight hosts that answer only once all eight have been asked."""
    gate = threading.Barrier(8)

    class Together(Fetcher):
        def fetch(self, address: str, known: Validators | None = None) -> Fetched:
            gate.wait(timeout=60)
            return Fetched(b"", None, address, 0)

    visits = [visit(f"http://{number}.example/") for number in range(8)]
    assert [answer.error for answer in visit_all(visits, Together(1, 1), 8)] == [None] * 8


def test_a_host_that_is_asked_too_often_is_left_alone_and_the_others_are_not() -> None:
    found = answers("http://a.example/1", "http://a.example/busy", "http://a.example/3", "http://b.example/4")
    assert found["http://a.example/1"].fetched
    assert found["http://a.example/busy"].error
    assert (found["http://a.example/3"].until, found["http://a.example/3"].error) == (2**40, None)
    assert found["http://b.example/4"].fetched


def test_what_is_no_address_is_answered_like_the_rest() -> None:
    assert set(answers("http://[::1", "")) == {"http://[::1", ""}


def test_a_fault_of_ours_ends_the_round_and_does_not_hang_it() -> None:
    try:
        answers("http://a.example/fault", "http://b.example/")
    except RuntimeError as error:
        assert str(error) == "a fault of ours"
    else:
        raise AssertionError("the fault was swallowed")


def test_a_round_that_is_left_stops_its_visits() -> None:
    asked: list[str] = []

    class Counting(Fetcher):
        def fetch(self, address: str, known: Validators | None = None) -> Fetched:
            asked.append(address)
            return Fetched(b"", None, address, 0)

    before = threading.active_count()
    found = visit_all([visit(f"http://{n}.example/") for n in range(500)], Counting(1, 1), 4)
    next(found)
    found.close()
    for _ in range(600):
        if threading.active_count() <= before:
            break
        time.sleep(0.05)
    assert threading.active_count() <= before
    assert len(asked) < 100
