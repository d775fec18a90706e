"""What the stores ask of a connection and of a database, be it a file of SQLite's or PostgreSQL's."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Rows(Protocol):
    """The rows of a statement, one after the other."""

    def __iter__(self) -> Iterator[Any]: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...


class Executes(Protocol):
    """Whatever runs statements."""

    def execute(self, statement: str, values: Any = ..., /) -> Any:
        """Run a statement with ``?`` for each value; its rows."""


class Connection(Executes, Protocol):
    """A connection in autocommit. Whatever goes wrong is a StoreError."""

    @property
    def in_transaction(self) -> bool: ...

    def executemany(self, statement: str, rows: Iterable[Any], /) -> Any:
        """Run a statement for each of some rows."""

    def stream(self, query: str, values: Any = ...) -> Rows:
        """The rows of a query, however many: they are read as they are asked for."""

    def rows_in(self, query: str, values: Collection[str], rest: str) -> Iterator[Any]:
        """The rows of a query that ends in ``IN`` but for its rest, for any number of values."""

    def insert(self, table: str, columns: str, rows: Iterable[Any]) -> None:
        """Put many rows into a table."""

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns, in their order."""

    def begin(self) -> None:
        """Begin a transaction as the only writer: others wait until it ends."""

    def commit(self) -> None:
        """End it: all that was done is kept, and synced."""

    def rollback(self) -> None:
        """End it, if it has not ended by itself: nothing was done."""

    def schema_version(self) -> int:
        """How many of the schema's steps have been taken."""

    def set_schema_version(self, taken: int) -> None: ...


class Opened(Protocol):
    """A database, opened when first asked."""

    def connection(self) -> Connection:
        """This thread's connection, the schema brought up to date."""

    def writing(self) -> Connection:
        """The same, ready to write."""

    def apart(self) -> AbstractContextManager[Connection]:
        """A connection for one long read, so that it sees one moment and hinders nobody."""

    def stream(self, query: str, values: Any = ...) -> Iterator[Any]:
        """The rows of a query on a connection that goes on being used meanwhile."""

    def close(self) -> None:
        """Close this thread's connection; it is opened again when asked."""

    def settle(self) -> None:
        """Put in its place what is written ahead."""

    def exists(self) -> bool:
        """Whether there is something in it."""

    def bytes_kept(self) -> int:
        """What it takes of a disk now."""

    def bytes_whole(self) -> int:
        """What a copy takes."""

    def mend_indexes(self, connection: Connection) -> None:
        """Make its own indexes anew, in a transaction."""

    def problems(self) -> list[str]:
        """What it finds wrong with itself. Raises StoreError where it cannot be read."""
