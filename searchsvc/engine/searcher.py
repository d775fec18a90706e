"""A plan on a snapshot: what is found, how many, the page that is asked for, and the counts.

Segments one after the other: which documents match, then the filters, which are look-ups in
columns for just those documents, then the total and the counts, and only then the order. By
relevance, scores; by time, ranks, so that no segment hands on more than the page needs.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.query import (
    And,
    AndMaybe,
    AndNot,
    ConstantScoreQuery,
    DisjunctionMax,
    Every,
    FuzzyTerm,
    Not,
    NullQuery,
    NumericRange,
    Or,
    Prefix,
    Query,
    Require,
    Term,
)

from searchsvc.engine import FIELDS, Found, Plan, Scored, compounds, leaves
from searchsvc.engine.evaluation import Evaluation, Rule, Scores
from searchsvc.engine.postings import Ints
from searchsvc.engine.ranking import best, count_ranks
from searchsvc.engine.schema import UNKNOWN_TIME
from searchsvc.engine.snapshot import Leaf, Snapshot
from searchsvc.engine.strings import ExactString
from searchsvc.engine.tables import ENCODING

# Later than any time: where articles without a time stand when the oldest come first.
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Candidates:
    """The best hits of a segment: documents, and keys to sort by, greatest first."""

    leaf: Leaf
    docs: Ints
    keys: NDArray[np.generic]


def run(snapshot: Snapshot, plan: Plan, budget_seconds: float | None = None) -> Found:
    """Evaluate a plan. Raises BudgetExceeded, and IndexUnavailable when a file was cut meanwhile."""
    snapshot.still_whole()
    evaluation = Evaluation(snapshot, rule, budget_seconds)
    query = Every() if plan.query is None else plan.query
    total, sources = 0, Counter[str]()
    candidates: list[Candidates] = []
    timeline = np.zeros(max(0, len(plan.timeline_edges) - 1), np.intp)
    by_table = plan.order == "relevance" and not plan.count_sources and not plan.timeline_edges
    for leaf in snapshot.leaves:
        table = compounds.score_table(evaluation, query, leaf) if by_table else None
        if table is not None:
            total += _from_table(table, leaf, plan, candidates)
            continue
        docs = filtered(evaluation.match(query, leaf), leaf, plan)
        if not len(docs):
            continue
        total += len(docs)
        if plan.count_sources:
            sources.update(count_sources(docs, leaf))
        if plan.timeline_edges:
            timeline += count_times(docs, leaf, plan.timeline_edges)
        if plan.limit:
            candidates.append(_candidates(evaluation, query, docs, leaf, plan))
    return Found(total, page(candidates, plan), dict(sources), tuple(timeline.tolist()))


def rule(node: Any) -> Rule:
    """How a node is evaluated."""
    kind = type(node)
    known = RULES.get(kind)
    if known is not None:
        simple = kind is not Or or not (node.scale or node.minmatch)
        return known if simple and (kind is not ExactString or node.fieldname in FIELDS) else leaves.STOCK
    if kind is Term:
        if node.fieldname in FIELDS:
            return leaves.TEXT
        return leaves.COLUMN if node.fieldname in ("id", "source") else leaves.STOCK
    if kind is NumericRange and node.fieldname == "published" and node.constantscore:
        return leaves.RANGE
    expands = kind in (Prefix, FuzzyTerm) and node.fieldname in FIELDS and node.constantscore
    return leaves.WORDS if expands and leaves.is_word(node.text) else leaves.STOCK


RULES: dict[type, Rule] = {
    ExactString: leaves.TEXT,
    And: compounds.ALL,
    Or: compounds.ANY,
    DisjunctionMax: compounds.BEST,
    Not: compounds.NOT,
    AndNot: compounds.AND_NOT,
    AndMaybe: compounds.AND_MAYBE,
    Require: compounds.REQUIRE,
    ConstantScoreQuery: compounds.CONSTANT,
    Every: leaves.EVERY,
    type(NullQuery): leaves.NOTHING,
}


def _from_table(table: Scores, leaf: Leaf, plan: Plan, candidates: list[Candidates]) -> int:
    """The total and the candidates, when the scores of all documents are in a table."""
    for wanted in _filters(leaf, plan):
        table *= wanted(None)
    total = int(np.count_nonzero(table))
    if plan.limit and total:
        chosen = best(table, min(total, plan.offset + plan.limit))
        candidates.append(Candidates(leaf, chosen, table[chosen]))
    return total


def filtered(docs: Ints, leaf: Leaf, plan: Plan) -> Ints:
    """The documents within the plan's range and sources."""
    for wanted in _filters(leaf, plan):
        docs = docs[wanted(docs)]
    return docs


