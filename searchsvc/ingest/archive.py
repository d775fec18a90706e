"""Saved files → entries, whatever form they have: told by content, not by name.

An archived item of the mirror's layout; Markdown with front matter; JSON Lines, as ``flask export``
writes them; a JSON array of the same; JSON Feed; RSS and Atom (``feeds.py``). Any of them may be
gzip-compressed. JSON Lines are read line by line, so a file may be larger than memory; of the
others the whole is read, up to a cap.
"""

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from io import BufferedIOBase, BufferedReader, BytesIO, RawIOBase
from typing import Any, BinaryIO, Protocol, cast
from zoneinfo import ZoneInfo

import yaml
from markdown_it import MarkdownIt

from searchsvc.article import Entry
from searchsvc.errors import EntryError, SourceError
from searchsvc.ingest.dates import EARLIEST, parse_moment
from searchsvc.ingest.decode import decode
from searchsvc.ingest.feeds import Feed, parse_feed
from searchsvc.ingest.items import Item, Skipped, host_of, source_of, web_address
from searchsvc.ingest.json_items import json_entry, json_items
from searchsvc.ingest.outlets import PLATFORMS

# One article's file of more than this is none; the largest in real archives have some 300 KB.
MOST_BYTES = 50_000_000
MOST_INFLATED = 4_000_000_000
LONGEST_LINE = 20_000_000
DEEPEST = 10

HEADER = re.compile(r"<!--\s*(?P<time>-?\d{1,20}|NaN|null|undefined|)\s*-->\s*$")
RULE = re.compile(r"-{3,}\s*$")
FRONT = re.compile(r"\A\s*---[ \t]*\n(?P<front>.*?)\n---[ \t]*(?:\n|\Z)(?P<body>.*)\Z", re.DOTALL)
FEED = re.compile(r"<(?:\?xml|rss|feed|rdf:rdf|rdf|channel|atom:feed|!doctype rss)\b", re.IGNORECASE)


class ReadXML(Protocol):
    """How the bytes of an RSS or Atom feed become a feed: ``feeds.parse_feed``, or that elsewhere."""

    def __call__(self, data: bytes, *, origin: str, zone: ZoneInfo) -> Feed: ...


def read_file(
    file: BinaryIO, origin: str, *, zone: ZoneInfo, read_xml: ReadXML = parse_feed
) -> Iterator[Item]:
    """The items of one open file. Raises SourceError when it is of no form that is known."""
    reader = BufferedReader(cast("RawIOBase", file)) if not hasattr(file, "peek") else file
    start = reader.peek(4_096)
    if start.startswith(b"\x1f\x8b"):
        reader = BufferedReader(_Inflated(reader, origin))
        start = reader.peek(4_096)
    if _is_json_lines(start):
        yield from _json_lines(cast("BufferedIOBase", reader), origin, zone)
        return
    data = reader.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise SourceError(
            f"{origin}: it has more than {MOST_BYTES // 1_000_000} MB; split it, or use JSON Lines"
        )
    yield from _read_whole(data, origin, zone, read_xml)


def _read_whole(data: bytes, origin: str, zone: ZoneInfo, read_xml: ReadXML) -> Iterator[Item]:
    try:
        text = decode(data).text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    except EntryError as error:
        raise SourceError(f"{origin}: {error}") from error
    if not text.strip():
        raise SourceError(f"{origin}: it is empty")
    if item := mirror_item(text, origin):
        yield item
    elif front := FRONT.match(text):
        yield _front_matter_item(front["front"], front["body"], origin, zone)
    elif text.lstrip()[0] in "{[":
        # UTF-16, or a space after the brace: JSON Lines all the same.
        lines = BytesIO(text.encode("utf-8", "surrogatepass"))
        if _has_json_lines(text):
            yield from _json_lines(lines, origin, zone)
        else:
            yield from json_items(text, origin, zone)
    elif FEED.search(text[:2_000]):
        feed = read_xml(data, origin=origin, zone=zone)
        yield from feed.entries
        yield from feed.skipped
    else:
        kind = (
            "it is a web page"
            if re.search(r"<html|<!doctype html", text[:2_000], re.IGNORECASE)
            else "its form is not known"
        )
        raise SourceError(
            f"{origin}: {kind}; what is read: archived items, Markdown with front matter, RSS, Atom, "
            "JSON Feed, JSON Lines, OPML"
        )


def mirror_item(text: str, origin: str) -> Entry | None:
    """An item in the mirror's layout, or None: time of sighting, ``[title](url)``, a rule, markup.

    In 2 of 100 items the time is missing or NaN. Titles hold square brackets, addresses parentheses.
    """
    lines = text.lstrip().split("\n", 3)
    header = HEADER.match(lines[0])
    lines = lines[1:] if header else text.lstrip().split("\n", 2)
    link = _link(lines[0]) if lines else None
    if not link or len(lines) < 2 or not RULE.match(lines[1]):
        return None
    title, url = link[0], web_address(link[1])
    return Entry(
        origin=origin,
        title=title.strip(),
        url=url,
        source=source_of(url),
        seen=_milliseconds(header["time"]) if header else None,
        html=lines[2] if len(lines) > 2 else "",
    )


def _link(line: str) -> tuple[str, str] | None:
    """Title and address of ``[title](url)``; by hand, for a pattern takes quadratic time on ``](](](``."""
    line = line.rstrip()
    cut = line.rfind("](")
    if not line.startswith("[") or not line.endswith(")") or cut < 0:
        return None
    return line[1:cut], line[cut + 2 : -1]


