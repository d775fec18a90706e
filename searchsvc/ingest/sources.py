"""Which feeds and files to read: what a person named → each source with its items.

A folder is read whole, in the order of names; an OPML file stands for the feeds it lists. What
cannot be read is handed on as ``Failed``, and the rest carries on.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from glob import glob, has_magic
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

from searchsvc.article import Entry
from searchsvc.errors import EntryError, SourceError
from searchsvc.ingest.archive import read_file
from searchsvc.ingest.decode import decode
from searchsvc.ingest.feeds import parse_feed
from searchsvc.ingest.fetch import fetch
from searchsvc.ingest.items import Failed, Item, web_address
from searchsvc.settings import Settings

STANDARD_INPUT = "-"
WHITE = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
MOST_OPML_BYTES = 10_000_000

Sources = Iterator[tuple[str, Iterator[Item]]]


def read_sources(named: Iterable[str], *, settings: Settings, now: int) -> Sources:
    """Each source of what was named, and its items as they are read."""
    for name in named:
        if name.lower().startswith(("http://", "https://")):
            yield name, _feed(name, settings, now)
        elif not name.strip():  # Path("") is the folder we are in.
            yield name, iter([Failed(name, "it is no name of a file or folder")])
        elif name == STANDARD_INPUT:
            yield "standard input", _items_of(None, settings)
        elif "://" in name:
            yield name, iter([Failed(name, "only http and https addresses are fetched")])
        else:
            yield from _paths(name, settings, now)


def feed_addresses(path: Path) -> list[str]:
    """The addresses of an OPML feed list; none where there is no list. Raises SourceError."""
    if not path.exists():
        return []
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: it cannot be read ({error.strerror})") from error
    return _opml_addresses(data, str(path))


def _paths(name: str, settings: Settings, now: int) -> Sources:
    """A file, a folder or a glob."""
    path = Path(name)
    try:
        exists = path.exists()
    except (OSError, ValueError) as error:  # A name of 10,000 characters, or with a NUL in it.
        yield name, iter([Failed(name[:100], f"it is not a path ({error})")])
        return
    if exists and _is_opml(path):
        yield from _opml(path, settings, now)
    elif exists:
        yield name, _tree(path, settings)
    elif has_magic(name) and (found := sorted(glob(name, recursive=True))):  # noqa: PTH207 - Path.glob takes no absolute pattern.
        yield name, (item for each in found for item in _tree(Path(each), settings))
    else:
        yield name, iter([Failed(name, "there is no such file or folder")])


def _tree(path: Path, settings: Settings) -> Iterator[Item]:
    """The items of a file, or of all files below a folder, in the order of their names."""
    if not path.is_dir():
        yield from _items_of(path, settings)
        return
    failures: list[OSError] = []
    for folder, folders, files in os.walk(path, onerror=failures.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield from _items_of(Path(folder) / name, settings)
        yield from (Failed(str(each.filename), f"it cannot be read ({each.strerror})") for each in failures)
        failures.clear()
    yield from (Failed(str(each.filename), f"it cannot be read ({each.strerror})") for each in failures)


def _items_of(path: Path | None, settings: Settings) -> Iterator[Item]:
    """The items of one file, or of standard input; a failure ends this file only."""
    name = "standard input" if path is None else str(path)
    try:
        if path is None:
            yield from read_file(sys.stdin.buffer, name, zone=settings.timezone)
        elif not path.is_file():
            yield Failed(name, "it is not a regular file")
        else:
            with path.open("rb") as file:
                yield from read_file(file, name, zone=settings.timezone)
    except SourceError as error:
        yield Failed(name, str(error))
    except OSError as error:
        yield Failed(name, f"it cannot be read ({error.strerror})")


def _feed(address: str, settings: Settings, now: int) -> Iterator[Item]:
    """The items of a feed on the web."""
    try:
        fetched = fetch(
            address,
            timeout_seconds=settings.fetch_timeout_seconds,
            max_bytes=settings.fetch_max_bytes,
            allow_private=settings.fetch_allow_private,
        )
        if fetched.data.lstrip(WHITE)[:1] not in (b"<", b""):  # JSON Feed, JSON Lines, …
            read = read_file(BytesIO(fetched.data), address, zone=settings.timezone)
            yield from (_seen_at(item, now) for item in read)
            return
        feed = parse_feed(
            fetched.data,
            origin=address,
            address=fetched.address,
            content_type=fetched.content_type,
            zone=settings.timezone,
            fetched_at=now,
        )
    except SourceError as error:
        yield Failed(address, str(error))
        return
    yield from feed.entries
    yield from feed.skipped


def _seen_at(item: Item, now: int) -> Item:
    """An item of a form that does not know of fetching, marked as fetched now."""
    if isinstance(item, Entry) and item.seen is None:
        return replace(item, seen=now, fetched=True)
    return item


def _is_opml(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return "<opml" in decode(file.read(2_000)).text.lower()
    except (OSError, EntryError):
        return False


def _opml(path: Path, settings: Settings, now: int) -> Sources:
    try:
        addresses = feed_addresses(path)
    except SourceError as error:
        yield str(path), iter([Failed(str(path), str(error))])
        return
    yield from read_sources(addresses, settings=settings, now=now)


def _opml_addresses(data: bytes, origin: str) -> list[str]:
    if len(data) > MOST_OPML_BYTES or b"<!ENTITY" in data:
        raise SourceError(f"{origin}: it is not a feed list")
    try:
        # Without its declaration: expat knows no GBK, and the text is UTF-8 by now.
        text = re.sub(r"^\s*<\?xml[^>]*\?>", "", decode(data).text)
        root = ElementTree.fromstring(text.encode())  # noqa: S314 - Entities are refused above.
    except (ElementTree.ParseError, EntryError, ValueError) as error:
        raise SourceError(f"{origin}: it is not OPML ({error})") from error
    found = (web_address(outline.get("xmlUrl")) for outline in root.iter("outline"))
    return list(dict.fromkeys(address for address in found if address))
