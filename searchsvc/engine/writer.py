"""Batches of articles → commits: updates, deletions, merges, and whole new indexes.

An update is a deletion and an addition. Each write makes one new segment of its articles, together
with whatever small segments it is time to merge: segments are kept so that each is more than three
times as large as all smaller ones together, hence there are never more than a handful, and an
article is rewritten some log(n) times in its life. A segment with a third of its articles deleted
is rewritten as well.

A new index is built by several processes, each filling one segment from its share of the articles.
What a process says it has written is compared with what it was given, and if one of them dies the
whole build fails with its name, and the index in use stays as it is.
"""

import contextlib
import json
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from hashlib import blake2b
from itertools import chain, cycle, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine import Document
from searchsvc.engine import commits as commits_
from searchsvc.engine.builder import Order, Receipt, batch_limit, environment, id_mark
from searchsvc.engine.codec import ArrayCodec, ArraySegment
from searchsvc.engine.commits import NAME, Committed
from searchsvc.engine.merging import write_segment
from searchsvc.engine.segment import SegmentFile
from searchsvc.engine.sources import Source, from_documents
from searchsvc.engine.tables import ENCODING
from searchsvc.errors import BuildFailed

# A segment is merged with the smaller ones unless it is more than this many times as large.
GROWTH = 3
MOST_DELETED = 1 / 3
# Documents sent to a building process at a time, and how many are not worth a process: starting
# one takes as long as inverting a thousand.
BATCH, SMALL = 500, 2_000


def update(
    folder: Path, committed: Committed, documents: Sequence[Document], memory_mb: int
) -> list[ArraySegment]:
    """The segments of the next commit, in which these articles take the place of those with their ids."""
    latest = list({document.id: document for document in documents}.values())
    segments = [segment.copy() for segment in committed.segments if segment.doc_count()]
    _delete(folder, segments, latest)
    segments = [segment for segment in segments if segment.doc_count()]
    if not latest:
        return segments
    kept, merged = _to_merge(segments, len(latest))
    sources = [segment.file(folder).source(live(segment)) for segment in merged]
    sources += [from_documents(batch) for batch in _batches(latest, memory_mb)]
    return [*kept, _written(folder, sources)]


def _batches(documents: Sequence[Document], memory_mb: int) -> list[list[Document]]:
    """Documents in batches that can be inverted in this much memory."""
    limit = batch_limit(memory_mb)
    batches: list[list[Document]] = [[]]
    size = 0
    for document in documents:
        if size >= limit:
            batches.append([])
            size = 0
        batches[-1].append(document)
        size += len(document.title) + len(document.body)
    return batches


def _delete(folder: Path, segments: Sequence[ArraySegment], documents: Sequence[Document]) -> None:
    """Mark every article that is about to be replaced."""
    ids = [document.id.encode(*ENCODING) for document in documents]
    for segment in segments:
        file: SegmentFile = segment.file(folder)
        for encoded in ids:
            number = file.document(encoded)
            if number >= 0:
                segment.delete_document(number)


def _to_merge(segments: Sequence[ArraySegment], added: int) -> tuple[list[ArraySegment], list[ArraySegment]]:
    """The segments to keep as they are, and those to merge with what is added, in their order."""
    total = added
    merged = set()
    for segment in sorted(segments, key=lambda segment: int(segment.doc_count())):
        worn = segment.deleted_count() > MOST_DELETED * segment.doc_count_all()
        if segment.doc_count() <= GROWTH * total or worn:
            merged.add(segment.segid)
            total += segment.doc_count()
    return (
        [segment for segment in segments if segment.segid not in merged],
        [segment for segment in segments if segment.segid in merged],
    )


def live(segment: ArraySegment) -> NDArray[np.bool_] | None:
    """Which documents of a segment are not deleted; None if all."""
    if not segment.has_deletions():
        return None
    mask = np.ones(segment.doc_count_all(), bool)
    mask[list(segment.deleted_docs())] = False
    return mask


def _written(folder: Path, sources: Sequence[Source]) -> ArraySegment:
    segment = ArraySegment(ArrayCodec(), NAME)
    segment.set_doc_count(write_segment(segment.path(folder), segment.segment_id(), sources))
    return segment


