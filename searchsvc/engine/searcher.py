"""A plan on a snapshot: what is found, how many, the page that is asked for, and the counts.

Segments one after the other: which documents match, then the filters, which are look-ups in
columns for just those documents, then the total and the counts, and only then the order. By
relevance, scores; by time, ranks, so that no segment hands on more than the page needs.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
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

from searchsvc.engine import (
    FIELDS,
    NAMES,
    Found,
    Place,
    Plan,
    Scored,
    compounds,
    folding,
    leaves,
    ranking,
    sets,
)
from searchsvc.engine.evaluation import Filter, Node, Scope, Search
from searchsvc.engine.occurrences import Scores
from searchsvc.engine.ranking import Ints
from searchsvc.engine.reading import Docs
from searchsvc.engine.schema import UNKNOWN_TIME
from searchsvc.engine.snapshot import Leaf, Snapshot
from searchsvc.engine.strings import CheckedString, ExactString, NameLike
from searchsvc.engine.table_writer import ENCODING

# Later than any time: where articles without a time stand when the oldest come first.
NEVER = np.iinfo(np.int64).max
# So many documents for one that is counted: then a table by document pays. It has room for so many edges.
MANY, LARGEST = 8, 65_535


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
    scoring = plan.order == "relevance" and plan.limit > 0
    statistics = plan.after.statistics if plan.after else None
    search = Search(snapshot.documents, scoring, budget_seconds, plan.walk, statistics)
    scopes = [Scope(search, leaf, tuple(_filters(leaf, plan)), bind) for leaf in snapshot.leaves]
    try:
        return _found(snapshot, plan, search, [scope.bind(query) for scope in scopes])
    finally:
        # Nodes and what they belong to name each other. Let go of, they are gone at once, and the files that
        # they have mapped with them; else with some later collection of cycles, rare in a large process.
        search.counted.clear()
        for scope in scopes:
            scope.close()


def _found(snapshot: Snapshot, plan: Plan, search: Search, nodes: list[Node]) -> Found:
    scoring = search.scoring
    total, sources = 0, Counter[str]()
    candidates: list[Candidates] = []
    counts = plan.count_sources or plan.timeline_edges or plan.fit_edges
    by_table = scoring and not (_restricts(plan) or counts or plan.walk or plan.fold)
    standing = folding.folded(snapshot, nodes, partial(_keys, plan=plan)) if plan.fold else None
    folded = 0
    for number, node in enumerate(nodes):
        table = compounds.score_table(node) if by_table else None
        if table is not None:
            total += _from_table(table, node.leaf, plan, candidates)
            continue
        docs = node.matching
        if not len(docs):
            continue
        if plan.count_sources:
            sources.update(count_sources(docs, node.leaf))
        if standing:
            folded += len(docs) - len(standing[number])
            docs = standing[number]
        total += len(docs)
        if plan.limit:
            candidates.append((_following if plan.walk else _candidates)(node, docs, plan))
    extent, edges = _edges(nodes, plan)
    hits, after = _walked(candidates, plan) if plan.walk else (page(candidates, plan), None)
    if after and scoring:
        after = replace(after, statistics=search.statistics or search.measured(snapshot.averages))
    return Found(total, hits, dict(sources), _timeline(nodes, edges), extent, after, folded)


def bind(scope: Scope, query: Any) -> Node:
    """The node of a query in a segment; of what is not known here, whatever Whoosh says."""
    return KINDS.get(type(query), _other)(scope, query)


def _text(scope: Scope, query: Any) -> Node:
    return (leaves.Text if query.fieldname in FIELDS else leaves.Stock)(scope, query)


def _checked(scope: Scope, query: Any) -> Node:
    return (leaves.Checked if query.fieldname in FIELDS else leaves.Stock)(scope, query)


def _term(scope: Scope, query: Term) -> Node:
    if query.fieldname in FIELDS:
        return leaves.Text(scope, query)
    return (leaves.Column if query.fieldname in ("id", *NAMES) else leaves.Stock)(scope, query)


def _or(scope: Scope, query: Or) -> Node:
    return (leaves.Stock if query.scale or query.minmatch else compounds.Union)(scope, query)


def _range(scope: Scope, query: NumericRange) -> Node:
    known = query.fieldname == "published" and query.constantscore
    return (leaves.Range if known else leaves.Stock)(scope, query)


def _words(scope: Scope, query: Prefix | FuzzyTerm) -> Node:
    known = query.fieldname in FIELDS and query.constantscore and leaves.is_word(query.text)
    return (leaves.Words if known else leaves.Stock)(scope, query)


def _other(scope: Scope, query: Query) -> Node:
    return leaves.Stock(scope, query)


KINDS: dict[type, Callable[[Scope, Any], Node]] = {
    ExactString: _text,
    CheckedString: _checked,
    NameLike: leaves.Like,
    Term: _term,
    And: compounds.Intersection,
    Or: _or,
    DisjunctionMax: compounds.Best,
    Not: compounds.Rest,
    AndNot: compounds.Without,
    AndMaybe: compounds.Maybe,
    Require: compounds.Pair,
    ConstantScoreQuery: compounds.Constant,
    NumericRange: _range,
    Prefix: _words,
    FuzzyTerm: _words,
    Every: leaves.Everything,
    type(NullQuery): leaves.Nothing,
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
    named = plan.sources is not None or bool(plan.excluded_sources) or plan.author is not None
    return ranged or named or plan.story is not None


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
        yield lambda docs: sets.in_sources(docs, leaf.file.columns["source"].ordinals, wanted)
    if plan.author is not None:
        authors = leaf.file.columns["author"]
        yield lambda docs: sets.in_sources(docs, authors.ordinals, authors.like(plan.author or ""))
    if plan.story is not None:
        telling = _telling(leaf, plan.story)
        yield lambda docs: sets.marked(docs, telling)


def _telling(leaf: Leaf, story: str) -> NDArray[np.bool_]:
    """Which documents tell a story; the earliest, whose id it is, may tell it alone."""
    column = leaf.file.columns["story"]
    telling: NDArray[np.bool_] = column.ordinals == column.keys.find(story)
    first = leaf.file.document(story.encode(*ENCODING))
    if first >= 0:
        telling[first] = True
    return telling


def allowed(leaf: Leaf, plan: Plan) -> NDArray[np.bool_]:
    """Which of a segment's sources the plan wants, by their ordinals."""
    outlets = leaf.file.columns["source"].keys
    mask = np.full(len(outlets), plan.sources is None)
    for names, wanted in ((plan.sources or (), True), (plan.excluded_sources, False)):
        for name in names:
            ordinal = outlets.find(name)
            if ordinal >= 0:
                mask[ordinal] = wanted
    return mask


