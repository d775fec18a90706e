"""What readers of sources hand on: entries, what was skipped, what failed; and what they share."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from searchsvc.article import Entry, Source

CONTROLS = re.compile("[\x00-\x20\x7f-\xa0\u200b\ufeff]+")
LONGEST_ADDRESS = 4_000


@dataclass(frozen=True, slots=True)
class Skipped:
    """An item that cannot become an article, and why."""

    origin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A file or feed that could not be read as a whole, and why."""

    origin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """An item whose article is kept already, as it is: there is nothing to compare."""

    origin: str


Item = Entry | Skipped | Failed | Unchanged


def web_address(value: object) -> str | None:
    """An address that a reader may follow, or None: http and https only, once controls are out.

    ``JaVa&#9;Script:`` hides its scheme behind a tab, which browsers ignore.
    """
    if not isinstance(value, str):
        return None
    text = re.sub("[\ud800-\udfff]", "", CONTROLS.sub("", value) if _has_controls(value) else value.strip())
    if len(text) > LONGEST_ADDRESS:
        return None
    try:
        parts = urlsplit(text)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return text if usable else None


def _has_controls(value: str) -> bool:
    return bool(CONTROLS.search(value.strip()))


def source_of(url: str | None, name: str = "") -> Source | None:
    """The source of an item: its host, or a name when it has no address."""
    host = host_of(url)
    name = " ".join(name.split())[:200]
    if host:
        return Source(host, name or host)
    return Source(slug(name), name) if name else None


def host_of(url: str | None) -> str | None:
    """The host of an address, without ``www.``: what people call the site."""
    host = urlsplit(url).hostname if url else None
    return host.removeprefix("www.").rstrip(".") if host else None


def slug(name: str) -> str:
    """A name as an id: lower case, Han kept, all else a hyphen."""
    return re.sub(r"\W+", "-", name.lower()).strip("-") or "unknown"
