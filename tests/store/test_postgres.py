"""PostgreSQL alone: a server that goes and comes, two that write, forks, texts and their order, plain words."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread

import psycopg
import pytest
from click.testing import Result
from flask import Flask

import config
from searchsvc.commands import register
from searchsvc.errors import SettingsError, StoreError
from searchsvc.ingest.check import check, repair
from searchsvc.ingest.identify import Outcome, decide
from searchsvc.service import Service, open_service
from searchsvc.settings import load_settings
from searchsvc.store import postgres_connection
from searchsvc.store.articles import ArticleStore, Write
from searchsvc.store.feeds import FeedState, FeedStore
from searchsvc.store.migrations import STEPS
from searchsvc.store.pages import PageState, PageStore
from searchsvc.store.place import PostgresAddress, postgres_address
from searchsvc.store.postgres_errors import explained
from searchsvc.store.runs import Run, RunStore, SourceRun
from searchsvc.store.transfer import TABLES
from searchsvc.stories.follow import follow
from searchsvc.web.app import create_app
from tests import postgres
from tests.build import article, fill
from tests.stories.build import prose, telling

pytestmark = pytest.mark.postgresql
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def url(server: postgres.Cluster) -> Iterator[str]:
    with server.database() as url:
        yield url


@pytest.fixture
def address(url: str) -> PostgresAddress:
    return postgres_address(url)


@pytest.fixture
def store(address: PostgresAddress) -> ArticleStore:
    return ArticleStore(address)


def service_of(folder: Path, url: str) -> Service:
    own = {
        "DATA_DIR": folder / "data",
        "INDEX_DIR": folder / "index",
        "FEEDS": folder / "feeds",
        "DATABASE_URL": url,
    }
    return open_service(
        load_settings(vars(config), {f"SEARCHSVC_{name}": str(it) for name, it in own.items()})
    )


def run(service: Service, *arguments: str) -> Result:
    app = Flask("commands")
    register(app, service)
    return app.test_cli_runner().invoke(args=list(arguments))


# Texts.


def test_texts_that_the_server_refuses_come_back_as_they_were(store: ArticleStore) -> None:
    kept = replace(article("题", "甲"), text="甲\0乙\ufdd0丙\ufdd00", author="\0", guid="\ufdd01")
    store.put([Write(kept)])
    assert store.get(kept.id) == kept
    assert list(store.all()) == [kept]
    assert store.texts([kept.id]) == {kept.id: (kept.title, kept.text)}


def test_ids_are_sorted_by_code_points_whatever_the_language_of_the_server(server: postgres.Cluster) -> None:
    keys = ["B", "a", "b-1", "b1", "ä", "z", "一", "乙", "𠮷", "\ufffd"]
    with server.database("TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'zh-u-co-pinyin'") as url:
        states = FeedStore(postgres_address(url))
        states.put([FeedState(key) for key in keys])
        assert list(states.states()) == sorted(keys)


def test_a_database_of_another_encoding_is_refused(server: postgres.Cluster) -> None:
    with server.database("TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'") as url:
        latin = ArticleStore(postgres_address(url))
        with pytest.raises(StoreError, match=r"keeps text as LATIN1.*createdb --encoding=UTF8"):
            latin.count()


# One writer, and readers who see one moment.


def test_change_numbers_come_into_sight_in_their_order(store: ArticleStore, address: PostgresAddress) -> None:
    """Who has seen a number has seen all before it, however many write."""
    ended, holes = False, []

    def write(name: str) -> None:
        mine = ArticleStore(address)
        for number in range(15):
            mine.put([Write(article(f"{name}{number}{half}")) for half in "上下"])

    def watch() -> None:
        mine = ArticleStore(address)
        while not ended:
            numbers = [row[0] for row in mine.connection().execute("SELECT change FROM articles").fetchall()]
            if sorted(numbers) != list(range(1, len(numbers) + 1)) or len(numbers) % 2:
                holes.append(numbers)

    store.count()
    writers = [Thread(target=write, args=(name,)) for name in "甲乙丙"]
    watcher = Thread(target=watch)
    for thread in (watcher, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    ended = True
    watcher.join()
    assert (holes, store.change(), store.count()) == ([], 90, 90)


def test_a_writer_waits_for_another_and_says_so_when_it_takes_too_long(
    store: ArticleStore, address: PostgresAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_connection, "WAITING_MS", 50)
    said: list[str] = []

    def write() -> None:
        mine = ArticleStore(address)
        for _ in range(2):
            with pytest.raises(StoreError) as raised:
                mine.put([Write(article("二"))])
            said.append(str(raised.value))
        said.append(f"{mine.count()} can be read")

    with store.transaction():
        thread = Thread(target=write)
        thread.start()
        thread.join()
    assert len(said) == 3
    assert all("another process is writing it; try again later" in each for each in said[:2])
    assert said[2] == "0 can be read"
    store.put([Write(article("三"))])
    assert store.count() == 1


def test_two_that_start_at_once_make_the_schema_once(address: PostgresAddress) -> None:
    failed: list[BaseException] = []
    together = Barrier(6)

    def start() -> None:
        together.wait()
        try:
            ArticleStore(address).count()
        except BaseException as error:
            failed.append(error)

    threads = [Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert ArticleStore(address).connection().execute("SELECT taken FROM schema_steps").fetchall() == [
        (len(STEPS),)
    ]


def test_a_database_of_a_later_release_is_refused(store: ArticleStore, url: str) -> None:
    store.count()
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE schema_steps SET taken = 999")
    store.close()
    with pytest.raises(StoreError, match=r"schema 999.*later release"):
        store.count()


def test_what_is_acknowledged_is_synced_whatever_the_server_does_for_others(
    server: postgres.Cluster, url: str
) -> None:
    name = url.rsplit("/", 1)[1]
    server.admin(f"ALTER DATABASE {name} SET synchronous_commit = off")
    store = ArticleStore(postgres_address(url))
    assert store.connection().execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_a_transaction_whose_failure_was_swallowed_is_not_taken_for_written(store: ArticleStore) -> None:
    with pytest.raises(StoreError, match="nothing was written"), store.transaction() as connection:
        connection.execute("DELETE FROM sources")
        with pytest.raises(StoreError):
            connection.execute("SELECT nothing")
    store.put([Write(article())])
    assert store.count() == 1


# Connections.


def test_all_stores_of_a_thread_share_a_connection(address: PostgresAddress) -> None:
    stores = [ArticleStore(address), FeedStore(address), RunStore(address)]
    assert len({id(store.connection()) for store in stores}) == 1


def test_a_fork_has_connections_of_its_own(store: ArticleStore) -> None:
    store.put([Write(article("一"))])
    pid = os.fork()
    if not pid:
        try:
            store.put([Write(article("二"))])
            os._exit(0 if store.count() == 2 else 1)
        finally:
            os._exit(2)
    assert os.waitpid(pid, 0)[1] == 0
    store.put([Write(article("三"))])
    assert store.count() == 3


def test_a_thread_that_ends_leaves_no_connection(store: ArticleStore) -> None:
    store.count()
    threads = [Thread(target=store.count) for _ in range(5)]
    for thread in threads:
        thread.start()
        thread.join()
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    ended = time.monotonic() + 30
    while store.connection().execute(query).fetchone() != (1,):
        assert time.monotonic() < ended
        time.sleep(0.05)


def cut(store: ArticleStore, url: str) -> None:
    """End the store's connection, as a server does that is shut down."""
    mine = store.connection().execute("SELECT pg_backend_pid()").fetchone()[0]
    with psycopg.connect(url) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", (mine,))


