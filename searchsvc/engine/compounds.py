"""How nodes with parts answer: And, Or, Not and their kin.

Scores add up, as in Whoosh's matchers; what a ``Not`` lets through scores 1. Whoosh leaves out the
boost of a compound that has a single part; so do we. ``Require`` does what its description says,
not what it does in Whoosh 2.7.4, where it excludes instead.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from whoosh.query import And, AndMaybe, AndNot, ConstantScoreQuery, DisjunctionMax, Or, Query, Term

from searchsvc.engine import FIELDS
from searchsvc.engine.evaluation import Evaluation, Mask, Rule, Scores, constant
from searchsvc.engine.occurrences import FEW, NOWHERE, union, within
from searchsvc.engine.postings import Ints
from searchsvc.engine.snapshot import Leaf
from searchsvc.engine.strings import ExactString


def guess(evaluation: Evaluation, node: Any, leaf: Leaf) -> int:
    """About how many documents match: enough to begin with the rarest."""
    if isinstance(node, ExactString | Term) and node.fieldname in FIELDS:
        return min((found.df for _, found in evaluation.lists(node, leaf)), default=0)
    if isinstance(node, Or | DisjunctionMax):
        return sum(guess(evaluation, part, leaf) for part in node.subqueries)
    if isinstance(node, And):
        return min((guess(evaluation, part, leaf) for part in node.subqueries), default=0)
    if isinstance(node, AndNot | AndMaybe):
        return guess(evaluation, node.a, leaf)
    return leaf.documents


def _boosted(node: Any, scores: Scores) -> Scores:
    if len(node.subqueries) > 1 and node.boost != 1.0:
        scores *= np.float32(node.boost)
    return scores


# And: the rarest part's documents, less and less of them.


def _match_all(evaluation: Evaluation, node: And, leaf: Leaf) -> Ints:
    if not node.subqueries:
        return NOWHERE.docs
    first, *others = sorted(node.subqueries, key=lambda part: guess(evaluation, part, leaf))
    docs = evaluation.match(first, leaf)
    for part in others:
        if not len(docs):
            break
        docs = _kept(docs, evaluation.which(part, leaf, docs))
    return docs


def _kept(docs: Ints, mask: Mask) -> Ints:
    return docs if mask.all() else docs[mask]


def _which_all(evaluation: Evaluation, node: And, leaf: Leaf, docs: Ints) -> Mask:
    mask = np.full(len(docs), bool(node.subqueries))
    for part in node.subqueries:
        mask &= evaluation.which(part, leaf, docs)
    return mask


def _score_all(evaluation: Evaluation, node: And, leaf: Leaf, docs: Ints) -> Scores:
    first, *others = node.subqueries
    scores = evaluation.score(first, leaf, docs)
    for part in others:
        scores += evaluation.score(part, leaf, docs)
    return _boosted(node, scores)


# Or. Mostly a word in the title or the text, where the text's list is long and the title's adds
# next to nothing to it; else two such words.


def flat(node: Any) -> list[Query]:
    """The parts of an Or, and in place of an Or among them, its parts."""
    parts = []
    for part in node.subqueries:
        plain = type(part) is Or and (part.boost == 1.0 or len(part.subqueries) == 1) and not part.scale
        parts += flat(part) if plain and not part.minmatch else [part]
    return parts


def _match_any(evaluation: Evaluation, node: Any, leaf: Leaf) -> Ints:
    parts = [found for part in flat(node) if len(found := evaluation.match(part, leaf))]
    return union(parts, leaf.documents) if parts else NOWHERE.docs


def _which_any(evaluation: Evaluation, node: Any, leaf: Leaf, docs: Ints) -> Mask:
    mask = np.zeros(len(docs), bool)
    for part in node.subqueries:
        mask |= evaluation.which(part, leaf, docs)
    return mask


def _score_any(evaluation: Evaluation, node: Or, leaf: Leaf, docs: Ints) -> Scores:
    """The sum of the parts, in the way that touches least.

    Few documents are asked of every part. All documents of the node, nearly all of them from one
    part: the others are added to its scores. Else all is added up in a table of all documents.
    """
    if docs is not evaluation.match(node, leaf):
        return _boosted(node, _gathered(evaluation, leaf, docs, flat(node)))
    found = _longest_first(evaluation, node, leaf)
    if sum(len(match) for _, match in found[1:]) * FEW < len(docs):
        return _boosted(node, _upon_the_longest(evaluation, leaf, docs, found))
    if len(docs) * FEW < leaf.documents:
        return _boosted(node, _gathered(evaluation, leaf, docs, [part for part, _ in found]))
    return _boosted(node, _table(evaluation, leaf, found).take(docs))


def _longest_first(evaluation: Evaluation, node: Any, leaf: Leaf) -> list[tuple[Query, Ints]]:
    """The parts that match anything, and what they match."""
    found = [(part, match) for part in flat(node) if len(match := evaluation.match(part, leaf))]
    return sorted(found, key=lambda item: -len(item[1]))


def score_table(evaluation: Evaluation, node: Any, leaf: Leaf) -> Scores | None:
    """The scores of all documents of a segment, 0 for those that do not match: for an Or of which
    so many match that this is cheaper than to list them. None if it is not, or not so simple."""
    if type(node) is not Or or node.scale or node.minmatch or not _all_positive(node):
        return None
    found = _longest_first(evaluation, node, leaf)
    rest = sum(len(match) for _, match in found[1:])
    if rest * FEW < leaf.documents or rest * FEW < len(found[0][1]):
        return None
    return _boosted(node, _table(evaluation, leaf, found))


def _all_positive(node: Any) -> bool:
    """Whether whatever matches scores more than nothing."""
    if isinstance(node, Or):
        return node.boost > 0 and all(map(_all_positive, node.subqueries))
    return isinstance(node, ExactString | Term) and node.boost > 0


def _table(evaluation: Evaluation, leaf: Leaf, found: Sequence[tuple[Query, Ints]]) -> Scores:
    table = np.zeros(leaf.documents, np.float32)
    (first, match), *others = found
    table[match] = evaluation.score(first, leaf, match)
    for part, match in others:
        table[match] += evaluation.score(part, leaf, match)
    return table


def _gathered(evaluation: Evaluation, leaf: Leaf, docs: Ints, parts: Sequence[Query]) -> Scores:
    scores = np.zeros(len(docs), np.float32)
    for part in parts:
        scores += evaluation.score_some(part, leaf, docs)
    return scores


def _upon_the_longest(
    evaluation: Evaluation, leaf: Leaf, docs: Ints, found: Sequence[tuple[Query, Ints]]
) -> Scores:
    (longest, most), *others = found
    scores = evaluation.score(longest, leaf, most)
    places = [np.searchsorted(docs, match) for _, match in others]
    if len(most) < len(docs):
        theirs = np.ones(len(docs), bool)
        for (_, match), at in zip(others, places, strict=True):
            theirs[at[~within(match, most, leaf.documents)]] = False
        whole = np.zeros(len(docs), np.float32)
        whole[theirs] = scores
        scores = whole
    for (part, match), at in zip(others, places, strict=True):
        scores[at] += evaluation.score(part, leaf, match)
    return scores


def _score_best(evaluation: Evaluation, node: DisjunctionMax, leaf: Leaf, docs: Ints) -> Scores:
    scores = np.zeros(len(docs), np.float32)
    for part in node.subqueries:
        np.maximum(scores, evaluation.score_some(part, leaf, docs), out=scores)
    return _boosted(node, scores)


# Two parts.


def _match_not(evaluation: Evaluation, node: Any, leaf: Leaf) -> Ints:
    return leaf.without(evaluation.match(node.query, leaf))


def _which_not(evaluation: Evaluation, node: Any, leaf: Leaf, docs: Ints) -> Mask:
    return ~evaluation.which(node.query, leaf, docs)


def _match_and_not(evaluation: Evaluation, node: AndNot, leaf: Leaf) -> Ints:
    docs = evaluation.match(node.a, leaf)
    return docs[~evaluation.which(node.b, leaf, docs)] if len(docs) else docs


def _match_both(evaluation: Evaluation, node: Any, leaf: Leaf) -> Ints:
    docs = evaluation.match(node.a, leaf)
    return _kept(docs, evaluation.which(node.b, leaf, docs)) if len(docs) else docs


def _match_first(evaluation: Evaluation, node: Any, leaf: Leaf) -> Ints:
    return evaluation.match(node.a, leaf)


def _which_first(evaluation: Evaluation, node: Any, leaf: Leaf, docs: Ints) -> Mask:
    return evaluation.which(node.a, leaf, docs)


def _score_first(evaluation: Evaluation, node: Any, leaf: Leaf, docs: Ints) -> Scores:
    return evaluation.score(node.a, leaf, docs)


def _score_maybe(evaluation: Evaluation, node: AndMaybe, leaf: Leaf, docs: Ints) -> Scores:
    scores = evaluation.score(node.a, leaf, docs)
    scores += evaluation.score_some(node.b, leaf, docs)
    return scores


def _match_child(evaluation: Evaluation, node: ConstantScoreQuery, leaf: Leaf) -> Ints:
    return evaluation.match(node.child, leaf)


def _which_child(evaluation: Evaluation, node: ConstantScoreQuery, leaf: Leaf, docs: Ints) -> Mask:
    return evaluation.which(node.child, leaf, docs)


ALL = Rule(_match_all, _score_all, _which_all)
ANY = Rule(_match_any, _score_any, _which_any)
BEST = Rule(_match_any, _score_best, _which_any)
NOT = Rule(_match_not, constant(lambda _: 1.0), _which_not)
AND_NOT = Rule(_match_and_not, _score_first)
AND_MAYBE = Rule(_match_first, _score_maybe, _which_first)
REQUIRE = Rule(_match_both, _score_first)
CONSTANT = Rule(_match_child, constant(lambda node: float(node.score)), _which_child)
