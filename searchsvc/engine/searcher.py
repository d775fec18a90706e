"""A plan on a snapshot: what is found, how many, the page that is asked for, and the counts.

Segments one after the other: which documents match, then the filters, which are look-ups in
columns for just those documents, then the total and the counts, and only then the order. By
relevance, scores; by time, ranks, so that no segment hands on more than the page needs.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
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

from searchsvc.engine import FIELDS, Found, Plan, Scored, compounds, leaves, ranking, sets
from searchsvc.engine.evaluation import Evaluation, Filter, Rule
from searchsvc.engine.occurrences import Scores
from searchsvc.engine.ranking import Ints
from searchsvc.engine.reading import Docs
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
    docs: Docs
    keys: NDArray[np.generic]


def run(snapshot: Snapshot, plan: Plan, budget_seconds: float | None = None) -> Found:
    """Evaluate a plan. Raises BudgetExceeded, and IndexUnavailable when a file was cut meanwhile."""
    snapshot.still_whole()
    query = Every() if plan.query is None else plan.query
    filters = [list(_filters(leaf, plan)) for leaf in snapshot.leaves] if _restricts(plan) else ()
    scoring = plan.order == "relevance" and plan.limit > 0
    evaluation = Evaluation(snapshot, rule, budget_seconds, filters, scoring)
    total, sources = 0, Counter[str]()
    candidates: list[Candidates] = []
    timeline = np.zeros(max(0, len(plan.timeline_edges) - 1), np.int64)
    by_table = scoring and not filters and not plan.count_sources and not plan.timeline_edges
    for leaf in snapshot.leaves:
        table = compounds.score_table(evaluation, query, leaf) if by_table else None
        if table is not None:
            total += _from_table(table, leaf, plan, candidates)
            continue
        docs = evaluation.match(query, leaf)
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
    total = ranking.count_positive(table)
    if total:
        chosen = ranking.best_scores(table, min(total, plan.offset + plan.limit))
        candidates.append(Candidates(leaf, chosen.astype(np.int32), table[chosen]))
    return total


def _restricts(plan: Plan) -> bool:
    ranged = plan.since is not None or plan.before is not None
    return ranged or plan.sources is not None or bool(plan.excluded_sources)


def _filters(leaf: Leaf, plan: Plan) -> Iterator[Filter]:
    """What the plan restricts a segment's documents to."""
    if plan.since is not None or plan.before is not None:
        since = UNKNOWN_TIME + 1 if plan.since is None else max(plan.since, UNKNOWN_TIME + 1)
        low = leaf.rank(since)
        high = len(leaf.file.times) if plan.before is None else leaf.rank(plan.before)
        if low > 0 or high < len(leaf.file.times):
            yield lambda docs: sets.in_range(docs, leaf.file.ranks, low, high)
    if plan.sources is not None or plan.excluded_sources:
        wanted = allowed(leaf, plan)
        yield lambda docs: sets.in_sources(docs, leaf.file.ordinals, wanted)


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


def count_sources(docs: Docs, leaf: Leaf) -> dict[str, int]:
    """How many documents each source has."""
    names = leaf.file.outlet_names
    counts = ranking.count_ordinals(docs, leaf.file.ordinals, len(names)).tolist()
    return {name: count for name, count in zip(names, counts, strict=True) if count}


def count_times(docs: Docs, leaf: Leaf, edges: Sequence[int]) -> Ints:
    """How many documents fall in each bucket; those without a time in none."""
    at = np.searchsorted(leaf.file.times, np.maximum(edges, UNKNOWN_TIME + 1))
    counts: Ints = ranking.count_ranks(docs, leaf.file.ranks, at, len(leaf.file.times))
    return counts


def _candidates(evaluation: Evaluation, query: Query, docs: Docs, leaf: Leaf, plan: Plan) -> Candidates:
    wanted = plan.offset + plan.limit
    if plan.order == "relevance":
        scores = np.zeros(len(docs), np.float32)
        evaluation.add(query, leaf, docs, scores, 1.0)
        chosen = ranking.best_scores(scores, wanted)
        return Candidates(leaf, docs[chosen], scores[chosen])
    ranks = ranking.ranks_of(docs, leaf.file.ranks)
    if plan.order == "newest":
        chosen = ranking.best_numbers(ranks, wanted)
        return Candidates(leaf, docs[chosen], leaf.file.times[ranks[chosen]])
    # The oldest first, but what has no time last.
    unknown = leaf.rank(UNKNOWN_TIME + 1)
    backwards = np.where(ranks < unknown, 0, len(leaf.file.times) - ranks)
    chosen = ranking.best_numbers(backwards, wanted)
    times = leaf.file.times[ranks[chosen]]
    return Candidates(leaf, docs[chosen], -np.where(times <= UNKNOWN_TIME, NEVER, times))


def page(candidates: Sequence[Candidates], plan: Plan) -> tuple[Scored, ...]:
    """The hits of the page, from the best of every segment; equal ones in the order of documents."""
    if not candidates:
        return ()
    keys = np.concatenate([one.keys for one in candidates])
    order = np.argsort(-keys, kind="stable")[plan.offset : plan.offset + plan.limit].tolist()
    places = [(one.leaf.file.ids, doc) for one in candidates for doc in one.docs.tolist()]
    scores = keys.tolist() if plan.order == "relevance" else [0.0] * len(keys)
    hits = []
    for place in order:
        ids, doc = places[place]
        hits.append(Scored(ids.encoded(doc).decode(*ENCODING), scores[place]))
    return tuple(hits)
