"""One file with everything: made while others work, and the service again from it, or nothing changed."""

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections import namedtuple
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest

import config
from searchsvc.backup.contents import DATABASE, FEEDS, MANIFEST, SETTINGS, opened
from searchsvc.backup.make import make_backup
from searchsvc.backup.restore import restore
from searchsvc.engine import Plan
from searchsvc.errors import BackupError, NoSpace, SearchServiceError, StoreError
from searchsvc.ingest.check import check
from searchsvc.ingest.index import catch_up, rebuild, roll_back
from searchsvc.search.request import Request
from searchsvc.service import Service, open_service
from searchsvc.settings import load_settings
from searchsvc.stats import take_stats
from searchsvc.store.articles import Write
from tests.build import NOW, article, fill

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.both_databases
NAMES = "person\t港口之星\t海港之星\t-\tStar\tour own\n"


def service_in(folder: Path, **more: str) -> Service:
    """A service with everything in one folder."""
    own = {
        "DATA_DIR": "data",
        "INDEX_DIR": "index",
        "FEEDS": "feeds.opml",
        "NAMES": "names.tsv",
        "CANARIES": "c.txt",
    }
    values = {f"SEARCHSVC_{name}": str(folder / path) for name, path in own.items()}
    return open_service(load_settings(vars(config), values | more))


@pytest.fixture
def used(tmp_path: Path, database: str) -> Service:
    """A service that was used: articles and an earlier version, feeds, names of its own, an ingest."""
    service = service_in(tmp_path / "here", SEARCHSVC_DATABASE_URL=database)
    articles = [article(f"第{n}篇", f"正文{n}，港口的起重机停了。") for n in range(60)]
    fill(service, articles)
    fill(service, [article("第7篇", "改写过的起重机。"), article("海港之星", "船名。")])
    service.settings.names.write_text(NAMES)
    service.settings.feeds.write_text(
        '<opml version="2.0"><body><outline text="例报" xmlUrl="https://news.example/feed"/></body></opml>'
    )
    rebuild(service.store, service.engine)  # Scores count what was replaced, up to the next night.
    return service


@pytest.fixture
def saved(used: Service, tmp_path: Path) -> Path:
    """A backup of it."""
    make_backup(used, tmp_path / "saved.zip")
    return tmp_path / "saved.zip"


def told(service: Service) -> dict[str, Any]:
    """Everything that a service says of its archive."""
    counted = take_stats(service, NOW).counted
    hits = {
        q: [(hit.article, hit.passages, hit.score) for hit in service.search.search(Request(q=q)).hits]
        for q in ("起重机", "改写过", "港口之星", "第3篇", "没有的")
    }
    ids = sorted(service.store.ids())
    return {
        "counted": counted,
        "hits": hits,
        "articles": service.store.get_many(ids),
        "versions": {each: service.store.earlier(each) for each in ids},
        "feeds": service.feed_list.feeds(),
    }


def refused(service: Service, path: Path, error: type[Exception], match: str, **how: Any) -> None:
    """The restore says why not, and nothing has changed."""

    def everything() -> dict[str, bytes]:
        files = [path for path in service.settings.data_dir.parent.rglob("*") if path.is_file()]
        return {str(path): path.read_bytes() for path in files if path.name not in ("BUILDER", "WRITER")}

    before = everything()
    with pytest.raises(error, match=match):
        restore(service, path, **({"replacing": False} | how))
    assert everything() == before


def test_on_an_empty_machine_it_is_the_same_service(used: Service, saved: Path, tmp_path: Path) -> None:
    there = service_in(tmp_path / "there")
    restored = restore(there, saved, replacing=False)
    assert told(there) == told(used)
    assert (restored.index.count, restored.notes, check(there.store, there.engine)) == (61, (), [])
    assert there.settings.names.read_text() == NAMES
    assert not list(there.settings.data_dir.glob(".restore*"))


def test_it_goes_on_from_there(saved: Path, tmp_path: Path) -> None:
    there = service_in(tmp_path / "there")
    restore(there, saved, replacing=False)
    fill(there, [article("后来", "后来的起重机")])
    assert there.search.search(Request(q="起重机")).total == 61


def test_what_is_there_already_is_replaced_only_if_asked(saved: Path, tmp_path: Path) -> None:
    there = fill(service_in(tmp_path / "there"), [article("另一篇", "另一个起重机")])
    refused(there, saved, BackupError, "There is something already: .*articles.sqlite3.*--replace")
    restore(there, saved, replacing=True)
    assert (there.search.search(Request(q="另一个")).total, there.store.count()) == (0, 61)
    assert check(there.store, there.engine) == []
    with pytest.raises(SearchServiceError, match="no earlier index"):
        roll_back(there.store, there.engine)


@pytest.mark.of_a_file
def test_a_database_that_cannot_be_opened_is_kept_aside(used: Service, saved: Path) -> None:
    for ahead in used.store.path.parent.glob("*-*"):
        ahead.unlink()
    used.store.path.write_bytes(b"no database" * 1000)
    again = service_in(used.settings.data_dir.parent)
    with pytest.raises(StoreError):
        again.store.count()
    restore(again, saved, replacing=True)
    assert again.store.count() == 61
    assert used.store.path.with_name("articles.sqlite3.damaged").read_bytes().startswith(b"no database")