def count_sources(docs: Docs, leaf: Leaf) -> dict[str, int]:
    """How many documents each source has."""
    column = leaf.file.columns["source"]
    names = column.texts
    counts = ranking.count_ordinals(docs, column.ordinals, len(names)).tolist()
    return {name: count for name, count in zip(names, counts, strict=True) if count}


def _edges(nodes: Sequence[Node], plan: Plan) -> tuple[tuple[int, int] | None, tuple[int, ...]]:
    """The extent of the hits, if that is asked for, and the edges of the buckets to count them in."""
    if plan.fit_edges is None:
        return None, plan.timeline_edges
    extents = [extent for node in nodes if (extent := _extent(node.matching, node.leaf))]
    if not extents:
        return None, ()
    first, last = min(first for first, _ in extents), max(last for _, last in extents)
    return (first, last), plan.fit_edges(first, last)


def _extent(docs: Docs, leaf: Leaf) -> tuple[int, int] | None:
    """The first and the last time of documents; None when none has one."""
    ranks = ranking.ranks_of(docs, leaf.file.ranks)
    known = ranks[ranks >= leaf.rank(UNKNOWN_TIME + 1)]
    return (int(leaf.file.times[known.min()]), int(leaf.file.times[known.max()])) if len(known) else None


def _timeline(nodes: Sequence[Node], edges: tuple[int, ...]) -> tuple[int, ...]:
    """How many hits fall in each bucket."""
    timeline = np.zeros(max(0, len(edges) - 1), np.int64)
    if edges:
        for node in nodes:
            timeline += count_times(node.matching, node.leaf, edges)
    return tuple(timeline.tolist())


def count_times(docs: Docs, leaf: Leaf, edges: tuple[int, ...]) -> Ints:
    """How many documents fall in each bucket; those without a time in none."""
    if len(docs) * MANY > leaf.documents and len(edges) < LARGEST:
        return ranking.count_buckets(docs, leaf.buckets(edges), len(edges) - 1)
    return ranking.count_ranks(docs, leaf.file.ranks, leaf.edges(edges))


