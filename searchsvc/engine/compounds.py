"""How nodes with parts answer: And, Or, Not and their kin.

Scores add up, as in Whoosh's matchers; what a ``Not`` lets through scores 1. Whoosh leaves out the
boost of a compound that has a single part; so do we. ``Require`` does what its description says,
not what it does in Whoosh 2.7.4, where it excludes instead.
"""

from functools import reduce
from typing import Any

import numpy as np
from whoosh.query import And, AndMaybe, AndNot, ConstantScoreQuery, DisjunctionMax, Or, Query, Term

from searchsvc.engine import FIELDS, sets
from searchsvc.engine.evaluation import Evaluation, Rule, constant
from searchsvc.engine.occurrences import Scores
from searchsvc.engine.reading import DF, Docs
from searchsvc.engine.snapshot import Leaf
from searchsvc.engine.strings import ExactString

# When an Or matches more than one document in so many, all scores go into a table.
TABLE = 8


def guess(evaluation: Evaluation, node: Any, leaf: Leaf) -> int:
    """About how many documents match: enough to begin with the rarest."""
    if isinstance(node, ExactString | Term) and node.fieldname in FIELDS:
        rows = evaluation.rows(node, leaf)
        return int(rows[0, DF]) if len(rows) else 0
    if isinstance(node, Or | DisjunctionMax):
        return sum(guess(evaluation, part, leaf) for part in node.subqueries)
    if isinstance(node, And):
        return min((guess(evaluation, part, leaf) for part in node.subqueries), default=0)
    if isinstance(node, AndNot | AndMaybe):
        return guess(evaluation, node.a, leaf)
    return leaf.documents


def _boost(node: Any, boost: float) -> float:
    return boost * float(node.boost) if len(node.subqueries) > 1 else boost


# And: the rarest part's documents, less and less of them.


def _match_all(evaluation: Evaluation, node: And, leaf: Leaf) -> Docs:
    if not node.subqueries:
        return sets.NONE
    first, *others = sorted(node.subqueries, key=lambda part: guess(evaluation, part, leaf))
    docs = evaluation.match(first, leaf)
    for part in others:
        if not len(docs):
            break
        docs = evaluation.keep(part, leaf, docs)
    return docs


def _keep_all(evaluation: Evaluation, node: And, leaf: Leaf, docs: Docs) -> Docs:
    for part in node.subqueries:
        docs = evaluation.keep(part, leaf, docs)
    return docs if node.subqueries else sets.NONE


def _add_all(evaluation: Evaluation, node: And, leaf: Leaf, docs: Docs, scores: Scores, boost: float) -> None:
    for part in node.subqueries:
        evaluation.add(part, leaf, docs, scores, _boost(node, boost))


# Or.


def _match_any(evaluation: Evaluation, node: Any, leaf: Leaf) -> Docs:
    parts = sorted((evaluation.match(part, leaf) for part in node.subqueries), key=len)
    return reduce(lambda left, right: sets.union(left, right, leaf.documents), parts, sets.NONE)


def _keep_any(evaluation: Evaluation, node: Any, leaf: Leaf, docs: Docs) -> Docs:
    parts = (evaluation.keep(part, leaf, docs) for part in node.subqueries)
    return reduce(lambda left, right: sets.union(left, right, leaf.documents), parts, sets.NONE)


def _add_any(evaluation: Evaluation, node: Or, leaf: Leaf, docs: Docs, scores: Scores, boost: float) -> None:
    for part in node.subqueries:
        evaluation.add_some(part, leaf, docs, scores, _boost(node, boost))


def score_table(evaluation: Evaluation, node: Query | None, leaf: Leaf) -> Scores | None:
    """The scores of all documents of a segment, 0 for those that do not match: for an Or of which
    so many match that this is cheaper than to list them. None if it is not, or not so simple."""
    texts = _texts(node, 1.0)
    if texts is None or len(texts) < 2:
        return None
    if sum(evaluation.found(text, leaf).count for text, _ in texts) * TABLE < leaf.documents:
        return None
    table = np.zeros(leaf.documents, np.float32)
    for text, boost in texts:
        evaluation.tick()
        norms, factor = leaf.norms[text.fieldname], evaluation.factor(text, boost)
        evaluation.found(text, leaf).score_all(leaf.documents, norms, factor, table)
    return table


