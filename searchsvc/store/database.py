"""One SQLite file, opened when first asked and brought up to date; what every store of it builds on.

SQLite in WAL mode: one writer, any number of readers, none waits for another. ``synchronous=FULL``:
what was acknowledged survives a power cut.
"""

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from searchsvc.errors import StoreError
from searchsvc.store import sums
from searchsvc.store.migrations import migrate

# SQLite refuses statements with more variables than this in builds since 2020.
MOST_VARIABLES = 32_000


T = TypeVar("T")
# How long a writer waits for another one, and who empties the log for readers.
WAITING_MS, SETTLING_MS = 60_000, 500
# What to do, by SQLite's primary result code.
ADVICE = {
    sqlite3.SQLITE_CORRUPT: "it is damaged; 'flask check' says how much, and a backup mends it",
    sqlite3.SQLITE_NOTADB: "it is damaged, or no database; restore it from a backup",
    sqlite3.SQLITE_FULL: "make room on its disk, then run the command again",
    sqlite3.SQLITE_IOERR: "its disk failed or is full; mend that, then run the command again",
    sqlite3.SQLITE_BUSY: "another process is writing it; try again later",
    sqlite3.SQLITE_READONLY: "this user may not write it, or its folder",
    sqlite3.SQLITE_CANTOPEN: "this user may not read it, or its folder is missing or full",
}


def _explained(path: Path, error: Exception) -> StoreError:
    """An error of SQLite's, with what to do about it."""
    advice = ADVICE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "'flask check' looks for damage")
    return StoreError(f"The article database {path}: {error}; {advice}")


class _Cursor(sqlite3.Cursor):
    """A cursor that tells every error as StoreError: a damaged file shows itself at any row."""

    connection: "_Connection"

    def execute(self, *args: Any) -> Self:
        return self._told(super().execute, *args)

    def executemany(self, *args: Any) -> Self:
        return self._told(super().executemany, *args)

    def fetchone(self) -> Any:
        return self._told(super().fetchone)

    def fetchall(self) -> list[Any]:
        return self._told(super().fetchall)

    def __next__(self) -> Any:
        return self._told(super().__next__)

    def _told(self, call: Callable[..., T], *args: Any) -> T:
        try:
            return call(*args)
        except sqlite3.Error as error:
            raise _explained(self.connection.path, error) from error


class _Connection(sqlite3.Connection):
    """A connection to the database at ``path``."""

    path: Path

    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)

    def execute(self, *args: Any) -> Any:
        return self.cursor().execute(*args)

    def executemany(self, *args: Any) -> Any:
        return self.cursor().executemany(*args)


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection in autocommit: transactions begin where this module says BEGIN. Raises StoreError."""
    uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    try:
        connection = sqlite3.connect(
            uri, uri=True, timeout=WAITING_MS / 1000, isolation_level=None, factory=_Connection
        )
    except sqlite3.Error as error:
        raise _explained(path, error) from error
    connection.path = path
    sums.register(connection)
    return connection


class Database:
    """A file of tables. A thread has its own connection."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    def connection(self) -> sqlite3.Connection:
        """This thread's connection, for reading; also for the other modules of this folder."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._open()
        return connection

    @contextmanager
    def _apart(self) -> Iterator[sqlite3.Connection]:
        """A connection for one long read, so that it sees one moment and hinders nobody."""
        self.connection()
        connection = connect(self.path, read_only=True)
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection for writing: all that is done in the block, or nothing. Raises StoreError."""
        connection = self.connection()
        if not getattr(self._local, "writes", False):
            sums.keep(connection)
            self._local.writes = True
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            # A disk that failed has rolled back already.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def settle(self) -> None:
        """Move what is written ahead into the file, and empty the log, unless somebody reads right now.

        Damage at the log's end cannot be told from a commit that never was; in the file, it can.
        """
        connection = self.connection()
        connection.execute(f"PRAGMA busy_timeout = {SETTLING_MS}")
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.execute(f"PRAGMA busy_timeout = {WAITING_MS}")

    def _create(self) -> None:
        """Make the file where there is none, open to whom its folder is open.

        Every reader in WAL mode writes too, beside the file and with its permissions: else who serves and who
        fetches could not be two users.
        """
        if not self.path.exists():
            self.path.touch()
            self.path.chmod(self.path.parent.stat().st_mode & 0o666 & (self.path.stat().st_mode | 0o060))

    def _open(self) -> sqlite3.Connection:
        """Open the file, making it and bringing its schema up to date where needed."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._create()
        except OSError as error:
            raise StoreError(
                f"The article database {self.path} cannot be opened: {error.strerror}; "
                "set SEARCHSVC_DATA_DIR to the right folder"
            ) from error
        connection = connect(self.path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection)
        return connection


def rows_in(
    connection: sqlite3.Connection, query: str, values: Collection[str], rest: str = ""
) -> Iterator[Any]:
    """The rows of a query that ends in ``IN`` but for its rest, for any number of values."""
    listed = list(values)
    for start in range(0, len(listed), MOST_VARIABLES):
        some = listed[start : start + MOST_VARIABLES]
        # All at once: a call for each row takes longer than the row.
        yield from connection.execute(f"{query} ({', '.join('?' * len(some))}) {rest}", some).fetchall()
