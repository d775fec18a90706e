"""JSON values → entries: what ``flask export`` writes, and JSON Feed 1 and 1.1."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Any

from searchsvc.article import Entry, Source
from searchsvc.errors import SourceError
from searchsvc.ingest.dates import parse_moment
from searchsvc.ingest.items import Item, Skipped, host_of, slug, source_of, web_address

HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)


def json_items(text: str, origin: str, zone: tzinfo) -> Iterator[Item]:
    """The items of a whole JSON document: a JSON Feed, an array of articles, or one article."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{origin}: it is not JSON ({error})") from error
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        home = web_address(value.get("home_page_url")) or web_address(value.get("feed_url"))
        source = source_of(home, _string(value.get("title")))
        for number, item in enumerate(value["items"], start=1):
            yield _feed_entry(item, f"{origin}#{number}", source, zone)
    else:
        values = value if isinstance(value, list) else [value]
        for number, item in enumerate(values, start=1):
            yield json_entry(item, f"{origin}#{number}", zone)


def json_entry(value: object, origin: str, zone: tzinfo) -> Item:
    """An article as ``flask export`` writes it; only a title and one of url, text are needed."""
    if not isinstance(value, dict):
        return Skipped(origin, "it is not a JSON object")
    title, url = _string(value.get("title")), web_address(value.get("url"))
    html, text = _string(value.get("html")), _string(value.get("text"))
    if not title:
        return Skipped(origin, "it has no title")
    if not (url or html or text):
        return Skipped(origin, "it has neither an address nor a text")
    return Entry(
        origin=origin,
        title=title,
        url=url,
        guid=_string(value.get("id")) or None,
        source=_source(value.get("source"), url, _string(value.get("source_id"))),
        author=_string(value.get("author")) or None,
        stated=_moment(value.get("published"), zone),
        # The text says where the paragraphs are, the markup also what is a heading or a caption.
        html=html or None,
        text=None if html else text,
    )


def _feed_entry(item: object, origin: str, source: Source | None, zone: tzinfo) -> Item:
    if not isinstance(item, dict):
        return Skipped(origin, "it is not a JSON object")
    url = web_address(item.get("url")) or web_address(item.get("external_url")) or web_address(item.get("id"))
    html = _string(item.get("content_html"))
    text = _string(item.get("content_text")) or _string(item.get("summary"))
    title = _string(item.get("title"))
    if not (title or html or text):
        return Skipped(origin, "it has neither a title nor a text")
    at_home = source is not None and (url is None or host_of(url) == source.id)
    return Entry(
        origin=origin,
        title=title,
        url=url,
        guid=_string(item.get("id")) or None,
        source=source if at_home or url is None else source_of(url),
        author=_author(item),
        stated=_moment(item.get("date_published") or item.get("date_modified"), zone),
        html=html or None,
        text=None if html else text,
    )


def _source(value: object, url: str | None, key: str = "") -> Source | None:
    """A source given as a name, a host, or both (``source_id``, or ``{"id": …, "name": …}``)."""
    if key:
        return Source(key[:200], _string(value) or key)
    if isinstance(value, dict):
        key, name = _string(value.get("id")), _string(value.get("name"))
        return Source(key, name or key) if key else source_of(url, name)
    text = _string(value)
    if not text:
        return source_of(url)
    if HOST.fullmatch(text):
        host = text.lower().removeprefix("www.")
        return Source(host, host)
    return source_of(url, text) or Source(slug(text), text)


def _moment(value: object, zone: tzinfo) -> int | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15:
        # Seconds or milliseconds since 1970.
        return parse_moment(_iso(value / 1000 if abs(value) > 1e11 else value), zone=zone)
    return parse_moment(value, zone=zone) if isinstance(value, str) else None


def _iso(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _author(item: dict[str, Any]) -> str | None:
    authors = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    names = [_string(author.get("name")) for author in authors or () if isinstance(author, dict)]
    return "、".join(filter(None, names)) or None


def _string(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
