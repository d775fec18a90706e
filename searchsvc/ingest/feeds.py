"""Feed bytes → entries; the only feedparser code.

feedparser opens addresses and files when it is given a string, guesses encodings, sanitises what is
sanitised better elsewhere, and reads dates by rules of its own. So it gets bytes in a BytesIO, UTF-8
and saying so, with all of that off; dates are read from the strings it found.
"""

import re
from dataclasses import dataclass
from datetime import tzinfo
from io import BytesIO
from typing import Any

import feedparser

from searchsvc.article import Entry
from searchsvc.errors import EntryError, SourceError
from searchsvc.ingest.dates import first_moment
from searchsvc.ingest.decode import decode
from searchsvc.ingest.items import Skipped, host_of, source_of, web_address

MOST_ENTRIES = 5_000
# 300,000 "<!--" in a row take feedparser more than 25 seconds; real feeds have a few dozen comments.
MOST_COMMENTS = 20_000
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as parsed: what it calls itself, its entries, and what was left out of it."""

    title: str
    entries: tuple[Entry, ...]
    skipped: tuple[Skipped, ...]


def parse_feed(
    data: bytes,
    *,
    origin: str,
    zone: tzinfo,
    address: str | None = None,
    content_type: str | None = None,
    fetched_at: int | None = None,
) -> Feed:
    """The feed that some bytes are. Raises SourceError when they are none."""
    text = _text(data, origin, content_type)
    if text.count("<!--") > MOST_COMMENTS:
        raise SourceError(f"{origin}: more than {MOST_COMMENTS:,} comments are no feed")
    parsed = _parse(text, origin)
    if not parsed.get("version") and not parsed.entries:
        raise SourceError(f"{origin}: {_what_it_is(text)}, not a feed")
    title = str(parsed.feed.get("title") or "").strip()
    home = address or web_address(parsed.feed.get("link"))
    items = [
        _entry(raw, f"{origin}#{number}", title, home, zone, fetched_at)
        for number, raw in enumerate(parsed.entries[:MOST_ENTRIES], start=1)
    ]
    skipped = [item for item in items if isinstance(item, Skipped)]
    if len(parsed.entries) > MOST_ENTRIES:
        skipped.append(Skipped(origin, f"{len(parsed.entries) - MOST_ENTRIES} entries beyond {MOST_ENTRIES:,}"))
    return Feed(title, tuple(item for item in items if isinstance(item, Entry)), tuple(skipped))


def _text(data: bytes, origin: str, content_type: str | None) -> str:
    declared = re.search(r"charset=[\"']?([\w.:-]+)", content_type or "")
    try:
        return decode(data, declared[1] if declared else None).text
    except EntryError as error:
        raise SourceError(f"{origin}: {error}") from error


def _parse(text: str, origin: str) -> Any:
    """feedparser's answer. It raises all kinds of errors on broken markup."""
    text = DECLARATION.sub("", re.sub("[\ud800-\udfff]", "\ufffd", text), count=1).lstrip("\ufeff \t\r\n")
    try:
        return feedparser.parse(
            BytesIO(b'<?xml version="1.0" encoding="utf-8"?>\n' + text.encode("utf-8")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:
        raise SourceError(f"{origin}: it cannot be read as a feed ({type(error).__name__})") from error


def _what_it_is(text: str) -> str:
    start = text[:2_000].lower()
    if "<html" in start or "<!doctype html" in start:
        return "it is a web page"
    return "it is something else" if text.strip() else "it is empty"


def _entry(
    raw: Any, origin: str, feed_title: str, home: str | None, zone: tzinfo, fetched_at: int | None
) -> Entry | Skipped:
    """One of feedparser's entries as ours."""
    html = _content(raw)
    title = _string(raw.get("title"))
    url = web_address(raw.get("link")) or web_address(raw.get("id"))
    if not title and not html.strip():
        return Skipped(origin, "it has neither a title nor a text")
    # dict.get: feedparser's own looks for "updated" under "published" too, and warns of it.
    times = (dict.get(raw, key) for key in ("published", "created", "updated"))
    own = raw.get("source") if isinstance(raw.get("source"), dict) else {}
    # A planet's entries lead to many sites; its own title names none of them.
    at_home = url is None or home is None or host_of(url) == host_of(home)
    name = _string(own.get("title")) or (feed_title if at_home else "")
    return Entry(
        origin=origin,
        title=title,
        url=url,
        guid=_string(raw.get("id")) or None,
        source=source_of(url or home, name),
        author=_string(raw.get("author")) or None,
        stated=first_moment(times, zone=zone, seen=fetched_at),
        seen=fetched_at,
        fetched=fetched_at is not None,
        html=html,
    )


def _content(raw: Any) -> str:
    """The fullest text that an entry carries."""
    values = [_string(part.get("value")) for part in raw.get("content") or () if isinstance(part, dict)]
    return max([*values, _string(raw.get("summary"))], key=len)


def _string(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


