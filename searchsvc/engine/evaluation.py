"""A Whoosh query tree, evaluated on arrays, one segment at a time.

Three questions are asked of a node: which documents match (``match``), which of some documents
match (``which``), and what documents that match score (``score``). Asking them apart is what makes
this quick. A conjunction takes the rarest part and asks the others only about its documents;
filters come in before anything is scored; and what is scored is what is left. What leaves find is
kept for the length of one search, since several questions need it.

How a node answers is a ``Rule``: ``compounds`` has those of nodes with parts, ``leaves`` those of
the others, ``searcher`` the table of which node has which.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.query import Query

from searchsvc.engine.listing import List
from searchsvc.engine.occurrences import (
    Freqs,
    Occurrences,
    listed,
    locate,
    occurrences,
    within,
)
from searchsvc.engine.postings import Ints
from searchsvc.engine.segment import kind_of
from searchsvc.engine.snapshot import Leaf, Snapshot
from searchsvc.engine.strings import K1, ExactString, idf
from searchsvc.engine.tables import ENCODING
from searchsvc.errors import BudgetExceeded
from searchsvc.text.terms import Term

Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]


class Evaluation:
    """One search on one snapshot. Raises BudgetExceeded once it has taken too long."""

    def __init__(
        self, snapshot: Snapshot, rules: Callable[[Query], "Rule"], budget_seconds: float | None = None
    ) -> None:
        self.snapshot = snapshot
        self._rules = rules
        self._deadline = None if budget_seconds is None else time.monotonic() + budget_seconds
        self._budget = budget_seconds
        self._lists: dict[tuple[int, int], Sequence[tuple[Term, List]]] = {}
        self._occurrences: dict[tuple[int, int], Occurrences] = {}
        self._matches: dict[tuple[int, int], Ints] = {}
        self._idfs: dict[int, float] = {}
        # What Whoosh's own matchers gave, for nodes that are left to them.
        self.given: dict[tuple[int, int], Scores] = {}

    def tick(self) -> None:
        """Look at the clock."""
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise BudgetExceeded(f"The search was stopped after {self._budget:g} seconds; ask for less")

    def match(self, node: Query, leaf: Leaf) -> Ints:
        """The live documents of a segment that match, ascending."""
        key = id(node), leaf.number
        found = self._matches.get(key)
        if found is None:
            self.tick()
            found = self._matches[key] = self._rules(node).match(self, node, leaf)
        return found

    def which(self, node: Query, leaf: Leaf, docs: Ints) -> Mask:
        """Which of some live, ascending documents match, shape of ``docs``."""
        return self._rules(node).which(self, node, leaf, docs)

    def score(self, node: Query, leaf: Leaf, docs: Ints) -> Scores:
        """What ascending documents score that all match, shape of ``docs``; an array of its own."""
        self.tick()
        return self._rules(node).score(self, node, leaf, docs)

    def score_some(self, node: Query, leaf: Leaf, docs: Ints) -> Scores:
        """What ascending documents score, shape of ``docs``; 0 for those that do not match."""
        rule = self._rules(node)
        if rule.scores_any:
            return rule.score(self, node, leaf, docs)
        scores = np.zeros(len(docs), np.float32)
        there = np.flatnonzero(self.which(node, leaf, docs))
        if len(there):
            scores[there] = self.score(node, leaf, docs[there])
        return scores

    # Terms and strings of a text field.

    def lists(self, node: Any, leaf: Leaf) -> Sequence[tuple[Term, List]]:
        """The posting lists of a string's terms in a segment; none if one does not occur."""
        key = id(node), leaf.number
        found = self._lists.get(key)
        if found is None:
            found = self._lists[key] = listed(leaf.file.fields[node.fieldname], parts_of(node))
        return found

    def found(self, node: Any, leaf: Leaf) -> Occurrences:
        """Where a term or string is in a segment, deleted documents left out."""
        key = id(node), leaf.number
        found = self._occurrences.get(key)
        if found is None:
            self.tick()
            found = self._occurrences[key] = leaf.live_only(occurrences(self.lists(node, leaf)))
        return found

    def idf(self, node: Any) -> float:
        """The inverse document frequency of a term or string, over the whole index.

        A string counts live documents, as it is counted by looking; a term all, as the lists do.
        """
        known = self._idfs.get(id(node))
        if known is None:
            leaves = self.snapshot.leaves
            if isinstance(node, ExactString):
                frequency = sum(len(self.found(node, leaf).docs) for leaf in leaves)
            else:
                frequency = sum(found.df for leaf in leaves for _, found in self.lists(node, leaf))
            known = self._idfs[id(node)] = idf(self.snapshot.documents, frequency)
        return known

    def bm25(self, node: Any, leaf: Leaf, docs: Ints) -> Scores:
        """BM25 of a term or string; 0 where it does not occur."""
        found = self.found(node, leaf)
        if docs is found.docs:
            return self._weigh(node, leaf, docs, found.freqs())
        index = locate(found.docs, docs, leaf.documents)
        if len(index) and index.min() >= 0:
            return self._weigh(node, leaf, docs, found.freqs(index))
        there = np.flatnonzero(index >= 0)
        scores = np.zeros(len(docs), np.float32)
        scores[there] = self._weigh(node, leaf, docs[there], found.freqs(index[there]))
        return scores

    def _weigh(self, node: Any, leaf: Leaf, docs: Ints, freqs: Freqs | None) -> Scores:
        factor = np.float32(self.idf(node) * node.boost * (K1 + 1))
        norm = leaf.norms[node.fieldname].take(docs)
        if freqs is None:
            norm += np.float32(1)
            return np.divide(factor, norm, out=norm)
        times = freqs.astype(np.float32)
        norm += times
        np.divide(times, norm, out=norm)
        norm *= factor
        return norm


def parts_of(node: Any) -> Sequence[Term]:
    """The terms of a string, with their places; of a term, itself.

    A text that looks like no term is looked up as a word, and not found.
    """
    if isinstance(node, ExactString):
        return node.parts
    text = node.text if isinstance(node.text, str) else bytes(node.text).decode(*ENCODING)
    return [Term(text, 0, len(text), kind_of(text) or "word")]


def _by_match(evaluation: Evaluation, node: Any, leaf: Leaf, docs: Ints) -> Mask:
    found = evaluation.match(node, leaf)
    if docs is found:
        return np.ones(len(docs), bool)
    return within(docs, found, leaf.documents) if len(found) else np.zeros(len(docs), bool)


@dataclass(frozen=True, slots=True)
class Rule:
    """How a kind of node answers. ``scores_any``: its ``score`` is 0 for what does not match."""

    match: Callable[[Evaluation, Any, Leaf], Ints]
    score: Callable[[Evaluation, Any, Leaf, Ints], Scores]
    which: Callable[[Evaluation, Any, Leaf, Ints], Mask] = _by_match
    scores_any: bool = False


def constant(value: Callable[[Any], float]) -> Callable[[Evaluation, Any, Leaf, Ints], Scores]:
    """A score that is the same for all documents."""
    return lambda _, node, __, docs: np.full(len(docs), value(node), np.float32)


def spread(scores: Scores, docs: Ints, wanted: Ints, documents: int) -> Scores:
    """Scores of some documents, as scores of others; 0 for those that have none."""
    table = np.zeros(documents, np.float32)
    table[docs] = scores
    return table.take(wanted)