def _filters(leaf: Leaf, plan: Plan) -> Iterator[Callable[[Ints | None], NDArray[np.bool_]]]:
    """What the plan restricts to, as questions about some documents, or (None) about all."""
    if plan.since is not None or plan.before is not None:
        since = UNKNOWN_TIME + 1 if plan.since is None else max(plan.since, UNKNOWN_TIME + 1)
        low = leaf.rank(since)
        high = len(leaf.file.times) if plan.before is None else leaf.rank(plan.before)
        if low > 0 or high < len(leaf.file.times):
            yield lambda docs: leaf.are_in_range(docs, low, high)
    if plan.sources is not None or plan.excluded_sources:
        ordinals, wanted = leaf.file.ordinals, allowed(leaf, plan)
        yield lambda docs: wanted.take(ordinals if docs is None else ordinals.take(docs))


def allowed(leaf: Leaf, plan: Plan) -> NDArray[np.bool_]:
    """Which of a segment's sources the plan wants, by their ordinals."""
    outlets = leaf.file.outlets
    mask = np.full(len(outlets), plan.sources is None)
    for names, wanted in ((plan.sources or (), True), (plan.excluded_sources, False)):
        for name in names:
            ordinal = outlets.find(name)
            if ordinal >= 0:
                mask[ordinal] = wanted
    return mask


def count_sources(docs: Ints, leaf: Leaf) -> dict[str, int]:
    """How many documents each source has."""
    counts = np.bincount(leaf.file.ordinals.take(docs))
    names = leaf.file.outlet_names
    return {names[ordinal]: int(counts[ordinal]) for ordinal in np.flatnonzero(counts).tolist()}


def count_times(docs: Ints, leaf: Leaf, edges: Sequence[int]) -> Ints:
    """How many documents fall in each bucket; those without a time in none."""
    at = np.searchsorted(leaf.file.times, np.maximum(edges, UNKNOWN_TIME + 1))
    return count_ranks(leaf.file.ranks.take(docs), at, len(leaf.file.times))


def _candidates(evaluation: Evaluation, query: Query, docs: Ints, leaf: Leaf, plan: Plan) -> Candidates:
    wanted = plan.offset + plan.limit
    if plan.order == "relevance":
        scores = evaluation.score(query, leaf, docs)
        chosen = best(scores, wanted)
        return Candidates(leaf, docs[chosen], scores[chosen])
    ranks = leaf.file.ranks.take(docs)
    if plan.order == "newest":
        chosen = best(ranks, wanted)
        return Candidates(leaf, docs[chosen], leaf.file.times[ranks[chosen]])
    # The oldest first, but what has no time last.
    unknown = leaf.rank(UNKNOWN_TIME + 1)
    backwards = np.where(ranks < unknown, 0, len(leaf.file.times) - ranks.astype(np.intp))
    chosen = best(backwards, wanted)
    times = leaf.file.times[ranks[chosen]]
    return Candidates(leaf, docs[chosen], -np.where(times <= UNKNOWN_TIME, NEVER, times))


def page(candidates: Sequence[Candidates], plan: Plan) -> tuple[Scored, ...]:
    """The hits of the page, from the best of every segment; equal ones in the order of documents."""
    if not candidates:
        return ()
    keys = np.concatenate([one.keys for one in candidates])
    which = np.repeat(np.arange(len(candidates)), [len(one.docs) for one in candidates])
    docs = np.concatenate([one.docs for one in candidates])
    chosen = best(keys, plan.offset + plan.limit)[plan.offset :]
    relevance = plan.order == "relevance"
    return tuple(
        Scored(
            candidates[leaf].leaf.file.ids.encoded(doc).decode(*ENCODING),
            key if relevance else 0.0,
        )
        for leaf, doc, key in zip(
            which[chosen].tolist(), docs[chosen].tolist(), keys[chosen].tolist(), strict=True
        )
    )
