"""What was found and what is kept, as JSON values: one form for the API and the terminal."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, tzinfo
from typing import Any, get_args

from searchsvc.article import Article, Source, SourceCount
from searchsvc.engine import Generation
from searchsvc.search.results import Facets, Hit, Page, Passage, Timeline, Why
from searchsvc.stats import Stats
from searchsvc.store.counts import SourceSpan
from searchsvc.store.runs import Run
from searchsvc.suggest.complete import Suggestion
from searchsvc.suggest.similar import Similar

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
            "warnings": [str(warning) for warning in page.asked.warnings],
            "did_you_mean": page.asked.did_you_mean,
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


def similar_document(found: Iterable[Similar]) -> dict[str, Any]:
    """Articles beside another one, as hits of a search are shown, but nothing in them is marked."""
    return {"articles": [_similar(each) for each in found]}


def suggest_document(q: str, suggestions: Iterable[Suggestion]) -> dict[str, Any]:
    """What a query may go on to. ``text`` completes its last word, ``query`` is the whole query then."""
    # Lone surrogates cannot be sent back to anybody.
    raw = q.encode("utf-8", "replace").decode()
    return {"q": raw, "suggestions": [asdict(suggestion) for suggestion in suggestions]}


def source_document(counted: SourceCount) -> dict[str, Any]:
    """A source and the number of its articles."""
    return {**_source(counted.source), "count": counted.count}


def stats_document(stats: Stats) -> dict[str, Any]:
    """The figures of the archive. ``index`` and ``last_ingest`` are None where there is none yet."""
    counted, index = stats.counted, stats.index
    return {
        "articles": counted.articles,
        "undated": counted.undated,
        "earlier_versions": counted.earlier_versions,
        "first": _moment(counted.first),
        "last": _moment(counted.last),
        "timezone": stats.zone.key,
        "days": _buckets(counted.days),
        "months": _buckets(counted.months),
        "sources": [_source_span(span) for span in counted.sources],
        "database_bytes": stats.database_bytes,
        "index": None if index is None else _index(index),
        "last_ingest": None if stats.last_ingest is None else _run(stats.last_ingest),
        "unfinished_ingest": _moment(stats.unfinished_ingest),
    }


def moment(seconds: int) -> str:
    """A time as RFC 3339 in UTC: ``2024-11-07T16:49:47Z``."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19] + "Z"


def local_time(seconds: int, zone: tzinfo) -> str:
    """A time as the terminal shows it: ``2024-11-08 00:49``."""
    return datetime.fromtimestamp(seconds, zone).isoformat(" ", "minutes")[:16]


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        **_head(hit.article),
        "score": round(hit.score, 4),
        "highlights": [_highlight(passage) for passage in hit.passages],
        "why": sorted({why for passage in hit.passages for why in passage.whys}, key=WHYS.index),
        "same_story": _same_story(hit.article, hit.telling),
    }


def _similar(each: Similar) -> dict[str, Any]:
    score = round(each.hit.score, 4)
    return {**_head(each.hit.article), "score": score, "same_story": each.same_story}


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
        "published_at": _moment(article.published),
        "script": article.script,
        "image": article.image,
    }


def _facets(facets: Facets) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if facets.sources is not None:
        found["source"] = [source_document(counted) for counted in facets.sources]
    if facets.timeline is not None:
        found["timeline"] = {"interval": facets.timeline.interval, "buckets": _buckets(facets.timeline)}
    return found


def _highlight(passage: Passage) -> dict[str, Any]:
    return {"field": passage.field, "text": passage.text, "spans": passage.spans}


def _source(source: Source) -> dict[str, str]:
    return {"id": source.id, "name": source.name}


def _moment(seconds: int | None) -> str | None:
    return None if seconds is None else moment(seconds)


def _buckets(timeline: Timeline) -> list[dict[str, Any]]:
    return [{"start": start, "count": count} for start, count in timeline.buckets]


def _source_span(span: SourceSpan) -> dict[str, Any]:
    return {
        **_source(span.source),
        "count": span.total,
        "undated": span.undated,
        "first": _moment(span.first),
        "last": _moment(span.last),
        "trend": span.counts,
    }


def _index(index: Generation) -> dict[str, Any]:
    return {
        "generation": index.name,
        "articles": index.count,
        "bytes": index.bytes,
        "built": moment(index.built),
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "began": moment(run.began),
        "took_ms": run.took_ms,
        "indexed": run.indexed,
        "stopped": run.stopped,
        "sources": [asdict(source) for source in run.sources],
    }