def test_a_lost_connection_is_made_again_where_nothing_had_begun(store: ArticleStore, url: str) -> None:
    store.put([Write(article("一"))])
    cut(store, url)
    assert store.count() == 1
    cut(store, url)
    store.put([Write(article("二"))])
    assert store.count() == 2


def test_a_connection_lost_in_a_transaction_is_an_error_and_the_next_one_works(
    store: ArticleStore, url: str
) -> None:
    store.count()
    lost = r"is the server running\?|the server was stopped"
    with pytest.raises(StoreError, match=lost), store.transaction() as connection:
        cut(store, url)
        connection.execute("DELETE FROM articles")
    store.put([Write(article("一"))])
    assert store.count() == 1


def test_a_transaction_does_not_go_on_without_its_connection(store: ArticleStore, url: str) -> None:
    store.put([Write(article("一"))])
    with pytest.raises(StoreError, match="what was begun is lost"), store.transaction() as connection:
        cut(store, url)
        with pytest.raises(StoreError):
            connection.execute("SELECT 1")
        connection.execute("DELETE FROM articles")
    assert store.count() == 1


def test_a_server_that_is_stopped_is_said_to_be_and_works_again_when_it_is_back(tmp_path: Path) -> None:
    with postgres.cluster() as server, server.database() as url:
        service = service_of(tmp_path, url)
        fill(service, [article("一", "港口的起重机")])
        client = create_app(service).test_client()
        assert client.get("/api/v1/search?q=起重机").status_code == 200
        server.stop()
        for _ in range(2):
            with pytest.raises(StoreError, match="is the server running"):
                service.store.count()
        answer = client.get("/api/v1/search?q=起重机")
        assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
        failed = run(service, "export")
        assert (failed.exit_code, "is the server running" in failed.stderr) == (1, True)
        server.start()
        assert client.get("/api/v1/search?q=起重机").status_code == 200
        fill(service, [article("二", "又一架起重机")])
        assert client.get("/api/v1/search?q=起重机").json["total"] == 2  # type: ignore[index]


