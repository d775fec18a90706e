"""What is on disk: commits, updates, merges, and every kind of damage."""

import gc
import json
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from whoosh.index import open_dir
from whoosh.query import And, Every, NumericRange, Or, Prefix, Term

from searchsvc.engine import Document, Plan, builder, building, container
from searchsvc.engine.local import LocalEngine
from searchsvc.engine.strings import ExactString
from searchsvc.errors import BudgetExceeded, BuildFailed, IndexNotWritten, IndexUnavailable
from tests.engine.corpus import engine_of

START = 1_700_000_000


def article(number: int, text: str = "") -> Document:
    body = f"第{number}篇，石破茂会见特朗普。{text or '正文'} covid-{number}"
    return Document(
        f"id{number}", f"标题{number}", body, f"源{number % 3}", START + number if number % 7 else None
    )


def articles(count: int, first: int = 0) -> list[Document]:
    return [article(number) for number in range(first, first + count)]


def files(engine: LocalEngine) -> list[Path]:
    return sorted(engine.generations.current().iterdir())


def put(path: Path, content: bytes) -> None:
    """Put another file in place of one that may be mapped."""
    beside = path.with_suffix(".beside")
    beside.write_bytes(content)
    beside.replace(path)


def total(engine: LocalEngine, text: str) -> int:
    return engine.run(Plan(ExactString("body", text))).total


@pytest.fixture
def engine(tmp_path: Path) -> LocalEngine:
    return engine_of(tmp_path, articles(60))


# Damage. Whatever is wrong is named, with what to do about it; no answer is ever wrong.


def refused(folder: Path, path: Path) -> None:
    """A new process, so to speak, does not answer from this folder, and says why."""
    with pytest.raises(IndexUnavailable, match="flask reindex") as caught:
        LocalEngine(folder).run(Plan(None))
    assert path.name in str(caught.value)


def test_a_flipped_bit_anywhere_is_refused(tmp_path: Path, engine: LocalEngine) -> None:
    chance = random.Random(3)
    noticed = 0
    for path in files(engine):
        whole = path.read_bytes()
        for _ in range(60):
            bit = chance.randrange(len(whole) * 8)
            torn = bytearray(whole)
            torn[bit // 8] ^= 1 << bit % 8
            path.write_bytes(torn)
            refused(tmp_path, path)
            noticed += 1
        path.write_bytes(whole)
    assert noticed == 180
    assert LocalEngine(tmp_path).run(Plan(None)).total == 60


@pytest.mark.parametrize("part", [0, 0.1, 0.5, 0.99])
def test_a_file_cut_short_is_refused(tmp_path: Path, engine: LocalEngine, part: float) -> None:
    for path in files(engine):
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * part)])
        refused(tmp_path, path)
        path.write_bytes(whole)


def test_a_missing_file_is_refused(tmp_path: Path, engine: LocalEngine) -> None:
    for path in files(engine):
        whole = path.read_bytes()
        path.unlink()
        refused(tmp_path, path)
        path.write_bytes(whole)


def test_a_zeroed_page_is_refused(tmp_path: Path, engine: LocalEngine) -> None:
    path = next(path for path in files(engine) if path.suffix == ".arrays")
    whole = path.read_bytes()
    for start in range(0, len(whole), 4096):
        path.write_bytes(whole[:start] + bytes(len(whole[start : start + 4096])) + whole[start + 4096 :])
        refused(tmp_path, path)


def test_another_format_is_refused_by_its_number(
    tmp_path: Path, engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "VERSION", container.VERSION + 1)
    with pytest.raises(IndexUnavailable, match=r"has format 3, this program reads 4; run 'flask reindex'"):
        LocalEngine(tmp_path).run(Plan(None))
    assert engine


def test_a_segment_in_the_place_of_another_is_refused(tmp_path: Path, engine: LocalEngine) -> None:
    other = engine_of(tmp_path / "other", articles(60, 100))
    ours, theirs = (next(p for p in files(one) if p.suffix == ".arrays") for one in (engine, other))
    ours.write_bytes(theirs.read_bytes())
    with pytest.raises(IndexUnavailable, match="another segment's"):
        LocalEngine(tmp_path).run(Plan(None))


def test_a_file_that_shrinks_while_in_use_is_refused(engine: LocalEngine) -> None:
    assert total(engine, "石破茂") == 60
    path = next(path for path in files(engine) if path.suffix == ".arrays")
    os.truncate(path, 4096)
    with pytest.raises(IndexUnavailable, match="cut off while in use"):
        total(engine, "石破茂")


