"""A list of articles → an Atom 1.0 document (RFC 4287), in pages (RFC 5005), with totals (OpenSearch 1.1).

In: what stands in the feed, as text and instants. Out: bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid5
from xml.etree.ElementTree import Element

from searchsvc.present import moment
from searchsvc.web.xml import LANG, add, serialise

ATOM = "http://www.w3.org/2005/Atom"
OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
# Of all identifiers that this service gives: made of names, they are the same on every machine.
SPACE = UUID("2b0c0d7e-52b4-4f0e-9d3a-6a1f6d0c5e71")


@dataclass(frozen=True, slots=True)
class Link:
    """An absolute address, and what it is to the feed or the entry that has it."""

    rel: str
    href: str
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One article in a feed. Times in seconds; ``summary`` is HTML; ``lang`` empty: nobody knows it."""

    id: str
    title: str
    lang: str
    updated: int
    published: int | None
    author: str
    source: tuple[str, str]
    links: tuple[Link, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class Feed:
    """One page of a feed. ``first`` counts items from 1 through all ``total`` of them; ``size``: a page's."""

    id: str
    title: str
    lang: str
    author: str
    links: tuple[Link, ...]
    q: str
    total: int
    first: int
    size: int
    items: tuple[Item, ...]


def urn(kind: str, name: str) -> str:
    """The identifier of an article, a source or a search: the same wherever the service runs."""
    return f"urn:uuid:{uuid5(SPACE, f'{kind} {name}')}"


def write(feed: Feed) -> bytes:
    """The document."""
    root = Element("feed", {"xmlns": ATOM, "xmlns:opensearch": OPENSEARCH, LANG: feed.lang})
    add(root, "id", feed.id)
    add(root, "title", feed.title)
    # Nothing in it, nothing ever happened to it.
    add(root, "updated", moment(max((item.updated for item in feed.items), default=0)))
    add(add(root, "author"), "name", feed.author)
    _links(root, feed.links)
    add(root, "generator", "searchsvc")
    add(root, "opensearch:totalResults", str(feed.total))
    add(root, "opensearch:startIndex", str(feed.first))
    add(root, "opensearch:itemsPerPage", str(feed.size))
    add(root, "opensearch:Query", None, {"role": "request", "searchTerms": feed.q})
    for item in feed.items:
        _entry(add(root, "entry"), item)
    return serialise(root)


def _entry(entry: Element, item: Item) -> None:
    identifier, name = item.source
    add(entry, "id", item.id)
    add(entry, "title", item.title, {LANG: item.lang})
    add(entry, "updated", moment(item.updated))
    if item.published is not None:
        add(entry, "published", moment(item.published))
    add(add(entry, "author"), "name", item.author)
    _links(entry, item.links)
    add(entry, "category", None, {"term": identifier, "label": name})
    add(entry, "summary", item.summary, {"type": "html", LANG: item.lang})
    source = add(entry, "source")
    add(source, "id", urn("source", identifier))
    add(source, "title", name)


def _links(parent: Element, links: Iterable[Link]) -> None:
    for link in links:
        kind = {"type": link.type} if link.type else {}
        add(parent, "link", None, {"rel": link.rel, **kind, "href": link.href})
