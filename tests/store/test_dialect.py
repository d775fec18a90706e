"""Our SQL as PostgreSQL is told it: what differs, and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.store.dialect import marked, spoken, unmarked

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("SELECT title FROM articles WHERE id = ?", "SELECT title FROM articles WHERE id = %s"),
        ("SELECT value FROM meta WHERE name LIKE 'stories_%'", "SELECT value FROM meta WHERE name LIKE 'stories_%%'"),
        ("INSERT OR REPLACE INTO t (a, b, c) VALUES (?, ?, ?)",
         "INSERT INTO t (a, b, c) VALUES (%s, %s, %s) ON CONFLICT (a) DO UPDATE SET b = excluded.b, c = excluded.c"),
        ("CREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER, c BLOB) WITHOUT ROWID",
         'CREATE TABLE t (a TEXT COLLATE "C" PRIMARY KEY, b BIGINT, c BYTEA)'),
        ("UPDATE t SET a = 'TEXT'", "UPDATE t SET a = 'TEXT'"),
    ],
)  # fmt: skip
def test_a_statement_is_told_as_it_is_understood(ours: str, theirs: str) -> None:
    assert spoken(ours) == theirs


@given(st.text(st.characters() | st.sampled_from("\0\ufdd001")))
def test_any_text_comes_back_and_is_written_without_what_is_refused(text: str) -> None:
    assert unmarked(marked(text)) == text
    assert "\0" not in marked(text)


def test_who_has_sqlite_does_not_load_the_client_of_another() -> None:
    loaded = "import sys, wsgi; sys.exit('psycopg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, check=False).returncode == 0