# What is said.


@pytest.mark.parametrize(
    ("user", "password", "name", "advice"),
    [
        (postgres.USER, "falsch", None, "user and password in SEARCHSVC_DATABASE_URL must be"),
        ("nobody", "falsch", None, "user and password in SEARCHSVC_DATABASE_URL must be"),
        (postgres.USER, postgres.QUOTED, "nowhere", "make it: createdb"),
    ],
)
def test_a_refused_connection_is_told_with_what_to_do_and_without_the_password(
    server: postgres.Cluster, url: str, user: str, password: str, name: str | None, advice: str
) -> None:
    wrong = server.url(name or url.rsplit("/", 1)[1], user, password)
    with pytest.raises(StoreError, match=advice) as raised:
        ArticleStore(postgres_address(wrong)).count()
    told = f"{raised.value}{raised.value!r}{raised.value.__cause__}"
    assert f"postgresql://{user}@127.0.0.1:" in told
    assert not any(secret in told for secret in (password, postgres.PASSWORD))


def test_a_server_that_is_not_there_is_told_with_what_to_do() -> None:
    address = postgres_address("postgresql://archive:geheim@127.0.0.1:1/nowhere")
    with pytest.raises(StoreError, match="Connection refused; is the server running") as raised:
        ArticleStore(address).count()
    assert "geheim" not in str(raised.value)


def test_a_user_who_may_not_make_tables_is_told_what_is_missing(server: postgres.Cluster, url: str) -> None:
    name = url.rsplit("/", 1)[1]
    server.admin("REVOKE CREATE ON SCHEMA public FROM PUBLIC", database=name)
    server.admin(f"ALTER DATABASE {name} OWNER TO {postgres.ADMIN}")
    with pytest.raises(StoreError, match=r"permission denied.*must own the database"):
        ArticleStore(postgres_address(url)).count()


def test_a_database_of_another_program_is_left_alone(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE articles (number INTEGER)")
    with pytest.raises(StoreError, match="tables of another program"):
        ArticleStore(postgres_address(url)).count()
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == [("articles",)]


def test_a_standby_is_told_to_be_one(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            f"ALTER ROLE {postgres.USER} IN DATABASE {url.rsplit('/', 1)[1]} SET default_transaction_read_only = on"
        )
    with pytest.raises(StoreError, match="it is a standby, or set to read only"):
        ArticleStore(postgres_address(url)).count()


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (psycopg.errors.DiskFull("no space left"), "make room on the server's disk"),
        (psycopg.errors.TooManyConnections("sorry"), "raise max_connections"),
        (psycopg.errors.DataCorrupted("invalid page"), "it is damaged; restore it from a backup"),
        (psycopg.errors.IndexCorrupted("broken"), "flask check --repair"),
        (psycopg.errors.IoError("input/output error"), "the server's disk failed"),
        (psycopg.errors.UndefinedFunction("what?"), "see the log of the server"),
    ],
)
def test_what_the_server_says_comes_with_what_to_do(error: psycopg.Error, advice: str) -> None:
    address = postgres_address("postgresql://archive:geheim@db.example/news")
    told = str(explained(address, error))
    assert told.startswith(f"The article database postgresql://archive@db.example/news: {error}; ")
    assert advice in told