def _candidates(node: Node, docs: Docs, plan: Plan) -> Candidates:
    leaf, wanted = node.leaf, plan.offset + plan.limit
    if plan.order == "relevance":
        scores = np.zeros(len(docs), np.float32)
        node.add(docs, scores, 1.0)
        chosen = ranking.best_scores(scores, wanted)
        return Candidates(leaf, docs[chosen], scores[chosen])
    ranks = ranking.ranks_of(docs, leaf.file.ranks)
    if plan.order == "newest":
        chosen = ranking.best_ranks(ranks, wanted)
        return Candidates(leaf, docs[chosen], leaf.file.times[ranks[chosen]])
    # The oldest first, but what has no time last.
    unknown = leaf.rank(UNKNOWN_TIME + 1)
    backwards = np.where(ranks < unknown, 0, len(leaf.file.times) - ranks).astype(np.uint32)
    chosen = ranking.best_ranks(backwards, wanted)
    times = leaf.file.times[ranks[chosen]]
    return Candidates(leaf, docs[chosen], -np.where(times <= UNKNOWN_TIME, NEVER, times))


def _following(node: Node, docs: Docs, plan: Plan) -> Candidates:
    """The next hits of a walk, and one more to know whether it goes on: by key, then by id."""
    file, keys, wanted = node.leaf.file, _keys(node, docs, plan), plan.limit + 1
    ranks = file.id_ranks[docs]
    if plan.after is not None:
        key = keys.dtype.type(plan.after.key)
        later = (keys < key) | ((keys == key) & (ranks >= file.ids_up_to(plan.after.id.encode(*ENCODING))))
        docs, keys, ranks = docs[later], keys[later], ranks[later]
    if len(docs) > wanted:
        bound = np.partition(keys, len(keys) - wanted)[len(keys) - wanted]
        best = keys >= bound
        docs, keys, ranks = docs[best], keys[best], ranks[best]
    order = np.lexsort((ranks, -keys))[:wanted]
    return Candidates(node.leaf, docs[order], keys[order])


def _keys(node: Node, docs: Docs, plan: Plan) -> NDArray[Any]:
    """What all the hits of a segment are sorted by: scores, or times; nothing if none is shown."""
    if not plan.limit:
        return np.zeros(len(docs))
    if plan.order == "relevance":
        scores = np.zeros(len(docs), np.float32)
        node.add(docs, scores, 1.0)
        return scores
    times = node.leaf.file.times[ranking.ranks_of(docs, node.leaf.file.ranks)]
    return times if plan.order == "newest" else -np.where(times <= UNKNOWN_TIME, NEVER, times)


def _walked(candidates: Sequence[Candidates], plan: Plan) -> tuple[tuple[Scored, ...], Place | None]:
    """The next page of a walk, and where it ends, if more comes behind it."""
    rows = sorted(
        (-key, identifier)
        for one in candidates
        for key, identifier in zip(one.keys.tolist(), one.leaf.file.ids.texts(one.docs), strict=True)
    )
    shown = rows[: plan.limit]
    scored = plan.order == "relevance"
    hits = tuple(Scored(identifier, -key if scored else 0.0) for key, identifier in shown)
    return hits, Place(-shown[-1][0], shown[-1][1]) if len(rows) > len(shown) else None


def page(candidates: Sequence[Candidates], plan: Plan) -> tuple[Scored, ...]:
    """The hits of the page, from the best of every segment; equal ones in the order of documents."""
    if len(candidates) == 1:
        (one,) = candidates
        part = slice(plan.offset, plan.offset + plan.limit)
        return _hits(one.leaf.file.ids.texts(one.docs[part]), one.keys[part], plan)
    if not candidates:
        return ()
    keys = np.concatenate([one.keys for one in candidates])
    order = np.argsort(-keys, kind="stable")[plan.offset : plan.offset + plan.limit]
    ids = [text for one in candidates for text in one.leaf.file.ids.texts(one.docs)]
    return _hits([ids[place] for place in order.tolist()], keys[order], plan)


def _hits(ids: Sequence[str], keys: NDArray[np.generic], plan: Plan) -> tuple[Scored, ...]:
    scores = keys.tolist() if plan.order == "relevance" else [0.0] * len(ids)
    return tuple(map(Scored, ids, scores))
