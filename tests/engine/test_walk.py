"""Walks through all hits while articles arrive, change and go, and while the index is built anew."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.query import And, Or, Prefix, Query, Wildcard

from searchsvc.engine import Document, Place, Plan
from searchsvc.engine.local import LocalEngine
from searchsvc.engine.strings import ExactString
from tests.engine.corpus import corpora, engine_of, trees

ORDERS = ("relevance", "newest", "oldest")
slow = settings(max_examples=60)


def walk(engine: LocalEngine, plan: Plan, *between: object) -> list[tuple[str, float]]:
    """All pages of a walk; after each of the first pages, one of some steps is taken."""
    met: list[tuple[str, float]] = []
    steps = list(between)
    after: Place | None = None
    while True:
        found = engine.run(replace(plan, walk=True, after=after))
        met += [(hit.id, hit.score) for hit in found.hits]
        after = found.after
        if after is None:
            return met
        assert len(found.hits) == plan.limit
        if steps:
            step = steps.pop(0)
            assert callable(step)
            step()


@slow
@given(corpora(16), corpora(5), trees() | st.none(), st.sampled_from(ORDERS), st.integers(1, 5))
def test_a_walk_meets_what_a_search_finds_and_hits_alike_in_the_order_of_ids(
    first: list[Document], second: list[Document], query: Query | None, order: str, limit: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        later = [replace(document, id=f"new {document.id}") for document in second]
        engine = engine_of(Path(folder), first, later, [replace(second[0], id="0")])
        plan = Plan(query, order=order, limit=limit)  # type: ignore[arg-type]
        whole = engine.run(replace(plan, limit=1_000))
        times = {d.id: d.published for d in [*first, *later, replace(second[0], id="0")]}
        keys = {
            "relevance": lambda hit: (-hit.score, hit.id),
            "newest": lambda hit: (-(times[hit.id] or 0), hit.id),
            "oldest": lambda hit: (times[hit.id] or 1 << 60, hit.id),
        }
        assert walk(engine, plan) == [tuple(hit) for hit in sorted(whole.hits, key=keys[order])]


@slow
@given(
    corpora(16),
    st.lists(corpora(4), min_size=1, max_size=4),
    trees() | st.none(),
    st.sampled_from(ORDERS),
    st.integers(1, 3),
    st.data(),
)
def test_what_is_there_all_the_time_comes_once_whatever_else_comes_and_goes(
    first: list[Document],
    arriving: list[list[Document]],
    query: Query | None,
    order: str,
    limit: int,
    data: st.DataObject,
) -> None:
    """Each step: articles come, one changes, or the index is built anew, with one article less."""
    touched: set[str] = set()
    kept = {document.id: document for document in first}
    with tempfile.TemporaryDirectory() as folder:
        middle = len(first) // 2
        engine = engine_of(Path(folder), first[: middle or 1], first[middle or 1 :])
        plan = Plan(query, order=order, limit=limit)  # type: ignore[arg-type]
        before = walk(engine, plan)

        def write(batch: Sequence[Document]) -> None:
            kept.update({document.id: document for document in batch})
            touched.update(document.id for document in batch)
            engine.write(batch, 9)

        def rebuild() -> None:
            gone = data.draw(st.sampled_from(sorted(kept)))
            touched.add(gone)
            if len(kept) > 1:
                del kept[gone]
            engine.switch(engine.build(list(reversed(kept.values())), 9).name)

        steps = []
        for number, batch in enumerate(arriving):
            kind = data.draw(st.sampled_from(["new", "changed", "rebuilt"]))
            new = [replace(document, id=f"{number} {document.id}") for document in batch]
            changed = [replace(batch[0], id=data.draw(st.sampled_from([d.id for d in first])))]
            steps.append(
                {"new": lambda b=new: write(b), "changed": lambda b=changed: write(b), "rebuilt": rebuild}[
                    kind
                ]
            )
        met = walk(engine, plan, *steps)
    untouched = [hit for hit in before if hit[0] not in touched]
    assert [hit for hit in met if hit[0] not in touched] == untouched
    new_ones = [identifier for identifier, _ in met if " " in identifier]
    assert len(new_ones) == len(set(new_ones))


def corpus(count: int) -> list[Document]:
    """Articles with few different scores and times: many ties."""
    return [
        Document(f"{number * 7919 % 10_007:05d}", "标题", "石破茂" * (1 + number % 3) + "说话" * (number % 2), "甲",
                 None if number % 5 == 0 else 1_700_000_000 + number % 4)
        for number in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("order", ORDERS)
def test_many_ties_on_several_segments(tmp_path: Path, order: str) -> None:
    documents = corpus(400)
    engine = engine_of(tmp_path, documents[:150], documents[150:300], documents[300:])
    query = Or([ExactString("body", "石破茂"), ExactString("body", "说话")])
    plan = Plan(query, order=order, limit=7)  # type: ignore[arg-type]
    others = [Document(f"x{number}", "石破茂", "石破茂说话", "乙", 1_700_000_002) for number in range(90)]
    before = walk(engine, plan)
    steps = [
        lambda at=at: engine.write(others[at : at + 30], 9) for at in (0, 30, 60)
    ] + [lambda: engine.switch(engine.build([*others, *reversed(documents)], 9).name)]  # fmt: skip
    met = walk(engine, plan, *steps)
    assert [hit for hit in met if hit[0][0] != "x"] == before
    assert len(before) == len({identifier for identifier, _ in before}) == 400


def test_what_is_left_to_whoosh_scores_alike_in_a_walk(tmp_path: Path) -> None:
    documents = [Document(str(number), "", f"covid c{number % 3} 中国", "甲", None) for number in range(20)]
    engine = engine_of(tmp_path, documents)
    query = And([ExactString("body", "中国"), Or([Wildcard("body", "co*"), Prefix("body", "c1")])])
    met = walk(engine, Plan(query, limit=3), lambda: engine.write(corpus(300), 2))
    assert sorted(identifier for identifier, _ in met) == sorted(document.id for document in documents)


def test_a_page_says_the_total_and_the_last_one_where_nothing_follows(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, corpus(14))
    first = engine.run(Plan(None, order="newest", limit=7, walk=True))
    assert (first.total, len(first.hits)) == (14, 7)
    assert first.after
    assert first.after.statistics is None
    second = engine.run(Plan(None, order="newest", limit=7, walk=True, after=first.after))
    assert (second.total, len(second.hits), second.after) == (14, 7, None)