def _texts(node: Any, boost: float) -> list[tuple[Any, float]] | None:
    """The terms and strings of an Or of Ors of them, with their boosts; None for anything else.

    And None where a boost is not above 0: there a score of 0 would not tell what does not match.
    """
    if isinstance(node, ExactString | Term):
        return [(node, boost)] if node.fieldname in FIELDS and node.boost * boost > 0 else None
    if type(node) is not Or or node.scale or node.minmatch:
        return None
    texts: list[tuple[Any, float]] = []
    for part in node.subqueries:
        theirs = _texts(part, _boost(node, boost))
        if theirs is None:
            return None
        texts += theirs
    return texts


def _add_best(
    evaluation: Evaluation, node: DisjunctionMax, leaf: Leaf, docs: Docs, scores: Scores, boost: float
) -> None:
    highest = np.zeros(len(docs), np.float32)
    for part in node.subqueries:
        theirs = np.zeros(len(docs), np.float32)
        evaluation.add_some(part, leaf, docs, theirs, 1.0)
        np.maximum(highest, theirs, out=highest)
    scores += highest * np.float32(_boost(node, boost))


# Two parts.


def _match_not(evaluation: Evaluation, node: Any, leaf: Leaf) -> Docs:
    return sets.without(leaf.all_live(), evaluation.match(node.query, leaf))


def _keep_not(evaluation: Evaluation, node: Any, leaf: Leaf, docs: Docs) -> Docs:
    return sets.without(docs, evaluation.keep(node.query, leaf, docs))


def _match_and_not(evaluation: Evaluation, node: AndNot, leaf: Leaf) -> Docs:
    docs = evaluation.match(node.a, leaf)
    return sets.without(docs, evaluation.keep(node.b, leaf, docs)) if len(docs) else docs


def _match_both(evaluation: Evaluation, node: Any, leaf: Leaf) -> Docs:
    docs = evaluation.match(node.a, leaf)
    return evaluation.keep(node.b, leaf, docs) if len(docs) else docs


def _match_first(evaluation: Evaluation, node: Any, leaf: Leaf) -> Docs:
    return evaluation.match(node.a, leaf)


def _keep_first(evaluation: Evaluation, node: Any, leaf: Leaf, docs: Docs) -> Docs:
    return evaluation.keep(node.a, leaf, docs)


def _add_first(
    evaluation: Evaluation, node: Any, leaf: Leaf, docs: Docs, scores: Scores, boost: float
) -> None:
    evaluation.add(node.a, leaf, docs, scores, boost)


def _add_maybe(
    evaluation: Evaluation, node: AndMaybe, leaf: Leaf, docs: Docs, scores: Scores, boost: float
) -> None:
    evaluation.add(node.a, leaf, docs, scores, boost)
    evaluation.add_some(node.b, leaf, docs, scores, boost)


def _match_child(evaluation: Evaluation, node: ConstantScoreQuery, leaf: Leaf) -> Docs:
    return evaluation.match(node.child, leaf)


def _keep_child(evaluation: Evaluation, node: ConstantScoreQuery, leaf: Leaf, docs: Docs) -> Docs:
    return evaluation.keep(node.child, leaf, docs)


ALL = Rule(_match_all, _add_all, _keep_all)
ANY = Rule(_match_any, _add_any, _keep_any, adds_some=True)
BEST = Rule(_match_any, _add_best, _keep_any, adds_some=True)
NOT = Rule(_match_not, constant(lambda _: 1.0), _keep_not, is_filtered=True)
AND_NOT = Rule(_match_and_not, _add_first)
AND_MAYBE = Rule(_match_first, _add_maybe, _keep_first)
REQUIRE = Rule(_match_both, _add_first)
CONSTANT = Rule(_match_child, constant(lambda node: float(node.score)), _keep_child)
