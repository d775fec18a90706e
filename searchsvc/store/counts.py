"""How many articles there are: of all, of each source, in each stretch of time.

Counted from indexes alone: no text is read, so a million articles take a fraction of a second.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

from searchsvc.article import Source
from searchsvc.store.connection import Connection
from searchsvc.store.database import Database

# All stretches in one statement: a statement for each would cost more than the counting.
OF_ALL = """
    SELECT (
        SELECT count(*) FROM articles
        WHERE published >= json_extract(value, '$[0]') AND published < json_extract(value, '$[1]')
    ) FROM json_each(?) ORDER BY key
"""
OF_A_SOURCE = """
    SELECT (
        SELECT count(*) FROM articles
        WHERE published >= json_extract(value, '$[0]') AND published < json_extract(value, '$[1]')
        AND source = ?
    ) FROM json_each(?) ORDER BY key
"""
WITHOUT_TIME = "SELECT count(*) FROM articles WHERE source = ? AND published IS NULL"


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """A source: how many articles it has in each stretch, and without a time; its first and last time."""

    source: Source
    counts: tuple[int, ...]
    undated: int
    first: int | None
    last: int | None

    @property
    def total(self) -> int:
        return sum(self.counts) + self.undated


class CountStore(Database):
    """What can be counted in one database."""

    @contextmanager
    def at_one_moment(self) -> Iterator["Counts"]:
        """Counts that fit each other, whatever is written meanwhile."""
        with self.apart() as connection:
            yield Counts(connection)


class Counts:
    """Counts as of one moment. Edges are ascending, in seconds: n + 1 of them for n stretches of time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def articles(self) -> int:
        return self._number("SELECT count(*) FROM articles")

    def versions(self) -> int:
        """How many earlier versions are kept."""
        return self._number("SELECT count(*) FROM versions")

    def span(self) -> tuple[int, int] | None:
        """The earliest and the latest publication time."""
        first, last = self._ends("", ())
        return None if first is None or last is None else (first, last)

    def between(self, edges: Sequence[int]) -> tuple[int, ...]:
        """How many articles were published between neighbouring edges, the lower one included."""
        return tuple(count for (count,) in self._connection.execute(OF_ALL, (_pairs(edges),)))

    def by_source(self, edges: Sequence[int]) -> list[SourceSpan]:
        """The same for each source, in the order of their ids."""
        rows = self._connection.execute("SELECT key, name FROM sources ORDER BY key").fetchall()
        return [self._of_source(Source(key, name), _pairs(edges)) for key, name in rows]

    def _of_source(self, source: Source, pairs: str) -> SourceSpan:
        counts = tuple(count for (count,) in self._connection.execute(OF_A_SOURCE, (source.id, pairs)))
        ends = self._ends("WHERE source = ?", (source.id,))
        return SourceSpan(source, counts, self._number(WITHOUT_TIME, source.id), *ends)

    def _ends(self, where: str, values: tuple[str, ...]) -> tuple[int | None, int | None]:
        """The first and the last time. Two statements: with both in one SQLite reads all that is between."""
        first, last = (
            self._connection.execute(f"SELECT {end}(published) FROM articles {where}", values).fetchone()[0]  # noqa: S608
            for end in ("min", "max")
        )
        return first, last

    def _number(self, query: str, *values: object) -> int:
        return int(self._connection.execute(query, values).fetchone()[0])


def _pairs(edges: Sequence[int]) -> str:
    """Stretches as the statements take them."""
    return json.dumps(list(pairwise(edges)))
