"""A Whoosh query tree, evaluated on arrays, one segment at a time.

A query's tree is bound to every segment: each of its nodes becomes a ``Node`` here, which knows
three things. Which documents match (``match``), which of some documents match (``keep``), and what
documents score (``add``). Asking them apart is what makes this quick. A conjunction takes the rarest
part and asks the others only about its documents; filters come in before anything is scored; and
what is scored is what is left.

``compounds`` has the nodes with parts, ``leaves`` the others, ``searcher`` the table of which kind
of Whoosh's nodes becomes which.
"""

import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from whoosh.query import Query

from searchsvc.engine import FIELDS, Statistics, sets
from searchsvc.engine.occurrences import Scores
from searchsvc.engine.reading import Docs
from searchsvc.engine.snapshot import Leaf
from searchsvc.engine.strings import idf
from searchsvc.errors import BudgetExceeded

Filter = Callable[[Docs], Docs]


class Countable(Protocol):
    """What knows how many documents of a segment contain something."""

    def count(self) -> int: ...


class Search:
    """One search: its clock, and what all segments know of a string together.

    ``documents``: of the whole index. ``scoring``: whether documents will be scored; if not, nobody
    needs to know how many documents contain a string. ``walking``: scores must not depend on what else
    is in the index but by ``statistics``, which then take the place of the index's own.
    Raises BudgetExceeded when asked too late.
    """

    def __init__(
        self,
        documents: int,
        scoring: bool,
        budget_seconds: float | None = None,
        walking: bool = False,
        statistics: Statistics | None = None,
    ) -> None:
        self.documents = statistics.documents if statistics else documents
        self.scoring, self.walking, self.statistics = scoring, walking, statistics
        self._budget = budget_seconds
        self._began, self._computed = time.monotonic(), time.thread_time()
        # The nodes of a term or string in all segments, by the id of the query.
        self.counted: dict[int, list[Countable]] = defaultdict(list)
        self._idfs: dict[int, float] = {}

    def tick(self) -> None:
        """Look at the clock. What counts is time of computing: a busy machine makes nothing costly."""
        if self._budget is None or time.monotonic() - self._began <= self._budget:
            return
        if time.thread_time() - self._computed > self._budget:
            raise BudgetExceeded(f"The search was stopped after {self._budget:g} seconds; ask for less")

    def idf(self, key: int) -> float:
        """The inverse document frequency of a term or string, over the whole index."""
        known = self._idfs.get(key)
        if known is None:
            known = self._idfs[key] = idf(self.documents, self._frequency(key))
        return known

    def measured(self, averages: Mapping[str, float]) -> Statistics:
        """What scores depend on here, for a later search of the same query to be given."""
        frequencies = tuple(map(self._frequency, self.counted))
        return Statistics(self.documents, tuple(averages[name] for name in FIELDS), frequencies)

    def _frequency(self, key: int) -> int:
        known = self._known_frequencies.get(key)
        return sum(node.count() for node in self.counted[key]) if known is None else known

    @cached_property
    def _known_frequencies(self) -> dict[int, int]:
        """Those that were given. A query's nodes are made in the order of its tree, before any is asked."""
        return dict(zip(self.counted, self.statistics.frequencies, strict=False)) if self.statistics else {}


class Scope:
    """A search in one segment. ``filters``: what the plan restricts its documents to."""

    def __init__(
        self,
        search: Search,
        leaf: Leaf,
        filters: Sequence[Filter],
        bind: Callable[["Scope", Query], "Node"],
    ) -> None:
        self.search, self.leaf, self._filters = search, leaf, filters
        self._bind = bind
        given = search.statistics
        # The part of BM25 that depends on lengths, by field.
        self.norms = leaf.norms_of(dict(zip(FIELDS, given.averages, strict=True))) if given else leaf.norms
        self._nodes: dict[int, Node] = {}

    def bind(self, query: Query) -> "Node":
        """The node of a query. One that stands in the tree twice is the same node."""
        node = self._nodes.get(id(query))
        if node is None:
            node = self._nodes[id(query)] = self._bind(self, query)
        return node

    def close(self) -> None:
        """Let go of the nodes."""
        self._nodes.clear()

    def wanted(self, docs: Docs) -> Docs:
        """The documents that pass the plan's filters."""
        for keep in self._filters:
            docs = keep(docs)
        return docs


class Node(ABC):
    """A query in one segment. ``size``: about how many documents match, enough to find the rarest.

    ``adds_some``: its ``add`` adds nothing to documents that do not match.
    """

    adds_some = False

    def __init__(self, scope: Scope, query: Any) -> None:
        self.scope, self.leaf, self.query = scope, scope.leaf, query
        self.size = scope.leaf.documents
        self._matching: Docs | None = None

    @abstractmethod
    def find(self) -> Docs:
        """The live documents that match and that the plan wants, ascending."""

    @abstractmethod
    def add(self, docs: Docs, scores: Scores, boost: float) -> None:
        """Add what ascending documents score to ``scores``; all of them match."""

    @property
    def matching(self) -> Docs:
        """What ``find`` found, once. (A cached_property takes a lock, which costs more than all this.)"""
        if self._matching is None:
            self.scope.search.tick()
            self._matching = self.find()
        return self._matching

    def keep(self, docs: Docs) -> Docs:
        """Those of some wanted, ascending documents that match."""
        return sets.common(docs, self.matching)

    def add_some(self, docs: Docs, scores: Scores, boost: float) -> None:
        """Add what ascending documents score to ``scores``, for those that match."""
        if self.adds_some:
            self.add(docs, scores, boost)
            return
        there = self.keep(docs)
        if len(there):
            theirs = np.zeros(len(there), np.float32)
            self.add(there, theirs, boost)
            scores[np.searchsorted(docs, there)] += theirs
