"""Many addresses → their answers as they come: hosts side by side, the addresses of one host in turn.

A host that says it was asked too often is left alone for the rest of the round.
"""

import queue
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from searchsvc.errors import FetchFailed, SourceError
from searchsvc.ingest.fetch import Fetched, Validators
from searchsvc.ingest.items import host_of
from searchsvc.ingest.schedule import wants_rest

# Answers that wait to be parsed: each may be as large as a body may be.
MOST_WAITING = 8


class Asks(Protocol):
    """Who fetches the body of an address: a Fetcher, or one with more rules."""

    def fetch(self, address: str, known: Validators | None = None) -> Fetched: ...


@dataclass(frozen=True, slots=True)
class Visit:
    """An address to be asked, for the feed that the list has as ``feed``."""

    feed: str
    address: str
    known: Validators | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a visit: a body, an error, or that it was put off ``until`` its host had rest."""

    visit: Visit
    fetched: Fetched | None = None
    error: SourceError | None = None
    until: int | None = None
    seconds: float = 0.0


def visit_all(visits: Sequence[Visit], fetcher: Asks, hosts_at_once: int) -> Iterator[Answer]:
    """The answers to all visits, in the order in which they come."""
    hosts: queue.SimpleQueue[list[Visit]] = queue.SimpleQueue()
    for group in _by_host(visits):
        hosts.put(group)
    answers: queue.Queue[Answer | Exception] = queue.Queue(MOST_WAITING)
    stopped = threading.Event()
    for _ in range(min(hosts_at_once, len(visits))):
        # Daemons: whoever interrupts a round does not wait for its slowest host.
        threading.Thread(target=_work, args=(hosts, answers, fetcher, stopped), daemon=True).start()
    try:
        for _ in visits:
            answer = answers.get()
            if isinstance(answer, Exception):
                raise answer
            yield answer
    finally:
        stopped.set()


def _by_host(visits: Sequence[Visit]) -> list[list[Visit]]:
    """Visits by host, the longest first: it is what a round waits for in the end."""
    groups: dict[str, list[Visit]] = {}
    for visit in visits:
        groups.setdefault(_host(visit.address), []).append(visit)
    return sorted(groups.values(), key=len, reverse=True)


def _host(address: str) -> str:
    try:
        return host_of(address) or address
    except ValueError:  # No address at all, which is what its visit will say.
        return address


def _work(
    hosts: "queue.SimpleQueue[list[Visit]]",
    answers: "queue.Queue[Answer | Exception]",
    fetcher: Asks,
    stopped: threading.Event,
) -> None:
    """Visit hosts until there are none left."""
    try:
        while not stopped.is_set():
            for answer in _ask_host(hosts.get_nowait(), fetcher, stopped):
                _hand_on(answer, answers, stopped)
    except queue.Empty:
        return
    except Exception as error:  # A fault of ours must not leave the round waiting for ever.
        _hand_on(error, answers, stopped)


def _hand_on(
    answer: Answer | Exception, answers: "queue.Queue[Answer | Exception]", stopped: threading.Event
) -> None:
    while not stopped.is_set():
        try:
            answers.put(answer, timeout=1)
        except queue.Full:
            continue
        return


def _ask_host(visits: list[Visit], fetcher: Asks, stopped: threading.Event) -> Iterator[Answer]:
    """The answers to the visits of one host, one after the other."""
    until: int | None = None
    for visit in visits:
        if stopped.is_set():
            return
        if until is not None:
            yield Answer(visit, until=until)
            continue
        answer = _ask(visit, fetcher)
        yield answer
        if answer.error:
            until = wants_rest(answer.error, int(time.time()))


def _ask(visit: Visit, fetcher: Asks) -> Answer:
    began = time.monotonic()
    try:
        fetched = fetcher.fetch(visit.address, visit.known)
    except FetchFailed as error:
        return Answer(visit, error=error, seconds=time.monotonic() - began)
    return Answer(visit, fetched, seconds=time.monotonic() - began)
