"""A connection to a PostgreSQL server, made when first used and again when it was lost.

One writer at a time holds an advisory lock until its transaction ends, so change numbers come into sight in
their order. Readers take no lock.
"""

import os
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import count
from typing import Any, TypeVar

import psycopg
from psycopg.adapt import Buffer, Loader
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.types.string import StrDumperUnknown

from searchsvc.errors import StoreError
from searchsvc.store.dialect import marked, spoken, unmarked
from searchsvc.store.place import PostgresAddress
from searchsvc.store.postgres_errors import explained, refused

T = TypeVar("T")
# The writer's lock, a number of our own; the server keeps it for each database apart.
LOCK = 7_236_284
# How long a writer waits for another one, as with SQLite.
WAITING_MS = 60_000
# Rows that are asked for at once of those that are too many to be held.
AT_ONCE = 500
# A server that is gone without a word is noticed within a minute.
HOW = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
    "application_name": "searchsvc",
}
# What was acknowledged survives a power cut, whatever the server does for others.
DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
)
LOST = "run the command again"
# How many steps of the schema were taken; a database without it is a new one.
VERSION = "CREATE TABLE IF NOT EXISTS schema_steps (taken BIGINT NOT NULL)"
# Read from the catalogue itself: that a name was not there is remembered (to_regclass), also by who has
# waited meanwhile until another had made it.
VERSIONED = (
    "SELECT EXISTS (SELECT FROM pg_class"
    " WHERE relname = 'schema_steps' AND relnamespace = current_schema()::regnamespace)"
)


class _TextDumper(StrDumperUnknown):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(marked(obj))


class _TextLoader(Loader):
    def load(self, data: Buffer) -> str:
        return unmarked(bytes(data).decode())


class _Rows:
    """The rows of a statement; every error is a StoreError."""

    def __init__(
        self, cursor: "psycopg.Cursor[Any] | psycopg.ServerCursor[Any]", address: PostgresAddress
    ) -> None:
        self._cursor, self._address = cursor, address
        self._rows: Iterator[Any] | None = None

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        # What is streamed comes many rows at once this way.
        self._rows = self._rows or iter(self._cursor)
        row = self._told(lambda: next(self._rows or iter(()), None))
        if row is None:
            self._cursor.close()
            raise StopIteration
        return row

    def fetchone(self) -> Any:
        return self._told(self._cursor.fetchone)

    def fetchall(self) -> list[Any]:
        return self._told(self._cursor.fetchall)

    def _told(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except psycopg.Error as error:
            raise explained(self._address, error) from error


class ServerConnection:
    """See ``store.connection.Connection``. A lost one is made again where nothing had begun on it."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address
        self._raw: psycopg.Connection[Any] | None = None
        self._numbers = count()
        # A transaction that was lost with its connection does not go on without one.
        self._begun = False

    @property
    def in_transaction(self) -> bool:
        status = self._raw.info.transaction_status if self._raw else TransactionStatus.UNKNOWN
        return status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)

    def execute(self, statement: str, values: Any = (), /) -> _Rows:
        return self._rows(lambda raw: raw.execute(spoken(statement), values))

    def executemany(self, statement: str, rows: Iterable[Any], /) -> None:
        listed = list(rows)
        self._asked(lambda raw: raw.cursor().executemany(spoken(statement), listed))

    def stream(self, query: str, values: Any = ()) -> _Rows:
        return self._rows(lambda raw: self._declared(raw, spoken(query), values))

    def rows_in(self, query: str, values: Collection[str], rest: str) -> Iterator[Any]:
        head = query.removesuffix("IN")
        # All at once, and one statement for any number of values.
        yield from self.execute(f"{head} = ANY (?) {rest}", (list(values),)).fetchall()

    def insert(self, table: str, columns: str, rows: Iterable[Any]) -> None:
        def copied(raw: psycopg.Connection[Any]) -> None:
            with raw.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

        self._asked(copied)

    def columns(self, table: str) -> list[str]:
        query = (
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position"
        )
        return [name for (name,) in self.execute(query, (table,))]

    def begin(self) -> None:
        waiting = f"SET LOCAL lock_timeout = {WAITING_MS}; SELECT pg_advisory_xact_lock({LOCK})"
        try:
            self._asked(lambda raw: raw.execute(f"BEGIN; {waiting}"))
            self._begun = True
        except BaseException:  # It has begun, but the lock was not to be had.
            self.rollback()
            raise

    def commit(self) -> None:
        # What failed is rolled back by a COMMIT too, without a word.
        ended = self._asked(lambda raw: raw.execute("COMMIT").statusmessage)
        self._begun = False
        if ended != "COMMIT":
            raise StoreError(f"The article database {self._address}: nothing was written; {LOST}")

    def rollback(self) -> None:
        try:
            if self.in_transaction:
                self.execute("ROLLBACK")
        except StoreError:  # Whatever it is that hinders: without a connection there is no transaction.
            self.close()
        self._begun = False

    def look(self) -> None:
        """Begin to read as of this moment."""
        self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    def close(self) -> None:
        if self._raw:
            self._raw.close()
            self._raw = None

    def schema_version(self) -> int:
        if not self.execute(VERSIONED).fetchone()[0]:
            return 0
        row = self.execute("SELECT max(taken) FROM schema_steps").fetchone()
        return int(row[0] or 0)

    def set_schema_version(self, taken: int) -> None:
        self.execute(VERSION)
        self.execute("DELETE FROM schema_steps")
        self.execute("INSERT INTO schema_steps VALUES (?)", (taken,))

    def _declared(self, raw: psycopg.Connection[Any], query: str, values: Any) -> "psycopg.ServerCursor[Any]":
        cursor = raw.cursor(name=f"rows{next(self._numbers)}")
        cursor.itersize = AT_ONCE
        return cursor.execute(query, values)

    def _rows(
        self, call: "Callable[[psycopg.Connection[Any]], psycopg.Cursor[Any] | psycopg.ServerCursor[Any]]"
    ) -> _Rows:
        return _Rows(self._asked(call), self._address)

    def _asked(self, call: Callable[[psycopg.Connection[Any]], T]) -> T:
        """Ask the server; once more where the connection was lost before anything had begun on it."""
        fresh = self._raw is None or self._raw.closed
        raw = self._connected()
        idle = raw.info.transaction_status == TransactionStatus.IDLE
        try:
            return call(raw)
        except psycopg.Error as error:
            if idle and raw.closed and not fresh:
                return self._asked(call)
            raise explained(self._address, error) from error

    def _connected(self) -> psycopg.Connection[Any]:
        if self._raw is None or self._raw.closed:
            if self._begun:
                raise StoreError(f"The article database {self._address}: what was begun is lost; {LOST}")
            self._raw = _connect(self._address)
            # A thread that ended leaves its connection.
            weakref.finalize(self, _close, self._raw, os.getpid())
        return self._raw


def _close(raw: psycopg.Connection[Any], process: int) -> None:
    """Close a connection, unless it was there before a fork: then it is left to who made it."""
    if process == os.getpid():
        raw.close()


def _connect(address: PostgresAddress) -> psycopg.Connection[Any]:
    given = {name: str(value) for name, value in conninfo_to_dict(address.url).items()}
    try:
        raw = psycopg.connect(make_conninfo("", **(HOW | given), client_encoding="UTF8"), autocommit=True)
        raw.adapters.register_dumper(str, _TextDumper)
        raw.adapters.register_loader("text", _TextLoader)
        raw.execute(DURABLE)
    except psycopg.Error as error:
        raise refused(address, error) from error
    return raw
