"""The feed list on disk, an OPML file that other readers can open: read it, change it.

The file is the source of truth of which feeds there are. It is written beside itself and renamed,
synced, so a reader finds the old list or the new one; whoever changes it holds the folder's lock, so
a command and a running ingest do not undo each other's changes.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import copy
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement
from zoneinfo import ZoneInfo

from searchsvc.errors import SourceError
from searchsvc.ingest.items import web_address
from searchsvc.ingest.opml import (
    FULL_TEXT,
    MOVED_FROM,
    PAUSED,
    ZONE,
    ListedFeed,
    empty_list,
    feeds_of,
    folder_in,
    outlines,
    outlines_of,
    parse_opml,
    write_opml,
)


class FeedList:
    """The list in one file, which need not exist yet."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def feeds(self) -> list[ListedFeed]:
        """The feeds; none where there is no file. Raises SourceError when it is no list."""
        return feeds_of(self._read())

    def find(self, named: str) -> ListedFeed:
        """The feed of a name or an address. Raises SourceError that says what there is."""
        feeds = self.feeds()
        found = [feed for feed in feeds if named in (feed.name, feed.address)]
        found = found or [feed for feed in feeds if feed.moved_from == named]
        found = found or [feed for feed in feeds if feed.name.lower() == named.lower()]
        if len(found) != 1:
            raise SourceError(f"No feed of {self.path.name} has the name or address {named!r}")
        return found[0]

    def add(self, feed: ListedFeed) -> None:
        """Add a feed at the end of its folder. Raises SourceError when its address is there already."""
        with self._changing() as root:
            if outlines_of(root, feed.address):
                raise SourceError(f"{feed.address} is in {self.path.name} already")
            outline = SubElement(folder_in(root, feed.folder), "outline", type="rss")
            for name in ("text", "title"):
                outline.set(name, _line(feed.name))
            outline.set("xmlUrl", feed.address)
            if feed.home:
                outline.set("htmlUrl", feed.home)
            _describe(outline, feed)

    def remove(self, address: str) -> None:
        """Take a feed out; its folder stays."""
        with self._changing() as root:
            for parent in root.iter():
                for outline in parent.findall("outline"):
                    if web_address(outline.get("xmlUrl")) == address:
                        parent.remove(outline)

    def pause(self, address: str, paused: bool) -> None:
        """Mark a feed as not to be asked, or take the mark away."""
        with self._changing() as root:
            for outline in outlines_of(root, address):
                _mark(outline, PAUSED, "true" if paused else None)

    def describe(self, address: str, *, zone: ZoneInfo | None, full_text: bool) -> None:
        """Say of a feed in which zone its times are, and whether its articles are wanted from their pages."""
        with self._changing() as root:
            for outline in outlines_of(root, address):
                _mark(outline, ZONE, zone.key if zone else None)
                _mark(outline, FULL_TEXT, "true" if full_text else None)

    def move(self, moves: dict[str, str]) -> set[str]:
        """Give feeds the addresses they moved to, and keep the ones they had.

        The old addresses of those that moved: not one whose new address is in the list already.
        """
        moved: set[str] = set()
        with self._changing() as root:
            for old, new in moves.items():
                if outlines_of(root, new):
                    continue
                for outline in outlines_of(root, old):
                    outline.set("xmlUrl", new)
                    outline.set(MOVED_FROM, old)
                    moved.add(old)
        return moved

    def merge(self, data: bytes, origin: str) -> tuple[int, int, list[str]]:
        """Add the feeds of another list with their folders and all that it says of them.

        How many came, how many were there already, and what is no address.
        """
        theirs = parse_opml(data, origin)
        refused: list[str] = []
        added = known = 0
        with self._changing() as root:
            have = {web_address(outline.get("xmlUrl")) for _, outline in outlines(root)}
            for folder, outline in outlines(theirs):
                address = web_address(outline.get("xmlUrl"))
                if not address:
                    refused.append(str(outline.get("xmlUrl"))[:200])
                elif address in have:
                    known += 1
                else:
                    folder_in(root, folder).append(_alone(outline))
                    have.add(address)
                    added += 1
        return added, known, refused

    def export(self) -> bytes:
        """The list as OPML 2.0."""
        return write_opml(self._read())

    def _read(self) -> Element:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return empty_list()
        except OSError as error:
            raise SourceError(f"{self.path}: it cannot be read ({error.strerror})") from error
        return parse_opml(data, str(self.path))

    @contextmanager
    def _changing(self) -> Iterator[Element]:
        """The list's root, to be changed; written afterwards, unless the change failed."""
        path = self.path.resolve()  # A link stays one.
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
                for left in path.parent.glob(f".{path.name}.*"):  # Of a change that was killed.
                    left.unlink(missing_ok=True)
                root = self._read()
                yield root
                put_file(path, write_opml(root))
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise SourceError(f"{self.path}: it cannot be written ({error.strerror})") from error


def put_file(path: Path, data: bytes) -> None:
    """Put a file in the place of another, whole and synced, with its permissions."""
    descriptor, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), path.stat().st_mode & 0o777 if path.exists() else 0o644)
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(beside).unlink()
        raise


def _describe(outline: Element, feed: ListedFeed) -> None:
    _mark(outline, ZONE, str(feed.zone) if feed.zone else None)
    _mark(outline, PAUSED, "true" if feed.paused else None)
    _mark(outline, FULL_TEXT, "true" if feed.full_text else None)


def _mark(outline: Element, name: str, value: str | None) -> None:
    if value is None:
        outline.attrib.pop(name, None)
    else:
        outline.set(name, value)


def _alone(outline: Element) -> Element:
    """An outline without what is inside it: that comes by itself. Its home page is one, or left out:
    programs that are given the list make links of it, and ``javascript:`` is a link too.
    """
    alone = copy(outline)
    alone.attrib = dict(outline.attrib)
    _mark(alone, "htmlUrl", web_address(outline.get("htmlUrl")))
    for child in list(alone):
        alone.remove(child)
    alone.tail = None
    return alone


def _line(text: str) -> str:
    """A text as it can stand in XML, on one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
