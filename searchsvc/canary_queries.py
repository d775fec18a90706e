"""Queries of the operator's own that a new index must answer: a file of them, and asking them.

A query a line, as one types it into the box; behind a tab, if wanted, how many articles it must find at
least (1). Empty lines and those that begin with # say nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from searchsvc.engine import Answering
from searchsvc.errors import QueryError, SettingsError
from searchsvc.search.request import Request
from searchsvc.search.search import Search
from searchsvc.service import Service


@dataclass(frozen=True, slots=True)
class CanaryQuery:
    """A query, and how many articles with all its words it must find at least."""

    q: str
    least: int


def read_canaries(path: Path) -> tuple[CanaryQuery, ...]:
    """The queries of a file; none if there is no such file. Raises SettingsError."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: the canary queries cannot be read ({error})") from error
    return tuple(_queries(path, lines))


def _queries(path: Path, lines: list[str]) -> Iterator[CanaryQuery]:
    for number, line in enumerate(lines, start=1):
        q, _, least = (part.strip() for part in line.partition("\t"))
        if not q or q.startswith("#"):
            continue
        if least and not (least.isascii() and least.isdecimal()):
            raise SettingsError(
                f"{path}, line {number}: {least!r} behind the tab is not a number of articles"
            )
        yield CanaryQuery(q, int(least or 1))


def disappointments(service: Service, queries: tuple[CanaryQuery, ...], index: Answering) -> list[str]:
    """Which queries an index does not answer as they must be, in sentences. Raises SettingsError."""
    search = Search(service.store, index, service.settings.timezone, service.settings.names)
    return [sentence for query in queries for sentence in _asked(search, query)]


def _asked(search: Search, query: CanaryQuery) -> Iterator[str]:
    try:
        answer = search.find(Request(q=query.q))
    except QueryError as error:
        raise SettingsError(f"The canary query {query.q[:60]!r} cannot be asked: {error}") from error
    total = answer.found.total if answer.matched == "all" else 0
    if total < query.least:
        yield f"The canary {query.q!r} finds {total:,} articles, not {query.least:,} or more."
