"""The usual recipe that this project began from: Whoosh's own writer with jieba's ChineseAnalyzer.

It writes about 100 articles a second, so it has a sample only; its times are those of searching
that sample, not of the whole corpus.
"""

import logging
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import jieba  # type: ignore[import-untyped]
import numpy as np
from jieba.analyse import ChineseAnalyzer  # type: ignore[import-untyped]
from whoosh import fields
from whoosh.index import create_in, open_dir
from whoosh.qparser import MultifieldParser
from whoosh.query import NumericRange, Require
from whoosh.sorting import FieldFacet

from bench.peers import Answer
from bench.queries import EDGES, LIMIT, Question
from searchsvc.engine import TITLE_BOOST, Document

jieba.setLogLevel(logging.WARNING)


class Stock:
    """Whoosh as it comes."""

    label = "stock Whoosh + jieba"
    note = "ChineseAnalyzer, on a sample of 400 articles: its query times are those of the sample"
    parallel = True
    sample: int | None = 400

    def __init__(self) -> None:
        # The dictionary takes a second to load, which is not indexing.
        jieba.initialize()

    def build(self, folder: Path, documents: Iterable[Document], processes: int) -> int:
        folder.mkdir(parents=True)
        index = create_in(folder, _schema())
        writer = index.writer(limitmb=256, procs=processes, multisegment=processes > 1)
        for document in documents:
            writer.add_document(
                id=document.id,
                title=document.title,
                body=document.body,
                source=document.source,
                published=document.published,
            )
        writer.commit()
        return int(open_dir(folder).doc_count())

    def open(self, folder: Path) -> "StockSession":
        return StockSession(folder)

    def segments(self, folder: Path) -> int:
        return len(open_dir(folder)._segments())

    def answers(self, question: Question) -> bool:
        return True


class StockSession:
    """A searcher, and Whoosh's own parser."""

    def __init__(self, folder: Path) -> None:
        index = open_dir(folder)
        self.searcher = index.searcher()
        self.parser = MultifieldParser(["title", "body"], index.schema, fieldboosts={"title": TITLE_BOOST})

    def run(self, question: Question) -> Answer:
        words = [f'"{word}"' if question.what == "string" else word for word in question.words]
        query = self.parser.parse((" OR " if question.what == "or" else " ").join(words))
        if question.since is not None:
            # As ``search(filter=…)`` it would find right and count wrong: the total forgets the filter.
            query = Require(query, NumericRange("published", question.since, question.before, endexcl=True))
        order = {"sortedby": FieldFacet("published", reverse=True)} if question.newest else {}
        found = self.searcher.search(query, limit=LIMIT, **order)
        ids = [hit["id"] for hit in found]
        if not question.facets:
            return Answer(len(found), ids)
        return Answer(len(found), ids, *self._facets(found.docs()))

    def _facets(self, numbers: Iterable[int]) -> tuple[dict[str, int], tuple[int, ...]]:
        reader = self.searcher.reader()
        names, moments = reader.column_reader("source"), reader.column_reader("published")
        hits = list(numbers)
        times = np.array([moments[number] for number in hits], np.int64)
        timeline = np.histogram(times, EDGES)[0]
        return dict(Counter(names[number] for number in hits)), tuple(timeline.tolist())


def _schema() -> fields.Schema:
    analyzer = ChineseAnalyzer()
    return fields.Schema(
        id=fields.ID(unique=True, stored=True),
        title=fields.TEXT(analyzer=analyzer),
        body=fields.TEXT(analyzer=analyzer),
        source=fields.ID(sortable=True),
        published=fields.NUMERIC(int, 64, sortable=True),
    )
