"""The database's schema, as the steps that lead to it; the database counts the steps taken.

A step is never edited once released: a change to the schema is a new step at the end. Steps are written for
SQLite; store/dialect.py says what of them is said otherwise to PostgreSQL.
"""

from collections.abc import Callable
from typing import Any

from searchsvc.errors import StoreError
from searchsvc.store.connection import Connection

STEPS = (
    """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
    INSERT INTO meta VALUES ('change', 0);
    CREATE TABLE sources (key TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE articles (
        id TEXT PRIMARY KEY,
        identity TEXT NOT NULL UNIQUE,
        source TEXT NOT NULL REFERENCES sources (key),
        title TEXT NOT NULL,
        text TEXT NOT NULL,
        html TEXT NOT NULL,
        digest TEXT NOT NULL,
        parts TEXT NOT NULL,
        url TEXT, guid TEXT, author TEXT, image TEXT, language TEXT, script TEXT,
        published INTEGER, published_from TEXT,
        retrieved INTEGER NOT NULL, retrieved_from TEXT NOT NULL,
        change INTEGER NOT NULL UNIQUE
    );
    CREATE INDEX articles_by_source ON articles (source);
    CREATE INDEX articles_by_time ON articles (published);
    CREATE TABLE versions (
        id TEXT NOT NULL,
        digest TEXT NOT NULL,
        title TEXT NOT NULL,
        text TEXT NOT NULL,
        html TEXT NOT NULL,
        retrieved INTEGER NOT NULL,
        PRIMARY KEY (id, digest)
    ) WITHOUT ROWID;
    """,
    # What ingests did (store/runs.py), and indexes from which articles are counted without reading texts.
    """
    CREATE TABLE runs (
        number INTEGER PRIMARY KEY,
        began INTEGER NOT NULL,
        took_ms INTEGER,
        indexed INTEGER NOT NULL DEFAULT 0,
        stopped TEXT
    );
    CREATE TABLE run_sources (
        run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        source TEXT NOT NULL,
        new INTEGER NOT NULL, updated INTEGER NOT NULL, unchanged INTEGER NOT NULL,
        skipped INTEGER NOT NULL, failed INTEGER NOT NULL,
        reasons TEXT NOT NULL,
        PRIMARY KEY (run, place)
    ) WITHOUT ROWID;
    CREATE INDEX articles_by_source_and_time ON articles (source, published);
    DROP INDEX articles_by_source;
    CREATE INDEX versions_by_time ON versions (retrieved);
    """,
    # What is known of each feed besides its articles (store/feeds.py).
    """
    CREATE TABLE feeds (
        address TEXT PRIMARY KEY,
        moved_to TEXT, moved_from TEXT,
        etag TEXT, modified TEXT, validated TEXT,
        digest TEXT, rhythm TEXT NOT NULL,
        fetched INTEGER, succeeded INTEGER, due INTEGER, retired INTEGER,
        failures INTEGER NOT NULL, failing_since INTEGER, error TEXT,
        items INTEGER NOT NULL, newest INTEGER,
        fetches INTEGER NOT NULL, unmodified INTEGER NOT NULL, failed INTEGER NOT NULL,
        bytes INTEGER NOT NULL, new INTEGER NOT NULL, updated INTEGER NOT NULL
    ) WITHOUT ROWID;
    """,
    # Which articles tell the same story: ``stories`` has those that are near another one, the earliest
    # of all that hang together, and the earliest of the story, null where an article stands alone.
    """
    CREATE TABLE sketches (id TEXT PRIMARY KEY, moment INTEGER NOT NULL, sketch BLOB NOT NULL);
    CREATE INDEX sketches_by_moment ON sketches (moment);
    CREATE TABLE stories (id TEXT PRIMARY KEY, component TEXT NOT NULL, story TEXT) WITHOUT ROWID;
    CREATE INDEX stories_by_component ON stories (component);
    CREATE INDEX stories_by_story ON stories (story);
    INSERT INTO meta VALUES ('stories_change', 0), ('stories_version', '');
    """,
    # Which articles' pages were asked for their full text (store/pages.py).
    """
    CREATE TABLE pages (
        identity TEXT PRIMARY KEY,
        digest TEXT NOT NULL,
        asked INTEGER NOT NULL,
        failures INTEGER NOT NULL
    ) WITHOUT ROWID;
    """,
    # A checksum of every row that nothing else could restore (store/sums.py).
    """
    CREATE TABLE sums (
        of TEXT NOT NULL, row_key TEXT NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (of, row_key)
    ) WITHOUT ROWID;
    """,
)
# The step after which the checksums of all rows are computed, where the database has none of its own.
SUMMED = 6


def migrate(connection: Connection, sum_all: Callable[[Any], None] | None = None) -> None:
    """Take the steps that a database has not taken yet, in one transaction."""
    if connection.schema_version() == len(STEPS):
        return
    connection.begin()
    try:
        for number in range(_taken(connection), len(STEPS)):
            for statement in filter(str.strip, STEPS[number].split(";")):
                connection.execute(statement.strip())
            if number + 1 == SUMMED and sum_all:
                sum_all(connection)
            connection.set_schema_version(number + 1)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _taken(connection: Connection) -> int:
    taken = connection.schema_version()
    if taken > len(STEPS):
        raise StoreError(
            f"The article database has schema {taken}, this program knows {len(STEPS)}: it was written "
            "by a later release; install that one"
        )
    return taken
