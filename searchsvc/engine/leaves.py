"""Nodes without parts: terms and strings, ranges, sources, words that begin so.

Terms and strings score BM25; ``Every``, ranges, and all that expands to many words score their
boost. (Stock Whoosh scores expansions by BM25 or by 1, depending on the number of documents and of
words, constant or not; here constant means constant.) What is not known here is left to Whoosh:
its own matcher is stepped through.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.query import FuzzyTerm

from searchsvc.engine import FIELDS, reading, sets
from searchsvc.engine.evaluation import Node, Scope
from searchsvc.engine.occurrences import NOWHERE, Occurrences, Scores, occurrences
from searchsvc.engine.reading import DF, Docs
from searchsvc.engine.schema import UNKNOWN_TIME, schema
from searchsvc.engine.segment import NameColumn
from searchsvc.engine.strings import K1, CheckedString, ExactString
from searchsvc.engine.table_writer import ENCODING
from searchsvc.engine.tables import WordKeys
from searchsvc.text.fold import fold
from searchsvc.text.terms import WORD, classes, variants

# Steps of a Whoosh matcher, articles looked at, or words of an expansion, between two looks at the clock.
STEPS, WORDS = 256, 8_192


class Text(Node):
    """A term or string in a text field."""

    adds_some = True

    def __init__(self, scope: Scope, query: Any) -> None:
        super().__init__(scope, query)
        field = self.leaf.file.fields[query.fieldname]
        if isinstance(query, ExactString):
            self._rows = field.rows(query.needle)
        else:
            text = query.text if isinstance(query.text, str) else bytes(query.text).decode(*ENCODING)
            self._rows = field.rows_of_term(text)
        self.size = int(self._rows[0, DF]) if len(self._rows) else 0
        self._found: Occurrences | None = None if self.size else NOWHERE
        scope.search.counted[id(query)].append(self)

    def count(self) -> int:
        """In how many documents it is. A string counts live ones, as it is counted by looking; a term
        all, as its list does."""
        return self.found.count if isinstance(self.query, ExactString) else self.size

    @property
    def found(self) -> Occurrences:
        """Where it is, deleted documents left out."""
        if self._found is None:
            self.scope.search.tick()
            leaf = self.leaf
            self._found = occurrences(leaf.file.octets, self._rows, leaf.documents, leaf.live)
        return self._found

    def find(self) -> Docs:
        return self.scope.wanted(self.found.docs())

    def keep(self, docs: Docs) -> Docs:
        if self._found is None and len(self._rows) > 1 and not self.scope.search.scoring:
            return reading.string_in(self.leaf.file.octets, self._rows, self.leaf.documents, docs, True)[0]
        return self.found.keep(docs)

    def add(self, docs: Docs, scores: Scores, boost: float) -> None:
        found = self.found
        if found.count:
            found.score(docs, self._norms, self._factor(boost), scores)

    def add_to_all(self, table: Scores, boost: float) -> None:
        """Add BM25 to a table of the scores of all documents of the segment."""
        found = self.found
        if found.count:
            found.score_all(self.leaf.documents, self._norms, self._factor(boost), table)

    @property
    def _norms(self) -> NDArray[np.float32]:
        return self.scope.norms[self.query.fieldname]

    def _factor(self, boost: float) -> float:
        """What BM25 approaches as it becomes more frequent."""
        return self.scope.search.idf(id(self.query)) * float(self.query.boost) * (K1 + 1) * boost


class Checked(Text):
    """A string that more is asked of than the index knows; asked of as few documents as can be."""

    adds_some = False

    def __init__(self, scope: Scope, query: CheckedString) -> None:
        super().__init__(scope, query)
        # What it takes to ask is nothing that a guess at the rarest part should begin with.
        self.size = self.leaf.documents if self.size else 0

    def count(self) -> int:
        """In how many documents the string is, in whatever script: to check all would read them all."""
        return self.found.count

    def find(self) -> Docs:
        return self._checked(super().find())

    def keep(self, docs: Docs) -> Docs:
        return self._checked(super().keep(docs))

    def _checked(self, docs: Docs) -> Docs:
        """The documents that are as asked: most can be told by the forms that stand in them."""
        doubtful = sets.NONE
        for char in self.query.characters:
            docs, mixed = self._told_by(char, docs)
            doubtful = sets.union(doubtful, mixed, self.leaf.documents)
        # Of a single character it is enough that it stands there.
        doubtful = sets.NONE if len(self.query.text) == 1 else sets.common(doubtful, docs)
        right: list[bool] = []
        for first in range(0, len(doubtful), STEPS):
            self.scope.search.tick()
            right += self.query.check(self.leaf.file.ids.texts(doubtful[first : first + STEPS]))
        sure = sets.without(docs, doubtful)
        return sets.union(sure, doubtful[np.array(right, bool)], self.leaf.documents)

    def _told_by(self, char: str, docs: Docs) -> tuple[Docs, Docs]:
        """Of documents that have the class of a character: those that have this one of it, and which of
        them have others of the class as well, so that nobody knows which of them stands in the string."""
        kept = fold(char)
        docs, of_class = self._with(kept, docs)
        own = of_class.copy() if char == kept else np.zeros(len(docs), np.int32)
        for form in variants().get(kept, "") if char == kept else char:
            there, freqs = self._with(form, docs)
            own[np.searchsorted(docs, there)] += -freqs if char == kept else freqs
        return docs[own > 0], docs[(own > 0) & (own != of_class)]

    def _with(self, sign: str, docs: Docs) -> tuple[Docs, NDArray[np.int32]]:
        """The documents that have a single sign, and how often."""
        rows = self.leaf.file.fields[self.query.fieldname].rows_of_term(sign)
        if not len(rows):
            return sets.NONE, np.zeros(0, np.int32)
        found: tuple[Docs, NDArray[np.int32]] = reading.string_in(
            self.leaf.file.octets, rows, self.leaf.documents, docs, True
        )
        return found


class Plain(Node):
    """A node whose matches all score its boost."""

    def add(self, docs: Docs, scores: Scores, boost: float) -> None:
        scores += np.float32(self.query.boost * boost)


class Column(Plain):
    """An article's id, or all articles of a source, of an author or that tell a story."""

    def __init__(self, scope: Scope, query: Any) -> None:
        super().__init__(scope, query)
        self._encoded: bytes = schema()[query.fieldname].to_bytes(query.text)

    def find(self) -> Docs:
        if self.query.fieldname == "id":
            number = self.leaf.file.document(self._encoded)
            found = np.array([number] if number >= 0 else [], np.int32)
        else:
            found = _where(self._names.ordinals == self._ordinal)
        return self.scope.wanted(self.leaf.only_live(found))

    def keep(self, docs: Docs) -> Docs:
        if self.query.fieldname == "id":
            return super().keep(docs)
        wanted = np.zeros(len(self._names.keys) + 1, bool)
        wanted[self._ordinal] = True
        return sets.in_sources(docs, self._names.ordinals, wanted)

    @property
    def _names(self) -> NameColumn:
        return self.leaf.file.columns[self.query.fieldname]

    @property
    def _ordinal(self) -> int:
        return self._names.keys.find(self._encoded.decode(*ENCODING))


