"""How nodes without parts answer: terms and strings, ranges, sources, words that begin so.

Terms and strings score BM25; ``Every``, ranges, and all that expands to many words score their
boost. (Stock Whoosh scores expansions by BM25 or by 1, depending on the number of documents and of
words, constant or not; here constant means constant.) What is not known here is left to Whoosh:
its own matcher is stepped through.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.base import Automata
from whoosh.query import Every, NumericRange, Prefix, Query, Term

from searchsvc.engine import FIELDS, sets
from searchsvc.engine.codec import ArrayCursor
from searchsvc.engine.evaluation import Evaluation, Rule, constant
from searchsvc.engine.occurrences import Scores
from searchsvc.engine.reading import Docs
from searchsvc.engine.schema import UNKNOWN_TIME, schema
from searchsvc.engine.snapshot import Leaf
from searchsvc.engine.tables import ENCODING, WordKeys
from searchsvc.text.terms import WORD, classes

# Steps of a Whoosh matcher, or words of an expansion, between two looks at the clock.
STEPS = 256


def _match_text(evaluation: Evaluation, node: Any, leaf: Leaf) -> Docs:
    return evaluation.found(node, leaf).docs()


def _add_text(
    evaluation: Evaluation, node: Any, leaf: Leaf, docs: Docs, scores: Scores, boost: float
) -> None:
    found = evaluation.found(node, leaf)
    if found.count:
        found.score(docs, leaf.norms[node.fieldname], evaluation.factor(node, boost), scores)


def _match_column(_: Evaluation, node: Term, leaf: Leaf) -> Docs:
    encoded = schema()[node.fieldname].to_bytes(node.text)
    if node.fieldname == "id":
        number = leaf.file.document(encoded)
        return leaf.only_live(np.array([number] if number >= 0 else [], np.int32))
    return leaf.only_live(_where(leaf.file.ordinals == _ordinal(leaf, encoded)))


def _keep_column(evaluation: Evaluation, node: Term, leaf: Leaf, docs: Docs) -> Docs:
    if node.fieldname == "id":
        return sets.common(docs, evaluation.match(node, leaf))
    wanted = np.zeros(len(leaf.file.outlets) + 1, bool)
    wanted[_ordinal(leaf, schema()[node.fieldname].to_bytes(node.text))] = True
    return sets.in_sources(docs, leaf.file.ordinals, wanted)


def _where(mask: NDArray[np.bool_]) -> Docs:
    return np.flatnonzero(mask).astype(np.int32)


def _ordinal(leaf: Leaf, encoded: bytes) -> int:
    return leaf.file.outlets.find(encoded.decode(*ENCODING))


def _match_every(_: Evaluation, node: Every, leaf: Leaf) -> Docs:
    if node.fieldname in FIELDS:
        return leaf.only_live(_where(leaf.file.fields[node.fieldname].lengths > 0))
    if node.fieldname == "published":
        return _in_range(leaf, leaf.all_live(), leaf.rank(UNKNOWN_TIME + 1), len(leaf.file.times))
    return leaf.all_live()


def _span(node: NumericRange, leaf: Leaf) -> tuple[int, int]:
    """The ranks of the times in a range: from the first to below the second."""
    first = UNKNOWN_TIME + 1
    low = leaf.rank(first if node.start is None else max(node.start + bool(node.startexcl), first))
    high = len(leaf.file.times) if node.end is None else leaf.rank(node.end + (not node.endexcl))
    return low, high


def _in_range(leaf: Leaf, docs: Docs, low: int, high: int) -> Docs:
    return sets.in_range(docs, leaf.file.ranks, low, high)


def _match_range(_: Evaluation, node: NumericRange, leaf: Leaf) -> Docs:
    return _in_range(leaf, leaf.all_live(), *_span(node, leaf))


def _keep_range(_: Evaluation, node: NumericRange, leaf: Leaf, docs: Docs) -> Docs:
    return _in_range(leaf, docs, *_span(node, leaf))


def _match_words(evaluation: Evaluation, node: Any, leaf: Leaf) -> Docs:
    """The documents that have any of the words that a prefix or fuzzy term expands to."""
    field = leaf.file.fields[node.fieldname]
    keys, table = field.keys["word"], field.tables["word"]
    assert isinstance(keys, WordKeys)
    marks = np.zeros(leaf.documents, bool)
    for step, number in enumerate(_expanded(evaluation, node, keys)):
        if step % STEPS == 0:
            evaluation.tick()
        marks[table.list(number).docs()] = True
    return leaf.only_live(_where(marks))


def _expanded(evaluation: Evaluation, node: Any, keys: WordKeys) -> Iterable[int]:
    if isinstance(node, Prefix):
        encoded = node.text.encode(*ENCODING)
        # No UTF-8 has a byte of 0xFF, so this is beyond every word that begins so.
        return range(keys.lower_bound(encoded), keys.lower_bound(encoded + b"\xff"))
    cursor = ArrayCursor(_Ticking(keys, evaluation), schema()[node.fieldname])
    words = Automata().terms_within(cursor, node.text, node.maxdist, node.prefixlength)
    return [keys.find(word) for word in words]


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


def _match_none(_: Evaluation, __: Query, ___: Leaf) -> Docs:
    return sets.NONE


def _match_stock(evaluation: Evaluation, node: Query, leaf: Leaf) -> Docs:
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
    found = np.array(docs, np.int32)
    evaluation.given[id(node), leaf.number] = found, np.array(scores, np.float32)
    return found


def _add_stock(
    evaluation: Evaluation, node: Query, leaf: Leaf, docs: Docs, scores: Scores, boost: float
) -> None:
    evaluation.match(node, leaf)
    found, given = evaluation.given[id(node), leaf.number]
    table = np.zeros(leaf.documents, np.float32)
    table[found] = given
    scores += table[docs] * np.float32(boost)


def is_word(text: str) -> bool:
    """Whether a text has only characters that words are made of, and at least one."""
    return bool(text) and all(classes()[ord(char)] == WORD for char in text)


_boost = constant(lambda node: float(node.boost))
TEXT = Rule(_match_text, _add_text, Evaluation.keep_text, is_filtered=True, adds_some=True)
COLUMN = Rule(_match_column, _boost, _keep_column, is_filtered=True)
RANGE = Rule(_match_range, _boost, _keep_range, is_filtered=True)
EVERY = Rule(_match_every, _boost, is_filtered=True)
WORDS = Rule(_match_words, _boost, is_filtered=True)
NOTHING = Rule(_match_none, _boost)
STOCK = Rule(_match_stock, _add_stock, is_filtered=True, adds_some=True)
