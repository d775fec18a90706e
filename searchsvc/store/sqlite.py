"""One SQLite file, opened when first asked and brought up to date.

SQLite in WAL mode: one writer, any number of readers, none waits for another. ``synchronous=FULL``:
what was acknowledged survives a power cut.
"""

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
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

    connection: "FileConnection"

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


class FileConnection(sqlite3.Connection):
    """A connection to the database at ``path``, see ``store.connection.Connection``."""

    path: Path

    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)

    def execute(self, *args: Any) -> Any:
        return self.cursor().execute(*args)

    def executemany(self, *args: Any) -> Any:
        return self.cursor().executemany(*args)

    def stream(self, query: str, values: Any = ()) -> Any:
        return self.execute(query, values)

    def rows_in(self, query: str, values: Collection[str], rest: str) -> Iterator[Any]:
        listed = list(values)
        for start in range(0, len(listed), MOST_VARIABLES):
            some = listed[start : start + MOST_VARIABLES]
            # All at once: a call for each row takes longer than the row.
            yield from self.execute(f"{query} ({', '.join('?' * len(some))}) {rest}", some).fetchall()

    def insert(self, table: str, columns: str, rows: Iterable[Any]) -> None:
        places = ", ".join("?" for _ in columns.split(","))
        self.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)  # noqa: S608

    def columns(self, table: str) -> list[str]:
        return [column[1] for column in self.execute(f"PRAGMA table_info({table})")]

    def begin(self) -> None:
        self.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.execute("COMMIT")

    def rollback(self) -> None:
        # A disk that failed has rolled back already.
        if self.in_transaction:
            self.execute("ROLLBACK")

    def schema_version(self) -> int:
        return int(self.execute("PRAGMA user_version").fetchone()[0])

    def set_schema_version(self, taken: int) -> None:
        self.execute(f"PRAGMA user_version = {taken}")


def connect(path: Path, *, read_only: bool = False) -> FileConnection:
    """A connection in autocommit: transactions begin where this module says BEGIN. Raises StoreError."""
    uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    try:
        connection = sqlite3.connect(
            uri, uri=True, timeout=WAITING_MS / 1000, isolation_level=None, factory=FileConnection
        )
    except sqlite3.Error as error:
        raise _explained(path, error) from error
    connection.path = path
    sums.register(connection)
    return connection


class File:
    """A file of tables, see ``store.connection.Opened``. A thread has its own connection."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def connection(self) -> FileConnection:
        connection: FileConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._open()
        return connection

    def writing(self) -> FileConnection:
        """This thread's connection, which from now on keeps the checksums of what it writes."""
        connection = self.connection()
        if not getattr(self._local, "writes", False):
            sums.keep(connection)
            self._local.writes = True
        return connection

    @contextmanager
    def apart(self) -> Iterator[FileConnection]:
        self.connection()
        connection = connect(self._path, read_only=True)
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.close()

    def stream(self, query: str, values: Any = ()) -> Iterator[Any]:
        return iter(self.connection().execute(query, values))

    def close(self) -> None:
        if connection := getattr(self._local, "connection", None):
            connection.close()
        self._local = threading.local()

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

    def exists(self) -> bool:
        return self._path.exists()

    def bytes_kept(self) -> int:
        """The size of the file, with what is written ahead of it."""
        files = (self._path, self._path.with_name(f"{self._path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def bytes_whole(self) -> int:
        (pages,), (page,) = (
            self.connection().execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size")
        )
        return int(pages) * int(page)

    def mend_indexes(self, connection: Any) -> None:
        connection.execute("REINDEX")

    def problems(self) -> list[str]:
        rows = self.connection().execute("PRAGMA integrity_check").fetchall()
        return [row[0] for row in rows if row[0] != "ok"]

    def _create(self) -> None:
        """Make the file where there is none, open to whom its folder is open.

        Every reader in WAL mode writes too, beside the file and with its permissions: else who serves and who
        fetches could not be two users.
        """
        if not self._path.exists():
            self._path.touch()
            self._path.chmod(self._path.parent.stat().st_mode & 0o666 & (self._path.stat().st_mode | 0o060))

    def _open(self) -> FileConnection:
        """Open the file, making it and bringing its schema up to date where needed."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._create()
        except OSError as error:
            raise StoreError(
                f"The article database {self._path} cannot be opened: {error.strerror}; "
                "set SEARCHSVC_DATA_DIR to the right folder"
            ) from error
        connection = connect(self._path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection, sums.sum_all)
        return connection