def test_a_table_of_names_that_is_another_one_stays(saved: Path, tmp_path: Path) -> None:
    there = service_in(tmp_path / "there", SEARCHSVC_TIMEZONE="Asia/Taipei")
    there.settings.names.parent.mkdir()
    there.settings.names.write_text("# none\n")
    notes = restore(there, saved, replacing=False).notes
    assert (there.settings.data_dir / "names.tsv").read_text() == NAMES
    assert there.settings.names.read_text() == "# none\n"
    assert [re.sub(r"=/\S+", "=…", note) for note in notes] == [
        "It was made with SEARCHSVC_TIMEZONE=Asia/Shanghai; here it is Asia/Taipei",
        "The backup's table of names is another one: SEARCHSVC_NAMES=… uses it",
    ]


def test_it_is_of_one_moment_while_others_write(used: Service, tmp_path: Path) -> None:
    ended = threading.Event()

    def write() -> None:
        number = 0
        while not ended.is_set():
            # Two at a time: a backup with one of them would be of no moment at all.
            used.store.put([Write(article(f"双{number}{half}", "两篇一起")) for half in "上下"])
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(5):
            make_backup(used, tmp_path / f"{number}.zip")
    finally:
        ended.set()
        thread.join()
    for number in range(5):
        there = service_in(tmp_path / f"there{number}")
        count = restore(there, tmp_path / f"{number}.zip", replacing=False).index.count
        assert (count % 2, check(there.store, there.engine)) == (1, [])


def test_nothing_secret_is_in_it_that_need_not_be_and_nobody_else_reads_it(tmp_path: Path) -> None:
    service = fill(service_in(tmp_path, SEARCHSVC_FETCH_PROXY="http://u:secret@host:1"), [article("一")])
    make_backup(service, tmp_path / "saved.zip")
    with opened(tmp_path / "saved.zip") as backup:
        settings = json.loads(backup.read(SETTINGS) or b"")
    assert (settings["TIMEZONE"], "FETCH_PROXY" in settings) == ("Asia/Shanghai", False)
    assert (tmp_path / "saved.zip").stat().st_mode & 0o777 == 0o600


@pytest.mark.of_a_file
def test_a_damaged_database_does_not_replace_a_good_backup(used: Service, saved: Path) -> None:
    before = saved.read_bytes()
    used.store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with used.store.path.open("r+b") as file:
        for page in range(3, used.store.path.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 100)
    with pytest.raises(StoreError, match=r"damaged|malformed"):
        make_backup(service_in(used.settings.data_dir.parent), saved)
    assert (saved.read_bytes(), [path.name for path in saved.parent.glob(".*")]) == (before, [])


@pytest.mark.of_a_file
def test_one_changed_letter_is_enough_to_keep_the_good_backup(used: Service, saved: Path) -> None:
    before = saved.read_bytes()
    with sqlite3.connect(used.store.path) as connection:
        connection.execute("UPDATE articles SET title = title || '。'")
    with pytest.raises(
        StoreError, match=r"in the table articles is not what was stored; run 'flask check --repair'"
    ):
        make_backup(used, saved)
    assert saved.read_bytes() == before


def test_where_there_is_no_room_or_no_folder_nothing_is_left(
    used: Service, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BackupError, match="There is no folder"):
        make_backup(used, tmp_path / "nowhere" / "saved.zip")
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 20_000))
    with pytest.raises(NoSpace, match="The backup needs up to"):
        make_backup(used, tmp_path / "more.zip")
    refused(service_in(tmp_path / "there"), saved, NoSpace, "Restoring needs up to")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "saved.zip", "there"]


# Files that are no backups.