class Like(Plain):
    """All articles whose source or author has a name that contains a string."""

    def find(self) -> Docs:
        return self.scope.wanted(self.keep(self.leaf.all_live()))

    def keep(self, docs: Docs) -> Docs:
        names = self.leaf.file.columns[self.query.fieldname]
        return sets.in_sources(docs, names.ordinals, names.like(self.query.text))


def _where(mask: NDArray[np.bool_]) -> Docs:
    return np.flatnonzero(mask).astype(np.int32)


class Everything(Plain):
    """Every article, or every one that has something in a field."""

    def find(self) -> Docs:
        field, leaf = self.query.fieldname, self.leaf
        docs = leaf.all_live()
        if field in FIELDS:
            docs = sets.marked(docs, leaf.file.fields[field].lengths > 0)
        elif field == "published":
            docs = sets.in_range(docs, leaf.file.ranks, leaf.rank(UNKNOWN_TIME + 1), len(leaf.file.times))
        return self.scope.wanted(docs)


class Range(Plain):
    """Articles of a time."""

    def find(self) -> Docs:
        return self.scope.wanted(self.keep(self.leaf.all_live()))

    def keep(self, docs: Docs) -> Docs:
        return sets.in_range(docs, self.leaf.file.ranks, *self._span)

    @cached_property
    def _span(self) -> tuple[int, int]:
        """The ranks of the times in the range: from the first to below the second."""
        query, leaf, first = self.query, self.leaf, UNKNOWN_TIME + 1
        low = leaf.rank(first if query.start is None else max(query.start + bool(query.startexcl), first))
        high = len(leaf.file.times) if query.end is None else leaf.rank(query.end + (not query.endexcl))
        return low, high


class Words(Plain):
    """The articles that have any of the words that a prefix or fuzzy term expands to."""

    def find(self) -> Docs:
        field = self.leaf.file.fields[self.query.fieldname]
        keys = field.keys["word"]
        assert isinstance(keys, WordKeys)
        marks = np.zeros(self.leaf.documents, bool)
        for numbers in self._expanded(keys):
            field.tables["word"].mark(numbers, marks)
        return self.scope.wanted(self.leaf.only_live(_where(marks)))

    def _expanded(self, keys: WordKeys) -> Iterator[NDArray[np.int32]]:
        """The numbers of the words, some thousands at a time."""
        query = self.query
        fuzzy = isinstance(query, FuzzyTerm)
        among = keys.beginning(query.text[: query.prefixlength] if fuzzy else query.text)
        for first in range(among.start, among.stop, WORDS):
            self.scope.search.tick()
            some = range(first, min(first + WORDS, among.stop))
            if fuzzy:
                yield keys.near(query.text, query.maxdist, some)
            else:
                yield np.arange(some.start, some.stop, dtype=np.int32)


class Nothing(Plain):
    """NullQuery."""

    def find(self) -> Docs:
        return sets.NONE


class Stock(Node):
    """Whatever Whoosh says."""

    adds_some = True

    def find(self) -> Docs:
        return self.scope.wanted(self._given[0])

    @cached_property
    def _given(self) -> tuple[Docs, Scores]:
        docs: list[int] = []
        scores: list[float] = []
        searcher = self.leaf.stock()
        matcher = self.query.matcher(searcher, searcher.context())
        while matcher.is_active():
            if len(docs) % STEPS == 0:
                self.scope.search.tick()
            docs.append(matcher.id())
            scores.append(matcher.score())
            matcher.next()
        return np.array(docs, np.int32), np.array(scores, np.float32)

    def add(self, docs: Docs, scores: Scores, boost: float) -> None:
        found, given = self._given
        if self.scope.search.walking:
            # What Whoosh scores depends on whatever else is in the index: here all matches score alike.
            given = np.full(len(found), getattr(self.query, "boost", 1.0), np.float32)
        table = np.zeros(self.leaf.documents, np.float32)
        table[found] = given
        scores += table[docs] * np.float32(boost)


def is_word(text: str) -> bool:
    """Whether a text has only characters that words are made of, and at least one."""
    return bool(text) and all(classes()[ord(char)] == WORD for char in text)
