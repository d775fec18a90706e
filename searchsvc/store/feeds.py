"""What is known of each feed besides its articles: how it answered last, and when it may be asked again.

A row is a ``FeedState`` under the address that the feed list has. It outlives the feed's place in
the list, so that a feed that comes back is asked only for what it has not given yet.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from searchsvc.store.database import Database


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a feed says that it is worth asking: at most every so many seconds, and not at these
    hours (0 to 23, UTC) and days (0 is Monday).
    """

    every: int = 0
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


NO_RHYTHM = Rhythm()


@dataclass(frozen=True, slots=True)
class FeedState:
    """One feed: where it is, how it answered, when it is due; and counts since it was first asked.

    ``validated`` is the address that sent the validators ``etag`` and ``modified``: they mean nothing
    to another. ``digest`` is that of the last body whose items were stored. ``items`` is how many it
    had, ``newest`` the publication time of the latest one. ``fetches`` are all, ``unmodified`` those
    answered without a body, ``failed`` those that failed; ``failures`` are those in a row up to now.
    """

    address: str
    moved_to: str | None = None
    moved_from: str | None = None
    etag: str | None = None
    modified: str | None = None
    validated: str | None = None
    digest: str | None = None
    rhythm: Rhythm = NO_RHYTHM
    fetched: int | None = None
    succeeded: int | None = None
    due: int | None = None
    retired: int | None = None
    failures: int = 0
    failing_since: int | None = None
    error: str | None = None
    items: int = 0
    newest: int | None = None
    fetches: int = 0
    unmodified: int = 0
    failed: int = 0
    bytes: int = 0
    new: int = 0
    updated: int = 0


COLUMNS = ", ".join(field.name for field in fields(FeedState))
PLACES = ", ".join("?" for _ in fields(FeedState))


class FeedStates(dict[str, FeedState]):
    """States by address; of a feed that was never asked, a blank one."""

    def __missing__(self, address: str) -> FeedState:
        return FeedState(address)


class FeedStore(Database):
    """The states of feeds in one database."""

    def states(self) -> FeedStates:
        """Every feed that was ever asked, by its address."""
        rows = self.connection().execute(f"SELECT {COLUMNS} FROM feeds ORDER BY address")  # noqa: S608
        return FeedStates((row[0], _state(row)) for row in rows)

    def get(self, address: str) -> FeedState:
        """What is known of one feed; a blank state for one that was never asked."""
        row = (
            self.connection()
            .execute(f"SELECT {COLUMNS} FROM feeds WHERE address = ?", (address,))  # noqa: S608
            .fetchone()
        )
        return _state(row) if row else FeedState(address)

    def put(self, states: Iterable[FeedState]) -> None:
        """Write some states in one transaction."""
        with self.transaction() as connection:
            connection.executemany(
                f"INSERT OR REPLACE INTO feeds ({COLUMNS}) VALUES ({PLACES})",  # noqa: S608
                map(_row, states),
            )

    def rename(self, state: FeedState, address: str) -> None:
        """Keep a feed's state under another address, with the one it had."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM feeds WHERE address IN (?, ?)", (state.address, address))
            values = _row(replace(state, address=address, moved_to=None, moved_from=state.address))
            connection.execute(f"INSERT INTO feeds ({COLUMNS}) VALUES ({PLACES})", values)  # noqa: S608


def _row(state: FeedState) -> tuple[Any, ...]:
    values = (getattr(state, field.name) for field in fields(state))
    return tuple(json.dumps(asdict(value)) if isinstance(value, Rhythm) else value for value in values)


def _state(row: tuple[Any, ...]) -> FeedState:
    values = dict(zip((field.name for field in fields(FeedState)), row, strict=True))
    rhythm = json.loads(values.pop("rhythm"))
    skips = {name: tuple(rhythm[name]) for name in ("skip_hours", "skip_days")}
    return FeedState(**values, rhythm=Rhythm(rhythm["every"], **skips))
