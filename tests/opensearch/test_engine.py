"""The engine in a cluster against the one on this machine: the same articles, the same plans."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh.query import Every, FuzzyTerm, Or, Prefix, Query, Term

from searchsvc.engine import FIELDS, Answering, Document, Found, Order, Plan
from searchsvc.engine.local import LocalEngine
from searchsvc.engine.opensearch import OpenSearchEngine, searching
from searchsvc.engine.strings import ExactString
from searchsvc.errors import IndexBusy, IndexNotWritten, IndexUnavailable
from tests.engine.corpus import PIECES, engine_of, holds, trees
from tests.opensearch.conftest import engine_in
from tests.opensearch.nodes import Nodes

ARTICLES = 300
many = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


def articles(seed: int = 1) -> list[Document]:
    """Articles made of the same pieces as the other engine's are, some of them alike, some of one story."""
    chance = random.Random(seed)  # No secret.

    def text(most: int) -> str:
        return "".join(chance.choices(PIECES, k=chance.randrange(most)))

    def article(number: int) -> Document:
        published = chance.choice([None, 1_700_000_000, 1_700_003_600 + number, 1_600_000_000])
        source = chance.choice(["voachinese.com", "联合早报", "cna.com.tw"])
        author = chance.choice([None, "张三", "張三丰", "John Smith", "李四、王五"])
        story = f"a{number // 10 * 10:04}" if number % 10 < 3 else None
        return Document(f"a{number:04}", text(8), text(60), source, published, author, story=story)

    made = [article(number) for number in range(ARTICLES)]
    return made + [replace(one, id=f"b{one.id}", story=None) for one in made[:40]]


class Both:
    """The same articles in both engines."""

    def __init__(self, local: LocalEngine, cluster: OpenSearchEngine, documents: Sequence[Document]) -> None:
        self.local, self.cluster, self.documents = local, cluster, documents

    def agree(self, plan: Plan) -> Found:
        """What both find; fails where they differ."""
        here, there = self.local.run(plan), self.cluster.run(plan)
        assert (there.total, there.folded) == (here.total, here.folded)
        assert [hit.id for hit in there.hits] == [hit.id for hit in here.hits]
        assert [hit.score for hit in there.hits] == pytest.approx([hit.score for hit in here.hits], rel=1e-6)
        assert (there.sources, there.timeline, there.extent) == (here.sources, here.timeline, here.extent)
        return there


