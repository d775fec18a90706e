"""Nodes with parts: And, Or, Not and their kin.

Scores add up, as in Whoosh's matchers; what a ``Not`` lets through scores 1. Whoosh leaves out the
boost of a compound that has a single part; so do we. ``Require`` does what its description says,
not what it does in Whoosh 2.7.4, where it excludes instead.
"""

from operator import attrgetter
from typing import Any

import numpy as np
from whoosh.query import Or

from searchsvc.engine import sets
from searchsvc.engine.evaluation import Node, Scope
from searchsvc.engine.leaves import Text
from searchsvc.engine.occurrences import Scores
from searchsvc.engine.reading import Docs

# When an Or matches more than one document in so many, all scores go into a table.
TABLE = 8


class Several(Node):
    """A node with any number of parts."""

    def __init__(self, scope: Scope, query: Any) -> None:
        super().__init__(scope, query)
        self.parts = [scope.bind(part) for part in query.subqueries]
        self.boost = float(query.boost) if len(self.parts) > 1 else 1.0


class Intersection(Several):
    """And: the rarest part's documents, less and less of them."""

    def __init__(self, scope: Scope, query: Any) -> None:
        super().__init__(scope, query)
        self.size = min((part.size for part in self.parts), default=0)

    def find(self) -> Docs:
        if not self.parts:
            return sets.NONE
        first, *others = sorted(self.parts, key=attrgetter("size"))
        docs = first.matching
        for part in others:
            if not len(docs):
                break
            docs = part.keep(docs)
        return docs

    def keep(self, docs: Docs) -> Docs:
        for part in self.parts:
            docs = part.keep(docs)
        return docs if self.parts else sets.NONE

    def add(self, docs: Docs, scores: Scores, boost: float) -> None:
        for part in self.parts:
            part.add(docs, scores, boost * self.boost)


class Union(Several):
    """Or."""

    adds_some = True

    def __init__(self, scope: Scope, query: Any) -> None:
        super().__init__(scope, query)
        self.size = sum(part.size for part in self.parts)

    def find(self) -> Docs:
        return self._together([part.matching for part in self.parts])

    def keep(self, docs: Docs) -> Docs:
        return self._together([part.keep(docs) for part in self.parts])

    def _together(self, found: list[Docs]) -> Docs:
        found.sort(key=len)
        together = sets.NONE
        for docs in found:
            if len(docs):
                together = sets.union(together, docs, self.leaf.documents) if len(together) else docs
        return together

    def add(self, docs: Docs, scores: Scores, boost: float) -> None:
        for part in self.parts:
            part.add_some(docs, scores, boost * self.boost)


def score_table(node: Node) -> Scores | None:
    """The scores of all documents of a segment, 0 for those that do not match: for an Or of which
    so many match that this is cheaper than to list them. None if it is not, or not so simple."""
    texts = _texts(node, 1.0) if isinstance(node, Union) else None
    if not texts or sum(text.found.count for text, _ in texts) * TABLE < node.leaf.documents:
        return None
    table = np.zeros(node.leaf.documents, np.float32)
    for text, boost in texts:
        text.add_to_all(table, boost)
    return table


def _texts(node: Node, boost: float) -> list[tuple[Text, float]] | None:
    """The terms and strings of an Or of Ors of them, with their boosts; None for anything else.

    And None where a boost is not above 0: there a score of 0 would not tell what does not match.
    """
    if isinstance(node, Text):
        return [(node, boost)] if node.adds_some and node.query.boost * boost > 0 else None
    if type(node.query) is not Or:
        return None
    assert isinstance(node, Union)
    texts: list[tuple[Text, float]] = []
    for part in node.parts:
        theirs = _texts(part, boost * node.boost)
        if theirs is None:
            return None
        texts += theirs
    return texts


class Best(Union):
    """DisjunctionMax."""

    def add(self, docs: Docs, scores: Scores, boost: float) -> None:
        highest = np.zeros(len(docs), np.float32)
        for part in self.parts:
            theirs = np.zeros(len(docs), np.float32)
            part.add_some(docs, theirs, 1.0)
            np.maximum(highest, theirs, out=highest)
        scores += highest * np.float32(boost * self.boost)


class Rest(Node):
    """Not: everything else."""

    def __init__(self, scope: Scope, query: Any) -> None:
        super().__init__(scope, query)
        self._part = scope.bind(query.query)

    def find(self) -> Docs:
        return self.scope.wanted(sets.without(self.leaf.all_live(), self._part.matching))

    def keep(self, docs: Docs) -> Docs:
        return sets.without(docs, self._part.keep(docs))

    def add(self, docs: Docs, scores: Scores, boost: float) -> None:
        scores += np.float32(boost)


class Pair(Node):
    """A first part that scores, and a second one. By itself: ``Require``."""

    def __init__(self, scope: Scope, query: Any) -> None:
        super().__init__(scope, query)
        self.first, self.second = scope.bind(query.a), scope.bind(query.b)
        self.size = self.first.size

    def find(self) -> Docs:
        return self._restricted(self.first.matching)

    def keep(self, docs: Docs) -> Docs:
        return self._restricted(self.first.keep(docs))

    def _restricted(self, docs: Docs) -> Docs:
        return self.second.keep(docs) if len(docs) else docs

    def add(self, docs: Docs, scores: Scores, boost: float) -> None:
        self.first.add(docs, scores, boost)


class Without(Pair):
    """AndNot."""

    def _restricted(self, docs: Docs) -> Docs:
        return sets.without(docs, self.second.keep(docs)) if len(docs) else docs


class Maybe(Pair):
    """AndMaybe: the second part only scores."""

    def _restricted(self, docs: Docs) -> Docs:
        return docs

    def add(self, docs: Docs, scores: Scores, boost: float) -> None:
        self.first.add(docs, scores, boost)
        self.second.add_some(docs, scores, boost)


class Constant(Node):
    """ConstantScoreQuery: a part whose matches all score the same."""

    def __init__(self, scope: Scope, query: Any) -> None:
        super().__init__(scope, query)
        self._part = scope.bind(query.child)
        self.size = self._part.size

    def find(self) -> Docs:
        return self._part.matching

    def keep(self, docs: Docs) -> Docs:
        return self._part.keep(docs)

    def add(self, docs: Docs, scores: Scores, boost: float) -> None:
        scores += np.float32(self.query.score * boost)
