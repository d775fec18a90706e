"""tantivy, through tantivy-py, in two set-ups.

``Words``: what one would usually do for Chinese. Text cut by jieba's algorithm in Rust and joined
with spaces, tokenized at the spaces in lower case, with positions; date, source and number as fast
fields. It finds a string only where the cut of the article agrees with the cut of the query.

``Terms``: the same terms as this project's, from folded text, so the same answers: pairs of
characters with positions in one field, single characters without in another. A string of n
characters is a phrase of every other pair, which is the least that decides it.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import compress, pairwise
from operator import add
from pathlib import Path
from typing import Any

import numpy as np
import rjieba
from tantivy import Document as Row
from tantivy import (
    FieldType,
    Filter,
    Index,
    Occur,
    Query,
    Schema,
    SchemaBuilder,
    TextAnalyzerBuilder,
    Tokenizer,
)

from bench.peers import Answer
from bench.peers.segmenting import Prepared, prepared
from bench.queries import BUCKET, EDGES, LIMIT, Question
from searchsvc.engine import TITLE_BOOST, Document
from searchsvc.text.fold import fold
from searchsvc.text.terms import squeeze, word_term

# In all, whatever the number of threads; tantivy writes a segment when a thread's share is full.
HEAP_BYTES = 2_000_000_000
SPACES = "spaces"
Rows = Iterator[tuple[Document, Prepared, Prepared]]
FACETS = {
    "sources": {"terms": {"field": "source", "size": 1_000}},
    "timeline": {"histogram": {"field": "published", "interval": BUCKET, "offset": EDGES[0] % BUCKET}},
}


class Words:
    """Words of rjieba, joined by spaces."""

    label = "tantivy, jieba words"
    note = "rjieba words, positions, fast fields; finds what the cut of the words allows"
    parallel = True
    sample: int | None = None

    def build(self, folder: Path, documents: Iterable[Document], processes: int) -> int:
        folder.mkdir(parents=True)
        index = _with_tokenizer(Index(_schema(), str(folder)))
        writer = index.writer(heap_size=HEAP_BYTES, num_threads=processes)
        number = -1
        for number, (document, title, body) in enumerate(self._prepared(documents, processes)):
            writer.add_document(self._row(number, document, title, body))
        writer.commit()
        writer.wait_merging_threads()
        return number + 1

    def _prepared(self, documents: Iterable[Document], processes: int) -> Rows:
        """Cut beside tantivy's own threads: a pool for cutting was tried and is slower on two cores."""
        return prepared(documents, self.prepare, 0)

    @staticmethod
    def prepare(text: str) -> Prepared:
        """What goes into the fields of a text: words, and nothing for single characters."""
        return (" ".join(rjieba.cut(text)), "")

    @staticmethod
    def _row(number: int, document: Document, title: Prepared, body: Prepared) -> Row:
        row = Row()
        for name, text in (("title", title[0]), ("body", body[0]), ("title1", title[1]), ("body1", body[1])):
            if text:
                row.add_text(name, text)
        row.add_text("source", document.source)
        row.add_integer("published", document.published or 0)
        row.add_unsigned("number", number)
        return row

    def open(self, folder: Path) -> "TantivySession":
        return TantivySession(folder, _word_of_words)

    def segments(self, folder: Path) -> int:
        return int(Index.open(str(folder)).searcher().num_segments)

    def answers(self, question: Question) -> bool:
        return True


class Terms(Words):
    """The terms of this project."""

    label = "tantivy, our terms"
    note = "pairs and single characters of folded text; the same answers as ours"

    def _prepared(self, documents: Iterable[Document], processes: int) -> Rows:
        """Made in Python, so other processes do help."""
        return prepared(documents, self.prepare, processes if processes > 1 else 0)

    @staticmethod
    def prepare(text: str) -> Prepared:
        """Pairs and words in the order of their places, and the single signs."""
        squeezed = squeeze(text)
        chars, is_word = squeezed.text, squeezed.is_word
        pairs = [*map(add, chars, chars[1:]), ""]
        for place in np.flatnonzero(is_word[:-1] & is_word[1:]).tolist():
            pairs[place] = ""
        edges = [*np.flatnonzero(squeezed.starts_word | ~is_word).tolist(), len(chars)]
        for start, end in pairwise(edges):
            if is_word[start]:
                pairs[start] = f"{word_term(chars[start:end])} {pairs[start]}"
        return " ".join(filter(None, pairs)), " ".join(compress(chars, (~is_word).tolist()))

    def open(self, folder: Path) -> "TantivySession":
        return TantivySession(folder, _string_of_terms)