def test_a_large_file_is_checked_before_each_part_is_read(
    tmp_path: Path, engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of a damaged chunk is ever answered, even before the whole file has been read."""
    monkeypatch.setattr(container, "EAGER", 0)
    monkeypatch.setattr(container, "CHUNK", 512)
    large = engine_of(tmp_path / "large", articles(1_900))
    path = next(path for path in files(large) if path.suffix == ".arrays")
    whole = path.read_bytes()
    monkeypatch.setattr(container.Container, "_check_rest", lambda self: None)
    plans = [
        Plan(ExactString("body", text), limit=3)
        for text in ("石破茂", "covid", "第7篇", "见", "文", "第1234")
    ]
    wanted = [large.run(plan) for plan in plans]
    chance = random.Random(5)
    refusals = 0
    for _ in range(60):
        torn = bytearray(whole)
        torn[chance.randrange(len(torn))] ^= 1 << chance.randrange(8)
        put(path, torn)
        for plan, right in zip(plans, wanted, strict=True):
            try:
                assert LocalEngine(tmp_path / "large").run(plan) == right
            except IndexUnavailable as error:
                refusals += 1
                assert path.name in str(error)
    assert refusals > 60


def test_damage_in_a_large_file_is_found_without_being_asked_for(
    tmp_path: Path, engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "EAGER", 0)
    monkeypatch.setattr(container, "CHUNK", 512)
    large = engine_of(tmp_path / "large", articles(1_900))
    path = next(path for path in files(large) if path.suffix == ".arrays")
    begin = large.snapshot().leaves[0].file.container.start("body.pair.data")
    torn = bytearray(path.read_bytes())
    torn[begin + 5_000] ^= 1
    put(path, torn)
    fresh = LocalEngine(tmp_path / "large")
    with pytest.raises(IndexUnavailable, match="has changed"):
        for _ in range(100):
            fresh.run(Plan(None))
            time.sleep(0.02)


def test_check_reads_everything(tmp_path: Path, engine: LocalEngine) -> None:
    engine.check()
    path = next(path for path in files(engine) if path.suffix == ".arrays")
    whole = bytearray(path.read_bytes())
    # Two flips that cancel out in a sum of words, but not in a crc.
    for at in (128, 136):
        whole[at] = (whole[at] + (1 if at == 128 else -1)) % 256
    path.write_bytes(whole)
    with pytest.raises(IndexUnavailable, match="has changed"):
        LocalEngine(tmp_path).check()


def test_an_index_of_an_earlier_program_is_refused(tmp_path: Path, engine: LocalEngine) -> None:
    state = engine.generations.current() / "state.json"
    values = json.loads(state.read_text())
    state.write_text(json.dumps({key: values[key] for key in ("change", "count", "terms_version", "built")}))
    refused(tmp_path, state)


# Commits.


def test_stock_whoosh_opens_the_index(engine: LocalEngine) -> None:
    engine.write([article(3, "改了")], 2)
    with open_dir(engine.generations.current()).searcher() as searcher:
        assert searcher.doc_count() == 60
        assert len(searcher.search(Term("body", "covid"), limit=None)) == 60
        assert len(searcher.search(Prefix("body", "cov"), limit=None)) == 60
        assert len(searcher.search(Term("source", "源1"), limit=None)) == 20
        assert len(searcher.search(NumericRange("published", START + 1, START + 3), limit=None)) == 3
        assert len(searcher.search(Or([Term("body", "改了"), Term("body", "石破")]), limit=None)) == 60
        assert [hit["id"] for hit in searcher.search(Term("id", "id7"))] == ["id7"]
        newest = searcher.search(Every(), sortedby="published", reverse=True, limit=2)
        assert [hit["id"] for hit in newest] == ["id59", "id58"]
        assert set(searcher.lexicon("source")) == {
            "源0".encode(),
            "源1".encode(),
            "源2".encode(),
        }


def test_an_update_takes_the_place_of_what_was_there(engine: LocalEngine) -> None:
    engine.write([article(5, "旧闻"), article(5, "新闻"), article(99)], 2)
    assert sorted(engine.ids()) == sorted(f"id{number}" for number in [*range(60), 99])
    assert (total(engine, "旧闻"), total(engine, "新闻"), total(engine, "石破茂")) == (0, 1, 61)
    current = engine.current()
    assert current is not None
    assert (current.count, current.change) == (61, 2)


def test_a_write_of_nothing_moves_the_change_only(engine: LocalEngine) -> None:
    engine.write([], 9)
    current = engine.current()
    assert current is not None
    assert (current.count, current.change) == (60, 9)


def test_many_small_writes_leave_few_segments(engine: LocalEngine) -> None:
    for number in range(60, 130):
        engine.write([article(number), article(number // 2, "再次")], number)
    segments = engine.snapshot().committed.segments
    assert len(segments) <= 4
    assert sum(segment.deleted_count() for segment in segments) < 130
    assert engine.run(Plan(None)).total == 130
    # Numbers below 65 were rewritten last by writes 60 to 129.
    assert total(engine, "再次") == 35
    assert {path.name for path in files(engine)} == {
        "state.json", f"_MAIN_{engine.snapshot().committed.number}.toc",
        *(f"{segment.segment_id()}.arrays" for segment in segments),
    }  # fmt: skip


def test_a_commit_is_seen_and_the_rest_is_not_opened_again(engine: LocalEngine) -> None:
    engine.write(articles(600, 1000), 2)
    before = engine.snapshot()
    other = LocalEngine(engine.generations.folder)
    other.write([article(2000, "刚刚")], 3)
    assert total(engine, "刚刚") == 1
    after = engine.snapshot()
    assert after is not before
    assert set(before.files().values()) & set(after.files().values())
    assert before.leaves[0].documents  # Whoever still uses the old one can go on.


def test_a_crash_before_the_state_is_renamed_leaves_the_old_commit(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(engine.generations, "set_state", crash)
        with pytest.raises(KeyboardInterrupt):
            engine.write([article(777)], 2)
    fresh = LocalEngine(engine.generations.folder)
    assert "id777" not in set(fresh.ids())
    fresh.write([article(778)], 2)
    assert {"id778"} == set(fresh.ids()) - {f"id{number}" for number in range(60)}
    assert len(files(fresh)) == 2 + len(fresh.snapshot().leaves)


def test_threads_search_while_others_commit(engine: LocalEngine) -> None:
    failures: list[BaseException] = []
    stop = threading.Event()

    def search() -> None:
        try:
            while not stop.is_set():
                found = engine.run(
                    Plan(And([ExactString("body", "石破茂"), ExactString("body", "特朗普")]), limit=5)
                )
                assert found.total >= 60
                assert len(found.hits) == 5
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=search) for _ in range(6)]
    for thread in threads:
        thread.start()
    for number in range(60, 100):
        engine.write([article(number), article(number - 30)], number)
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert total(engine, "石破茂") == 100


# Building by processes.


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few the articles, processes build the index, in many small batches."""
    monkeypatch.setattr(building, "SMALL", 1)
    monkeypatch.setattr(building, "BATCH", 7)


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_processes_build_what_one_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    engine = LocalEngine(tmp_path, processes=processes, memory_mb=1)
    generation = engine.build(articles(100), 1)
    engine.switch(generation.name)
    assert generation.count == 100
    assert len(engine.snapshot().leaves) == 1
    assert sorted(engine.ids()) == sorted(document.id for document in articles(100))
    assert (total(engine, "石破茂会见"), total(engine, "第7篇"), total(engine, "covid-31")) == (100, 1, 1)
    assert not list(engine.generations.current().glob("scratch*"))
    engine.check()


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> list[building.Worker]:
    """The building processes that are started."""
    started: list[building.Worker] = []

    class Watched(building.Worker):
        def __init__(self, order: builder.Order) -> None:
            super().__init__(order)
            started.append(self)

    monkeypatch.setattr(building, "Worker", Watched)
    return started


@pytest.mark.usefixtures("apart")
def test_a_killed_process_fails_the_build_and_leaves_the_old_index(
    tmp_path: Path, workers: list[building.Worker]
) -> None:
    engine = engine_of(tmp_path, articles(10))
    workers.clear()

    def killing() -> Iterator[Document]:
        for number, document in enumerate(articles(200)):
            if number == 100:
                os.kill(workers[1].pid, signal.SIGKILL)
            yield document

    before = engine.current()
    with pytest.raises(BuildFailed, match="the one in use stays"):
        engine.build(killing(), 2)
    assert engine.current() == before
    assert engine.run(Plan(None)).total == 10
    engine.switch(engine.build(articles(20), 3).name)
    assert sum(path.is_dir() for path in tmp_path.iterdir()) == 2


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize("task", [builder.Share, builder.Finish])
def test_a_process_killed_while_merging_fails_the_build(
    tmp_path: Path, workers: list[building.Worker], monkeypatch: pytest.MonkeyPatch, task: type
) -> None:
    engine = engine_of(tmp_path, articles(10))
    send = building.Worker.send

    def killing(worker: building.Worker, message: object) -> None:
        if isinstance(message, task):
            os.kill(workers[-1 if task is builder.Share else -2].pid, signal.SIGKILL)
            time.sleep(0.1)
        send(worker, message)

    monkeypatch.setattr(building.Worker, "send", killing)
    with pytest.raises(BuildFailed, match="the one in use stays"):
        engine.build(articles(50), 2)
    assert engine.run(Plan(None)).total == 10


@pytest.mark.usefixtures("apart")
def test_an_article_given_twice_fails_the_build(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match="1 articles were given twice"):
        LocalEngine(tmp_path, processes=2).build([*articles(20), article(3)], 1)


@pytest.mark.usefixtures("apart")
def test_a_process_that_lost_an_article_fails_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = building.Worker.send

    def losing(worker: building.Worker, message: object) -> None:
        send(worker, message[1:] if isinstance(message, list) and len(message) > 1 else message)

    monkeypatch.setattr(building.Worker, "send", losing)
    with pytest.raises(BuildFailed, match="took"):
        LocalEngine(tmp_path, processes=2).build(articles(20), 1)


def test_memory_bounds_the_batches() -> None:
    assert builder.batch_limit(1) == 10_000
    assert builder.batch_limit(10_000) == builder.MOST_CHARACTERS


# Plans.


def test_order_by_time_has_what_has_no_time_last(engine: LocalEngine) -> None:
    for order, first in (("newest", "id59"), ("oldest", "id1")):
        found = engine.run(Plan(None, order=order, limit=100))  # type: ignore[arg-type]
        ids = [hit.id for hit in found.hits]
        assert ids[0] == first
        assert ids[-9:] == [f"id{number}" for number in range(0, 60, 7)]
        assert len(set(ids)) == 60


def test_filters_counts_and_pages(engine: LocalEngine) -> None:
    engine.write(articles(60, 60), 2)
    plan = Plan(ExactString("body", "石破茂"), since=START + 10, before=START + 100, count_sources=True)
    everyone = [document for document in articles(120) if document.published]
    wanted = [document for document in everyone if START + 10 <= (document.published or 0) < START + 100]
    found = engine.run(replace(plan, timeline_edges=(START, START + 50, START + 80, START + 300)))
    assert found.total == len(wanted)
    assert found.sources == {f"源{n}": sum(d.source == f"源{n}" for d in wanted) for n in range(3)}
    assert sum(found.timeline) == len(wanted)
    assert found.timeline[1] == sum(START + 50 <= (d.published or 0) < START + 80 for d in wanted)
    only = engine.run(replace(plan, sources=frozenset({"源1", "没有"}), excluded_sources=frozenset({"源2"})))
    assert only.total == sum(document.source == "源1" for document in wanted)
    whole = [hit.id for hit in engine.run(replace(plan, limit=200, order="newest")).hits]
    pages = [engine.run(replace(plan, offset=at, limit=7, order="newest")).hits for at in range(0, 91, 7)]
    assert [hit.id for page in pages for hit in page] == whole


def test_pages_by_relevance_join_without_gaps(engine: LocalEngine) -> None:
    engine.write([article(number, "石破茂" * (number % 4)) for number in range(60, 160)], 2)
    plan = Plan(ExactString("body", "石破茂"), limit=200)
    whole = engine.run(plan).hits
    assert len(whole) == 160
    pages = [engine.run(replace(plan, offset=at, limit=9)).hits for at in range(0, 160, 9)]
    assert [hit for page in pages for hit in page] == list(whole)


def test_a_search_that_takes_too_long_is_stopped(engine: LocalEngine) -> None:
    hasty = LocalEngine(engine.generations.folder, budget_seconds=0.0)
    time.sleep(0.01)
    with pytest.raises(BudgetExceeded, match="stopped after 0 seconds"):
        hasty.run(Plan(Or([ExactString("body", "石破茂"), ExactString("title", "标题")])))


def test_what_is_removed_is_unmapped_as_soon_as_nobody_searches_it(tmp_path: Path) -> None:
    """By itself, not when Python happens to look for cycles: a worker would hold deleted files for hours."""
    engine = engine_of(tmp_path, articles(60))
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            for query in (None, ExactString("body", "石破茂"), Prefix("body", "cov"), Term("title", "标题")):
                engine.run(Plan(query, count_sources=True))
            engine.switch(engine.build(articles(60), 1).name)
            engine.run(Plan(None))
            mapped = Path("/proc/self/maps").read_text().splitlines()
            assert [row for row in mapped if str(tmp_path) in row and row.endswith("(deleted)")] == []
    finally:
        gc.enable()


@pytest.mark.parametrize("held", ["writing", "building"])
def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path, held: str) -> None:
    (tmp_path / "file").write_text("no folder")
    engine = LocalEngine(tmp_path / "file" / "index")
    with (
        pytest.raises(IndexNotWritten, match=r"could not be written: .*articles are safe"),
        getattr(engine, held)(),
    ):
        pass
