"""The shared sample of articles → as many documents as wanted, with dates of their own.

In: ``data/articles.jsonl.gz`` of the shared folder. Out: ``Document``, the same ones for every
engine, in the same order. Beyond the sample's size articles repeat with new ids, in a new order.
"""

import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine import Document

SEED = 20241107
DAY = 86_400
# Ten years, so that 30 days are about one article in 120. The sample's own dates crowd: more than
# half of it is of 2020.
FIRST_SECOND = 1_420_041_600
SPAN_DAYS = 3_660
SPAN = SPAN_DAYS * DAY
# An odd factor permutes the 64-bit numbers: ids look like digests and still tell their number.
SCRAMBLE, WORD_MASK = 0x9E3779B97F4A7C15, (1 << 64) - 1
UNSCRAMBLE = pow(SCRAMBLE, -1, 1 << 64)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the benchmark uses of one article of the shared file."""

    title: str
    body: str
    source: str


@dataclass(frozen=True)
class Corpus:
    """``size`` documents. ``base`` says which sample each is of, ``published`` when it appeared."""

    samples: tuple[Sample, ...]
    base: NDArray[np.int64]
    published: NDArray[np.int64]

    @property
    def size(self) -> int:
        return len(self.base)

    @cached_property
    def characters(self) -> int:
        """Code points of all titles and bodies."""
        return self._sum([len(sample.title) + len(sample.body) for sample in self.samples])

    @cached_property
    def utf8_bytes(self) -> int:
        """The same text in UTF-8."""
        return self._sum([len((sample.title + sample.body).encode()) for sample in self.samples])

    def _sum(self, lengths: list[int]) -> int:
        return int(np.array(lengths, np.int64)[self.base].sum())

    def documents(self) -> Iterator[Document]:
        """The documents in order; texts are shared between the copies."""
        pairs = zip(self.base.tolist(), self.published.tolist(), strict=True)
        for number, (base, published) in enumerate(pairs):
            sample = self.samples[base]
            yield Document(document_id(number), sample.title, sample.body, sample.source, published)

    def head(self, size: int) -> "Corpus":
        """The first documents alone."""
        return Corpus(self.samples, self.base[:size], self.published[:size])


def document_id(number: int) -> str:
    """The id of a document: 16 hexadecimal digits, without order."""
    return f"{number * SCRAMBLE & WORD_MASK:016x}"


def document_number(identifier: str) -> int:
    """The number of an id."""
    return int(identifier, 16) * UNSCRAMBLE & WORD_MASK


def shared_data() -> Path:
    """The folder of shared data: beside the checkout, or where SEARCHSVC_SHARED points."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    return Path(os.environ.get("SEARCHSVC_SHARED", beside)) / "data"


def load(size: int) -> Corpus:
    """A corpus of ``size`` documents. Every copy of the sample has an order of its own."""
    samples = _samples(size)
    copies = -(-size // len(samples))
    orders = [np.random.default_rng(SEED + copy).permutation(len(samples)) for copy in range(copies)]
    dates = np.random.default_rng(SEED).integers(FIRST_SECOND, FIRST_SECOND + SPAN, size)
    return Corpus(samples, np.concatenate(orders)[:size], dates)


def _samples(limit: int) -> tuple[Sample, ...]:
    path = shared_data() / "articles.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = list(lines)
    # A small run should still see all kinds of article: the file is in order of time and place.
    chosen = np.linspace(0, len(rows) - 1, min(limit, len(rows))).astype(int)
    sources: dict[str, str] = {}
    return tuple(
        Sample(row["title"], row["text"], sources.setdefault(row["source"], row["source"]))
        for row in map(json.loads, map(rows.__getitem__, chosen.tolist()))
    )