def test_an_error_does_not_repeat_the_article(store: ArticleStore) -> None:
    with pytest.raises(StoreError) as raised:
        store.put([Write(replace(article("一", "谁也不该看见"), title=None))])  # type: ignore[arg-type]
    assert "谁也不该看见" not in str(raised.value)
    assert "'flask check'" in str(raised.value)


@pytest.mark.parametrize(
    "bad",
    ["mysql://u:geheim@h/d", "geheim", "postgresql://u:geheim@h", "postgresql://u:geheim@h:x/d", "postgresql://u:%zz@h/geheim",
     "postgresql://u:geheim@[::1/d", "host=h dbname=d password=geheim", "postgresql://u:geheim@h/d?no=1"],
)  # fmt: skip
def test_an_address_that_cannot_be_is_refused_by_name_without_being_repeated(bad: str) -> None:
    with pytest.raises(SettingsError, match="SEARCHSVC_DATABASE_URL=…: it is postgresql://") as raised:
        load_settings(vars(config), {"SEARCHSVC_DATABASE_URL": bad})
    error: BaseException | None = raised.value
    while error:
        assert "geheim" not in f"{error}"
        error = error.__cause__


def test_settings_do_not_show_the_password(url: str) -> None:
    settings = load_settings(vars(config), {"SEARCHSVC_DATABASE_URL": url})
    assert postgres.QUOTED not in f"{settings!r} {settings} {settings.database_url}"


# Commands.


def test_check_finds_and_mends_a_text_that_is_not_what_was_stored(tmp_path: Path, url: str) -> None:
    service = fill(service_of(tmp_path, url), [article("一", "原文"), article("二", "二的正文")])
    assert check(service.store, service.engine) == []
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE articles SET text = '二的正父' WHERE title = '二'")
    (finding,) = [each for each in check(service.store, service.engine) if each.mend == "rows"]
    assert finding.text.startswith(f"Article {article('二').id} is not what was stored")
    repair([finding], service.store, service.engine)
    again = article("二", "二的正文")
    decision = decide(service.store.versions([again.identity])[again.identity], again, dated=True)
    assert decision.outcome is Outcome.UPDATED
    fill(service, [again])
    assert service.store.earlier(again.id) == []
    assert check(service.store, service.engine) == []


def test_its_own_indexes_are_made_anew(store: ArticleStore) -> None:
    store.put([Write(article())])
    store.mend_indexes()
    assert (store.count(), store.problems()) == (1, [])


@pytest.fixture
def used(tmp_path: Path) -> Service:
    """An archive in SQLite with something in every table, oddities too."""
    service = fill(service_of(tmp_path, ""), [article(f"第{n}篇", "正文𠮷\ufdd0") for n in range(600)])
    fill(service, [article("第7篇", "改写过"), telling("one", prose(1)), telling("other", prose(1), 1)])
    odd = replace(article("零", "零"), guid="\0", author="\ufdd0\0")
    service.store.put([Write(odd), Write(replace(odd, digest="older", retrieved=1), current=False)])
    follow(service.store)
    for began in range(3):
        ended = Run(began, 2, 3, (SourceRun("a", 1, 0, 0, 0, 0), SourceRun("b", 0, 0, 0, 0, 1)), "why")
        service.runs.end(service.runs.begin(began), ended)
    service.runs.begin(9)
    FeedStore(service.store.place).put([FeedState("https://a.example/feed", error="它坏了", bytes=2**40)])
    PageStore(service.store.place).put([PageState("url https://a.example/1", "d", 1)])
    return service


