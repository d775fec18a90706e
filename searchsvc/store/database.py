"""One SQLite file, opened when first asked and brought up to date; what every store of it builds on.

SQLite in WAL mode: one writer, any number of readers, none waits for another. ``synchronous=FULL``:
what was acknowledged survives a power cut.
"""

import sqlite3
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from searchsvc.errors import StoreError
from searchsvc.store.migrations import migrate

# SQLite refuses statements with more variables than this in builds since 2020.
MOST_VARIABLES = 32_000


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
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, isolation_level=None)
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection for writing: all that is done in the block, or nothing. Raises StoreError."""
        connection = self.connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(f"The article database {self.path} could not be written: {error}") from error

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
            # Autocommit: transactions begin where this module says BEGIN. A connection serves the
            # thread that opened it.
            connection = sqlite3.connect(self.path, timeout=60, isolation_level=None)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            migrate(connection)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"The article database {self.path} cannot be opened: {error}; "
                "restore it from a backup, or set SEARCHSVC_DATA_DIR to the right folder"
            ) from error
        return connection


def rows_in(
    connection: sqlite3.Connection, query: str, values: Collection[str], rest: str = ""
) -> Iterator[Any]:
    """The rows of a query that ends in ``IN`` but for its rest, for any number of values."""
    listed = list(values)
    for start in range(0, len(listed), MOST_VARIABLES):
        some = listed[start : start + MOST_VARIABLES]
        yield from connection.execute(f"{query} ({', '.join('?' * len(some))}) {rest}", some)
