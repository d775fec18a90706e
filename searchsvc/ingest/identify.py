"""Entry → Article, and whether it is another one: new, updated, unchanged?

Identity is the address, normalised; else the guid within its source; else the content. What is
done with an entry is a pure function of what is known about its article: ``decide``.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from urllib.parse import urlsplit

from w3lib.url import canonicalize_url, url_query_cleaner

from searchsvc.article import Article
from searchsvc.store.articles import Versions

# Parameters that tell how a reader came, not what is read.
TRACKING = (
    *(f"utm_{part}" for part in ("source", "medium", "campaign", "term", "content", "id")),
    *("fbclid", "gclid", "mc_cid", "mc_eid", "igshid", "spm", "ref_src"),
)
DEFAULT_PORT = re.compile(r"^(https?://[^/?#:]+):(?:80|443)(?=[/?#]|$)")


class Outcome(StrEnum):
    """What became of an entry."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with an entry's article. ``current`` False: keep it as an earlier version only."""

    outcome: Outcome
    current: bool = True


def decide(known: Versions | None, article: Article, *, dated: bool) -> Decision:
    """What to do with an article, given what is known of it.

    ``dated``: whether the entry itself says when it was seen. Archives hold the same address again
    for retitled articles, in any order, so the version seen last is in force, and a version that
    is known already changes nothing, however often it is read. An article that went back to an
    earlier wording (A, B, A again) is seen later than B, and A is then in force.
    """
    if known is None:
        return Decision(Outcome.NEW)
    if article.digest == known.digest:
        return Decision(Outcome.UNCHANGED)
    seen_before = known.seen.get(article.digest)
    if seen_before is not None and (not dated or article.retrieved <= max(seen_before, known.retrieved)):
        return Decision(Outcome.UNCHANGED)
    return Decision(Outcome.UPDATED, current=not dated or article.retrieved >= known.retrieved)


def identity(url: str | None, guid: str | None, source_id: str, digest: str) -> str:
    """The key under which an article is one and the same."""
    if url:
        return f"url {normalise_url(url)}"
    # An export writes our id of an article that has neither; read again, it is the same article.
    if guid and guid != article_id(f"content {digest}"):
        return f"guid {source_id} {guid}"
    return f"content {digest}"


def article_id(identity_key: str) -> str:
    """The id that callers see: 16 hexadecimal digits, the same wherever the article is kept."""
    return blake2b(identity_key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def content_digest(*fields: str | None) -> str:
    """The digest of what a reader sees of an article."""
    digest = blake2b(digest_size=16)
    for field in fields:
        digest.update(b"\x01" if field is None else b"\x02" + field.encode("utf-8", "surrogatepass"))
        digest.update(b"\x00")
    return digest.hexdigest()


def normalise_url(url: str) -> str:
    """One form for the addresses of one page: RFC 3986, section 6, and without tracking parameters.

    http and https are one. ``www.`` stays, for it can be another site. A fragment goes, unless it
    is a number: daily lists tell their items apart by it (``/20200725/#169127``).
    """
    try:
        keep_fragment = urlsplit(url).fragment.isdigit()
        plain = url_query_cleaner(url, TRACKING, remove=True, unique=False, keep_fragments=keep_fragment)
        plain = canonicalize_url(plain, keep_fragments=keep_fragment)
    except ValueError:  # A port of 99999, an unclosed [: still an address, compared as it stands.
        return url.strip()
    plain = DEFAULT_PORT.sub(r"\1", plain)
    return "https:" + plain.removeprefix("http:") if plain.startswith("http:") else plain
