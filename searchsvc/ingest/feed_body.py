"""The body that was fetched from a feed's address → the feed, whatever form it has."""

from dataclasses import replace
from datetime import tzinfo
from io import BytesIO

from searchsvc.article import Entry
from searchsvc.ingest.archive import read_file
from searchsvc.ingest.feeds import Feed, parse_feed
from searchsvc.ingest.fetch import Fetched
from searchsvc.ingest.items import Skipped

WHITE = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"


def read_feed(fetched: Fetched, origin: str, *, zone: tzinfo) -> Feed:
    """The feed that a body is: RSS, Atom, JSON Feed, JSON Lines. Raises SourceError when it is none.

    ``zone`` is that of the times in it which state none.
    """
    if fetched.data.lstrip(WHITE)[:1] in (b"<", b""):
        return parse_feed(
            fetched.data,
            origin=origin,
            address=fetched.address,
            content_type=fetched.content_type,
            zone=zone,
            fetched_at=fetched.fetched_at,
        )
    items = list(read_file(BytesIO(fetched.data), origin, zone=zone))
    entries = tuple(_seen(item, fetched.fetched_at) for item in items if isinstance(item, Entry))
    names = (entry.source.name for entry in entries if entry.source)
    return Feed(next(names, ""), entries, tuple(item for item in items if isinstance(item, Skipped)))


def _seen(entry: Entry, now: int) -> Entry:
    """An entry of a form that does not know of fetching, marked as fetched now."""
    return replace(entry, seen=now, fetched=True) if entry.seen is None else entry