def made(path: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """A copy of a backup in which the manifest or files are others; the checksums fit unless changed too."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop(MANIFEST))
    change(manifest, files)
    other = path.with_name("other.zip")
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.writestr(MANIFEST, json.dumps(manifest))
    return other


def put(name: str, data: bytes) -> Callable[[dict[str, Any], dict[str, bytes]], None]:
    """Put other bytes under a name, and into the manifest what they are."""

    def change(manifest: dict[str, Any], files: dict[str, bytes]) -> None:
        files[name] = data
        manifest["members"][name] = {"bytes": len(data), "blake2b": blake2b(data, digest_size=16).hexdigest()}

    return change


def database(script: str) -> bytes:
    with sqlite3.connect(":memory:") as connection:
        connection.executescript(script)
        return connection.serialize()


def with_trigger(manifest: dict[str, Any], files: dict[str, bytes]) -> None:
    with sqlite3.connect(":memory:") as connection:
        connection.deserialize(files[DATABASE])
        connection.execute("CREATE TRIGGER t AFTER INSERT ON articles BEGIN DELETE FROM articles; END")
        connection.commit()
        put(DATABASE, connection.serialize())(manifest, files)


def value(name: str, what: Any) -> Callable[[dict[str, Any], dict[str, bytes]], None]:
    def change(manifest: dict[str, Any], _: dict[str, bytes]) -> None:
        manifest[name] = what

    return change


def bomb(manifest: dict[str, Any], files: dict[str, bytes]) -> None:
    put(DATABASE, bytes(200_000_000))(manifest, files)


def longer(manifest: dict[str, Any], files: dict[str, bytes]) -> None:
    files[FEEDS] += b" " * 1000


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (value("format", 2), "a later release"),
        (value("schema", 999), "a later release"),
        (value("articles", 60), "does not hold the articles"),
        (value("format", "one"), "no usable manifest"),
        (value("members", []), "no usable manifest"),
        (value("members", {}), "other files"),
        (put("../../evil", b"x"), "other files"),
        (put("/etc/evil", b"x"), "other files"),
        (bomb, "more than it can hold"),
        (longer, "is longer than its manifest says"),
        (put(DATABASE, b"no database at all"), "cannot be used: .*file is not a database"),
        (put(DATABASE, database("CREATE TABLE articles (id); PRAGMA user_version = 5")), "cannot be used"),
        (put(DATABASE, database("PRAGMA user_version = 999")), "later release"),
        (with_trigger, "other tables"),
    ],
)  # fmt: skip
@pytest.mark.of_a_file
def test_a_hostile_file_is_refused_in_a_sentence(
    saved: Path, tmp_path: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None], said: str
) -> None:
    there = fill(service_in(tmp_path / "there"), [article("另一篇", "另一个起重机")])
    refused(there, made(saved, change), (BackupError, StoreError), said, replacing=True)  # type: ignore[arg-type]


@pytest.mark.parametrize("part", [0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_refused(saved: Path, tmp_path: Path, part: float) -> None:
    whole = saved.read_bytes()
    saved.write_bytes(whole[: int(len(whole) * part)])
    refused(service_in(tmp_path / "there"), saved, BackupError, "no backup, or a damaged one")


def test_what_is_no_file_of_ours_is_refused(tmp_path: Path) -> None:
    there = service_in(tmp_path / "there")
    refused(there, tmp_path / "none.zip", BackupError, "No such file")
    (tmp_path / "text.zip").write_text("no zip")
    refused(there, tmp_path / "text.zip", BackupError, "no backup")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    refused(there, tmp_path / "empty.zip", BackupError, "no usable manifest")


def test_damage_anywhere_is_noticed_or_harmless(used: Service, saved: Path, tmp_path: Path) -> None:
    """Zip has bytes that say nothing (times, a copy of each header); what is restored is right or refused."""
    whole, chance = saved.read_bytes(), random.Random(5)
    noticed = 0
    for _ in range(150):
        torn = bytearray(whole)
        place = chance.randrange(len(whole))
        torn[place] ^= 1 << chance.randrange(8)
        saved.write_bytes(torn)
        try:
            with opened(saved) as backup:
                backup.verify()
        except BackupError:
            noticed += 1
    assert noticed > 130
    saved.write_bytes(whole)
    there = service_in(tmp_path / "there")
    restore(there, saved, replacing=False)
    assert told(there) == told(used)


# Killed.


@pytest.mark.of_a_file
def test_a_restore_that_is_killed_leaves_all_of_the_old_or_all_of_the_new(
    saved: Path, tmp_path: Path
) -> None:
    """And an index that belongs to it, or none: the next ingest builds one."""
    there = fill(service_in(tmp_path / "there"), [article(f"旧{n}", "旧的") for n in range(5)])
    old, new = set(there.store.ids()), 61
    own = {
        f"SEARCHSVC_{name}": str(getattr(there.settings, name.lower()))
        for name in ("DATA_DIR", "INDEX_DIR", "FEEDS", "NAMES", "CANARIES")
    }
    command = [sys.executable, "-m", "flask", "restore", "--replace", str(saved)]
    for seconds in (0.8, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5):
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | own, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()
        again = service_in(tmp_path / "there")
        ids = set(again.store.ids())
        assert ids == old or len(ids) == new
        catch_up(again.store, again.engine)
        assert check(again.store, again.engine) == []
        assert again.engine.run(Plan(None)).total == len(ids)


def test_the_commands_say_what_they_did(used: Service, tmp_path: Path) -> None:
    from flask import Flask

    from searchsvc.commands import register

    def run(service: Service, *arguments: str) -> Any:
        app = Flask("commands")
        register(app, service)
        return app.test_cli_runner().invoke(args=[*arguments])

    file, there = tmp_path / "saved.zip", service_in(tmp_path / "there")
    assert "61 articles" in run(used, "backup", str(file)).output
    assert json.loads(run(used, "backup", str(file), "--json").stdout)["articles"] == 61
    assert "61 articles as of" in run(there, "restore", str(file)).output
    again = run(there, "restore", str(file))
    assert (again.exit_code, again.stderr.count("\n"), "--replace" in again.stderr) == (1, 1, True)
    assert json.loads(run(there, "restore", "--replace", str(file), "--json").stdout)["notes"] == []
