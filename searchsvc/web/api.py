"""The JSON API: a request → a search → the document that the contract wants (``present.py`` makes it)."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from searchsvc.present import article_document, page_document, source_document
from searchsvc.web.context import link, parameters, service
from searchsvc.web.paging import next_page, previous_page
from searchsvc.web.parameters import Parameter, refuse_all, strict, with_page
from searchsvc.web.problems import NoArticleError

PREFIX = "/api/v1"
blueprint = Blueprint("api", __name__, url_prefix=PREFIX)


@blueprint.get("/search")
def search() -> Response:
    """A page of hits. 400 for a parameter that cannot be, 503 while there is no index."""
    asked = parameters()
    page = service().search.search(strict(asked))
    return jsonify(
        page_document(page, _page_link(asked, next_page(page)), _page_link(asked, previous_page(page)))
    )


@blueprint.get("/articles/<article_id>")
def article(article_id: str) -> Response:
    """One article, whole."""
    refuse_all(parameters())
    found = service().store.get(article_id)
    if found is None:
        raise NoArticleError(f"There is no article {article_id[:80]!r}")
    return _revalidated(article_document(found))


@blueprint.get("/sources")
def sources() -> Response:
    """Every source with the number of its articles, the largest first."""
    refuse_all(parameters())
    return _revalidated({"sources": [source_document(each) for each in service().store.sources()]})


def _page_link(asked: tuple[Parameter, ...], number: int | None) -> str | None:
    return None if number is None else link(f"{PREFIX}/search", with_page(asked, number))


def _revalidated(document: dict[str, Any]) -> Response:
    """An answer that stays the same until its content changes: 304 for who has it already.

    A search has no such tag: the time it took differs from one answer to the next.
    """
    response = jsonify(document)
    response.add_etag()
    response.make_conditional(request)
    return response
