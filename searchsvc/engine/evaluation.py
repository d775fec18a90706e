"""A Whoosh query tree, evaluated on arrays, one segment at a time.

Two questions are asked of a node: which documents match (``match``), and what do these documents
score (``score``). Asking them apart is what makes this quick: a conjunction is intersected before
anything is scored, filters come in between, and only what is left is scored. Answers of leaves are
kept for the length of one search, since both questions need them.

Scores are those of Whoosh's own matchers, which add up what the parts give: BM25 for terms and
strings, 1 for what a ``Not`` lets through, a query's boost for ``Every``, ranges, and all that
expands to many words. (Stock Whoosh scores those last by BM25 or by 1, depending on the number of
documents and of words, constant or not; here constant means constant.) ``Require`` does what its
description says, not what it does in Whoosh 2.7.4, where it excludes instead.

What is not known here is left to Whoosh: its own matcher is stepped through.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.base import Automata
from whoosh.query import (
    And,
    AndMaybe,
    AndNot,
    ConstantScoreQuery,
    DisjunctionMax,
    Every,
    FuzzyTerm,
    Not,
    NumericRange,
    Or,
    Prefix,
    Query,
    Require,
    Term,
)
from whoosh.query.qcore import _NullQuery

from searchsvc.engine import FIELDS
from searchsvc.engine.codec import ArrayCursor
from searchsvc.engine.occurrences import FEW, NOWHERE, Occurrences, locate, occurrences, union, within
from searchsvc.engine.postings import Ints
from searchsvc.engine.schema import UNKNOWN_TIME, schema
from searchsvc.engine.segment import FieldFile, kind_of
from searchsvc.engine.snapshot import Leaf, Snapshot
from searchsvc.engine.strings import K1, ExactString, idf
from searchsvc.engine.tables import ENCODING, WordKeys
from searchsvc.errors import BudgetExceeded
from searchsvc.text.terms import WORD, classes

Scores = NDArray[np.float32]
# Steps of a Whoosh matcher, or words of an expansion, between two looks at the clock.
STEPS = 256


class Evaluation:
    """One search on one snapshot. Raises BudgetExceeded once it has taken too long."""

    def __init__(self, snapshot: Snapshot, budget_seconds: float | None = None) -> None:
        self.snapshot = snapshot
        self._deadline = None if budget_seconds is None else time.monotonic() + budget_seconds
        self._budget = budget_seconds
        self._occurrences: dict[tuple[int, int], Occurrences] = {}
        self._matches: dict[tuple[int, int], Ints] = {}
        self._scores: dict[tuple[int, int], Scores] = {}
        self._idfs: dict[int, float] = {}

    def tick(self) -> None:
        """Look at the clock."""
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise BudgetExceeded(f"The search was stopped after {self._budget:g} seconds; ask for less")

    def match(self, node: Query, leaf: Leaf) -> Ints:
        """The live documents of a segment that match, ascending."""
        key = id(node), leaf.number
        if key not in self._matches:
            self.tick()
            self._matches[key] = _handlers(node)[0](self, node, leaf)
        return self._matches[key]

    def score(self, node: Query, leaf: Leaf, docs: Ints) -> Scores:
        """What ascending documents score that all match, shape of ``docs``."""
        self.tick()
        return _handlers(node)[1](self, node, leaf, docs)

    def score_some(self, node: Query, leaf: Leaf, docs: Ints) -> Scores:
        """What ascending documents score, shape of ``docs``; 0 for those that do not match."""
        if _handlers(node)[1] is Evaluation.bm25:
            return self.bm25(node, leaf, docs)
        scores = np.zeros(len(docs), np.float32)
        matching = self.match(node, leaf)
        there = np.flatnonzero(within(docs, matching, leaf.documents)) if len(matching) else NOWHERE.docs
        if len(there):
            scores[there] = self.score(node, leaf, docs[there])
        return scores

    # Leaves: terms and strings of a text field.

    def found(self, node: Query, leaf: Leaf) -> Occurrences:
        """Where a term or string is in a segment, deleted documents left out."""
        key = id(node), leaf.number
        if key not in self._occurrences:
            self.tick()
            field = leaf.file.fields[node.fieldname]
            parts = occurrences(field, node.parts) if isinstance(node, ExactString) else _term(field, node)
            self._occurrences[key] = leaf.live_only(parts)
        return self._occurrences[key]

    def idf(self, node: Query) -> float:
        """The inverse document frequency of a term or string, over the whole index.

        A string counts live documents, as it is counted by looking; a term all, as the lists do.
        """
        if id(node) not in self._idfs:
            leaves = self.snapshot.leaves
            if isinstance(node, ExactString):
                frequency = sum(len(self.found(node, leaf).docs) for leaf in leaves)
            else:
                frequency = sum(len(_term(leaf.file.fields[node.fieldname], node).docs) for leaf in leaves)
            self._idfs[id(node)] = idf(self.snapshot.documents, frequency)
        return self._idfs[id(node)]

    def bm25(self, node: Query, leaf: Leaf, docs: Ints) -> Scores:
        """BM25 of a term or string; 0 where it does not occur."""
        found = self.found(node, leaf)
        norms = leaf.norms[node.fieldname]
        if docs is found.docs or len(docs) * FEW > len(found.docs):
            whole = self._weigh(node, found, norms)
            return whole if docs is found.docs else spread(whole, found.docs, docs, leaf.documents)
        index = locate(found.docs, docs, leaf.documents)
        there = np.flatnonzero(index >= 0)
        freqs = None if found.freqs is None else found.freqs[index[there]]
        scores = np.zeros(len(docs), np.float32)
        scores[there] = self._weigh(node, Occurrences(docs[there], freqs), norms)
        return scores

    def _weigh(self, node: Query, found: Occurrences, norms: Scores) -> Scores:
        factor = np.float32(self.idf(node) * node.boost * (K1 + 1))
        norm = norms.take(found.docs)
        if found.freqs is None:
            norm += np.float32(1)
            return np.divide(factor, norm, out=norm)
        freqs = found.freqs.astype(np.float32)
        norm += freqs
        np.divide(freqs, norm, out=norm)
        norm *= factor
        return norm


Matcher = Callable[[Evaluation, Any, Leaf], Ints]
Scorer = Callable[[Evaluation, Any, Leaf, Ints], Scores]


def spread(scores: Scores, docs: Ints, wanted: Ints, documents: int) -> Scores:
    """Scores of some documents, as scores of others; 0 for those that have none."""
    table = np.zeros(documents, np.float32)
    table[docs] = scores
    return table.take(wanted)


def _term(field: FieldFile, node: Query) -> Occurrences:
    text = node.text if isinstance(node.text, str) else bytes(node.text).decode(*ENCODING)
    kind = kind_of(text)
    found = field.list(kind, text) if kind else None
    return NOWHERE if found is None else Occurrences(found.docs(), found.freqs())


def _constant(value: Callable[[Any], float]) -> Scorer:
    return lambda _, node, __, docs: np.full(len(docs), value(node), np.float32)


# Compound nodes. Whoosh leaves out the boost of a compound that has a single part; so do we.


def _match_all(evaluation: Evaluation, node: And, leaf: Leaf) -> Ints:
    parts = sorted(node.subqueries, key=lambda part: _guess(evaluation, part, leaf))
    docs: Ints | None = None
    for part in parts:
        if docs is not None and not len(docs):
            break
        found = evaluation.match(part, leaf)
        docs = found if docs is None else _intersected(docs, found, leaf.documents)
    return NOWHERE.docs if docs is None else docs


def _intersected(left: Ints, right: Ints, documents: int) -> Ints:
    if len(left) > len(right):
        left, right = right, left
    kept = within(left, right, documents) if len(left) else np.zeros(0, bool)
    return left if kept.all() else left[kept]


def _guess(evaluation: Evaluation, node: Query, leaf: Leaf) -> int:
    """About how many documents match: enough to begin with the rarest."""
    if isinstance(node, ExactString):
        field = leaf.file.fields.get(node.fieldname)
        lists = [field.list(part.kind, part.text) for part in node.parts] if field else [None]
        return min((found.df if found else 0 for found in lists), default=0)
    if isinstance(node, Or | DisjunctionMax):
        return sum(_guess(evaluation, part, leaf) for part in node.subqueries)
    if isinstance(node, And):
        return min((_guess(evaluation, part, leaf) for part in node.subqueries), default=0)
    if isinstance(node, AndNot | AndMaybe):
        return _guess(evaluation, node.a, leaf)
    return leaf.documents


def _score_sum(evaluation: Evaluation, node: And, leaf: Leaf, docs: Ints) -> Scores:
    parts = node.subqueries
    if not parts:
        return np.zeros(len(docs), np.float32)
    scores = evaluation.score(parts[0], leaf, docs)
    for part in parts[1:]:
        scores = scores + evaluation.score(part, leaf, docs)
    return scores if len(parts) == 1 or node.boost == 1.0 else scores * np.float32(node.boost)


def _match_any(evaluation: Evaluation, node: Or, leaf: Leaf) -> Ints:
    parts = [found for part in node.subqueries if len(found := evaluation.match(part, leaf))]
    return union(parts, leaf.documents) if parts else NOWHERE.docs


def _score_any(evaluation: Evaluation, node: Or, leaf: Leaf, docs: Ints) -> Scores:
    """The sum of the parts: gathered document by document if these are few, else added up in a
    table of all documents, which costs no search."""
    parts = [part for part in node.subqueries if len(evaluation.match(part, leaf))]
    if len(parts) < 2:
        scores = evaluation.score_some(parts[0], leaf, docs) if parts else np.zeros(len(docs), np.float32)
    elif len(docs) * FEW < max(len(evaluation.match(part, leaf)) for part in parts):
        scores = np.zeros(len(docs), np.float32)
        for part in parts:
            scores += evaluation.score_some(part, leaf, docs)
    else:
        table = np.zeros(leaf.documents, np.float32)
        for part in parts:
            found = evaluation.match(part, leaf)
            table[found] += evaluation.score(part, leaf, found)
        scores = table.take(docs)
    return scores if len(node.subqueries) == 1 or node.boost == 1.0 else scores * np.float32(node.boost)


def _score_max(evaluation: Evaluation, node: DisjunctionMax, leaf: Leaf, docs: Ints) -> Scores:
    scores = np.zeros(len(docs), np.float32)
    for part in node.subqueries:
        scores = np.maximum(scores, evaluation.score_some(part, leaf, docs))
    return scores if len(node.subqueries) == 1 else scores * np.float32(node.boost)


def _match_not(evaluation: Evaluation, node: Not, leaf: Leaf) -> Ints:
    return leaf.without(evaluation.match(node.query, leaf))


def _match_and_not(evaluation: Evaluation, node: AndNot, leaf: Leaf) -> Ints:
    docs, unwanted = evaluation.match(node.a, leaf), evaluation.match(node.b, leaf)
    if not len(docs) or not len(unwanted):
        return docs
    return docs[~within(docs, unwanted, leaf.documents)]


def _match_first(evaluation: Evaluation, node: AndMaybe, leaf: Leaf) -> Ints:
    return evaluation.match(node.a, leaf)


def _score_first(evaluation: Evaluation, node: AndNot, leaf: Leaf, docs: Ints) -> Scores:
    return evaluation.score(node.a, leaf, docs)


def _score_maybe(evaluation: Evaluation, node: AndMaybe, leaf: Leaf, docs: Ints) -> Scores:
    return evaluation.score(node.a, leaf, docs) + evaluation.score_some(node.b, leaf, docs)


def _match_required(evaluation: Evaluation, node: Require, leaf: Leaf) -> Ints:
    return _intersected(evaluation.match(node.a, leaf), evaluation.match(node.b, leaf), leaf.documents)


def _match_child(evaluation: Evaluation, node: ConstantScoreQuery, leaf: Leaf) -> Ints:
    return evaluation.match(node.child, leaf)


# Leaves of the tree.


def _match_text(evaluation: Evaluation, node: Any, leaf: Leaf) -> Ints:
    return evaluation.found(node, leaf).docs


def _match_column(_: Evaluation, node: Term, leaf: Leaf) -> Ints:
    encoded = schema()[node.fieldname].to_bytes(node.text)
    if node.fieldname == "id":
        number = leaf.file.document(encoded)
        return leaf.only_live(np.array([number] if number >= 0 else [], np.intp))
    ordinal = leaf.file.outlets.find(encoded.decode(*ENCODING))
    return leaf.only_live(np.flatnonzero(leaf.file.ordinals == ordinal))


def _match_every(_: Evaluation, node: Every, leaf: Leaf) -> Ints:
    if node.fieldname in FIELDS:
        return leaf.only_live(np.flatnonzero(leaf.file.fields[node.fieldname].lengths))
    if node.fieldname == "published":
        return leaf.only_live(np.flatnonzero(leaf.file.ranks >= leaf.rank(UNKNOWN_TIME + 1)))
    return leaf.all_live()


def _match_range(_: Evaluation, node: NumericRange, leaf: Leaf) -> Ints:
    first = UNKNOWN_TIME + 1
    start = first if node.start is None else max(node.start + bool(node.startexcl), first)
    low = leaf.rank(start)
    high = len(leaf.file.times) if node.end is None else leaf.rank(node.end + (not node.endexcl))
    return leaf.only_live(leaf.in_range(low, high))


def _match_words(evaluation: Evaluation, node: Any, leaf: Leaf) -> Ints:
    """The documents that have any of the words that a prefix or fuzzy term expands to."""
    field = leaf.file.fields[node.fieldname]
    keys, table = field.keys["word"], field.tables["word"]
    assert isinstance(keys, WordKeys)
    if isinstance(node, Prefix):
        encoded = node.text.encode(*ENCODING)
        chosen: Iterable[int] = range(keys.lower_bound(encoded), _after(keys, encoded))
    else:
        automaton = Automata()
        cursor = ArrayCursor(_Ticking(keys, evaluation), schema()[node.fieldname])
        words = automaton.terms_within(cursor, node.text, node.maxdist, node.prefixlength)
        chosen = [keys.find(word) for word in words]
    parts = []
    for step, number in enumerate(chosen):
        if step % STEPS == 0:
            evaluation.tick()
        parts.append(table.list(number).docs())
    return leaf.only_live(union(parts, leaf.documents)) if parts else NOWHERE.docs


def _after(keys: WordKeys, prefix: bytes) -> int:
    """The number of the first word beyond those that begin so: no UTF-8 has a byte of 0xFF."""
    return keys.lower_bound(prefix + b"\xff")


class _Ticking:
    """The words of a field, as a cursor walks them, under the clock."""

    def __init__(self, keys: WordKeys, evaluation: Evaluation) -> None:
        self._keys, self._evaluation = keys, evaluation

    def terms_from(self, prefix: bytes) -> Iterator[bytes]:
        self._evaluation.tick()
        numbers = range(self._keys.lower_bound(prefix), len(self._keys))
        return map(self._keys.encoded, numbers)

    def posting(self, term: bytes) -> None:
        return None


def _match_none(_: Evaluation, __: Query, ___: Leaf) -> Ints:
    return NOWHERE.docs


def _match_stock(evaluation: Evaluation, node: Query, leaf: Leaf) -> Ints:
    """Whatever Whoosh says."""
    docs: list[int] = []
    scores: list[float] = []
    searcher = leaf.stock()
    matcher = node.matcher(searcher, searcher.context())
    while matcher.is_active():
        if len(docs) % STEPS == 0:
            evaluation.tick()
        docs.append(matcher.id())
        scores.append(matcher.score())
        matcher.next()
    found = np.array(docs, np.intp)
    evaluation._scores[id(node), leaf.number] = np.array(scores, np.float32)
    return found


def _score_stock(evaluation: Evaluation, node: Query, leaf: Leaf, docs: Ints) -> Scores:
    found = evaluation.match(node, leaf)
    return spread(evaluation._scores[id(node), leaf.number], found, docs, leaf.documents)


_BOOST = _constant(lambda node: float(node.boost))
_HANDLERS: dict[type, tuple[Matcher, Scorer]] = {
    And: (_match_all, _score_sum),
    Or: (_match_any, _score_any),
    DisjunctionMax: (_match_any, _score_max),
    Not: (_match_not, _constant(lambda _: 1.0)),
    AndNot: (_match_and_not, _score_first),
    AndMaybe: (_match_first, _score_maybe),
    Require: (_match_required, _score_first),
    ConstantScoreQuery: (_match_child, _constant(lambda node: float(node.score))),
    ExactString: (_match_text, Evaluation.bm25),
    Every: (_match_every, _BOOST),
    _NullQuery: (_match_none, _BOOST),
}
_TEXT: tuple[Matcher, Scorer] = (_match_text, Evaluation.bm25)
_COLUMN: tuple[Matcher, Scorer] = (_match_column, _BOOST)
_RANGE: tuple[Matcher, Scorer] = (_match_range, _BOOST)
_WORDS: tuple[Matcher, Scorer] = (_match_words, _BOOST)
_STOCK: tuple[Matcher, Scorer] = (_match_stock, _score_stock)


def _handlers(node: Query) -> tuple[Matcher, Scorer]:
    """How to match and score a node."""
    kind = type(node)
    if kind is Or and (node.scale or node.minmatch):
        return _STOCK
    if kind in _HANDLERS and (kind is not ExactString or node.fieldname in FIELDS):
        return _HANDLERS[kind]
    if kind is Term:
        if node.fieldname in FIELDS:
            return _TEXT
        return _COLUMN if node.fieldname in ("id", "source") else _STOCK
    if kind is NumericRange and node.fieldname == "published" and node.constantscore:
        return _RANGE
    if kind in (Prefix, FuzzyTerm) and node.fieldname in FIELDS and node.constantscore and is_word(node.text):
        return _WORDS
    return _STOCK


def is_word(text: Sequence[str] | str) -> bool:
    """Whether a text has only characters that words are made of, and at least one."""
    return bool(text) and all(classes()[ord(char)] == WORD for char in text)
