"""The body that was fetched from a feed's address → the feed, whatever form it has."""

from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from searchsvc.article import Entry
from searchsvc.ingest.archive import read_file
from searchsvc.ingest.feeds import Feed, parse_feed
from searchsvc.ingest.items import Skipped

if TYPE_CHECKING:  # The process that parses has no need of all that fetches.
    from searchsvc.ingest.fetch import Fetched

WHITE = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"


@dataclass(frozen=True, slots=True)
class FeedBody:
    """The bytes of a feed, and what came with them; ``fetched_at`` is None where they were not fetched."""

    data: bytes
    address: str | None = None
    content_type: str | None = None
    fetched_at: int | None = None


class ReadFeed(Protocol):
    """How a body becomes a feed: ``read_feed`` here, or in another process (``parser``)."""

    def __call__(self, body: FeedBody, origin: str, *, zone: ZoneInfo) -> Feed: ...


def body_of(fetched: "Fetched") -> FeedBody:
    """What was fetched, as it is parsed."""
    return FeedBody(fetched.data, fetched.address, fetched.content_type, fetched.fetched_at)


def read_feed(body: FeedBody, origin: str, *, zone: ZoneInfo) -> Feed:
    """The feed that a body is: RSS, Atom, JSON Feed, JSON Lines. Raises SourceError when it is none.

    ``zone`` is that of the times in it which state none.
    """
    if body.data.lstrip(WHITE)[:1] in (b"<", b""):
        return parse_feed(
            body.data,
            origin=origin,
            address=body.address,
            content_type=body.content_type,
            zone=zone,
            fetched_at=body.fetched_at,
        )
    items = list(read_file(BytesIO(body.data), origin, zone=zone))
    entries = tuple(_seen(item, body.fetched_at) for item in items if isinstance(item, Entry))
    names = (entry.source.name for entry in entries if entry.source)
    return Feed(next(names, ""), entries, tuple(item for item in items if isinstance(item, Skipped)))


def _seen(entry: Entry, now: int | None) -> Entry:
    """An entry of a form that does not know of fetching, marked as fetched at a moment."""
    return entry if now is None or entry.seen is not None else replace(entry, seen=now, fetched=True)
