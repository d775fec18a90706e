"""The engine in a cluster against the one on this machine: the same articles, the same plans."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh.query import Query, Term

from searchsvc.engine import FIELDS, Document, Found, Plan
from searchsvc.engine.local import LocalEngine
from searchsvc.engine.opensearch import OpenSearchEngine
from searchsvc.engine.opensearch.cluster import Address
from searchsvc.engine.strings import ExactString
from tests.engine.corpus import PIECES, engine_of, holds, trees
from tests.opensearch.nodes import Nodes

ARTICLES = 300
many = settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])


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


def engine_in(nodes: Nodes, name: str) -> OpenSearchEngine:
    """An engine in the cluster, without an index."""
    return OpenSearchEngine(Address(tuple(nodes.urls.split(","))), name, 2, 1, budget_seconds=None)


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
