"""Workers killed and replaced while people search: only what a killed one had in its hands is lost.

Before a worker is killed it is stopped, and the kernel tells which connections it has accepted. So each
request that fails is known to have been the killed worker's own, or it is a violation.
"""

import contextlib
import http.client
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import quote

from bench.service import Served, serving
from tests.torture.archive import make_archive
from tests.torture.row import Outcome, Row, Trial

CLIENTS = 8
# Requests on one connection.
KEPT_FOR = 10
QUERIES = ("石破茂", "预算", "乾清宫", "G20", "新闻")
# On a machine that does much else a worker takes ten seconds to begin.
STEP_SECONDS = 120.0
# Between a worker's end and the next, answers of all are counted.
PAUSE_SECONDS = 0.3


@dataclass
class Load:
    """Clients that ask without pause, each on one connection for some requests, then on another: so they
    spread over the workers again after one was killed."""

    port: int
    answered: int = 0
    # Ports of the connections whose request failed, and how.
    failed: list[tuple[int, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self) -> None:
        """Until it is over. A connection that the service closes after an answer is no failure."""
        connection, own = None, 0
        for number in count():
            if self.over.is_set():
                return
            try:
                if connection is None or connection.sock is None:
                    connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=STEP_SECONDS)
                    connection.connect()
                    own = connection.sock.getsockname()[1]
                connection.request("GET", f"/api/v1/search?q={quote(QUERIES[number % len(QUERIES)])}")
                answer = connection.getresponse()
                answer.read()
                failure = "" if answer.status == http.client.OK else f"status {answer.status}"
            except (OSError, http.client.HTTPException) as error:
                failure, connection = repr(error), None
            if connection and number % KEPT_FOR == KEPT_FOR - 1:
                connection.close()
            with self._lock:
                if failure:
                    self.failed.append((own, failure))
                else:
                    self.answered += 1


@contextlib.contextmanager
def under_load(port: int) -> Iterator[Load]:
    """Clients that ask meanwhile."""
    load = Load(port)
    threads = [threading.Thread(target=load.ask) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.over.set()
        for thread in threads:
            thread.join()


def run(trial: Trial) -> Outcome:
    """Kill a worker so many times, then replace all of them as many times."""
    make_archive(trial.folder)
    times = trial.of(2, 50)
    with serving(trial.folder, WORKERS="2") as served, under_load(served.port) as load:
        own: set[int] = set()
        bystanders = 0
        for _ in range(times):
            theirs, others = kill_one(served)
            own, bystanders = own | theirs, bystanders + others
            settle(served)
        killed = list(load.failed)
        for _ in range(times):
            replace_all(served)
    replaced = load.failed[len(killed) :]
    strangers = [
        f"{what} at a kill, on a connection of another worker" for at, what in killed if at not in own
    ]
    strangers += [f"{what} at a HUP" for _, what in replaced]
    if not load.answered:
        strangers.append("nothing was answered at all")
    if not trial.quick and not bystanders:
        strangers.append("no other worker had a connection at any kill, so nothing is shown")
    figure = (
        f"{times} killed, {times} HUP, {load.answered:,} answered; failed: {len(killed)} of killed workers, "
        f"{len(strangers)} others, of {bystanders} connections that the others had"
    )
    return Outcome(figure, tuple(strangers))


def kill_one(served: Served) -> tuple[set[int], int]:
    """Kill the older worker; the clients' ports of the connections that it had accepted, and how many
    connections the other one had then."""
    worker, other = workers(served)
    os.kill(worker, signal.SIGSTOP)
    own, others = accepted(worker, served.port), len(accepted(other, served.port))
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: worker not in workers(served) and len(workers(served)) == 2)
    return own, others


def replace_all(served: Served) -> None:
    """Have all workers replaced."""
    before = set(workers(served))
    served.process.send_signal(signal.SIGHUP)
    wait_until(lambda: len(workers(served)) == 2 and not before & set(workers(served)))
    settle(served)


def settle(served: Served) -> None:
    """Wait until both workers serve."""
    wait_until(lambda: all(serves(worker) for worker in workers(served)))
    time.sleep(PAUSE_SECONDS)


def workers(served: Served) -> list[int]:
    """The processes that serve or begin to, the oldest first; not those that have ended."""
    children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text().split()
    return [int(child) for child in children if _state(int(child)) not in ("", "Z")]


def serves(worker: int) -> bool:
    """Whether a worker waits for connections: what it waits for is told beside its file descriptors (epoll),
    and before the app is there it is nothing."""
    with contextlib.suppress(OSError):
        told = [path.read_text() for path in Path(f"/proc/{worker}/fdinfo").iterdir()]
        return any("\ntfd:" in one for one in told)
    return False


def accepted(worker: int, port: int) -> set[int]:
    """The clients' ports of the connections to a port that a process has."""
    owned = set()
    for path in Path(f"/proc/{worker}/fd").iterdir():
        with contextlib.suppress(OSError):
            owned.add(str(path.readlink()).removeprefix("socket:[").removesuffix("]"))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {
        int(row[2].split(":")[1], 16)
        for row in rows
        if int(row[1].split(":")[1], 16) == port and row[9] in owned
    }


def _state(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    return ""


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for something to hold. Raises TimeoutError."""
    until = time.monotonic() + STEP_SECONDS
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError("The workers were not replaced")
        time.sleep(0.02)


ROW = Row(
    "workers", "worker killed, HUP, under load", "50 each, only the killed worker's own requests fail", run
)
