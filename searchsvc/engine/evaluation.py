"""A Whoosh query tree, evaluated on arrays, one segment at a time.

Three questions are asked of a node: which documents match (``match``), which of some documents
match (``keep``), and what documents score (``add``). Asking them apart is what makes this quick. A
conjunction takes the rarest part and asks the others only about its documents; filters come in
before anything is scored; and what is scored is what is left. What leaves find is kept for the
length of one search, since several questions need it.

How a node answers is a ``Rule``: ``compounds`` has those of nodes with parts, ``leaves`` those of
the others, ``searcher`` the table of which node has which.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from whoosh.query import Query

from searchsvc.engine import reading, sets
from searchsvc.engine.occurrences import NOWHERE, Occurrences, Scores, occurrences
from searchsvc.engine.reading import DF, Docs, Rows
from searchsvc.engine.snapshot import Leaf, Snapshot
from searchsvc.engine.strings import K1, ExactString, idf
from searchsvc.engine.tables import ENCODING
from searchsvc.errors import BudgetExceeded

Filter = Callable[[Docs], Docs]


class Evaluation:
    """One search on one snapshot. Raises BudgetExceeded once it has taken too long.

    ``filters``: for each segment, what the plan restricts to. ``scoring``: whether documents will be
    scored; if not, nobody needs to know how many documents contain a string.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        rules: Callable[[Query], "Rule"],
        budget_seconds: float | None = None,
        filters: Sequence[Sequence[Filter]] = (),
        scoring: bool = True,
    ) -> None:
        self.snapshot = snapshot
        self._rules = rules
        self._deadline = None if budget_seconds is None else time.monotonic() + budget_seconds
        self._budget = budget_seconds
        self._filters, self._scoring = filters, scoring
        self._rows: dict[tuple[int, int], Rows] = {}
        self._occurrences: dict[tuple[int, int], Occurrences] = {}
        self._matches: dict[tuple[int, int], Docs] = {}
        self._idfs: dict[int, float] = {}
        # What Whoosh's own matchers gave, for nodes that are left to them.
        self.given: dict[tuple[int, int], tuple[Docs, Scores]] = {}

    def tick(self) -> None:
        """Look at the clock."""
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise BudgetExceeded(f"The search was stopped after {self._budget:g} seconds; ask for less")

    def match(self, node: Query, leaf: Leaf) -> Docs:
        """The live documents of a segment that match and that the plan wants, ascending."""
        key = id(node), leaf.number
        found = self._matches.get(key)
        if found is None:
            self.tick()
            rule = self._rules(node)
            found = rule.match(self, node, leaf)
            if rule.is_filtered and self._filters:
                for wanted in self._filters[leaf.number]:
                    found = wanted(found)
            self._matches[key] = found
        return found

    def keep(self, node: Query, leaf: Leaf, docs: Docs) -> Docs:
        """Those of some wanted, ascending documents that match."""
        return self._rules(node).keep(self, node, leaf, docs)

    def add(self, node: Query, leaf: Leaf, docs: Docs, scores: Scores, boost: float) -> None:
        """Add what ascending documents score to ``scores``; all of them match."""
        self.tick()
        self._rules(node).add(self, node, leaf, docs, scores, boost)

    def add_some(self, node: Query, leaf: Leaf, docs: Docs, scores: Scores, boost: float) -> None:
        """Add what ascending documents score to ``scores``, for those that match."""
        rule = self._rules(node)
        if rule.adds_some:
            rule.add(self, node, leaf, docs, scores, boost)
            return
        there = self.keep(node, leaf, docs)
        if len(there):
            theirs = np.zeros(len(there), np.float32)
            self.add(node, leaf, there, theirs, boost)
            scores[np.searchsorted(docs, there)] += theirs

    # Terms and strings of a text field.

    def rows(self, node: Any, leaf: Leaf) -> Rows:
        """The rows of the terms that decide whether a string is there, the rarest first; none if one
        of them does not occur."""
        key = id(node), leaf.number
        found = self._rows.get(key)
        if found is None:
            field = leaf.file.fields[node.fieldname]
            if isinstance(node, ExactString):
                found = field.rows(node.needle)
            else:
                text = node.text if isinstance(node.text, str) else bytes(node.text).decode(*ENCODING)
                found = field.rows_of_term(text)
            self._rows[key] = found
        return found

    def found(self, node: Any, leaf: Leaf) -> Occurrences:
        """Where a term or string is in a segment, deleted documents left out."""
        key = id(node), leaf.number
        found = self._occurrences.get(key)
        if found is None:
            self.tick()
            rows = self.rows(node, leaf)
            found = occurrences(leaf.file.octets, rows, leaf.documents, leaf.live) if len(rows) else NOWHERE
            self._occurrences[key] = found
        return found

    def keep_text(self, node: Any, leaf: Leaf, docs: Docs) -> Docs:
        """Those of some ascending documents that contain a term or string."""
        rows = self.rows(node, leaf)
        if not len(rows) or not len(docs):
            return sets.NONE
        if len(rows) > 1 and not self._scoring and (id(node), leaf.number) not in self._occurrences:
            return reading.string_in(leaf.file.octets, rows, leaf.documents, docs, True)[0]
        return self.found(node, leaf).keep(docs)

    def idf(self, node: Any) -> float:
        """The inverse document frequency of a term or string, over the whole index.

        A string counts live documents, as it is counted by looking; a term all, as the lists do.
        """
        known = self._idfs.get(id(node))
        if known is None:
            leaves = self.snapshot.leaves
            if isinstance(node, ExactString):
                frequency = sum(self.found(node, leaf).count for leaf in leaves)
            else:
                frequency = sum(int(rows[0, DF]) for leaf in leaves if len(rows := self.rows(node, leaf)))
            known = self._idfs[id(node)] = idf(self.snapshot.documents, frequency)
        return known

    def factor(self, node: Any, boost: float) -> float:
        """What BM25 approaches as a term or string becomes more frequent."""
        return float(self.idf(node) * node.boost * (K1 + 1) * boost)


def _by_match(evaluation: Evaluation, node: Any, leaf: Leaf, docs: Docs) -> Docs:
    return sets.common(docs, evaluation.match(node, leaf))


@dataclass(frozen=True, slots=True)
class Rule:
    """How a kind of node answers.

    ``is_filtered``: its matches go through the plan's filters; those of a node with parts have gone
    through them already. ``adds_some``: its ``add`` adds nothing to what does not match.
    """

    match: Callable[[Evaluation, Any, Leaf], Docs]
    add: Callable[[Evaluation, Any, Leaf, Docs, Scores, float], None]
    keep: Callable[[Evaluation, Any, Leaf, Docs], Docs] = _by_match
    is_filtered: bool = False
    adds_some: bool = False


def constant(value: Callable[[Any], float]) -> Callable[[Evaluation, Any, Leaf, Docs, Scores, float], None]:
    """A score that is the same for all documents."""

    def add(_: Evaluation, node: Any, __: Leaf, ___: Docs, scores: Scores, boost: float) -> None:
        scores += np.float32(value(node) * boost)

    return add
