"""An address that somebody typed → the feed that they mean.

It may be a feed, or a site: then the feeds that its page names are tried, and after them a few paths
where feeds usually are, if the site lets programs look there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser

from searchsvc.errors import EntryError, SourceError
from searchsvc.ingest.decode import decode
from searchsvc.ingest.feed_body import ReadFeed, body_of
from searchsvc.ingest.feeds import Feed
from searchsvc.ingest.fetch import Fetched
from searchsvc.ingest.items import web_address
from searchsvc.ingest.robots import Robots

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
USUAL_PATHS = ("/feed", "/rss", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml", "/rss2.xml")
MOST_NAMED = 10
COMMENTS = ("comment", "评论", "評論", "留言")

Fetch = Callable[[str], Fetched]


@dataclass(frozen=True)
class Found:
    """A feed, where it is, and the other feeds that its site names."""

    address: str
    feed: Feed
    others: tuple[str, ...] = ()


def discover(address: str, fetch: Fetch, read: ReadFeed, *, zone: ZoneInfo) -> Found:
    """The feed of an address. Raises SourceError that says what was found instead."""
    fetched = fetch(address)
    try:
        return Found(fetched.moved_to or address, read(body_of(fetched), address, zone=zone))
    except SourceError as error:
        named = _named(fetched)
        if found := _first_feed(named, fetch, read, zone):
            return found
        if found := _first_feed(_usual(fetched.address, fetch), fetch, read, zone):
            return found
        tried = f"; it names {', '.join(named)}, which are no feeds either" if named else ""
        raise SourceError(
            f"{error}{tried}. Nothing was found at the usual paths either: look for the site's RSS address"
        ) from error


def _first_feed(addresses: list[str], fetch: Fetch, read: ReadFeed, zone: ZoneInfo) -> Found | None:
    """The first address that is a feed with items, else the first that is one."""
    empty: Found | None = None
    for number, address in enumerate(addresses):
        try:
            fetched = fetch(address)
            feed = read(body_of(fetched), address, zone=zone)
        except SourceError:
            continue
        others = tuple(addresses[:number] + addresses[number + 1 :])
        found = Found(fetched.moved_to or address, feed, others)
        if feed.entries:
            return found
        empty = empty or found
    return empty


def _named(fetched: Fetched) -> list[str]:
    """The feeds that a page names by ``<link rel=alternate>``; those of comments last."""
    try:
        tree = LexborHTMLParser(decode(fetched.data[:2_000_000]).text)
    except EntryError:
        return []
    found: dict[str, bool] = {}
    for link in tree.css("link"):
        given = {name.lower(): value or "" for name, value in link.attributes.items()}
        is_feed = given.get("type", "").partition(";")[0].strip().lower() in FEED_TYPES
        if is_feed and "alternate" in given.get("rel", "").lower().split():
            address = web_address(_joined(fetched.address, given.get("href", "")))
            if address:
                about = f"{given.get('title', '')} {address}".lower()
                found.setdefault(address, any(word in about for word in COMMENTS))
    return sorted(found, key=lambda address: found[address])[:MOST_NAMED]


def _usual(address: str, fetch: Fetch) -> list[str]:
    """Usual paths of a site, as far as it lets us look."""
    robots = Robots(fetch)
    candidates = (_joined(address, path) for path in USUAL_PATHS)
    return [candidate for candidate in candidates if candidate and robots.allows(candidate)]


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        return ""
