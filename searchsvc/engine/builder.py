"""Articles in, one segment file out, in bounded memory; and the same in a process of its own.

As a program (``python -m searchsvc.engine.builder``) it reads an ``Order`` and then batches of
documents from standard input, pickled one after the other, until an empty batch; and prints, as
JSON, how many articles it wrote and a checksum of their ids, which whoever started it compares
with what was sent. An input that ends without the empty batch means that the parent is gone: the
segment is not finished.
"""

import gc
import json
import os
import pickle
import sys
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

from searchsvc.engine import Document
from searchsvc.engine.merging import write_segment
from searchsvc.engine.sources import Scratch, Source, from_documents

# Peak memory of inverting, for each character of a batch (measured: 80 to 95 bytes).
BYTES_PER_CHARACTER = 100
# More does not pay: beyond the caches a character costs three times as much.
MOST_CHARACTERS = 3_000_000


@dataclass(frozen=True, slots=True)
class Order:
    """What a building process is to make."""

    path: str
    segment: str
    memory_mb: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was written: how many articles, and a checksum of their ids in order."""

    count: int
    ids: str


class Builder:
    """Collects articles for one segment file. Close it, whether finished or not."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._path = Path(order.path)
        self._scratch = Scratch(self._path.with_name(f"scratch.{self._path.name}"))
        self._limit = batch_limit(order.memory_mb)
        self._waiting: list[Document] = []
        self._characters = 0
        self._sources: list[Source] = []
        self._ids = blake2b(digest_size=16)

    def add(self, documents: Sequence[Document]) -> None:
        for document in documents:
            self._waiting.append(document)
            self._characters += len(document.body) + len(document.title)
            self._ids.update(id_mark(document.id))
            if self._characters >= self._limit:
                self._invert()

    def _invert(self) -> None:
        if self._waiting:
            self._sources.append(from_documents(self._waiting, self._scratch))
        self._waiting, self._characters = [], 0

    def finish(self) -> Receipt:
        """Write the segment file, synced."""
        self._invert()
        count = write_segment(self._path, self._order.segment, self._sources) if self._sources else 0
        return Receipt(count, self._ids.hexdigest())

    def close(self) -> None:
        self._scratch.close()


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
    """Build as told on standard input."""
    gc.disable()  # Nothing here makes cycles, and looking for them among a million strings takes time.
    stream = sys.stdin.buffer
    order = Order(*pickle.load(stream))  # noqa: S301
    builder = Builder(order)
    try:
        while rows := pickle.load(stream):  # noqa: S301
            builder.add([Document(*row) for row in rows])
        receipt = builder.finish()
    except BaseException:
        Path(order.path).unlink(missing_ok=True)
        raise
    finally:
        builder.close()
    print(json.dumps(astuple(receipt)))


if __name__ == "__main__":
    main()
