"""Checksums beside rows: what changes without us is noticed and can be set aside."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from searchsvc.ingest.identify import Outcome, decide
from searchsvc.store.articles import ArticleStore, Write
from searchsvc.store.feeds import FeedState, FeedStore
from searchsvc.store.migrations import STEPS
from searchsvc.store.pages import PageState, PageStore
from searchsvc.store.runs import Run, RunStore, SourceRun
from searchsvc.store.sums import Misfit
from tests.build import article


@pytest.fixture
def store(tmp_path: Path) -> ArticleStore:
    """A database with something in every table."""
    path = tmp_path / "articles.sqlite3"
    store = ArticleStore(path)
    store.put([Write(article("一", "原文")), Write(article("二", "二的正文"))])
    store.put([Write(article("一", "改过的文"))])
    runs = RunStore(path)
    runs.end(runs.begin(1), Run(1, 2, 3, (SourceRun("a", 1, 0, 0, 0, 0),)))
    FeedStore(path).put([FeedState("https://a.example/feed")])
    PageStore(path).put([PageState("url https://a.example/1", "d", 1)])
    return store


def behind_our_back(store: ArticleStore, statement: str) -> None:
    """As another program does it, or a failing disk."""
    with sqlite3.connect(store.path) as connection:
        connection.execute(statement)


def test_what_we_write_fits(store: ArticleStore) -> None:
    assert store.misfits() == []


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("articles", "UPDATE articles SET author = '别人' WHERE title = '二'"),
        ("articles", "UPDATE articles SET html = html || ' ' WHERE title = '二'"),
        ("versions", "UPDATE versions SET text = '原又'"),
        ("sources", "UPDATE sources SET name = '别报'"),
        ("feeds", "UPDATE feeds SET etag = 'x'"),
        ("pages", "UPDATE pages SET failures = 7"),
        ("runs", "UPDATE runs SET indexed = 4"),
        ("run_sources", "UPDATE run_sources SET failed = 1"),
        ("meta", "UPDATE meta SET value = 1 WHERE name = 'change'"),
        ("meta", "UPDATE sums SET sum = sum + 1 WHERE of = 'meta' AND row_key = 'change'"),
    ],
)
def test_a_changed_row_is_named(store: ArticleStore, table: str, statement: str) -> None:
    behind_our_back(store, statement)
    assert [misfit.table for misfit in store.misfits()] == [table]


def test_a_lost_row_and_one_that_others_put_there_are_named(store: ArticleStore) -> None:
    behind_our_back(store, "DELETE FROM pages")
    behind_our_back(store, "INSERT INTO sources VALUES ('x.example', 'X')")
    assert store.misfits() == [
        Misfit("sources", "x.example"),
        Misfit("pages", "url https://a.example/1", lost=True),
    ]


def test_bytes_that_are_no_text_are_named_too(store: ArticleStore) -> None:
    behind_our_back(store, "UPDATE articles SET author = CAST(x'e5ff' AS TEXT) WHERE title = '二'")
    assert [misfit.table for misfit in store.misfits()] == ["articles"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE meta SET value = 1 WHERE name = 'change'",
        "DELETE FROM meta WHERE name = 'stories_version'",
        "UPDATE feeds SET etag = 'x'",
        "DELETE FROM sources",
        "UPDATE articles SET text = '改' WHERE title = '二'",
        "DELETE FROM articles WHERE title = '二'",
    ],
)
def test_mended_it_agrees_with_itself(store: ArticleStore, statement: str) -> None:
    behind_our_back(store, statement)
    store.mend(store.misfits())
    assert store.misfits() == []
    assert {row.title for row in store.all()} <= {"一", "二"}


def test_a_damaged_article_is_written_anew_by_its_next_ingest_and_leaves_no_version(
    store: ArticleStore,
) -> None:
    behind_our_back(store, "UPDATE articles SET text = '二的正父' WHERE title = '二'")
    store.mend(store.misfits())
    again = article("二", "二的正文")
    decision = decide(store.versions([again.identity])[again.identity], again, dated=True)
    store.put([Write(again, decision.current)])
    assert (decision.outcome, store.earlier(again.id)) == (Outcome.UPDATED, [])
    kept = store.get(again.id)
    assert kept is not None and kept.text == "二的正文"


def test_a_database_of_an_earlier_release_gets_its_checksums(tmp_path: Path, store: ArticleStore) -> None:
    behind_our_back(store, "DROP TABLE sums")
    behind_our_back(store, f"PRAGMA user_version = {len(STEPS) - 1}")
    opened = ArticleStore(store.path)
    assert opened.misfits() == []
    behind_our_back(opened, "UPDATE sources SET name = '别报'")
    assert [misfit.table for misfit in opened.misfits()] == ["sources"]


@pytest.mark.parametrize("read", [list, lambda cursor: cursor.fetchone(), lambda cursor: cursor.fetchall()])
def test_damage_is_told_as_our_own_error_whoever_reads(
    store: ArticleStore, read: Callable[[sqlite3.Cursor], object]
) -> None:
    from searchsvc.errors import StoreError

    store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    size = store.path.stat().st_size
    with store.path.open("r+b") as file:
        for page in range(1, size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 100)
    with pytest.raises(
        StoreError, match=r"articles\.sqlite3: database disk image is malformed; it is damaged"
    ):
        read(ArticleStore(store.path).connection().execute("SELECT * FROM articles"))
