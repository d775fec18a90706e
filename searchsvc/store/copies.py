"""Whole copies of the database as a file: out of one that is in use, and into one.

Of a file they are SQLite's own online backup, of PostgreSQL all rows as of one moment. So whoever reads or
writes meanwhile is not hindered, and a copy that is cut short has changed nothing.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from searchsvc.errors import StoreError
from searchsvc.store import sums
from searchsvc.store.connection import Executes
from searchsvc.store.database import Database
from searchsvc.store.migrations import STEPS
from searchsvc.store.sqlite import File, FileConnection
from searchsvc.store.transfer import transfer

SCHEMA = len(STEPS)


@dataclass(frozen=True, slots=True)
class Copied:
    """What is in a copy."""

    articles: int
    change: int


def copy_out(database: Database, path: Path) -> Copied:
    """Copy a database, as of one moment, into a file of its own. Raises StoreError when it is damaged."""
    with _opened(path, f"The article database {database.place} could not be copied") as copy:
        connection = database.connection()
        if isinstance(connection, sqlite3.Connection):
            connection.backup(copy)
        else:
            _fill(path, database)
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


def copy_in(path: Path, database: Database) -> None:
    """Put a copy in the place of all that a database holds, in one transaction."""
    with _opened(path, f"The article database {database.place} could not be written") as copy:
        connection = database.connection()
        if isinstance(connection, sqlite3.Connection):
            copy.backup(connection)
        else:
            with _connected(path) as source, database.transaction() as target:
                transfer(source, target)


def move(path: Path, database: Database) -> Copied:
    """Copy a file, which nobody may write meanwhile, into a database that has nothing yet.

    Raises StoreError when the file is damaged, or there is something already.
    """
    with Database(path).transaction() as source, database.transaction() as target:
        copied = _checked(source)
        if database.exists():
            raise StoreError(f"The article database {database.place} has something in it already")
        transfer(source, target)
    return copied


def _fill(path: Path, database: Database) -> None:
    """Put all rows of a database into a file that has none."""
    file = Database(path)
    with closing(file), database.apart() as source, file.transaction() as target:
        transfer(source, target)


@contextmanager
def _connected(path: Path) -> Iterator[FileConnection]:
    """A database as the service opens it, for a moment."""
    with closing(File(path).connection()) as connection:
        yield connection


@contextmanager
def _opened(path: Path, failing: str) -> Iterator[sqlite3.Connection]:
    """A copy, opened; SQLite's errors as sentences that begin so."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as copy:
            yield copy
    except sqlite3.Error as error:
        raise StoreError(f"{failing}: {error}") from error


def _checked(copy: Executes) -> Copied:
    found = [row[0] for row in copy.execute("PRAGMA quick_check")]
    if found != ["ok"]:
        raise StoreError(f"The article database is damaged: {found[0]}; run 'flask check'")
    if isinstance(copy, sqlite3.Connection):
        sums.register(copy)
    if misfit := next(sums.misfits(copy), None):
        raise StoreError(
            f"The article database is damaged: {misfit.key} in the table {misfit.table} is not what was "
            "stored; run 'flask check --repair'"
        )
    (articles,) = copy.execute("SELECT count(*) FROM articles").fetchone()
    (change,) = copy.execute("SELECT value FROM meta WHERE name = 'change'").fetchone()
    return Copied(int(articles), int(change))


def _named(connection: Executes) -> set[tuple[str, str, str]]:
    """Every table, index and trigger with its definition."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {(kind, name, " ".join(sql.split())) for kind, name, sql in rows if not name.startswith("sqlite_")}