@pytest.fixture(scope="module")
def both(nodes: Nodes, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """An index of the same articles in each."""
    documents = articles()
    local = engine_of(tmp_path_factory.mktemp("index"), documents)
    cluster = engine_in(nodes, "both")
    cluster.switch(cluster.build(documents, 1).name)
    return Both(local, cluster, documents)


def said(query: Query) -> Query:
    """A tree as the service says it: terms of texts are strings there."""
    return query.accept(  # type: ignore[no-any-return]
        lambda node: (
            ExactString(node.fieldname, node.text, node.boost)
            if isinstance(node, Term) and node.fieldname in FIELDS
            else node
        )
    )


@many
@given(trees().map(said))
def test_any_tree_finds_and_scores_the_same(both: Both, query: Query) -> None:
    found = both.agree(Plan(query, limit=ARTICLES * 2))
    assert {hit.id for hit in found.hits} == {one.id for one in both.documents if holds(one, query)}


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Every kind of plan."""
    offset, limit = draw(st.sampled_from([(0, 10), (5, 7), (30, 20), (0, 0)]))
    return Plan(
        draw(st.none() | trees().map(said)),
        since=draw(st.sampled_from([None, 1_600_000_000, 1_700_003_650])),
        before=draw(st.sampled_from([None, 1_700_000_000, 1_700_003_700])),
        sources=draw(
            st.sampled_from([None, frozenset({"cna.com.tw"}), frozenset({"cna.com.tw", "联合早报"})])
        ),
        excluded_sources=draw(st.sampled_from([frozenset(), frozenset({"voachinese.com"})])),
        author=draw(st.sampled_from([None, "張三", "smith"])),
        story=draw(st.sampled_from([None, None, "a0010"])),
        order=draw(st.sampled_from(["relevance", "newest", "oldest"])),
        offset=offset,
        limit=limit,
        count_sources=draw(st.booleans()),
        fit_edges=draw(
            st.sampled_from([None, lambda first, last: (first, (first + last) // 2 + 1, last + 1)])
        ),
        fold=draw(st.booleans()),
    )


@many
@given(plans())
def test_any_plan_is_ordered_cut_folded_and_counted_the_same(both: Both, plan: Plan) -> None:
    both.agree(plan)


@pytest.mark.parametrize("order", ["relevance", "newest", "oldest"])
def test_more_hits_than_one_answer_holds_come_all(
    both: Both, monkeypatch: pytest.MonkeyPatch, order: Order
) -> None:
    monkeypatch.setattr(searching, "RESULT_WINDOW", 50)
    found = both.agree(Plan(Or([ExactString("title", "国"), Every()]), order=order, offset=7, limit=1_000))
    assert len(found.hits) == len(both.documents) - 7


@pytest.mark.parametrize("order", ["relevance", "newest", "oldest"])
def test_a_walk_meets_the_same_hits_in_the_same_order(both: Both, order: Order) -> None:
    query = Or([ExactString("title", "中"), ExactString("body", "国"), ExactString("body", "经济")])

    def walk(engine: Answering) -> list[str]:
        met, after = list[str](), None
        while True:
            found = engine.run(Plan(query, order=order, limit=9, walk=True, after=after))
            met += [hit.id for hit in found.hits]
            if found.after is None:
                return met
            after = found.after

    here, there = walk(both.local), walk(both.cluster)
    assert there == here
    assert len(there) == len(set(there)) == both.cluster.run(Plan(query)).total


@pytest.mark.parametrize(
    "fuzzy", [FuzzyTerm("body", "covib"), FuzzyTerm("title", "g2", maxdist=1, prefixlength=1)]
)
def test_fuzzy_words_and_beginnings_find_the_same(both: Both, fuzzy: Query) -> None:
    assert both.agree(Plan(fuzzy, limit=500)).total > 0
    assert both.agree(Plan(Prefix(fuzzy.fieldname, fuzzy.text[:2]), limit=500)).total > 0


def test_what_is_written_replaces_what_was_there_and_is_seen_at_once(engine: OpenSearchEngine) -> None:
    first = [Document(str(number), f"灯塔{number}", "夜里亮着", "a.example", None) for number in range(5)]
    engine.switch(engine.build(first, 5).name)
    assert engine.run(Plan(ExactString("body", "夜里"))).total == 5
    engine.write([replace(first[2], body="修好了"), Document("9", "码头", "夜里很静", "a.example", None)], 7)
    assert [hit.id for hit in engine.run(Plan(ExactString("body", "夜里"), order="newest")).hits] == [
        *"0134",
        "9",
    ]
    assert (engine.current().change, engine.current().count) == (7, 6)
    assert sorted(engine.ids()) == [*"012349"]
    engine.check()


def test_one_index_back_and_forth(engine: OpenSearchEngine) -> None:
    with pytest.raises(IndexUnavailable, match="no earlier index"):
        engine.previous()
    names = []
    for number in range(3):
        names.append(engine.build([Document(str(number), "灯塔", "亮", "a.example", None)], number).name)
        engine.switch(names[-1])
    assert engine.states.all() == names[1:]
    assert engine.rollback().name == names[1]
    assert [*engine.ids()] == ["1"]
    assert engine.rollback().name == names[2]


def test_a_build_that_stops_leaves_nothing(engine: OpenSearchEngine) -> None:
    def documents() -> Iterator[Document]:
        yield Document("1", "灯塔", "亮", "a.example", None)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), engine.building():
        engine.build(documents(), 1)
    assert engine.states.all() == []
    assert engine.current() is None


def test_one_writer_at_a_time_on_whatever_machine(engine: OpenSearchEngine) -> None:
    other = OpenSearchEngine(engine.cluster.address, engine.states.name)
    with (
        engine.building(),
        pytest.raises(IndexBusy, match=r"process \d+ on .* is at work on the index \(builder\)"),
        other.building(wait_seconds=0.3),
    ):
        pass
    with other.building(wait_seconds=0.3), other.building(wait_seconds=0.3):
        pass


def test_who_lost_the_lease_meanwhile_commits_nothing(engine: OpenSearchEngine) -> None:
    engine.switch(engine.build([], 1).name)
    with pytest.raises(IndexBusy, match="Somebody else took the writer lease"), engine.writing():
        engine.cluster.client.delete(index=f"{engine.states.name}-leases", id="writer")
        engine.write([Document("1", "灯塔", "亮", "a.example", None)], 2)
    engine.cluster.client.indices.refresh(index=engine.states.name)
    assert engine.current().change == 1


def test_an_article_that_the_cluster_refuses_is_named_and_nothing_counts(engine: OpenSearchEngine) -> None:
    engine.switch(engine.build([], 1).name)
    # Longer than any id may be there.
    refused = Document("x" * 600, "灯塔", "亮", "a.example", None)
    with pytest.raises((IndexNotWritten, IndexUnavailable), match="too long"):
        engine.write([Document("1", "灯塔", "亮", "a.example", None), refused], 2)
    assert engine.current().change == 1


def test_a_service_whose_name_begins_alike_keeps_its_index(engine: OpenSearchEngine) -> None:
    other = OpenSearchEngine(engine.cluster.address, f"{engine.states.name}-gazette")
    other.switch(other.build([Document("1", "灯塔", "亮", "a.example", None)], 1).name)
    for number in range(3):
        engine.switch(engine.build([], number).name)
    assert [*other.ids()] == ["1"]
