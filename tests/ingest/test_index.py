"""A new index beside the old: what it must be before it is used, and what is left when it is not."""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from searchsvc.canary_queries import disappointments, read_canaries
from searchsvc.engine import Document, Plan
from searchsvc.engine.local import LocalEngine
from searchsvc.engine.strings import ExactString
from searchsvc.errors import IndexBusy, IndexUnavailable, NoSpace, SettingsError
from searchsvc.ingest.index import catch_up, rebuild, roll_back
from searchsvc.service import Service
from searchsvc.store.articles import Write
from tests.build import article, fill

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.both_databases
Change = Callable[[Iterable[Document]], Iterable[Document]]


@pytest.fixture
def filled(service: Service) -> Service:
    """Fifty articles, indexed."""
    return fill(service, [article(f"第{n}篇", f"正文{n}，港口的起重机停了。") for n in range(50)])


def total(service: Service, text: str) -> int:
    return service.engine.run(Plan(ExactString("body", text))).total


def folders(service: Service) -> list[str]:
    """The generations on disk."""
    return sorted(path.name for path in service.settings.index_dir.iterdir() if path.is_dir())


def building_changed(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """Let something happen to the articles on their way into the new index."""
    build = LocalEngine.build

    def built(engine: LocalEngine, documents: Iterable[Document], at: int) -> Any:
        return build(engine, change(documents), at)

    monkeypatch.setattr(LocalEngine, "build", built)


def refused(service: Service, error: type[Exception], match: str, **how: Any) -> None:
    """The reindex says why not, leaves nothing, and the old index answers."""
    before = folders(service)
    with pytest.raises(error, match=match):
        rebuild(service.store, service.engine, **how)
    assert (folders(service), total(service, "起重机")) == (before, 50)


def test_an_index_that_lacks_an_article_is_not_used(filled: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    building_changed(monkeypatch, lambda documents: list(documents)[1:])
    refused(filled, IndexUnavailable, "lacks 1 articles of the database and has 0 that are not in it")
    refused(filled, IndexUnavailable, "lacks 1 articles", force=True)


def test_an_index_with_an_article_of_its_own_is_not_used(
    filled: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    building_changed(monkeypatch, lambda all_: [*all_, Document("x", "题", "起重机", "s", 1)])
    refused(filled, IndexUnavailable, r"lacks 0 articles of the database and has 1 that are not .*\bx\)")


def test_an_index_that_does_not_find_what_is_there_is_not_used(
    filled: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    building_changed(monkeypatch, lambda all_: [replace(each, title="空", body="空") for each in all_])
    refused(filled, IndexUnavailable, "contains it, but is not found.*flask check.*--force")
    rebuild(filled.store, filled.engine, force=True)
    assert total(filled, "起重机") == 0


def test_an_index_that_finds_what_is_not_there_is_not_used(
    filled: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = "".join(f"第{n}篇正文{n}，港口的起重机停了。" for n in range(50))
    building_changed(monkeypatch, lambda all_: [replace(each, body=everything) for each in all_])
    refused(filled, IndexUnavailable, "is found, but does not contain it")


def test_what_is_stored_and_changed_during_the_build_is_in_the_new_index(filled: Service) -> None:
    """That answers differ from the old index's is explained by the database."""
    came = iter([article("第7篇", "改写过。"), *(article(f"迟到{n}", f"迟到的第{n}篇") for n in range(30))])

    def meanwhile(_: int) -> None:
        for each in came:
            filled.store.put([Write(each)])

    with_more = [article(f"多{n}", "多出来的") for n in range(100)]
    fill(filled, with_more)
    rebuild(filled.store, filled.engine, meanwhile)
    assert (total(filled, "迟到"), total(filled, "改写过"), total(filled, "起重机")) == (30, 1, 49)


def test_an_old_index_that_is_damaged_hinders_no_new_one(filled: Service) -> None:
    (segment,) = filled.engine.generations.current().glob("*.arrays")
    beside = segment.with_suffix(".torn")
    beside.write_bytes(segment.read_bytes()[:1000])
    beside.replace(segment)
    fresh = LocalEngine(filled.settings.index_dir)
    with pytest.raises(IndexUnavailable):
        fresh.run(Plan(None))
    rebuild(filled.store, fresh)
    assert total(filled, "起重机") == 50


def test_queries_of_the_operators_own_must_be_answered(filled: Service) -> None:
    path = filled.settings.index_dir.parent / "canaries.txt"
    path.write_text("\ufeff# what must be found\n\n起重机\t50\n港口 停了\n", "utf-8")
    rebuild(filled.store, filled.engine, judge=partial(disappointments, filled, read_canaries(path)))
    path.write_text("起重机\t51\n海豚\n")
    judge = partial(disappointments, filled, read_canaries(path))
    refused(
        filled, IndexUnavailable, "'起重机' finds 50 articles, not 51 or more.*'海豚' finds 0", judge=judge
    )


@pytest.mark.parametrize(
    ("content", "said"), [(b"\xff\xfe", "cannot be read"), ("石破茂\tmany".encode(), "line 1: 'many'")]
)
def test_a_file_of_queries_that_is_no_such_file_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "canaries.txt").write_bytes(content)
    with pytest.raises(SettingsError, match=said):
        read_canaries(tmp_path / "canaries.txt")
    assert read_canaries(tmp_path / "none.txt") == ()


def test_a_query_that_cannot_be_asked_is_named(filled: Service, tmp_path: Path) -> None:
    (tmp_path / "canaries.txt").write_text("长" * 2_001)
    judge = partial(disappointments, filled, read_canaries(tmp_path / "canaries.txt"))
    refused(filled, SettingsError, "cannot be asked", judge=judge)


def test_without_room_on_the_disk_nothing_is_begun(filled: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 20_000))
    refused(filled, NoSpace, r"needs about 0 MB in .*index while it is built, 0 MB are free.*--force")
    assert rebuild(filled.store, filled.engine, force=True).count == 50


def test_only_one_reindex_is_at_work_and_another_is_told_by_whom(filled: Service) -> None:
    script = (
        "import sys, pathlib\nfrom searchsvc.engine.local import LocalEngine\n"
        "with LocalEngine(pathlib.Path(sys.argv[1])).building():\n    print('at work', flush=True)\n    input()"
    )
    command = [sys.executable, "-c", script, str(filled.settings.index_dir)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as other:
        assert other.stdout
        other.stdout.readline()
        refused(filled, IndexBusy, f"process {other.pid} is at work on the index")
        other.kill()
    rebuild(filled.store, filled.engine)


def test_the_index_before_has_what_came_since_before_it_is_used_again(filled: Service) -> None:
    first = filled.engine.current()
    rebuild(filled.store, filled.engine)
    fill(filled, [article("后来", "后来的起重机"), article("第3篇", "改写过。")])
    assert first
    assert roll_back(filled.store, filled.engine).name == first.name
    assert (total(filled, "起重机"), total(filled, "改写过")) == (50, 1)


def test_an_index_before_that_lacks_articles_is_not_put_back(
    filled: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    building_changed(monkeypatch, lambda documents: list(documents)[1:])
    generation = filled.engine.build((), filled.store.change())
    filled.engine.switch(generation.name)
    monkeypatch.undo()
    rebuild(filled.store, filled.engine)
    with pytest.raises(IndexUnavailable, match="lacks 50 articles"):
        roll_back(filled.store, filled.engine)
    assert total(filled, "起重机") == 50


@pytest.mark.of_a_file
def test_a_database_older_than_the_index_gets_an_index_of_its_own(filled: Service) -> None:
    """Somebody copied a file back by hand; its next articles have numbers that the index has had."""
    kept = filled.store.path.with_suffix(".kept")
    filled.store.connection().execute(f"VACUUM INTO '{kept}'")
    fill(filled, [article(f"没有了{n}") for n in range(9)])
    filled.store.connection().close()
    shutil.move(kept, filled.store.path)
    for path in filled.store.path.parent.glob("*-*"):
        path.unlink()
    again = type(filled.store)(filled.store.path)
    again.put([Write(article("新来的", "新来的起重机"))])
    catch_up(again, filled.engine)
    assert (total(filled, "新来的"), total(filled, "没有了"), filled.engine.run(Plan(None)).total) == (
        1,
        0,
        51,
    )


def test_what_is_stored_just_before_the_switch_is_not_missing(
    filled: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ingests do not wait for the index: they store first, and index when it is their turn."""
    describe = LocalEngine.describe
    stored: list[int] = []

    def described(engine: LocalEngine, generation: str) -> Any:
        found = describe(engine, generation)
        stored.append(filled.store.put([Write(article(f"第{len(stored)}篇", f"刚来的{len(stored)}"))]))
        return found

    monkeypatch.setattr(LocalEngine, "describe", described)
    rebuild(filled.store, filled.engine)
    monkeypatch.undo()
    catch_up(filled.store, filled.engine)
    assert total(filled, "刚来的") == len(stored) > 1


# Processes that are stopped, and disks that are full: the command itself.


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with as many articles as are indexed by several processes, and their index; only for copying."""
    from searchsvc.store.articles import ArticleStore

    folder = tmp_path_factory.mktemp("many")
    store = ArticleStore(folder / "data" / "articles.sqlite3")
    store.put([Write(article(f"第{n}篇", f"正文{n}。" * 200)) for n in range(2_500)])
    store.connection().close()
    process = reindexing(folder)
    assert process.wait() == 0, process.stderr
    return folder


@pytest.fixture
def many(kept: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
    return tmp_path


def folders_in(folder: Path) -> list[str]:
    """Everything in an index folder but the pointer and the locks."""
    return sorted({path.name for path in (folder / "index").iterdir()} - {"CURRENT", "BUILDER", "WRITER"})


def reindexing(folder: Path, limit: int | None = None) -> subprocess.Popen[str]:
    """A reindex in a process of its own. ``limit``: the most bytes of a file, as a full disk has one."""
    own = {"SEARCHSVC_DATA_DIR": str(folder / "data"), "SEARCHSVC_INDEX_DIR": str(folder / "index")}
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "reindex"],
        cwd=ROOT,
        env=os.environ | own,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit and partial(resource.setrlimit, resource.RLIMIT_FSIZE, (limit, limit)),
    )


def until_it_builds(folder: Path, process: subprocess.Popen[str]) -> None:
    """Wait until a second generation is being written by processes of its own."""
    while process.poll() is None and not list((folder / "index").glob("*/scratch.*")):
        time.sleep(0.005)


def builders(folder: Path) -> Iterator[int]:
    """The processes that have a file of a folder open."""
    for path in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(path.readlink()).startswith(f"{folder}/"):
                yield int(path.parts[2])
        except OSError:
            continue


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 1), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_reindex_that_is_stopped_cleans_up_at_once(many: Path, number: int, status: int) -> None:
    before = folders_in(many)
    process = reindexing(many)
    until_it_builds(many, process)
    process.send_signal(number)
    _, said = process.communicate(timeout=600)
    assert (process.returncode, folders_in(many), list(builders(many))) == (status, before, [])
    assert "Traceback" not in said


def test_a_reindex_that_is_killed_leaves_no_litter_after_the_next(many: Path) -> None:
    before = folders_in(many)
    process = reindexing(many)
    until_it_builds(many, process)
    process.kill()
    process.communicate()
    while list(builders(many)):
        time.sleep(0.05)
    assert len(folders_in(many)) == 2
    assert reindexing(many).wait() == 0
    after = folders_in(many)
    assert (len(after), after[0]) == (2, before[0])
    assert not list((many / "index").glob("*/scratch.*"))


@pytest.mark.parametrize("limit", [200_000, 2_000_000])
def test_a_disk_that_is_full_ends_a_reindex_with_a_sentence(many: Path, limit: int) -> None:
    before = folders_in(many)
    process = reindexing(many, limit)
    _, said = process.communicate(timeout=600)
    assert (process.returncode, folders_in(many)) == (1, before)
    assert re.search(r"^Error: .*File too large.*[Tt]he one in use stays", said, re.MULTILINE), said
    assert "Traceback" not in said


def test_a_building_process_that_is_killed_is_noticed(many: Path) -> None:
    before = folders_in(many)
    process = reindexing(many)
    until_it_builds(many, process)
    for pid in builders(many):
        if pid != process.pid:
            os.kill(pid, signal.SIGKILL)
            break
    _, said = process.communicate(timeout=600)
    assert (process.returncode, folders_in(many)) == (1, before)
    assert "Building process" in said
