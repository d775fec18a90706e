"""What was found and what is kept, as JSON values: one form for the API and the terminal."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, get_args

from searchsvc.article import Article, Source, SourceCount
from searchsvc.search.results import Facets, Hit, Page, Passage, Why
from searchsvc.suggest.complete import Suggestion

WHYS = get_args(Why)


def page_document(page: Page, following: str | None = None, previous: str | None = None) -> dict[str, Any]:
    """A page of hits; ``following`` and ``previous`` are the addresses of the pages beside it.

    ``facets`` has what was asked for, and nothing else.
    """
    return {
        "total": page.total,
        "folded": page.folded,
        "took_ms": round(page.took_ms, 2),
        "query": {
            "raw": page.asked.raw,
            "terms": page.asked.terms,
            "variants": page.asked.variants,
            "matched": page.asked.matched,
            "warnings": page.asked.warnings,
        },
        "articles": [_hit(hit) for hit in page.hits],
        "facets": _facets(page.facets),
        "next": following,
        "previous": previous,
    }


def article_document(article: Article, telling: int = 1, others: Iterable[Article] = ()) -> dict[str, Any]:
    """One article, whole. Offsets of parts are code points of ``text``.

    ``telling``: how many articles tell its story, itself included; ``others``: the first of those.
    """
    same = _same_story(article, telling)
    return {
        **_head(article),
        "same_story": same and {**same, "others": [_head(other) for other in others]},
        "published_from": article.published_from,
        "retrieved_at": moment(article.retrieved),
        "language": article.language,
        "text": article.text,
        "html": article.html,
        "parts": [{"kind": part.kind, "start": part.start, "end": part.end} for part in article.parts],
    }


def similar_document(hits: Iterable[Hit]) -> dict[str, Any]:
    """Articles beside another one, as hits of a search are shown, but nothing in them is marked."""
    return {"articles": [{**_head(hit.article), "score": round(hit.score, 4)} for hit in hits]}


def suggest_document(q: str, suggestions: Iterable[Suggestion]) -> dict[str, Any]:
    """What a query may go on to. ``text`` completes its last word, ``query`` is the whole query then."""
    # Lone surrogates cannot be sent back to anybody.
    raw = q.encode("utf-8", "replace").decode()
    return {"q": raw, "suggestions": [asdict(suggestion) for suggestion in suggestions]}


def source_document(counted: SourceCount) -> dict[str, Any]:
    """A source and the number of its articles."""
    return {**_source(counted.source), "count": counted.count}


def moment(seconds: int) -> str:
    """A time as RFC 3339 in UTC: ``2024-11-07T16:49:47Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        **_head(hit.article),
        "score": round(hit.score, 4),
        "highlights": [_highlight(passage) for passage in hit.passages],
        "why": sorted({why for passage in hit.passages for why in passage.whys}, key=WHYS.index),
        "same_story": _same_story(hit.article, hit.telling),
    }


def _same_story(article: Article, telling: int) -> dict[str, Any] | None:
    """The story that an article shares, and how many articles tell it; None where it is alone."""
    return {"id": article.story, "count": telling} if telling > 1 else None


def _head(article: Article) -> dict[str, Any]:
    """What a hit and a whole article have in common."""
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "source": _source(article.source),
        "author": article.author,
        "published_at": None if article.published is None else moment(article.published),
        "script": article.script,
        "image": article.image,
    }


def _facets(facets: Facets) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if facets.sources is not None:
        found["source"] = [source_document(counted) for counted in facets.sources]
    if facets.timeline is not None:
        buckets = [{"start": start, "count": count} for start, count in facets.timeline.buckets]
        found["timeline"] = {"interval": facets.timeline.interval, "buckets": buckets}
    return found


def _highlight(passage: Passage) -> dict[str, Any]:
    return {"field": passage.field, "text": passage.text, "spans": passage.spans}


def _source(source: Source) -> dict[str, str]:
    return {"id": source.id, "name": source.name}