class TantivySession:
    """An index opened for reading, and how a word becomes a query on one field."""

    def __init__(self, folder: Path, on_field: Callable[[Schema, str, str], Query]) -> None:
        self.searcher = Index.open(str(folder)).searcher()
        self.schema = _schema()
        self.on_field = on_field

    def run(self, question: Question) -> Answer:
        query = self._query(question)
        order = "published" if question.newest else None
        found: Any = self.searcher.search(query, limit=LIMIT, count=True, order_by_field=order)
        ids: Any = self.searcher.fast_field_values("number", [address for _, address in found.hits])
        if not question.facets:
            return Answer(found.count, ids)
        return Answer(found.count, ids, *_counts(self.searcher.aggregate(query, FACETS)))

    def postings(self, question: Question) -> int:
        """How many postings of pairs and single characters the question's strings have in all."""
        total = 0
        for word in map(fold, question.words):
            for name, terms in _terms_of(word):
                total += sum(self.searcher.doc_freq(name, term) for _, term in terms)
        return total

    def _query(self, question: Question) -> Query:
        words = [self._word(word) for word in question.words]
        occur = Occur.Should if question.what == "or" else Occur.Must
        query = words[0] if len(words) == 1 else Query.boolean_query([(occur, word) for word in words])
        if question.since is None:
            return query
        within = Query.range_query(
            self.schema,
            "published",
            FieldType.Integer,
            lower_bound=question.since,
            upper_bound=question.before,
            include_upper=False,
        )
        within = Query.const_score_query(within, 0.0)
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, within)])

    def _word(self, word: str) -> Query:
        title, body = (self.on_field(self.schema, field, word) for field in ("title", "body"))
        weighted = Query.boost_query(title, TITLE_BOOST)
        return Query.boolean_query([(Occur.Should, weighted), (Occur.Should, body)])


def _word_of_words(schema: Schema, field: str, word: str) -> Query:
    parts: list[str | tuple[int, str]] = [*rjieba.cut(word.lower())]
    if len(parts) == 1:
        return Query.term_query(schema, field, str(parts[0]))
    return Query.phrase_query(schema, field, parts)


def _string_of_terms(schema: Schema, field: str, string: str) -> Query:
    name, terms = next(pair for pair in _terms_of(fold(string)) if pair[0].startswith(field))
    if len(terms) == 1:
        return Query.term_query(schema, name, terms[0][1])
    return Query.phrase_query(schema, name, [*terms])


def _terms_of(string: str) -> list[tuple[str, list[tuple[int, str]]]]:
    """Field and placed terms that decide a string of Han, for title and body."""
    if len(string) == 1:
        return [("title1", [(0, string)]), ("body1", [(0, string)])]
    places = sorted({*range(0, len(string) - 1, 2), len(string) - 2})
    terms = [(place, string[place : place + 2]) for place in places]
    return [("title", terms), ("body", terms)]


def _schema() -> Schema:
    builder = SchemaBuilder()
    for name in ("title", "body"):
        builder.add_text_field(name, tokenizer_name=SPACES, index_option="position")
        builder.add_text_field(f"{name}1", tokenizer_name=SPACES, index_option="freq")
    builder.add_text_field("source", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_integer_field("published", indexed=True, fast=True)
    builder.add_unsigned_field("number", fast=True)
    return builder.build()


def _with_tokenizer(index: Index) -> Index:
    spaces = TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.lowercase()).build()
    index.register_tokenizer(SPACES, spaces)
    return index


def _counts(aggregated: dict[str, Any]) -> tuple[dict[str, int], tuple[int, ...]]:
    sources = {bucket["key"]: bucket["doc_count"] for bucket in aggregated["sources"]["buckets"]}
    timeline = [0] * (len(EDGES) - 1)
    for bucket in aggregated["timeline"]["buckets"]:
        timeline[(int(bucket["key"]) - EDGES[0]) // BUCKET] = bucket["doc_count"]
    return sources, tuple(timeline)
