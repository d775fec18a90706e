"""Which feeds and files to read: what a person named → each source with its items.

A folder is read whole, in the order of names; an OPML file stands for the feeds it lists. What
cannot be read is handed on as ``Failed``, and the rest carries on.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from glob import glob, has_magic
from pathlib import Path
from zoneinfo import ZoneInfo

from searchsvc.errors import EntryError, SourceError
from searchsvc.ingest.archive import ReadXML, read_file
from searchsvc.ingest.decode import decode
from searchsvc.ingest.feedlist import FeedList
from searchsvc.ingest.feeds import parse_feed
from searchsvc.ingest.items import Failed, Item
from searchsvc.ingest.opml import ListedFeed

STANDARD_INPUT = "-"

Sources = Iterator[tuple[str, Iterator[Item]]]
Ask = Callable[[list[ListedFeed]], Sources]


def read_sources(
    named: Iterable[str],
    *,
    zone: ZoneInfo,
    ask: Ask,
    listed: Sequence[ListedFeed] = (),
    read_xml: ReadXML = parse_feed,
) -> Sources:
    """Each source of what was named, and its items as they are read; feeds last, all together.

    ``ask`` fetches feeds; ``listed`` are those that can be named as the list calls them; ``read_xml``
    reads files that are RSS or Atom.
    """
    known = {feed.address: feed for feed in listed} | {feed.name: feed for feed in listed}
    feeds: dict[str, ListedFeed] = {}
    for name in named:
        if name.lower().startswith(("http://", "https://")):
            feeds.setdefault(name, known.get(name, ListedFeed(name, name)))
        elif not name.strip():  # Path("") is the folder we are in.
            yield name, iter([Failed(name, "it is no name of a file or folder")])
        elif name == STANDARD_INPUT:
            yield "standard input", _items_of(None, zone, read_xml)
        elif "://" in name:
            yield name, iter([Failed(name, "only http and https addresses are fetched")])
        elif name in known and not _exists(name):
            feeds.setdefault(known[name].address, known[name])
        else:
            yield from _paths(name, zone, feeds, read_xml)
    if feeds:
        yield from ask(list(feeds.values()))


def _exists(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):  # A name of 10,000 characters, or with a NUL in it.
        return False


def _paths(name: str, zone: ZoneInfo, feeds: dict[str, ListedFeed], read_xml: ReadXML) -> Sources:
    """A file, a folder or a glob; what a feed list lists is added to ``feeds``."""
    path = Path(name)
    try:
        exists = path.exists()
    except (OSError, ValueError) as error:
        yield name, iter([Failed(name[:100], f"it is not a path ({error})")])
        return
    if exists and _is_opml(path):
        try:
            feeds |= {feed.address: feed for feed in FeedList(path).feeds()}
        except SourceError as error:
            yield name, iter([Failed(name, str(error))])
    elif exists:
        yield name, _tree(path, zone, read_xml)
    elif has_magic(name) and (found := sorted(glob(name, recursive=True))):  # noqa: PTH207 - Path.glob takes no absolute pattern.
        yield name, (item for each in found for item in _tree(Path(each), zone, read_xml))
    else:
        yield name, iter([Failed(name, "there is no such file or folder")])


def _tree(path: Path, zone: ZoneInfo, read_xml: ReadXML) -> Iterator[Item]:
    """The items of a file, or of all files below a folder, in the order of their names."""
    if not path.is_dir():
        yield from _items_of(path, zone, read_xml)
        return
    failures: list[OSError] = []
    for folder, folders, files in os.walk(path, onerror=failures.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield from _items_of(Path(folder) / name, zone, read_xml)
        yield from (Failed(str(each.filename), f"it cannot be read ({each.strerror})") for each in failures)
        failures.clear()
    yield from (Failed(str(each.filename), f"it cannot be read ({each.strerror})") for each in failures)


def _items_of(path: Path | None, zone: ZoneInfo, read_xml: ReadXML) -> Iterator[Item]:
    """The items of one file, or of standard input; a failure ends this file only."""
    name = "standard input" if path is None else str(path)
    try:
        if path is None:
            yield from read_file(sys.stdin.buffer, name, zone=zone, read_xml=read_xml)
        elif not path.is_file():
            yield Failed(name, "it is not a regular file")
        else:
            with path.open("rb") as file:
                yield from read_file(file, name, zone=zone, read_xml=read_xml)
    except SourceError as error:
        yield Failed(name, str(error))
    except OSError as error:
        yield Failed(name, f"it cannot be read ({error.strerror})")


def _is_opml(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return "<opml" in decode(file.read(2_000)).text.lower()
    except (OSError, EntryError):
        return False
