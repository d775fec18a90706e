"""The article database, opened when first asked and brought up to date; what every store of it builds on.

A file of SQLite's, or a PostgreSQL server for several machines. Of either: one writer at a time, any number
of readers, none of whom waits; what was acknowledged survives a power cut.
"""

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from searchsvc.store.connection import Connection, Opened
from searchsvc.store.place import Place
from searchsvc.store.sqlite import File


class Database:
    """The tables at a place. A thread has its own connection."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._opened = _opened(place)

    @property
    def path(self) -> Path:
        """The file, of a database that is one (``is_file``)."""
        assert isinstance(self.place, Path)
        return self.place

    @property
    def is_file(self) -> bool:
        return isinstance(self.place, Path)

    def connection(self) -> Connection:
        """This thread's connection, for reading; also for the other modules of this folder."""
        return self._opened.connection()

    def apart(self) -> AbstractContextManager[Connection]:
        """A connection for one long read, so that it sees one moment and hinders nobody."""
        return self._opened.apart()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection for writing: all that is done in the block, or nothing. Raises StoreError."""
        connection = self._opened.writing()
        connection.begin()
        try:
            yield connection
            connection.commit()
        except BaseException:
            connection.rollback()
            raise

    def stream(self, query: str, values: Any = ()) -> Iterator[Any]:
        """The rows of a query that may be too many to be held; also for the other modules of this folder."""
        return self._opened.stream(query, values)

    def close(self) -> None:
        """Close this thread's connection."""
        self._opened.close()

    def settle(self) -> None:
        """Put in its place what is written ahead, where the database leaves that to us."""
        self._opened.settle()

    def exists(self) -> bool:
        """Whether there is something already."""
        return self._opened.exists()

    def bytes_kept(self) -> int:
        """What the database takes of a disk now."""
        return self._opened.bytes_kept()

    def bytes_whole(self) -> int:
        """What a copy of it takes."""
        return self._opened.bytes_whole()


def _opened(place: Place) -> Opened:
    if isinstance(place, Path):
        return File(place)
    # Whoever has SQLite need not wait until PostgreSQL's client is loaded.
    from searchsvc.store.postgres import server

    return server(place)


def rows_in(connection: Connection, query: str, values: Collection[str], rest: str = "") -> Iterator[Any]:
    """The rows of a query that ends in ``IN`` but for its rest, for any number of values."""
    return connection.rows_in(query, values, rest)
