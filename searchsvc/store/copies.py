"""Whole copies of the database file: out of one that is in use, and into one.

Both are SQLite's own online backup, so whoever reads or writes meanwhile is not hindered, and a copy that
is cut short has changed nothing.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from searchsvc.errors import StoreError
from searchsvc.store import sums
from searchsvc.store.database import Database
from searchsvc.store.migrations import STEPS

SCHEMA = len(STEPS)


@dataclass(frozen=True, slots=True)
class Copied:
    """What is in a copy."""

    articles: int
    change: int


def whole_bytes(database: Database) -> int:
    """The size of a database, with what is written ahead of its file."""
    with _failing(f"The article database {database.path} cannot be read"):
        ((pages,), (page,)) = (
            database.connection().execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size")
        )
    return int(pages) * int(page)


def copy_out(database: Database, path: Path) -> Copied:
    """Copy a database, as of one moment, into a file of its own. Raises StoreError when it is damaged."""
    with _opened(path, f"The article database {database.path} could not be copied") as copy:
        database.connection().backup(copy)
        # Nothing beside it: a copy is one file.
        copy.execute("PRAGMA journal_mode = DELETE")
        return _checked(copy)


def bring_up_to_date(path: Path) -> Copied:
    """Check a copy, and take the steps that its schema has not taken. Raises StoreError for what is none."""
    fresh = path.with_name(f"{path.name}.fresh")
    try:
        with _connected(path) as copy, _connected(fresh) as empty:
            copied = _checked(copy)
            # A copy with triggers would be one with code in it.
            if _named(copy) != _named(empty):
                raise StoreError("it has other tables than this service's")
            return copied
    except (sqlite3.Error, StoreError) as error:
        raise StoreError(f"The database in the backup cannot be used: {error}") from error


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    """A database as the service opens it, for a moment."""
    with closing(Database(path).connection()) as connection:
        yield connection


def copy_in(path: Path, database: Database) -> None:
    """Put a copy in the place of all that a database holds, in one transaction."""
    with _opened(path, f"The article database {database.path} could not be written") as copy:
        copy.backup(database.connection())


@contextmanager
def _opened(path: Path, failing: str) -> Iterator[sqlite3.Connection]:
    """A copy, opened; SQLite's errors as sentences that begin so."""
    with _failing(failing), closing(sqlite3.connect(path, isolation_level=None)) as copy:
        yield copy


@contextmanager
def _failing(failing: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{failing}: {error}") from error


def _checked(copy: sqlite3.Connection) -> Copied:
    found = [row[0] for row in copy.execute("PRAGMA quick_check")]
    if found != ["ok"]:
        raise StoreError(f"The article database is damaged: {found[0]}; run 'flask check'")
    sums.register(copy)
    if misfit := next(sums.misfits(copy), None):
        raise StoreError(
            f"The article database is damaged: {misfit.key} in the table {misfit.table} is not what was "
            "stored; run 'flask check --repair'"
        )
    (articles,) = copy.execute("SELECT count(*) FROM articles").fetchone()
    (change,) = copy.execute("SELECT value FROM meta WHERE name = 'change'").fetchone()
    return Copied(int(articles), int(change))


def _named(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """Every table, index and trigger with its definition."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {(kind, name, " ".join(sql.split())) for kind, name, sql in rows if not name.startswith("sqlite_")}
