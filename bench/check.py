"""Answers against a plain scan of the text: whether an engine found what is there.

The scan folds and squeezes the text as the index does, and looks for each word with ``in``: no
terms, no places. A corpus larger than the sample repeats it, so scanning the sample once is enough.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.corpus import Corpus, document_number
from bench.latency import Tally
from bench.peers import Answer
from bench.queries import EDGES, LIMIT, Question
from searchsvc.text.terms import squeeze


class Scan:
    """The documents that contain strings of Han, found the slow way."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        # A line break is squeezed out of every text, so it parts title from body.
        self.texts = [f"{squeeze(one.title).text}\n{squeeze(one.body).text}" for one in corpus.samples]
        self._contains = lru_cache(maxsize=4_096)(self._scan)

    @cached_property
    def sources(self) -> NDArray[np.str_]:
        return np.array([sample.source for sample in self.corpus.samples])

    def _scan(self, word: str) -> NDArray[np.bool_]:
        needle = squeeze(word).text
        return np.array([needle in text for text in self.texts], bool)

    def numbers(self, question: Question) -> NDArray[np.intp]:
        """The documents that answer a question, ascending."""
        words = [self._contains(word) for word in question.words]
        join = np.logical_or if question.what == "or" else np.logical_and
        found = join.reduce(words)[self.corpus.base]
        if question.since is not None and question.before is not None:
            found &= (self.corpus.published >= question.since) & (self.corpus.published < question.before)
        return np.flatnonzero(found)

    def agrees(self, question: Question, answer: Answer | None) -> bool:
        """Whether total, page, order by date and both counts are what they should be."""
        if answer is None:
            return False
        numbers = self.numbers(question)
        page = [document_number(one) if isinstance(one, str) else int(one) for one in answer.ids]
        return (
            answer.total == len(numbers)
            and len(set(page)) == min(LIMIT, len(numbers))
            and bool(np.isin(page, numbers).all())
            and (not question.newest or self._newest(page, numbers))
            and (not question.facets or self._counts(answer, numbers))
        )

    def _newest(self, page: list[int], numbers: NDArray[np.intp]) -> bool:
        dates = np.sort(self.corpus.published[numbers])[::-1][:LIMIT]
        return bool(np.array_equal(self.corpus.published[page], dates))

    def _counts(self, answer: Answer, numbers: NDArray[np.intp]) -> bool:
        names, counts = np.unique(self.sources[self.corpus.base[numbers]], return_counts=True)
        sources = dict(zip(names.tolist(), counts.tolist(), strict=True))
        timeline = np.histogram(self.corpus.published[numbers], EDGES)[0].tolist()
        return answer.sources == sources and list(answer.timeline or ()) == timeline


def check(
    scan: Scan, tallies: Mapping[str, Mapping[str, Tally]], names: Sequence[str], sample: int
) -> dict[str, dict[str, Any]]:
    """Engine → of how many answers how many are exact, by kind, on the first ``sample`` of each."""
    found: dict[str, dict[str, Any]] = {name: {"asked": 0, "exact": 0, "wrong": []} for name in names}
    for row in tallies.values():
        for name in names:
            if name in row:
                _check(scan, row[name], found[name], sample)
    return found


def _check(scan: Scan, tally: Tally, result: dict[str, Any], sample: int) -> None:
    for question, answer in list(zip(tally.asked, tally.answers, strict=True))[:sample]:
        result["asked"] += 1
        if scan.agrees(question, answer):
            result["exact"] += 1
        elif len(result["wrong"]) < 10:
            total = None if answer is None else answer.total
            wrong = {"kind": question.kind, "words": question.words, "total": total}
            result["wrong"].append({**wrong, "scan": len(scan.numbers(question))})


def found_share(
    scan: Scan, tallies: Mapping[str, Mapping[str, Tally]], sample: int
) -> dict[str, dict[str, float]]:
    """Kind → engine → articles found over articles there are, on the first ``sample`` questions."""
    return {
        kind: {name: _share(scan, tally, sample) for name, tally in row.items()}
        for kind, row in tallies.items()
    }


def _share(scan: Scan, tally: Tally, sample: int) -> float:
    pairs = list(zip(tally.asked, tally.answers, strict=True))[:sample]
    there = sum(len(scan.numbers(question)) for question, _ in pairs)
    found = sum(answer.total for _, answer in pairs if answer)
    return found / there if there else 1.0
