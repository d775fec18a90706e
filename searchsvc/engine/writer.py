"""Batches of articles → the segments of the next commit: updates, deletions, merges.

An update is a deletion and an addition. Each write makes one new segment of its articles, together
with whatever small segments it is time to merge: segments are kept so that each is more than three
times as large as all smaller ones together, hence there are never more than a handful, and an
article is rewritten some log(n) times in its life. A segment with a third of its articles deleted
is rewritten as well. (A whole new index is built by ``building``.)
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine import Document
from searchsvc.engine import commits as commits_
from searchsvc.engine.builder import batch_limit
from searchsvc.engine.codec import ArrayCodec, ArraySegment
from searchsvc.engine.commits import NAME, Committed
from searchsvc.engine.merging import write_segment
from searchsvc.engine.segment import SegmentFile
from searchsvc.engine.sources import Source, from_documents
from searchsvc.engine.table_writer import ENCODING

# A segment is merged with the smaller ones unless it is more than this many times as large.
GROWTH = 3
MOST_DELETED = 1 / 3


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
    sources += [from_documents(batch).source() for batch in _batches(latest, memory_mb)]
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


def next_commit(
    folder: Path, committed: Committed | None, segments: Sequence[ArraySegment]
) -> tuple[Committed, str]:
    """Write the table of contents of the next commit: what it says, and its checksum."""
    number = committed.number + 1 if committed else 1
    return Committed(number, tuple(segments)), commits_.write(folder, number, segments)
