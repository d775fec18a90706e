"""Our SQL, which is SQLite's, as PostgreSQL is told it.

In: a statement as the modules of this folder write it. Out: the same for psycopg. It is little that differs,
and all of it is here: how values stand in a statement, types, a REPLACE, a few phrases. Text is sorted by its
code points, as SQLite does, whatever the server's language is. And text that PostgreSQL refuses, which is has
U+0000 in it, is written with another character for that.
"""

import re
from functools import lru_cache

# What is said otherwise, as it stands in our statements.
PHRASES = {
    "value) WITHOUT ROWID": "value TEXT)",
    " WITHOUT ROWID": "",
    "max(retrieved, excluded.retrieved)": "greatest(versions.retrieved, excluded.retrieved)",
    # Stretches of time (store/counts.py).
    "json_extract(value, '$[0]')": "(value ->> 0)::bigint",
    "json_extract(value, '$[1]')": "(value ->> 1)::bigint",
    "json_each(?)": "json_array_elements(?::json) WITH ORDINALITY AS stretches (value, key)",
}
TYPES = {"TEXT": 'TEXT COLLATE "C"', "INTEGER": "BIGINT", "BLOB": "BYTEA"}
# The first column is the key of every table that rows are replaced in.
REPLACE = re.compile(r"INSERT OR REPLACE INTO (\w+) \(([^)]*)\)(.*)", re.DOTALL)

# A character that no text has ("noncharacter") stands before what stands for it, and for U+0000.
MARK = "\ufdd0"


@lru_cache(maxsize=500)
def spoken(statement: str) -> str:
    """A statement of ours as PostgreSQL understands it, with ``%s`` for each value."""
    for ours, theirs in PHRASES.items():
        statement = statement.replace(ours, theirs)
    if statement.lstrip().startswith("CREATE TABLE"):
        statement = re.sub("TEXT|INTEGER|BLOB", lambda found: TYPES[found[0]], statement)
    if replacing := REPLACE.fullmatch(statement):
        statement = _upsert(*replacing.groups())
    return statement.replace("%", "%%").replace("?", "%s")


def _upsert(table: str, columns: str, values: str) -> str:
    key, *rest = columns.split(", ")
    changes = ", ".join(f"{name} = excluded.{name}" for name in rest)
    return f"INSERT INTO {table} ({columns}){values} ON CONFLICT ({key}) DO UPDATE SET {changes}"


def marked(text: str) -> str:
    """A text as it is written: without U+0000."""
    if "\0" not in text and MARK not in text:
        return text
    return text.replace(MARK, f"{MARK}1").replace("\0", f"{MARK}0")


def unmarked(text: str) -> str:
    """The text that was written so."""
    return text if MARK not in text else text.replace(f"{MARK}0", "\0").replace(f"{MARK}1", MARK)