def _milliseconds(text: str) -> int | None:
    """A header's time in seconds, or None where it is NaN or cannot be."""
    if not text.isdecimal():
        return None
    seconds = int(text) // 1000
    return seconds if EARLIEST <= seconds < 2**33 else None


def _front_matter_item(front: str, body: str, origin: str, zone: tzinfo) -> Item:
    """Markdown with front matter; or an item of the mirror's inside it, with gaps filled."""
    values = _front_matter(front)
    url = web_address(_first(values, "link", "url", "from", "source_url", "canonical", "original_url"))
    date = parse_moment(_first(values, "date", "published", "pubDate"), zone=zone)
    author = _first(values, "author", "authors")
    # Archives of mirrors file an item under its outlet, and call that its author too.
    is_outlet = bool(author) and author in (*_list(values, "tags"), *_list(values, "categories"))
    inner = mirror_item(body, origin)
    if inner:
        seen_then = date is not None and inner.seen is not None and abs(date - inner.seen) <= 1
        entry = replace(inner, stated=None if seen_then else date, url=inner.url or url)
    else:
        html = MarkdownIt("commonmark", {"html": True}).enable("table").render(body)
        entry = Entry(origin, title="", url=url, stated=date, html=html)
    title = entry.title or _first(values, "title")
    if not title and not (entry.html or "").strip():
        return Skipped(origin, "it has neither a title nor a text")
    is_outlet = is_outlet and host_of(entry.url) not in PLATFORMS
    named = author if is_outlet else _first(values, "source", "site", "publisher")
    return replace(
        entry,
        title=title,
        source=source_of(entry.url, named),
        author=None if is_outlet else author or None,
    )


def _front_matter(text: str) -> dict[str, Any]:
    """The values of front matter as strings; line by line where it is no YAML (a colon in a title)."""
    try:
        _refuse_hostile(text[:100_000])
        values = yaml.load(text[:100_000], Loader=yaml.CBaseLoader)  # noqa: S506 - BaseLoader makes strings only.
    except (yaml.YAMLError, RecursionError, ValueError):
        values = None
    if isinstance(values, dict):
        return {str(key).lower(): value for key, value in values.items()}
    pairs = (line.partition(":") for line in text.split("\n"))
    return {key.strip().lower(): value.strip().strip("\"'") for key, colon, value in pairs if colon}


def _refuse_hostile(text: str) -> None:
    """Raise YAMLError for what no front matter needs: aliases (ten lines of them are a gigabyte) and
    deep nesting, on which the C loader dies with the whole process.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > DEEPEST:
            raise yaml.YAMLError("aliases or deep nesting")


def _first(values: dict[str, Any], *names: str) -> str:
    """The first of some values that is a string, or a list that begins with one."""
    for name in names:
        value = values.get(name.lower())
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _list(values: dict[str, Any], name: str) -> list[str]:
    value = values.get(name)
    return [str(each) for each in value] if isinstance(value, list) else [str(value)] if value else []


def _is_json_lines(start: bytes) -> bool:
    """Whether a file's beginning is a JSON object that ends with its line, or goes on beyond sight."""
    first, newline, rest = start.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
    if not first.startswith(b'{"'):
        return False
    if b'"version"' in first and b"jsonfeed.org" in first:
        return False
    return not newline or first.rstrip().endswith(b"}") or rest.lstrip().startswith(b'{"')


def _has_json_lines(text: str) -> bool:
    """Whether the first line is a whole JSON object, and not the last line."""
    first, _, rest = text.lstrip().partition("\n")
    try:
        return bool(rest.strip()) and isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _json_lines(file: BufferedIOBase, origin: str, zone: tzinfo) -> Iterator[Item]:
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if not line.strip():
            continue
        where = f"{origin}:{number}"
        if len(line) == LONGEST_LINE:
            yield Skipped(where, f"the line has more than {LONGEST_LINE // 1_000_000} MB")
            while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            continue
        yield _json_line(line, where, zone)


def _json_line(line: bytes, where: str, zone: tzinfo) -> Item:
    try:
        value = json.loads(decode(line.lstrip(b"\xef\xbb\xbf")).text)
    except EntryError as error:
        return Skipped(where, str(error))
    except (ValueError, RecursionError) as error:
        return Skipped(where, f"it is not JSON ({error})")
    return json_entry(value, where, zone)


class _Inflated(RawIOBase):
    """A gzip stream as it is inflated, up to a cap: a bomb stops here and not in memory."""

    def __init__(self, file: BinaryIO | BufferedReader, origin: str) -> None:
        self._file, self._origin = file, origin
        self._inflater = zlib.decompressobj(wbits=31)
        self._total = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._some(len(buffer))
        except zlib.error as error:
            raise SourceError(f"{self._origin}: it is not whole gzip ({error})") from error
        self._total += len(data)
        if self._total > MOST_INFLATED:
            raise SourceError(f"{self._origin}: it inflates to more than {MOST_INFLATED // 10**9} GB")
        buffer[: len(data)] = data
        return len(data)

    def _some(self, most: int) -> bytes:
        while True:
            raw = self._inflater.unconsumed_tail or self._inflater.unused_data or self._file.read(65_536)
            if self._inflater.eof:
                # ``cat a.gz b.gz`` makes a file of several members; what follows the last is padding.
                if not raw.startswith(b"\x1f\x8b"):
                    return b""
                self._inflater = zlib.decompressobj(wbits=31)
            if not raw:
                raise SourceError(f"{self._origin}: the gzip stream is cut short")
            if data := self._inflater.decompress(raw, most):
                return data
