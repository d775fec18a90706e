"""The articles in the database, the source of truth.

Every write of an article takes the next *change number*, so whoever keeps something derived (an index)
can ask what came since.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from searchsvc.article import Article, Part, Source, SourceCount
from searchsvc.errors import StoreError
from searchsvc.store import sums
from searchsvc.store.connection import Connection
from searchsvc.store.database import Database, rows_in
from searchsvc.store.sums import Misfit

COLUMNS = (
    "id, identity, source, title, text, html, digest, parts, url, guid, author, image, language, "
    "script, published, published_from, retrieved, retrieved_from"
)
PLACES = ", ".join("?" * 18)
# Beside its own columns, an article has the name of its source and the story that it shares.
SELECT = (
    f"SELECT {COLUMNS}, name, story, change FROM articles JOIN sources ON sources.key = source"  # noqa: S608
    " LEFT JOIN stories USING (id)"
)
# Half of what there is to read of a row is its markup.
SELECT_LISTED = SELECT.replace(" html,", " '',")


@dataclass(frozen=True, slots=True)
class Versions:
    """What is known of one article: its version in force, and when each digest was last seen."""

    digest: str
    retrieved: int
    seen: dict[str, int]


@dataclass(frozen=True, slots=True)
class EarlierVersion:
    """What an article said before; ``retrieved``: when it was last seen so, in seconds."""

    digest: str
    title: str
    text: str
    retrieved: int


@dataclass(frozen=True, slots=True)
class Write:
    """An article to put in. ``current`` False: keep it as an earlier version of the one in force."""

    article: Article
    current: bool = True


class ArticleStore(Database):
    """The articles of one database."""

    def get(self, article_id: str) -> Article | None:
        """The article of an id."""
        return next(iter(self.get_many([article_id]).values()), None)

    def get_many(self, ids: Sequence[str]) -> dict[str, Article]:
        """The articles of some ids, in the order of the ids; unknown ids are left out."""
        found = self._select("WHERE articles.id IN", ids)
        by_id = {article.id: article for article in found}
        return {wanted: by_id[wanted] for wanted in ids if wanted in by_id}

    def listed(self, ids: Sequence[str]) -> dict[str, Article]:
        """The same as lists of hits show them: without markup, ``html`` is empty."""
        by_id = {row[0]: _article(row) for row in self._rows(f"{SELECT_LISTED} WHERE articles.id IN", ids)}
        return {wanted: by_id[wanted] for wanted in ids if wanted in by_id}

    def titles(self, ids: Sequence[str]) -> dict[str, str]:
        """The titles of some articles, in the order of the ids; unknown ids are left out.

        A tenth of the time that ``get_many`` takes: of a row only its beginning is read.
        """
        by_id = dict(self._rows("SELECT id, title FROM articles WHERE id IN", ids))
        return {wanted: by_id[wanted] for wanted in ids if wanted in by_id}

    def texts(self, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """The title and the text of some articles; unknown ids are left out."""
        rows = self._rows("SELECT id, title, text FROM articles WHERE id IN", ids)
        return {identifier: (title, text) for identifier, title, text in rows}

    def texts_until(self, ids: Sequence[str], change: int) -> dict[str, tuple[str, str]]:
        """The title and the text of those of some articles that have not changed after a change number."""
        query = "SELECT id, title, text FROM articles WHERE id IN"
        rows = rows_in(self.connection(), query, ids, f"AND change <= {int(change)}")
        return {identifier: (title, text) for identifier, title, text in rows}

    def versions(self, identities: Sequence[str]) -> dict[str, Versions]:
        """What is known of each of some identities; those never seen are left out."""
        known: dict[str, Versions] = {}
        for query in (
            "SELECT identity, digest, retrieved FROM articles WHERE identity IN",
            "SELECT identity, versions.digest, versions.retrieved FROM versions"
            " JOIN articles USING (id) WHERE identity IN",
        ):
            for key, digest, retrieved in self._rows(query, identities):
                entry = known.setdefault(key, Versions(digest, retrieved, {}))
                entry.seen[digest] = max(retrieved, entry.seen.get(digest, retrieved))
        return known

    def earlier(self, article_id: str) -> list[EarlierVersion]:
        """The earlier versions of an article, the oldest first."""
        rows = self.connection().execute(
            "SELECT digest, title, text, retrieved FROM versions WHERE id = ? ORDER BY retrieved, digest",
            (article_id,),
        )
        return [EarlierVersion(*row) for row in rows]

    def put(self, writes: Iterable[Write]) -> int:
        """Write articles in one transaction; the change number afterwards.

        The version that a new one replaces is kept. Either all are in, synced, or none.
        """
        with self.transaction() as connection:
            change = change_of(connection)
            for write in writes:
                change += 1
                _put(connection, write, change)
            set_change(connection, change)
        return change

    def change(self) -> int:
        """The number of the last change; 0 for an empty database."""
        return change_of(self.connection())

    def changed_since(self, change: int, limit: int) -> tuple[list[Article], int]:
        """The next articles changed after a change number, and the number they bring one to."""
        rows = self.connection().execute(
            f"{SELECT} WHERE change > ? ORDER BY change LIMIT ?",
            (change, limit),
        )
        found = [(_article(row), int(row[-1])) for row in rows]
        return [article for article, _ in found], found[-1][1] if found else self.change()

    def all(self) -> Iterator[Article]:
        """Every article as of one moment, in the order of their change numbers."""
        with self.apart() as connection:
            yield from map(_article, connection.stream(f"{SELECT} ORDER BY change"))

    def ids(self, until: int | None = None) -> Iterator[str]:
        """Every article's id; ``until``: of those that have not changed after a change number."""
        where, values = ("", ()) if until is None else (" WHERE change <= ?", (until,))
        return (row[0] for row in self.stream(f"SELECT id FROM articles{where}", values))  # noqa: S608

    def count(self) -> int:
        return int(self.connection().execute("SELECT count(*) FROM articles").fetchone()[0])

    def count_versions(self) -> int:
        """How many earlier versions are kept."""
        return int(self.connection().execute("SELECT count(*) FROM versions").fetchone()[0])

    def sources(self) -> list[SourceCount]:
        """Every source and how many articles it has, the largest first."""
        rows = self.connection().execute(
            "SELECT key, name, count(*) AS n FROM articles JOIN sources ON sources.key = source"
            " GROUP BY key ORDER BY n DESC, key"
        )
        return [SourceCount(Source(key, name), n) for key, name, n in rows]

    def source_names(self, keys: Sequence[str]) -> dict[str, str]:
        """The names of some sources, by their ids; unknown ones are left out."""
        return dict(self._rows("SELECT key, name FROM sources WHERE key IN", keys))

    def named_sources(self) -> dict[str, str]:
        """The name of every source, by its id."""
        return dict(self.connection().execute("SELECT key, name FROM sources"))

    def misfits(self) -> list[Misfit]:
        """The rows that are not what was written. Raises StoreError where the file cannot be read.

        Of a file only: PostgreSQL has checksums of its own.
        """
        return list(sums.misfits(self.connection())) if self.is_file else []

    def mend(self, found: Iterable[Misfit]) -> None:
        """Make the database agree with itself again; see ``sums.mend``."""
        with self.transaction() as connection:
            sums.mend(connection, found)

    def mend_indexes(self) -> None:
        """Make the database's own indexes anew."""
        with self.transaction() as connection:
            self._opened.mend_indexes(connection)

    def problems(self) -> list[str]:
        """What the database itself finds wrong with it."""
        try:
            return self._opened.problems()
        except StoreError as error:
            return [str(error)]

    def _select(self, where: str, values: Sequence[str]) -> list[Article]:
        return [_article(row) for row in self._rows(f"{SELECT} {where}", values)]

    def _rows(self, query: str, values: Sequence[str]) -> Iterator[Any]:
        """The rows of a query that ends in ``IN``, for any number of values."""
        return rows_in(self.connection(), query, values)


