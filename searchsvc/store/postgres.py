"""A database of a PostgreSQL server, for several machines; see ``store.connection``."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from searchsvc.errors import StoreError
from searchsvc.store.migrations import migrate
from searchsvc.store.place import PostgresAddress
from searchsvc.store.postgres_connection import ServerConnection

TABLES = "SELECT quote_ident(relname) FROM pg_stat_user_tables WHERE schemaname = current_schema()"


class Server:
    """A database of a server, see ``store.connection.Opened``. A thread has one connection for all stores."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address
        self._local = threading.local()

    def connection(self) -> ServerConnection:
        # A connection that was there before a fork goes on being the first process's.
        process, connection = getattr(self._local, "connection", (None, None))
        if connection is None or process != os.getpid():
            connection = self._open()
            self._local.connection = os.getpid(), connection
        return connection

    def writing(self) -> ServerConnection:
        return self.connection()

    @contextmanager
    def apart(self) -> Iterator[ServerConnection]:
        self.connection()
        connection = ServerConnection(self._address)
        try:
            connection.look()
            yield connection
        finally:
            connection.close()

    def stream(self, query: str, values: Any = ()) -> Iterator[Any]:
        with self.apart() as connection:
            yield from connection.stream(query, values)

    def close(self) -> None:
        process, connection = self._local.__dict__.pop("connection", (None, None))
        if connection and process == os.getpid():
            connection.close()

    def settle(self) -> None:
        """The server does it by itself."""

    def exists(self) -> bool:
        query = "SELECT EXISTS (SELECT FROM articles) OR EXISTS (SELECT FROM feeds)"
        return bool(self.connection().execute(query).fetchone()[0])

    def bytes_kept(self) -> int:
        return int(self.connection().execute("SELECT pg_database_size(current_database())").fetchone()[0])

    def bytes_whole(self) -> int:
        return self.bytes_kept()

    def mend_indexes(self, connection: Any) -> None:
        for (table,) in self.connection().execute(TABLES).fetchall():
            connection.execute(f"REINDEX TABLE {table}")

    def problems(self) -> list[str]:
        """Pages that were not what was written, where the server has checksums of its pages (initdb -k)."""
        query = "SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()"
        failures = self.connection().execute(query).fetchone()[0] or 0
        return [f"{failures} of its pages were not what was written"] if failures else []

    def _open(self) -> ServerConnection:
        connection = ServerConnection(self._address)
        encoding = connection.execute("SHOW server_encoding").fetchone()[0]
        if encoding != "UTF8":
            raise StoreError(
                f"The article database {self._address} keeps text as {encoding}, which has not all "
                "characters; make one with createdb --encoding=UTF8 --template=template0"
            )
        migrate(connection)
        return connection


@cache
def server(address: PostgresAddress) -> Server:
    """The database at an address, one for all stores of this process."""
    return Server(address)