def build(folder: Path, documents: Iterable[Document], processes: int, memory_mb: int) -> list[ArraySegment]:
    """The segments of a new index, each filled by a process. Raises BuildFailed."""
    remaining = iter(documents)
    first = list(islice(remaining, SMALL))
    if len(first) < SMALL:
        return update(folder, Committed(0, ()), first, memory_mb)
    segments = _build_apart(folder, chain(first, remaining), processes, memory_mb)
    _check_distinct(folder, segments)
    return segments


def _build_apart(
    folder: Path, documents: Iterator[Document], processes: int, memory_mb: int
) -> list[ArraySegment]:
    """Deal out the documents to processes, and gather what they have made of them."""
    workers = [_Worker(folder, memory_mb) for _ in range(processes)]
    try:
        for worker in cycle(workers):
            batch = list(islice(documents, BATCH))
            if not batch:
                break
            worker.send(batch)
        for worker in workers:
            worker.end()
        segments = [worker.result() for worker in workers]
    except BaseException:
        for worker in workers:
            worker.kill()
        raise
    return [segment for segment in segments if segment.doc_count_all()]


def _check_distinct(folder: Path, segments: Sequence[ArraySegment]) -> None:
    ids = [encoded for segment in segments for encoded in segment.file(folder).ids.all()]
    if len(set(ids)) != len(ids):
        raise BuildFailed(f"{len(ids) - len(set(ids))} articles were given twice; run 'flask check'")


class _Worker:
    """A building process, and a thread that feeds it."""

    def __init__(self, folder: Path, memory_mb: int) -> None:
        self._segment = ArraySegment(ArrayCodec(), NAME)
        order = Order(str(self._segment.path(folder)), self._segment.segment_id(), memory_mb)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "searchsvc.engine.builder"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
        )
        self._queue: queue.Queue[object] = queue.Queue(maxsize=2)
        self._failed = threading.Event()
        self._feeder = threading.Thread(target=self._feed, args=(order,), daemon=True)
        self._feeder.start()
        self._count, self._ids = 0, blake2b(digest_size=16)

    @property
    def pid(self) -> int:
        return self._process.pid

    def _feed(self, order: Order) -> None:
        assert self._process.stdin is not None
        try:
            pickle.dump(astuple(order), self._process.stdin)
            while (batch := self._queue.get()) is not None:
                pickle.dump(batch, self._process.stdin, protocol=5)
            self._process.stdin.close()
        except OSError:
            self._failed.set()

    def send(self, documents: Sequence[Document]) -> None:
        self._count += len(documents)
        for document in documents:
            self._ids.update(id_mark(document.id))
        self._put([astuple(document) for document in documents])

    def end(self) -> None:
        self._put([])
        self._put(None)

    def _put(self, batch: object) -> None:
        while True:
            if self._failed.is_set() or self._process.poll() is not None:
                raise self._failure("ended before it had everything")
            with contextlib.suppress(queue.Full):
                self._queue.put(batch, timeout=1)
                return

    def result(self) -> ArraySegment:
        """The finished segment, once the process has ended well and says what it was told."""
        assert self._process.stdout is not None
        answer = self._process.stdout.read()
        if self._process.wait() != 0:
            raise self._failure(f"ended with {self._process.returncode}")
        receipt = Receipt(*json.loads(answer))
        if receipt != Receipt(self._count, self._ids.hexdigest()):
            raise self._failure(f"wrote {receipt.count} articles of {self._count}, or others")
        self._segment.set_doc_count(receipt.count)
        return self._segment

    def _failure(self, what: str) -> BuildFailed:
        return BuildFailed(
            f"Building process {self._process.pid} {what}; no new index was made, the one in use stays. "
            "Run 'flask reindex' again"
        )

    def kill(self) -> None:
        self._failed.set()
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait(None)


def next_commit(
    folder: Path, committed: Committed | None, segments: Sequence[ArraySegment]
) -> tuple[Committed, str]:
    """Write the table of contents of the next commit: what it says, and its checksum."""
    number = committed.number + 1 if committed else 1
    return Committed(number, tuple(segments)), commits_.write(folder, number, segments)