def change_of(connection: Connection) -> int:
    """The number of the last change."""
    return int(connection.execute("SELECT value FROM meta WHERE name = 'change'").fetchone()[0])


def set_change(connection: Connection, change: int) -> None:
    """Record the number of the last change."""
    connection.execute("UPDATE meta SET value = ? WHERE name = 'change'", (change,))


def _put(connection: Connection, write: Write, change: int) -> None:
    article = write.article
    connection.execute(
        # A host name standing in for a name never replaces a name.
        "INSERT INTO sources (key, name) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET name = excluded.name"
        " WHERE excluded.name <> excluded.key",
        (article.source.id, article.source.name),
    )
    if not write.current:
        _keep_version(connection, article)
        return
    _keep_replaced(connection, article.id)
    # The row's change number moves with it; whoever follows changes sees the article again.
    connection.execute(
        f"INSERT OR REPLACE INTO articles ({COLUMNS}, change) VALUES ({PLACES}, ?)",  # noqa: S608
        (*_row(article), change),
    )


def _keep_replaced(connection: Connection, article_id: str) -> None:
    connection.execute(
        "INSERT INTO versions (id, digest, title, text, html, retrieved)"
        " SELECT id, digest, title, text, html, retrieved FROM articles"
        # What was damaged and marked so (store/sums.py) is no version that anybody published.
        " WHERE id = ? AND digest <> ''"
        " ON CONFLICT (id, digest) DO UPDATE SET retrieved = max(retrieved, excluded.retrieved)",
        (article_id,),
    )


def _keep_version(connection: Connection, article: Article) -> None:
    connection.execute(
        "INSERT INTO versions (id, digest, title, text, html, retrieved) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id, digest) DO UPDATE SET retrieved = max(retrieved, excluded.retrieved)",
        (article.id, article.digest, article.title, article.text, article.html, article.retrieved),
    )


def _row(article: Article) -> tuple[Any, ...]:
    parts = json.dumps([[part.kind, part.start, part.end] for part in article.parts])
    return (
        article.id, article.identity, article.source.id, article.title, article.text, article.html,
        article.digest, parts, article.url, article.guid, article.author, article.image, article.language,
        article.script, article.published, article.published_from, article.retrieved, article.retrieved_from,
    )  # fmt: skip


def _article(row: Any) -> Article:
    """An Article from a row of SELECT."""
    id_, identity, source, title, text, html, digest, parts, *rest = row
    url, guid, author, image, language, script, published, published_from, retrieved, origin, *rest = rest
    name, story, _ = rest
    return Article(
        id_, identity, Source(source, name), title, text, html, digest,
        # Most articles are all running text.
        () if parts == "[]" else tuple(Part(*part) for part in json.loads(parts)),
        url, guid, author, image, language, script, published, published_from, retrieved, origin, story,
    )  # fmt: skip
