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
from urllib.parse import urljoin

import feedparser

from searchsvc.article import Entry
from searchsvc.errors import SourceError
from searchsvc.ingest.dates import first_moment
from searchsvc.ingest.decode import decode_answer
from searchsvc.ingest.items import Skipped, host_of, source_of, web_address
from searchsvc.ingest.rhythm import rhythm
from searchsvc.store.feeds import NO_RHYTHM, Rhythm

MOST_ENTRIES = 5_000
# 300,000 "<!--" in a row take feedparser more than 25 seconds; real feeds have a few dozen comments.
MOST_COMMENTS = 20_000
ENTRY = re.compile(r"<(?:\w+:)?(?P<kind>item|entry)[\s>]", re.IGNORECASE)
CLOSING = {"item": "</channel></rss>", "entry": "</feed>"}
# References to characters; feedparser gives up a whole feed over one to half a surrogate pair.
REFERENCE = re.compile(r"&#(?:x0*(?P<hex>d[89a-f][0-9a-f]{2})|0*(?P<decimal>5[5-7]\d{3}));", re.IGNORECASE)
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as parsed: what it calls itself, its entries, what was left out of it, and its rhythm."""

    title: str
    entries: tuple[Entry, ...]
    skipped: tuple[Skipped, ...]
    rhythm: Rhythm = NO_RHYTHM


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
    text = decode_answer(data, origin, content_type)
    if text.count("<!--") > MOST_COMMENTS:
        raise SourceError(f"{origin}: more than {MOST_COMMENTS:,} comments are no feed")
    pace = rhythm(text)
    text, beyond = _cut(text)
    parsed = _parse(text, origin)
    if not parsed.get("version") and not parsed.entries:
        raise SourceError(f"{origin}: {_what_it_is(text)}, not a feed")
    title = str(parsed.feed.get("title") or "").strip()
    home = web_address(parsed.feed.get("link")) or address
    items = [
        _entry(raw, f"{origin}#{number}", title, home, zone, fetched_at)
        for number, raw in enumerate(parsed.entries, start=1)
    ]
    skipped = [item for item in items if isinstance(item, Skipped)]
    if beyond:
        skipped.append(Skipped(origin, f"{beyond} entries beyond {MOST_ENTRIES:,}"))
    return Feed(title, tuple(item for item in items if isinstance(item, Entry)), tuple(skipped), pace)


def _cut(text: str) -> tuple[str, int]:
    """The text with no more than MOST_ENTRIES entries, and how many were cut off.

    Before parsing: feedparser takes 19 seconds over 100,000 small items.
    """
    starts = list(ENTRY.finditer(text))
    if len(starts) <= MOST_ENTRIES:
        return text, 0
    first = starts[MOST_ENTRIES]
    return text[: first.start()] + CLOSING[first["kind"].lower()], len(starts) - MOST_ENTRIES


def _parse(text: str, origin: str) -> Any:
    """feedparser's answer. It raises all kinds of errors on broken markup."""
    text = REFERENCE.sub(_without_surrogate, re.sub("[\ud800-\udfff]", "\ufffd", text))
    text = DECLARATION.sub("", text, count=1).lstrip("\ufeff \t\r\n")
    try:
        return feedparser.parse(
            BytesIO(b'<?xml version="1.0" encoding="utf-8"?>\n' + text.encode("utf-8")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except MemoryError:
        raise
    except Exception as error:
        raise SourceError(f"{origin}: it cannot be read as a feed ({type(error).__name__})") from error


def _without_surrogate(reference: re.Match[str]) -> str:
    """A reference, or U+FFFD where it is to what is no character."""
    number = int(reference["hex"] or "0", 16) or int(reference["decimal"] or 0)
    return "\ufffd" if 0xD800 <= number <= 0xDFFF else reference[0]


def _what_it_is(text: str) -> str:
    start = text[:2_000].lower()
    if "<html" in start or "<!doctype html" in start:
        return "it is a web page"
    return "it is something else" if text.strip() else "it is empty"


def _entry(
    raw: Any, origin: str, feed_title: str, home: str | None, zone: tzinfo, fetched_at: int | None
) -> Entry | Skipped:
    """One of feedparser's entries as ours."""
    html, is_plain = _content(raw)
    title = _string(raw.get("title"))
    link = _string(raw.get("link"))
    url = web_address(link) or web_address(_joined(home, link)) or web_address(raw.get("id"))
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
        # Without ``seen``: that is our visit, days later, and would make UTC of every naive time.
        stated=first_moment(times, zone=zone),
        seen=fetched_at,
        fetched=fetched_at is not None,
        html=None if is_plain else html,
        text=html if is_plain else None,
    )


def _content(raw: Any) -> tuple[str, bool]:
    """The fullest text that an entry carries, and whether Atom says that it is no markup: ``1 < 2``."""
    parts = [*(raw.get("content") or ()), raw.get("summary_detail")]
    values = [(_string(part.get("value")), part.get("type")) for part in parts if isinstance(part, dict)]
    text, kind = max(values, key=lambda value: len(value[0]), default=(_string(raw.get("summary")), None))
    return text, kind == "text/plain"


def _joined(home: str | None, link: str) -> str | None:
    """A link that is relative (``/a/1.html``) as a whole address."""
    try:
        return urljoin(home, link) if home and link and ":" not in link.partition("/")[0] else None
    except ValueError:
        return None


def _string(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
