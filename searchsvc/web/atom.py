"""A list of articles → an Atom 1.0 document (RFC 4287), in pages (RFC 5005), with totals (OpenSearch 1.1).

In: what stands in the feed, as text and instants. Out: bytes. Nothing that comes in can break the document:
ElementTree escapes what is markup, and what XML 1.0 has no way to write is left out.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid5
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from searchsvc.present import moment

ATOM = "http://www.w3.org/2005/Atom"
OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# Of all identifiers that this service gives: made of names, they are the same on every machine.
SPACE = UUID("2b0c0d7e-52b4-4f0e-9d3a-6a1f6d0c5e71")
# https://www.w3.org/TR/xml/#charsets
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    # Nothing in it, nothing ever happened to it.
    _text(root, "updated", moment(max((item.updated for item in feed.items), default=0)))
    _person(root, feed.author)
    _links(root, feed.links)
    _text(root, "generator", "searchsvc")
    _text(root, "opensearch:totalResults", str(feed.total))
    _text(root, "opensearch:startIndex", str(feed.first))
    _text(root, "opensearch:itemsPerPage", str(feed.size))
    SubElement(root, "opensearch:Query", {"role": "request", "searchTerms": clean(feed.q)})
    for item in feed.items:
        _entry(SubElement(root, "entry"), item)
    document: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return document


def clean(text: str) -> str:
    """The text without what XML 1.0 cannot hold: control characters, lone surrogates, U+FFFE and U+FFFF."""
    return FORBIDDEN.sub("", text)


def _entry(entry: Element, item: Item) -> None:
    _text(entry, "id", item.id)
    _text(entry, "title", item.title, {LANG: item.lang})
    _text(entry, "updated", moment(item.updated))
    if item.published is not None:
        _text(entry, "published", moment(item.published))
    _person(entry, item.author)
    _links(entry, item.links)
    identifier, name = item.source
    SubElement(entry, "category", {"term": clean(identifier), "label": clean(name)})
    _text(entry, "summary", item.summary, {"type": "html", LANG: item.lang})
    source = SubElement(entry, "source")
    _text(source, "id", urn("source", identifier))
    _text(source, "title", name)


def _person(parent: Element, name: str) -> None:
    _text(SubElement(parent, "author"), "name", name)


def _links(parent: Element, links: Iterable[Link]) -> None:
    for link in links:
        kind = {"type": link.type} if link.type else {}
        SubElement(parent, "link", {"rel": link.rel, **kind, "href": clean(link.href)})


def _text(parent: Element, name: str, text: str, attributes: dict[str, str] | None = None) -> None:
    SubElement(parent, name, attributes or {}).text = clean(text)