def rows(store: ArticleStore, table: str) -> list[tuple[object, ...]]:
    found = store.connection().execute(f"SELECT * FROM {table} ORDER BY {TABLES[table]}").fetchall()
    return [tuple(str(value) if table == "meta" else value for value in row) for row in found]


def test_an_archive_moves_row_for_row_and_goes_on(used: Service, tmp_path: Path, url: str) -> None:
    there = service_of(tmp_path, url)
    moved = run(there, "move-database")
    assert (moved.exit_code, "603 articles and all that is known of them" in moved.output) == (0, True)
    for table in TABLES:
        assert rows(there.store, table) == rows(used.store, table)
        assert rows(there.store, table)
    run(there, "ingest", "nowhere.txt")
    assert check(there.store, there.engine) == []
    assert there.runs.begin(10) == used.runs.begin(10) + 1  # The ingest was one.
    before = there.store.change()
    assert there.store.put([Write(article("新来的"))]) == before + 1


def test_an_archive_does_not_move_into_one_that_has_articles(used: Service, tmp_path: Path, url: str) -> None:
    there = service_of(tmp_path, url)
    there.store.put([Write(article("已经在"))])
    refused = run(there, "move-database")
    assert refused.exit_code == 1
    assert "has something in it already" in refused.stderr
    assert (there.store.count(), used.store.count()) == (1, 603)


def test_a_damaged_archive_does_not_move(used: Service, tmp_path: Path, url: str) -> None:
    with sqlite3.connect(used.store.path) as connection:
        connection.execute("UPDATE articles SET author = '别人' WHERE title = '零'")
    there = service_of(tmp_path, url)
    refused = run(there, "move-database")
    assert (refused.exit_code, "in the table articles is not what was stored" in refused.stderr) == (1, True)
    assert there.store.count() == 0


def test_a_move_that_is_killed_has_moved_nothing_and_can_be_repeated(
    used: Service, tmp_path: Path, url: str
) -> None:
    killed = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from searchsvc.store import transfer, copies\n"
        "from searchsvc.store.articles import ArticleStore\n"
        "from searchsvc.store.place import postgres_address\n"
        "rows = transfer._rows\n"
        "def dying(connection, table, columns):\n"
        "    if table == 'runs': os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return rows(connection, table, columns)\n"
        "transfer._rows = dying\n"
        "copies.move(Path(sys.argv[1]), ArticleStore(postgres_address(sys.argv[2])))\n"
    )
    ended = subprocess.run([sys.executable, "-c", killed, str(used.store.path), url], cwd=ROOT, check=False)
    there = service_of(tmp_path, url)
    assert (ended.returncode, there.store.count()) == (-9, 0)
    assert run(there, "move-database").exit_code == 0
    assert there.store.count() == used.store.count()


def test_there_must_be_something_to_move_and_somewhere_to_move_it(tmp_path: Path, url: str) -> None:
    assert "names no database" in run(service_of(tmp_path, ""), "move-database").stderr
    assert "There is no database" in run(service_of(tmp_path, url), "move-database").stderr


def test_a_backup_of_either_is_restored_into_either(used: Service, tmp_path: Path, url: str) -> None:
    there, back = service_of(tmp_path / "there", url), service_of(tmp_path / "back", "")
    for service, from_, to in ((used, None, "1.zip"), (there, "1.zip", "2.zip"), (back, "2.zip", None)):
        if from_:
            assert run(service, "restore", str(tmp_path / from_)).exit_code == 0
            assert check(service.store, service.engine) == []
        if to:
            assert run(service, "backup", str(tmp_path / to)).exit_code == 0
    for table in TABLES:
        assert rows(there.store, table) == rows(used.store, table) == rows(back.store, table)
    refused = run(there, "restore", str(tmp_path / "1.zip"))
    assert (refused.exit_code, "There is something already" in refused.stderr) == (1, True)
    assert postgres.QUOTED.encode() not in (tmp_path / "2.zip").read_bytes()
