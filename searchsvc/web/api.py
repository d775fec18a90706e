"""The JSON API: a request → a search → the document that the contract wants (``present.py`` makes it)."""

from dataclasses import replace
from time import time
from typing import Any

from flask import Blueprint, Response, jsonify

from searchsvc.present import (
    article_document,
    page_document,
    similar_document,
    source_document,
    stats_document,
    suggest_document,
)
from searchsvc.search.display import article_in, hit_in, read_script
from searchsvc.search.plan import check_query
from searchsvc.search.request import Request
from searchsvc.stats import take_stats
from searchsvc.store.stories import count_tellers
from searchsvc.suggest.complete import complete
from searchsvc.suggest.similar import elsewhere, similar
from searchsvc.web.context import link, lookup, parameters, service
from searchsvc.web.paging import next_page, previous_page
from searchsvc.web.parameters import Parameter, only, refuse_all, strict, whole_number, with_cursor, with_page
from searchsvc.web.problems import NoArticleError
from searchsvc.web.revalidate import revalidated

PREFIX = "/api/v1"
# How many are shown if nobody says, and at most.
SUGGESTIONS, MOST_SUGGESTIONS = 8, 20
SIMILAR, MOST_SIMILAR = 10, 50
# Others that tell an article's story, named with it.
MOST_OTHERS = 20
blueprint = Blueprint("api", __name__, url_prefix=PREFIX)


@blueprint.get("/search")
def search() -> Response:
    """A page of hits. 400 for a parameter that cannot be, 503 while there is no index."""
    asked = parameters()
    wanted = strict(asked)
    page = service().search.search(wanted)
    if wanted.cursor is not None:
        return jsonify(page_document(page, _walk_link(asked, page.cursor)))
    return jsonify(
        page_document(page, _page_link(asked, next_page(page)), _page_link(asked, previous_page(page)))
    )


@blueprint.get("/articles/<article_id>")
def article(article_id: str) -> Response:
    """One article, whole, in its own script or the one asked for."""
    script = read_script(only(parameters(), "script").get("script"))
    found = service().store.get(article_id)
    if found is None:
        raise NoArticleError(f"There is no article {article_id[:80]!r}")
    telling = count_tellers(service().store, found.story)
    others = [article_in(each, script) for each in elsewhere(found, MOST_OTHERS, service().store)]
    return _revalidated(article_document(article_in(found, script), telling, others))


@blueprint.get("/articles/<article_id>/similar")
def similar_articles(article_id: str) -> Response:
    """Other articles of the same matter; the same story elsewhere comes first."""
    asked = only(parameters(), "limit", "script")
    limit = whole_number(asked.get("limit"), SIMILAR, MOST_SIMILAR, "limit")
    script = read_script(asked.get("script"))
    found = service().store.get(article_id)
    if found is None:
        raise NoArticleError(f"There is no article {article_id[:80]!r}")
    near = similar(found, limit, lookup())
    shown = (replace(each, hit=hit_in(each.hit, script)) for each in near)
    return _revalidated(similar_document(shown))


@blueprint.get("/suggest")
def suggest() -> Response:
    """What the last word of a query may go on to, as it is typed; nothing goes on from nothing."""
    asked = only(parameters(), "q", "limit")
    limit = whole_number(asked.get("limit"), SUGGESTIONS, MOST_SUGGESTIONS, "limit")
    q = check_query(Request(q=asked.get("q", "")))
    return _revalidated(suggest_document(q, complete(q, limit, lookup())))


@blueprint.get("/sources")
def sources() -> Response:
    """Every source with the number of its articles, the largest first."""
    refuse_all(parameters())
    return _revalidated({"sources": [source_document(each) for each in service().store.sources()]})


@blueprint.get("/stats")
def stats() -> Response:
    """The figures of the archive, its index and the last ingest."""
    refuse_all(parameters())
    return _revalidated(stats_document(take_stats(service(), time())))


def _page_link(asked: tuple[Parameter, ...], number: int | None) -> str | None:
    return None if number is None else link(f"{PREFIX}/search", with_page(asked, number))


def _walk_link(asked: tuple[Parameter, ...], cursor: str | None) -> str | None:
    return None if cursor is None else link(f"{PREFIX}/search", with_cursor(asked, cursor))


def _revalidated(document: dict[str, Any]) -> Response:
    """A document that stays the same until its content changes.

    A search is none: the time it took differs from one answer to the next.
    """
    return revalidated(jsonify(document))
