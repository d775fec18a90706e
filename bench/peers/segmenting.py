"""Texts cut in other processes: rjieba and Python keep to one core, so a second one needs its own.

The text of a document goes to a pool and comes back prepared, in order, while the engine's own
writer works in this process; a bounded number of batches is under way at a time.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from multiprocessing import get_context
from multiprocessing.pool import AsyncResult

from searchsvc.engine import Document

BATCH = 200
UNDER_WAY = 8

Prepared = tuple[str, ...]
Prepare = Callable[[str], Prepared]
Result = AsyncResult[list[tuple[Prepared, Prepared]]]
Batch = tuple[list[Document], Result]


def prepared(
    documents: Iterable[Document], prepare: Prepare, others: int
) -> Iterator[tuple[Document, Prepared, Prepared]]:
    """Every document with its title and body prepared, by this process or by ``others``."""
    if not others:
        for document in documents:
            yield document, prepare(document.title), prepare(document.body)
        return
    with get_context("fork").Pool(others) as pool:
        waiting: deque[Batch] = deque()
        for batch in _batches(documents):
            texts = [(document.title, document.body) for document in batch]
            waiting.append((batch, pool.apply_async(_prepare_all, (prepare, texts))))
            if len(waiting) >= UNDER_WAY:
                yield from _joined(*waiting.popleft())
        while waiting:
            yield from _joined(*waiting.popleft())


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    remaining = iter(documents)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _prepare_all(prepare: Prepare, texts: list[tuple[str, str]]) -> list[tuple[Prepared, Prepared]]:
    return [(prepare(title), prepare(body)) for title, body in texts]


def _joined(batch: list[Document], result: Result) -> Iterator[tuple[Document, Prepared, Prepared]]:
    for document, (title, body) in zip(batch, result.get(), strict=True):
        yield document, title, body
