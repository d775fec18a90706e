"""The array searcher against stock Whoosh on the same index, and against a plain scan."""

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.query import And, FuzzyTerm, NullQuery, Or, Phrase, Prefix, Query, Require, Wildcard

from searchsvc.engine import Document, Plan, reading, sets
from searchsvc.engine.local import LocalEngine
from searchsvc.engine.strings import ExactString, NameLike
from tests.engine.corpus import corpora, engine_of, holds, occurrences, scan, sources, stock, strings, trees

ALL = 1_000
quick = settings(max_examples=150)


def scores(engine: LocalEngine, query: Query) -> dict[str, float]:
    found = engine.run(Plan(query, limit=ALL))
    assert found.total == len(found.hits) == len({hit.id for hit in found.hits})
    assert [hit.score for hit in found.hits] == sorted((hit.score for hit in found.hits), reverse=True)
    return {hit.id: hit.score for hit in found.hits}


def check(engine: LocalEngine, documents: Sequence[Document], query: Query) -> None:
    ours, theirs = scores(engine, query), stock(engine, query)
    assert set(ours) == set(theirs) == scan(documents, query)
    assert ours == pytest.approx(theirs, abs=1e-4)


@quick
@given(corpora(), st.lists(trees(), min_size=6, max_size=6))
def test_any_tree_on_one_segment(documents: list[Document], queries: list[Query]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_of(Path(folder), documents)
        for query in queries:
            check(engine, documents, query)


@quick
@given(corpora(16), corpora(3), st.sets(st.integers(0, 15)), st.lists(trees(), min_size=6, max_size=6))
def test_any_tree_on_several_segments_with_deletions(
    first: list[Document], second: list[Document], replaced: set[int], queries: list[Query]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        later = [Document(f"new {document.id}", *_values(document)) for document in second]
        again = [
            Document(str(number), *_values(second[0])) for number in replaced if number < min(4, len(first))
        ]
        engine = engine_of(Path(folder), first, later, again)
        kept = {document.id: document for document in [*first, *later, *again]}
        assert sorted(engine.ids()) == sorted(kept)
        for query in queries:
            check(engine, list(kept.values()), query)


def _values(document: Document) -> tuple[str, str, str, int | None, str | None]:
    return document.title, document.body, document.source, document.published, document.author


@quick
@given(corpora(), st.lists(strings(), min_size=10, max_size=10))
def test_strings_occur_as_often_as_a_scan_says(documents: list[Document], queries: list[ExactString]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_of(Path(folder), documents)
        leaf = engine.snapshot().leaves[0]
        for query in queries:
            rows = leaf.file.fields[query.fieldname].rows(query.needle)
            counts = dict[str, int]()
            if len(rows):
                docs, freqs = reading.string_in(leaf.file.octets, rows, leaf.documents, sets.NONE, False)
                ids = [leaf.file.ids.encoded(number).decode() for number in docs.tolist()]
                counts = dict(zip(ids, freqs.tolist(), strict=True))
            wanted = {d.id: occurrences(getattr(d, query.fieldname), query.typed) for d in documents}
            assert counts == {key: value for key, value in wanted.items() if value}


def fitted(first: int, last: int) -> tuple[int, ...]:
    """Edges that depend on the hits: three buckets, of which one may be empty."""
    return first, (first + last) // 2, last, last + 1


def plans() -> st.SearchStrategy[Plan]:
    """Filters, orders and counts, around a random tree."""
    ends = st.sampled_from([None, None, 1_600_000_000, 1_700_000_000, 1_700_000_001, 1_700_090_000])
    names = st.frozensets(sources, max_size=2)
    return st.builds(
        Plan,
        trees() | st.none(),
        since=ends,
        before=ends,
        sources=st.none() | names,
        excluded_sources=st.just(frozenset()) | names,
        author=st.sampled_from([None, None, None, "张三", "smith"]),
        order=st.sampled_from(["relevance", "newest", "oldest"]),
        limit=st.just(ALL),
        count_sources=st.booleans(),
        fit_edges=st.sampled_from([None, None, fitted]),
        timeline_edges=st.sampled_from([(), (1_600_000_000, 1_700_000_000, 1_700_003_600, 1_800_000_000)]),
    )


@quick
@given(corpora(16), corpora(3), st.lists(plans(), min_size=6, max_size=6))
def test_any_plan_finds_orders_and_counts_as_a_scan_does(
    first: list[Document], second: list[Document], asked: list[Plan]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        later = [Document(f"new {document.id}", *_values(document)) for document in second]
        again = [Document("0", *_values(second[0]))]
        engine = engine_of(Path(folder), first, later, again)
        kept = {document.id: document for document in [*first, *later, *again]}
        for plan in asked:
            check_plan(engine, kept, plan)


def check_plan(engine: LocalEngine, documents: dict[str, Document], plan: Plan) -> None:
    matching = scan(list(documents.values()), plan.query) if plan.query is not None else set(documents)
    wanted = [
        document for document in documents.values() if document.id in matching and passes(document, plan)
    ]
    found = engine.run(plan)
    ids = [hit.id for hit in found.hits]
    assert sorted(ids) == sorted(document.id for document in wanted)
    assert found.total == len(wanted)
    times = [documents[identifier].published for identifier in ids]
    if plan.order == "newest":
        assert times == sorted(times, key=lambda time: -(time or 0))
    elif plan.order == "oldest":
        assert times == sorted(times, key=lambda time: time or 1 << 60)
    elif plan.query is not None:
        everywhere = engine.run(Plan(plan.query, limit=ALL)).hits
        alone = {hit.id: hit.score for hit in everywhere if hit.id in set(ids)}
        assert {hit.id: hit.score for hit in found.hits} == pytest.approx(alone, abs=1e-4)
    assert found.sources == (Counter(document.source for document in wanted) if plan.count_sources else {})
    known = [document.published for document in wanted if document.published is not None]
    extent = (min(known), max(known)) if plan.fit_edges and known else None
    assert found.extent == extent
    edges = plan.timeline_edges
    if plan.fit_edges:
        edges = plan.fit_edges(*extent) if extent else ()
    assert found.timeline == tuple(
        sum(low <= (document.published or 0) < high for document in wanted) for low, high in pairwise(edges)
    )
    pages = [engine.run(replace(plan, offset=at, limit=3)).hits for at in range(0, len(ids), 3)]
    assert [hit.id for page in pages for hit in page] == ids


def passes(document: Document, plan: Plan) -> bool:
    ranged = plan.since is not None or plan.before is not None
    if ranged and document.published is None:
        return False
    time = document.published or 0
    return (
        (plan.since is None or plan.since <= time)
        and (plan.before is None or time < plan.before)
        and (plan.sources is None or document.source in plan.sources)
        and document.source not in plan.excluded_sources
        and (plan.author is None or holds(document, NameLike("author", plan.author)))
    )


CORPUS = [
    Document("0", "covid", "covid covids covered 中国", "甲", 1_700_000_000),
    Document("1", "经济", "corvid cover 日本", "乙", 1_700_000_100),
    Document("2", "中国经济", "中国经济发展，中国", "甲", None),
    Document("3", "无", "ovid c中 g20峰会", "丙", 1_600_000_000),
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> LocalEngine:
    return engine_of(tmp_path_factory.mktemp("index"), CORPUS[:3], CORPUS[3:])


@pytest.mark.parametrize(
    ("prefix", "ids"), [("cov", "01"), ("covid", "0"), ("c", "013"), ("z", ""), ("g2", "3")]
)
def test_prefixes_find_words_that_begin_so(engine: LocalEngine, prefix: str, ids: str) -> None:
    found = scores(engine, Prefix("body", prefix, boost=2.0))
    assert set(found) == set(ids) == scan(CORPUS, Prefix("body", prefix))
    assert set(found.values()) <= {2.0}


@pytest.mark.parametrize(
    ("word", "distance", "ids"), [("covid", 1, "01"), ("covid", 2, "01"), ("cavid", 1, "0")]
)
def test_fuzzy_terms_find_what_stock_whoosh_finds(
    engine: LocalEngine, word: str, distance: int, ids: str
) -> None:
    query = FuzzyTerm("body", word, maxdist=distance, prefixlength=1)
    assert set(scores(engine, query)) == set(ids) == set(stock(engine, query))


@pytest.mark.parametrize(
    "query",
    [
        Wildcard("body", "c*vid"),
        Phrase("body", ["中国", "国经"]),
        And([Wildcard("body", "co*"), ExactString("body", "中国")]),
        Or([Phrase("body", ["中国", "国经"]), ExactString("title", "经济", 3.0)]),
        Prefix("body", "中"),
    ],
)
def test_what_is_not_known_is_left_to_whoosh(engine: LocalEngine, query: Query) -> None:
    theirs = stock(engine, query)
    assert theirs
    assert scores(engine, query) == pytest.approx(theirs, abs=1e-4)


def test_require_restricts_without_scoring(engine: LocalEngine) -> None:
    wanted = ExactString("body", "中国")
    found = scores(engine, Require(wanted, ExactString("title", "covid")))
    assert found == {"0": pytest.approx(scores(engine, wanted)["0"])}


def test_nothing_finds_nothing(engine: LocalEngine) -> None:
    assert engine.run(Plan(NullQuery)).total == 0
    assert engine.run(Plan(And([]))).total == 0
    assert engine.run(Plan(ExactString("body", " \u200b"))).total == 0
