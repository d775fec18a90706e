"""The values that the stages hand on: a Source, an Entry (as published), an Article (as kept).

Times are whole seconds since 1970 in UTC. Local time exists only where people type or read it.
"""

from dataclasses import dataclass
from typing import Literal

# How a time is known, the most trustworthy first.
TimeOrigin = Literal["stated", "mirror", "fetched"]
Script = Literal["hans", "hant"]
PartKind = Literal["heading", "caption", "dateline", "quote", "item", "code"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where an article was published. ``id`` is a host name or a slug of the name: ``voachinese.com``."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as a feed or a file gives it, before anything is known about it.

    ``origin`` tells people where it stands (``news.jsonl:17``). ``stated`` is the publication time
    that the item itself claims, ``seen`` when a mirror or our own fetch saw it; ``fetched`` tells
    the two apart. Exactly the content is here: ``html`` as markup, or ``text`` as plain text.
    """

    origin: str
    title: str
    url: str | None = None
    guid: str | None = None
    source: Source | None = None
    author: str | None = None
    stated: int | None = None
    seen: int | None = None
    fetched: bool = False
    html: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an article's text that is not plain running text: ``text[start:end]``."""

    kind: PartKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Article:
    """An article as kept.

    ``identity`` is what makes another entry the same article (its address, else its guid, else its
    content), ``id`` a short digest of it that stays the same on every machine. ``text`` is readable
    text, one paragraph a line; ``html`` the same as safe markup. ``published`` is None when nothing
    says when. ``digest`` is the digest of everything that a reader sees. ``story`` is the id of the
    earliest article that tells the same story; None while no other does, and before the article is kept.
    """

    id: str
    identity: str
    source: Source
    title: str
    text: str
    html: str
    digest: str
    parts: tuple[Part, ...] = ()
    url: str | None = None
    guid: str | None = None
    author: str | None = None
    image: str | None = None
    language: str | None = None
    script: Script | None = None
    published: int | None = None
    published_from: TimeOrigin | None = None
    retrieved: int = 0
    retrieved_from: TimeOrigin = "fetched"
    story: str | None = None


@dataclass(frozen=True, slots=True)
class SourceCount:
    """A source and how many articles it has, of all or of those found."""

    source: Source
    count: int
