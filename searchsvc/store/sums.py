"""A checksum of every row that nothing else could restore, kept beside the rows; SQLite itself has none.

SQLite's own check sees a broken tree, not a changed letter. So each row of the tables named here has its
checksum in the table ``sums``. Triggers of the writing connection keep it: they are temporary, so that
nobody else who opens the file needs our function, and what others write is noticed.

Sketches and stories are not among them: they are held against the articles' texts.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from searchsvc.store.connection import Executes

# Table → the expression that names a row, over ``{row}``: the row itself, or NEW and OLD in a trigger.
KEYS = {
    "articles": "{row}id",
    "versions": "{row}id || ' ' || {row}digest",
    "sources": "{row}key",
    "feeds": "{row}address",
    "pages": "{row}identity",
    "runs": "{row}number",
    "run_sources": "{row}run || ' ' || {row}place",
    "meta": "{row}name",
}
FUNCTION = "row_sum"
# What is done to a damaged row. A digest of nothing is that of no text.
MENDS = {
    "articles": "UPDATE articles SET digest = ''",
    "sources": "UPDATE sources SET name = key",
    "feeds": "DELETE FROM feeds",
    "pages": "DELETE FROM pages",
    "runs": "DELETE FROM runs",
    "run_sources": "DELETE FROM run_sources",
    "meta": "DELETE FROM meta",
}


@dataclass(frozen=True, slots=True)
class Misfit:
    """A row that is not what was written: changed, lost, or put there by somebody else."""

    table: str
    key: str
    lost: bool = False


def row_sum(*values: bytes | None) -> int:
    """63 bits that depend on every value of a row, as SQLite casts it to bytes."""
    digest = blake2b(digest_size=8)
    for value in values:
        digest.update(b"-" if value is None else b"%d " % len(value))
        digest.update(value or b"")
    return int.from_bytes(digest.digest()) >> 1


def register(connection: sqlite3.Connection) -> None:
    """Teach a connection the checksum."""
    connection.create_function(FUNCTION, -1, row_sum, deterministic=True)


def keep(connection: Executes) -> None:
    """From now on this connection keeps the checksums of what it writes."""
    # Else the row that a REPLACE removes is removed without its trigger.
    connection.execute("PRAGMA recursive_triggers = ON")
    for table, key in KEYS.items():
        old, new = (f"CAST({key.format(row=row)} AS TEXT)" for row in ("OLD.", "NEW."))
        forget = f"DELETE FROM sums WHERE of = '{table}' AND row_key = {{}};"  # noqa: S608
        remember = f"INSERT INTO sums VALUES ('{table}', {new}, {_sum(connection, table, 'NEW.')});"  # noqa: S608
        for event, body in (
            ("INSERT", forget.format(new) + remember),
            ("UPDATE", forget.format(old) + forget.format(new) + remember),
            ("DELETE", forget.format(old)),
        ):
            connection.execute(
                f"CREATE TEMP TRIGGER IF NOT EXISTS sum_{table}_{event} AFTER {event} ON main.{table} "
                f"BEGIN {body} END"
            )


def sum_all(connection: Executes) -> None:
    """Checksums of all rows as they are now."""
    connection.execute("DELETE FROM sums")
    for table in KEYS:
        connection.execute(
            f"INSERT INTO sums SELECT '{table}', {_key(table)}, {_sum(connection, table)} FROM {table}"  # noqa: S608
        )


def misfits(connection: Executes) -> Iterator[Misfit]:
    """Every row whose checksum is another one, or missing; every checksum whose row is missing."""
    for table in KEYS:
        changed = connection.execute(
            f"SELECT {_key(table)} FROM {table} LEFT JOIN sums ON of = '{table}' AND row_key = {_key(table)}"  # noqa: S608
            f" WHERE sum IS NOT {_sum(connection, table)}"
        )
        yield from (Misfit(table, str(row[0])) for row in changed)
        lost = connection.execute(
            f"SELECT row_key FROM sums WHERE of = '{table}' AND row_key NOT IN"  # noqa: S608
            f" (SELECT {_key(table)} FROM {table})"
        )
        yield from (Misfit(table, str(row[0]), lost=True) for row in lost)
    names = ", ".join(f"'{table}'" for table in KEYS)
    odd = connection.execute(f"SELECT of, row_key FROM sums WHERE of NOT IN ({names})")  # noqa: S608
    yield from (Misfit(str(row[0]), str(row[1]), lost=True) for row in odd)


def mend(connection: Executes, found: Iterable[Misfit]) -> None:
    """Make the database agree with itself again, in a transaction of a connection that keeps checksums.

    Articles and their versions stay as they are: of an article it is noted that its text is not to be
    trusted, so the next ingest of it writes it anew. What is kept of feeds, pages and runs is forgotten;
    the name of a source is its id until its next article; numbers are counted anew.
    """
    for misfit in found:
        table = misfit.table
        if misfit.lost:
            connection.execute("DELETE FROM sums WHERE of = ? AND row_key = ?", (table, misfit.key))
        elif table in MENDS:
            connection.execute(f"{MENDS[table]} WHERE {_key(table)} = ?", (misfit.key,))
    connection.execute(
        "INSERT INTO sources SELECT DISTINCT source, source FROM articles WHERE true ON CONFLICT DO NOTHING"
    )
    connection.execute(
        "INSERT INTO meta VALUES ('change', 0), ('stories_change', 0), ('stories_version', '')"
        " ON CONFLICT DO NOTHING"
    )
    connection.execute(
        "UPDATE meta SET value = (SELECT coalesce(max(change), 0) FROM articles) WHERE name = 'change'"
    )


def _key(table: str) -> str:
    return f"CAST({KEYS[table].format(row='')} AS TEXT)"


def _sum(connection: Executes, table: str, row: str = "") -> str:
    """The expression for a row's checksum."""
    columns = [column[1] for column in connection.execute(f"PRAGMA table_info({table})")]
    return f"{FUNCTION}({', '.join(f'CAST({row}{name} AS BLOB)' for name in columns)})"
