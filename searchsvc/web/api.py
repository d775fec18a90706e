"""The JSON API: values of a search → the documents of the contract, and nothing about pages."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from searchsvc.article import Article, Source, SourceCount
from searchsvc.search.results import Hit, Page, Passage
from searchsvc.web.context import link, parameters, service
from searchsvc.web.paging import next_page, previous_page
from searchsvc.web.parameters import Parameter, refuse_all, strict, with_page
from searchsvc.web.problems import NotFound

PREFIX = "/api/v1"
blueprint = Blueprint("api", __name__, url_prefix=PREFIX)


@blueprint.get("/search")
def search() -> Response:
    """A page of hits. 400 for a parameter that cannot be, 503 while there is no index."""
    asked = parameters()
    page = service().search.search(strict(asked))
    return jsonify(page_document(page, asked))


@blueprint.get("/articles/<article_id>")
def article(article_id: str) -> Response:
    """One article, whole."""
    refuse_all(parameters())
    found = service().store.get(article_id)
    if found is None:
        raise NotFound(f"There is no article {article_id[:80]!r}")
    return _revalidated(article_document(found))


@blueprint.get("/sources")
def sources() -> Response:
    """Every source with the number of its articles, the largest first."""
    refuse_all(parameters())
    return _revalidated({"sources": [_counted(each) for each in service().store.sources()]})


def page_document(page: Page, asked: tuple[Parameter, ...]) -> dict[str, Any]:
    """What ``/search`` answers. ``facets`` and ``variants`` are empty until they can be asked for."""
    return {
        "total": page.total,
        "took_ms": round(page.took_ms, 2),
        "query": {
            "raw": page.asked.raw,
            "terms": page.asked.terms,
            "variants": {},
            "matched": page.asked.matched,
            "warnings": page.asked.warnings,
        },
        "articles": [_hit(hit) for hit in page.hits],
        "facets": {},
        "next": _page_link(asked, next_page(page)),
        "previous": _page_link(asked, previous_page(page)),
    }


def article_document(article: Article) -> dict[str, Any]:
    """What ``/articles/{id}`` answers. Offsets of parts are code points of ``text``."""
    return {
        **_head(article),
        "published_from": article.published_from,
        "retrieved_at": _instant(article.retrieved),
        "language": article.language,
        "text": article.text,
        "html": article.html,
        "parts": [{"kind": part.kind, "start": part.start, "end": part.end} for part in article.parts],
    }


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        **_head(hit.article),
        "score": round(hit.score, 4),
        "highlights": [_highlight(passage) for passage in hit.passages],
    }


def _head(article: Article) -> dict[str, Any]:
    """What a hit and a whole article have in common."""
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "source": _source(article.source),
        "author": article.author,
        "published_at": None if article.published is None else _instant(article.published),
        "script": article.script,
        "image": article.image,
    }


def _highlight(passage: Passage) -> dict[str, Any]:
    return {"field": passage.field, "text": passage.text, "spans": passage.spans}


def _source(source: Source) -> dict[str, str]:
    return {"id": source.id, "name": source.name}


def _counted(each: SourceCount) -> dict[str, Any]:
    return {**_source(each.source), "count": each.count}


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _page_link(asked: tuple[Parameter, ...], number: int | None) -> str | None:
    return None if number is None else link(f"{PREFIX}/search", with_page(asked, number))


def _revalidated(document: dict[str, Any]) -> Response:
    """An answer that stays the same until its content changes: 304 for who has it already.

    A search has no such tag: the time it took differs from one answer to the next.
    """
    response = jsonify(document)
    response.add_etag()
    return response.make_conditional(request)
