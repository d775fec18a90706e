"""A building process: ``python -m searchsvc.engine.builder``, told what to do on standard input.

It is sent, pickled one after the other: an ``Order``; batches of documents, and an empty one to end
them; then, if several processes share the work, a ``Share`` of the merging; and one of the
processes, a ``Finish``. Each of the three is answered by a line of JSON: how many articles there
were and a checksum of their ids; true; how many articles the segment has. What the disk refuses
is answered as ``{"error": …}``. An input that ends too early means that whoever sent it is gone, and so is
the process then.
"""

import gc
import json
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from searchsvc.engine import Document
from searchsvc.engine.merging import slice_limit, write_part, write_segment
from searchsvc.engine.sources import Plain, Scratch, Source, from_documents

# Peak memory of inverting, for each character of a batch (measured: 80 to 95 bytes).
BYTES_PER_CHARACTER = 100
# More does not pay: beyond the caches a character costs three times as much.
MOST_CHARACTERS = 3_000_000


@dataclass(frozen=True, slots=True)
class Order:
    """Invert what follows, into files whose names begin with ``scratch``."""

    scratch: str
    memory_mb: int

    def file(self, what: str) -> Path:
        return Path(f"{self.scratch}.{what}")


@dataclass(frozen=True, slots=True)
class Share:
    """Merge the ``number``-th of ``of`` parts of what these processes have inverted."""

    number: int
    of: int
    orders: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class Finish:
    """Write the segment file, from the parts if there are several processes."""

    path: str
    segment: str
    orders: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was inverted: how many articles, and a checksum of their ids in order."""

    count: int
    ids: str


class Inverter:
    """Collects articles, and inverts them as soon as they are as many as memory allows."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._scratch = Scratch(order.file("arrays"))
        self._limit = batch_limit(order.memory_mb)
        self._waiting: list[Document] = []
        self._characters = self._count = 0
        self._batches: list[Plain] = []
        self._ids = blake2b(digest_size=16)

    def add(self, documents: Sequence[Document]) -> None:
        self._count += len(documents)
        for document in documents:
            self._waiting.append(document)
            self._characters += len(document.body) + len(document.title)
            self._ids.update(id_mark(document.id))
            if self._characters >= self._limit:
                self._invert()

    def _invert(self) -> None:
        if self._waiting:
            self._batches.append(from_documents(self._waiting, self._scratch))
        self._waiting, self._characters = [], 0

    def finish(self) -> Receipt:
        """Leave everything on disk, for whichever process goes on with it."""
        self._invert()
        self._scratch.close()
        self._order.file("batches").write_bytes(pickle.dumps(self._batches, protocol=5))
        return Receipt(self._count, self._ids.hexdigest())


def inverted(orders: Sequence[Order]) -> list[Source]:
    """All that several processes have inverted."""
    batches: list[Plain] = []
    for order in orders:
        batches += pickle.loads(order.file("batches").read_bytes())  # noqa: S301  # Our own, just written.
    return [batch.source() for batch in batches]


def batch_limit(memory_mb: int) -> int:
    """How many characters to invert at once."""
    return min(MOST_CHARACTERS, memory_mb * 1_000_000 // BYTES_PER_CHARACTER)


def id_mark(article_id: str) -> bytes:
    """An id as it goes into the checksum of ids."""
    return article_id.encode("utf-8", "surrogatepass") + b"\0"


def environment() -> dict[str, str]:
    """The environment of a building process.

    On AMD processors NumPy sorts 64-bit numbers five times as fast when it is told to do without
    AVX-512 (15 against 70 ns for a number, Zen 4), whose compressing store those execute in
    microcode; and how it sorts is settled when it is imported.
    """
    values = dict(os.environ)
    root = str(Path(__file__).resolve().parent.parent.parent)
    values["PYTHONPATH"] = os.pathsep.join(filter(None, [root, values.get("PYTHONPATH")]))
    if _sorts_slowly():
        values["NPY_DISABLE_CPU_FEATURES"] = "X86_V4"
    return values


def _sorts_slowly() -> bool:
    try:
        described = Path("/proc/cpuinfo").read_text()[:4000]
    except OSError:
        return False
    features = getattr(getattr(np, "_core", None), "_multiarray_umath", None)
    return "AuthenticAMD" in described and bool(getattr(features, "__cpu_features__", {}).get("X86_V4"))


def main() -> None:
    """Build as told on standard input. What the disk refuses is answered too, as the last line."""
    gc.disable()  # Nothing here makes cycles, and looking for them among a million strings takes time.
    # Ctrl-C reaches every process of a terminal: the one that builds decides what becomes of the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    try:
        _build(sys.stdin.buffer)
    except OSError as error:
        _answer({"error": error.strerror or str(error)})
        sys.exit(1)
    except (EOFError, pickle.UnpicklingError):
        sys.exit("The process that asked for this is gone")


def _end_with(parent: int) -> None:
    """End as soon as whoever sent the work is gone: somebody else may be building in its place."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


def _build(stream: BinaryIO) -> None:
    order = Order(*pickle.load(stream))  # noqa: S301  # From the process that started this one.
    inverter = Inverter(order)
    while rows := pickle.load(stream):  # noqa: S301
        inverter.add([Document(*row) for row in rows])
    _answer(astuple(inverter.finish()))
    while (task := pickle.load(stream)) is not None:  # noqa: S301
        _answer(_done(task, order))


def _done(task: Share | Finish, order: Order) -> Any:
    sources, limit = inverted(task.orders), slice_limit(order.memory_mb)
    if isinstance(task, Share):
        write_part(order.file("part"), sources, task.number, task.of, limit)
        return True
    parts = [each.file("part") for each in task.orders] if len(task.orders) > 1 else []
    return write_segment(Path(task.path), task.segment, sources, parts, limit)


def _answer(value: Any) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    # Under its importable name, so that what is pickled here is known elsewhere.
    from searchsvc.engine.builder import main as imported

    imported()
