"""Entry → Article: cleaned, dated, named and identified. Pure, so that processes can share it."""

import re
from datetime import tzinfo

from searchsvc.article import Article, Entry, Source, TimeOrigin
from searchsvc.errors import EntryError
from searchsvc.ingest.dates import parse_moment
from searchsvc.ingest.identify import article_id, content_digest, identity
from searchsvc.ingest.outlets import NAMES
from searchsvc.text.clean import Body, clean_html, clean_line, clean_text
from searchsvc.text.script import detect

# An untitled item is called by the beginning of its text.
TITLE_FROM_TEXT = 40
UNKNOWN_SOURCE = Source("unknown", "unknown")


def compose(entry: Entry, *, zone: tzinfo, now: int) -> Article:
    """The article of an entry. Raises EntryError when there is nothing to keep."""
    body = _body(entry)
    title = clean_line(entry.title) or _first_words(body.text)
    if not title:
        raise EntryError(f"{entry.origin}: it has neither a title nor a text")
    source = _source(entry)
    digest = content_digest(title, body.text)
    guid = _plain(entry.guid)
    key = identity(entry.url, guid, source.id, digest)
    language, script = detect(f"{title}\n{body.text}")
    published, published_from = _published(entry, body, source, zone)
    return Article(
        id=article_id(key),
        identity=key,
        source=source,
        title=title,
        text=body.text,
        html=body.html,
        digest=digest,
        parts=body.parts,
        url=entry.url,
        guid=guid,
        author=clean_line(entry.author or body.author or "") or None,
        image=body.image,
        language=language,
        script=script,
        published=published,
        published_from=published_from,
        retrieved=now if entry.seen is None else entry.seen,
        retrieved_from="mirror" if entry.seen is not None and not entry.fetched else "fetched",
    )


def _body(entry: Entry) -> Body:
    if entry.html is not None:
        return clean_html(entry.html, entry.url)
    return clean_text(entry.text or "")


def _first_words(text: str) -> str:
    first = text.partition("\n")[0]
    return first if len(first) <= TITLE_FROM_TEXT else first[:TITLE_FROM_TEXT] + "…"


def _source(entry: Entry) -> Source:
    """The entry's source under the name that people know it by, whatever this or that list calls it."""
    source = entry.source or UNKNOWN_SOURCE
    return Source(source.id, NAMES.get(source.id) or clean_line(source.name) or source.id)


def _plain(text: str | None) -> str | None:
    """A guid as it can be stored: no characters that no text can have."""
    return re.sub("[\ud800-\udfff\x00]", "\ufffd", text) if text else None


def _published(
    entry: Entry, body: Body, source: Source, zone: tzinfo
) -> tuple[int | None, TimeOrigin | None]:
    """When the article was published, and how that is known.

    The date line in an archived body is the article's own; what stands in front matter beside it is
    when a mirror saw the item. A time of sighting stands in only when the item says nothing.
    """
    if body.stated:
        stated = parse_moment(body.stated, zone=zone, seen=entry.seen, host=source.id)
        if stated is not None:
            return stated, "stated"
    if entry.stated is not None:
        return entry.stated, "stated"
    if entry.seen is not None:
        return entry.seen, "fetched" if entry.fetched else "mirror"
    return None, None
