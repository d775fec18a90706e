"""A new index, by several processes: articles are dealt out, inverted apart, and merged in shares.

Each process inverts its articles into a scratch file. Then every process merges a share of the
terms, from the scratch files of all; and one of them joins the shares to a single segment, which
is searched in half the time that two would take.

What a process says it was given is compared with what it was sent. If one of them dies, the whole
build fails, with its name, and the index in use stays as it is.
"""

import contextlib
import json
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from hashlib import blake2b
from itertools import chain, cycle, islice
from operator import attrgetter
from pathlib import Path
from typing import Any

from searchsvc.engine import Document, writer
from searchsvc.engine.builder import Finish, Order, Receipt, Share, environment, id_mark
from searchsvc.engine.codec import ArrayCodec, ArraySegment
from searchsvc.engine.commits import NAME, Committed
from searchsvc.errors import BuildFailed

# Documents sent to a building process at a time, and how many are not worth a process: starting
# one takes as long as inverting a thousand.
BATCH, SMALL = 500, 2_000

_row = attrgetter(*Document.__slots__)


def build(folder: Path, documents: Iterable[Document], processes: int, memory_mb: int) -> list[ArraySegment]:
    """The segments of a new index: one, or none without articles. Raises BuildFailed."""
    remaining = iter(documents)
    first = list(islice(remaining, SMALL))
    if len(first) < SMALL:
        return writer.update(folder, Committed(0, ()), first, memory_mb)
    segment = _built(folder, chain(first, remaining), processes, memory_mb)
    ids = segment.file(folder).ids.all()
    if len(set(ids)) != len(ids):
        raise BuildFailed(f"{len(ids) - len(set(ids))} articles were given twice; run 'flask check'")
    return [segment]


def _built(folder: Path, documents: Iterable[Document], processes: int, memory_mb: int) -> ArraySegment:
    workers: list[Worker] = []
    try:
        for number in range(processes):
            workers.append(Worker(Order(str(folder / f"scratch.{number}"), memory_mb)))
        _deal_out(iter(documents), workers)
        orders = tuple(worker.order for worker in workers)
        if len(workers) > 1:
            for number, worker in enumerate(workers):
                worker.send(Share(number, len(workers), orders))
            for worker in workers:
                worker.answer()
        segment = ArraySegment(ArrayCodec(), NAME)
        workers[0].send(Finish(str(segment.path(folder)), segment.segment_id(), orders))
        segment.set_doc_count(workers[0].answer())
        for worker in workers:
            worker.end()
    except BaseException:
        for worker in workers:
            worker.kill()
        raise
    return segment


def _deal_out(documents: Iterable[Document], workers: Sequence["Worker"]) -> None:
    for worker in cycle(workers):
        batch = list(islice(documents, BATCH))
        if not batch:
            break
        worker.give(batch)
    for worker in workers:
        worker.send([])
    for worker in workers:
        worker.check()


class Worker:
    """A building process, and a thread that feeds it."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self._process = subprocess.Popen(
            [sys.executable, "-m", "searchsvc.engine.builder"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
        )
        self._queue: queue.Queue[Any] = queue.Queue(maxsize=2)
        self._failed = threading.Event()
        threading.Thread(target=self._feed, daemon=True).start()
        self._count, self._ids = 0, blake2b(digest_size=16)
        self.send(astuple(order))

    @property
    def pid(self) -> int:
        return self._process.pid

    def _feed(self) -> None:
        assert self._process.stdin is not None
        try:
            while not self._failed.is_set():
                message = self._queue.get()
                pickle.dump(message, self._process.stdin, protocol=5)
                self._process.stdin.flush()
                if message is None:
                    break
        except OSError:
            self._failed.set()
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def give(self, documents: Sequence[Document]) -> None:
        """Send articles, and remember which."""
        self._count += len(documents)
        for document in documents:
            self._ids.update(id_mark(document.id))
        self.send([_row(document) for document in documents])

    def send(self, message: Any) -> None:
        while True:
            if self._failed.is_set() or self._process.poll() is not None:
                raise self._gone()
            with contextlib.suppress(queue.Full):
                self._queue.put(message, timeout=1)
                return

    def answer(self) -> Any:
        """What the process answers to what it was sent."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise self._failure(f"ended with {self._process.wait()}")
        answer = json.loads(line)
        if isinstance(answer, dict):
            raise self._failure(f"could not write ({answer['error']})")
        return answer

    def check(self) -> None:
        """Compare what the process says it was given with what it was sent."""
        receipt = Receipt(*self.answer())
        if receipt != Receipt(self._count, self._ids.hexdigest()):
            raise self._failure(f"took {receipt.count} articles of {self._count}, or others")

    def end(self) -> None:
        self.send(None)
        if self._process.wait() != 0:
            raise self._failure(f"ended with {self._process.returncode}")

    def kill(self) -> None:
        self._failed.set()
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait(None)

    def _gone(self) -> BuildFailed:
        """Why the process takes no more: in its own words if it had any."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        answer = json.loads(line) if line else None
        said = f" ({answer['error']})" if isinstance(answer, dict) else ""
        return self._failure(f"ended before it had everything{said}")

    def _failure(self, what: str) -> BuildFailed:
        return BuildFailed(
            f"Building process {self._process.pid} {what}; no new index was made, the one in use stays. "
            "Run 'flask reindex' again"
        )
