"""All rows of one database → another one, whichever each of them is, and whether they arrived."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from searchsvc.errors import StoreError
from searchsvc.store.connection import Connection

# Tables, each behind those that it refers to, and what puts their rows in an order.
# Checksums of rows are the target's own.
TABLES = {
    "meta": "name",
    "sources": "key",
    "articles": "change",
    "versions": "id, digest",
    "runs": "number",
    "run_sources": "run, place",
    "feeds": "address",
    "pages": "identity",
    "sketches": "id",
    "stories": "id",
}
# Of the values in ``meta``, the one that is no number.
WORDS = "stories_version"


def transfer(source: Connection, target: Connection) -> None:
    """Put all rows in the place of what the target has, in a transaction of its own.

    Both are read again and compared, row by row. Raises StoreError if they differ.
    """
    for table in reversed(TABLES):
        target.execute(f"DELETE FROM {table}")  # noqa: S608
    for table in TABLES:
        columns = ", ".join(source.columns(table))
        target.insert(table, columns, _rows(source, table, columns))
        if _digest(source, table, columns) != _digest(target, table, columns):
            raise StoreError(f"The table {table} did not arrive as it was sent; nothing was changed")


def _rows(connection: Connection, table: str, columns: str) -> Iterator[tuple[Any, ...]]:
    rows = connection.stream(f"SELECT {columns} FROM {table} ORDER BY {TABLES[table]}")  # noqa: S608
    return map(_named, rows) if table == "meta" else iter(rows)


def _named(row: tuple[str, Any]) -> tuple[str, Any]:
    """A row of ``meta``, where SQLite has numbers and PostgreSQL text."""
    name, value = row
    return name, str(value) if name == WORDS else int(value)


def _digest(connection: Connection, table: str, columns: str) -> tuple[int, bytes]:
    """How many rows a table has, and a digest of all of them in their order."""
    digest, number = blake2b(), 0
    for row in _rows(connection, table, columns):
        number += 1
        digest.update(repr(tuple(row)).encode())
    return number, digest.digest()
