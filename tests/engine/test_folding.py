"""Folding leaves the first hit of each story, over all segments, and totals and pages are exact."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.query import Query

from searchsvc.engine import Document, Plan
from searchsvc.engine.local import LocalEngine
from searchsvc.engine.strings import ExactString
from tests.engine.corpus import corpora, engine_of, trees

slow = settings(max_examples=60)
ALL = 1_000


def first_of_each(ids: list[str], story_of: dict[str, str | None]) -> list[str]:
    """What is left of hits in order when each story has its first one only."""
    seen: set[str] = set()
    left = []
    for identifier in ids:
        story = story_of[identifier] or f"alone {identifier}"
        if story not in seen:
            left.append(identifier)
        seen.add(story)
    return left


@slow
@given(
    corpora(16),
    corpora(6),
    trees() | st.none(),
    st.sampled_from(["relevance", "newest", "oldest"]),
    st.lists(st.sampled_from([None, "0", "1", "2"]), min_size=22, max_size=22),
)
def test_folded_hits_are_the_first_of_each_story_on_every_page(
    first: list[Document], second: list[Document], query: Query | None, order: str, stories: list[str | None]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        named = [*first, *(replace(document, id=f"new {document.id}") for document in second)]
        documents = [replace(each, story=story) for each, story in zip(named, stories, strict=False)]
        engine = engine_of(Path(folder), documents[: len(first)], documents[len(first) :])
        plan = Plan(query, order=order, limit=ALL, count_sources=True)  # type: ignore[arg-type]
        whole, folded = engine.run(plan), engine.run(replace(plan, fold=True))
        expected = first_of_each([hit.id for hit in whole.hits], {each.id: each.story for each in documents})
        assert [hit.id for hit in folded.hits] == expected
        assert (folded.total, folded.folded) == (len(expected), whole.total - len(expected))
        assert folded.sources == whole.sources
        scores = dict(whole.hits)
        assert all(hit.score == pytest.approx(scores[hit.id], abs=1e-5) for hit in folded.hits)
        pages = [
            engine.run(replace(plan, fold=True, offset=at, limit=3)) for at in range(0, len(expected), 3)
        ]
        assert [hit.id for page in pages for hit in page.hits] == expected
        assert {page.total for page in pages} <= {len(expected)}
        assert engine.run(replace(plan, fold=True, limit=0)).total == len(expected)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> LocalEngine:
    def document(name: str, published: int | None, story: str | None) -> Document:
        return Document(name, "经济", "经济发展", "甲", published, story=story)

    first = [document("a", 1_700_000_000, None), document("b", 1_700_000_300, "b")]
    second = [document("c", 1_700_000_200, "b"), document("d", None, "b"), document("e", 1_700_000_100, None)]
    return engine_of(tmp_path_factory.mktemp("index"), first, second)


@pytest.mark.parametrize(("order", "ids"), [("newest", "bea"), ("oldest", "aec")])
def test_the_newest_or_the_oldest_stands_for_its_story(engine: LocalEngine, order: str, ids: str) -> None:
    found = engine.run(Plan(ExactString("body", "经济"), order=order, fold=True))  # type: ignore[arg-type]
    assert ("".join(hit.id for hit in found.hits), found.total, found.folded) == (ids, 3, 2)


@pytest.mark.parametrize(("story", "ids"), [("b", "bcd"), ("a", "a"), ("c", "c"), ("nobody", "")])
def test_a_story_is_found_by_the_id_of_its_earliest_article(
    engine: LocalEngine, story: str, ids: str
) -> None:
    for query in (None, ExactString("body", "经济")):
        assert {hit.id for hit in engine.run(Plan(query, story=story)).hits} == set(ids)
