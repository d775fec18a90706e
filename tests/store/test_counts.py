"""Counts of the archive: right, of one moment, and made without reading a text."""

from dataclasses import replace

import pytest

from searchsvc.article import Source
from searchsvc.store.articles import ArticleStore, Write
from searchsvc.store.counts import CountStore
from searchsvc.store.place import Place
from tests.build import NOW, article

pytestmark = pytest.mark.both_databases

A, B = Source("a.example", "甲报"), Source("b.example", "乙報")


@pytest.fixture
def store(place: Place) -> ArticleStore:
    store = ArticleStore(place)
    dated = [article(f"第{n}篇", source=A if n % 3 else B, stated=NOW + n) for n in range(10)]
    undated = replace(article("无日期", source=B), published=None, published_from=None)
    store.put([Write(each) for each in (*dated, undated)])
    return store


@pytest.fixture
def counts(store: ArticleStore) -> CountStore:
    return CountStore(store.place)


def test_articles_are_counted_by_time_and_source(counts: CountStore) -> None:
    with counts.at_one_moment() as now:
        assert (now.articles(), now.versions(), now.span()) == (11, 0, (NOW, NOW + 9))
        assert now.between([NOW - 5, NOW, NOW + 4, NOW + 9, NOW + 10]) == (0, 4, 5, 1)
        first, second = now.by_source([NOW, NOW + 5, NOW + 10])
        assert (first.source, first.counts, first.undated) == (A, (3, 3), 0)
        assert (first.first, first.last) == (NOW + 1, NOW + 8)
        assert (second.source, second.counts, second.undated) == (B, (2, 2), 1)
        assert (second.first, second.last) == (NOW, NOW + 9)


def test_an_empty_archive_has_no_span(place: Place) -> None:
    with CountStore(place).at_one_moment() as now:
        assert (now.articles(), now.versions(), now.span(), now.by_source([1, 2])) == (0, 0, None, [])


def test_counts_are_of_one_moment(store: ArticleStore, counts: CountStore) -> None:
    with counts.at_one_moment() as now:
        before = now.articles()
        store.put([Write(article("新来的"))])
        assert now.articles() == before
    with counts.at_one_moment() as now:
        assert now.articles() == before + 1


@pytest.mark.of_a_file
def test_nothing_is_counted_by_reading_articles(counts: CountStore) -> None:
    """SQLite's own plans: every table that has texts is asked through an index that covers the question."""
    plans: list[str] = []
    with counts.at_one_moment() as now:
        asked: list[str] = []
        now._connection.set_trace_callback(asked.append)
        now.articles(), now.versions(), now.span(), now.between([1, 2]), now.by_source([1, 2])
        now._connection.set_trace_callback(None)
        for query in asked:
            plans += [row[3] for row in now._connection.execute(f"EXPLAIN QUERY PLAN {query}")]
    of_texts = [plan for plan in plans if "articles" in plan or "versions" in plan]
    assert len(of_texts) >= 8
    assert all("COVERING INDEX" in plan for plan in of_texts), of_texts
