"""SQLite's FTS5, in two set-ups, both without a copy of the text (``content=''``).

``Words``: text cut by rjieba and joined with spaces, tokenizer unicode61, ``bm25()`` with the
title weighted. ``Trigrams``: FTS5's own answer to substrings; it cannot match fewer than three
characters, so it is asked for exact strings of three and more only.

Id, source and date are in a table beside it, the date indexed.
"""

import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import rjieba

from bench.peers import Answer
from bench.peers.segmenting import Prepared, prepared
from bench.queries import BUCKET, EDGES, LIMIT, Question
from searchsvc.engine import TITLE_BOOST, Document

FILE = "fts5.sqlite"
TABLES = """
    CREATE TABLE articles (number INTEGER PRIMARY KEY, id TEXT, source TEXT, published INTEGER);
    CREATE VIRTUAL TABLE texts USING fts5(title, body, content='', tokenize='{tokenizer}');
    INSERT INTO texts (texts, rank) VALUES ('hashsize', 67108864);
"""
AFTER = """
    CREATE INDEX by_date ON articles (published);
    INSERT INTO texts (texts) VALUES ('optimize');
"""
MATCHES = "FROM texts CROSS JOIN articles ON number = texts.rowid WHERE texts MATCH :match"
WITHIN = " AND published >= :since AND published < :before"
BM25 = f"bm25(texts, {TITLE_BOOST}, 1.0)"
RANKED = f"SELECT id {{matches}} ORDER BY {BM25} LIMIT {LIMIT}"
NEWEST = f"SELECT id {{matches}} ORDER BY published DESC LIMIT {LIMIT}"
# Without a range nothing of a match but the best need be looked up in the table: a fifth faster.
BEST = f"""
    SELECT (SELECT id FROM articles WHERE number = hit) FROM (
        SELECT rowid AS hit, {BM25} AS score FROM texts WHERE texts MATCH :match ORDER BY 2 LIMIT {LIMIT}
    ) ORDER BY score
"""


class Words:
    """Words of rjieba, joined by spaces."""

    label = "FTS5, jieba words"
    note = "rjieba words, unicode61, bm25(), optimized; finds what the cut of the words allows"
    tokenizer = "unicode61"
    parallel = True
    sample: int | None = None

    def build(self, folder: Path, documents: Iterable[Document], processes: int) -> int:
        folder.mkdir(parents=True)
        database = sqlite3.connect(folder / FILE, isolation_level=None)
        # A bulk load of a file that can be made again: no journal, synced once at the end.
        database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-262144;")
        database.executescript(TABLES.format(tokenizer=self.tokenizer))
        database.execute("BEGIN")
        for article, text in self._rows(documents, processes):
            database.execute("INSERT INTO articles VALUES (?, ?, ?, ?)", article)
            database.execute("INSERT INTO texts (rowid, title, body) VALUES (?, ?, ?)", text)
        database.execute("COMMIT")
        database.executescript(AFTER)
        count = int(database.execute("SELECT count(*) FROM articles").fetchone()[0])
        database.close()
        _sync(folder / FILE)
        return count

    def _rows(
        self, documents: Iterable[Document], processes: int
    ) -> Iterator[tuple[tuple[object, ...], tuple[object, ...]]]:
        for number, (document, title, body) in enumerate(prepared(documents, self.prepare, processes - 1)):
            yield (number, document.id, document.source, document.published), (number, title[0], body[0])

    @staticmethod
    def prepare(text: str) -> Prepared:
        return (" ".join(rjieba.cut(text)),)

    @staticmethod
    def match(word: str) -> str:
        """A word or string in FTS5's query language: a phrase of its words."""
        return f'"{" ".join(rjieba.cut(word))}"'

    def open(self, folder: Path) -> "Fts5Session":
        return Fts5Session(folder / FILE, self)

    def segments(self, folder: Path) -> int:
        return 1

    def answers(self, question: Question) -> bool:
        return True


class Trigrams(Words):
    """Every three characters in a row."""

    label = "FTS5, trigrams"
    note = "trigram tokenizer, optimized; exact strings of three characters and more only"
    tokenizer = "trigram"
    parallel = False

    @staticmethod
    def prepare(text: str) -> Prepared:
        return (text,)

    @staticmethod
    def match(word: str) -> str:
        return f'"{word}"'

    def answers(self, question: Question) -> bool:
        return question.what == "string" and all(len(word) > 2 for word in question.words)


class Fts5Session:
    """A connection that reads."""

    def __init__(self, path: Path, peer: Words) -> None:
        self.database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        self.database.executescript("PRAGMA mmap_size=17179869184; PRAGMA cache_size=-65536;")
        self.match = peer.match

    def run(self, question: Question) -> Answer:
        joined = " OR " if question.what == "or" else " AND "
        values = {
            "match": joined.join(map(self.match, question.words)),
            "since": question.since,
            "before": question.before,
        }
        ranged = question.since is not None
        matches = MATCHES + WITHIN if ranged else MATCHES
        counted = matches if ranged else "FROM texts WHERE texts MATCH :match"
        page = NEWEST if question.newest else RANKED if ranged else BEST
        ids = [row[0] for row in self.database.execute(page.format(matches=matches), values)]
        if question.facets:
            return self._facets(matches, values, ids)
        return Answer(self.database.execute(f"SELECT count(*) {counted}", values).fetchone()[0], ids)

    def _facets(self, matches: str, values: dict[str, str | int | None], ids: list[str]) -> Answer:
        """Both facets in one pass; the total is their sum."""
        values = {**values, "first": EDGES[0], "bucket": BUCKET}
        groups = self.database.execute(
            f"SELECT source, (published - :first) / :bucket, count(*) {matches} GROUP BY 1, 2", values
        )
        sources: Counter[str] = Counter()
        timeline = [0] * (len(EDGES) - 1)
        for source, bucket, count in groups:
            sources[source] += count
            timeline[bucket] += count
        return Answer(sources.total(), ids, dict(sources), tuple(timeline))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
