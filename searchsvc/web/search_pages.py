"""The front page and the pages of results."""

from dataclasses import replace

from flask import Blueprint, Response, make_response, render_template, request

from searchsvc.errors import BudgetExceeded, SearchServiceError
from searchsvc.search.display import read_script
from searchsvc.search.request import Request
from searchsvc.search.results import DEEPEST, Page
from searchsvc.web.complaints import answer_to
from searchsvc.web.context import link, parameters, reader, service
from searchsvc.web.feeds import feed_link
from searchsvc.web.form import make_form
from searchsvc.web.paging import last_page, next_page, previous_page, shown_pages
from searchsvc.web.parameters import Parameter, check_encoding, known, lenient, replaced, with_page
from searchsvc.web.problem_page import problem_page
from searchsvc.web.results import Showing, fold_switch, result, ways_out
from searchsvc.web.sources import source_view
from searchsvc.web.timeline import timeline_view
from searchsvc.web.times import zone_asked
from searchsvc.web.variants import variant_chips

# Articles on the front page.
LATEST = "8"
FACETS = "source,timeline"

blueprint = Blueprint("search_pages", __name__)


@blueprint.get("/")
@blueprint.get("/search")
def search() -> Response:
    """The front page, or the results of a search; a form that cannot be meant comes back filled.

    A search for nothing in particular lists all articles.
    """
    asked = known(parameters())
    try:
        check_encoding(asked)
        return _results(asked) if asked or request.path != "/" else _front()
    except SearchServiceError as error:
        return problem_page(answer_to(error), asked)


def showing(asked: tuple[Parameter, ...]) -> Showing:
    """How the reader wants hits: a script in the address counts more than the one that was kept.

    Raises QueryError for a script that there is not.
    """
    wanted = lenient(asked).script
    script = read_script(wanted) if wanted else reader().script
    return Showing(script, zone_asked(asked), reader().pictures)


def _front() -> Response:
    how = showing(())
    page = _page(Request(page_size=LATEST, sort="newest"), how)
    sources = service().store.sources()
    return make_response(
        render_template(
            "front.html",
            results=[result(hit, (), how) for hit in page.hits],
            articles=sum(each.count for each in sources),
            sources=len(sources),
            form=make_form(()),
            feed=feed_link(()),
        )
    )


def _results(asked: tuple[Parameter, ...]) -> Response:
    how = showing(asked)
    page = _page(replace(lenient(asked), facets=FACETS), how)
    first = (page.number - 1) * page.size + 1
    return make_response(
        render_template(
            "results.html",
            page=page,
            results=[result(hit, asked, how, place) for place, hit in enumerate(page.hits, first)],
            form=make_form(asked),
            meant=[(q, link("/search", replaced(asked, "q", q))) for q in page.asked.did_you_mean],
            variants=variant_chips(page, asked),
            fold=fold_switch(page, asked, lenient(asked).fold == "on"),
            first=link("/search", with_page(asked, 1)),
            previous=_page_link(asked, previous_page(page)),
            next=_page_link(asked, next_page(page)),
            pages=[(number, _page_link(asked, number)) for number in shown_pages(page)],
            last=last_page(page),
            deepest=DEEPEST if page.total > DEEPEST else None,
            ways_out=tuple(ways_out(page, asked, _count)) if not page.total else (),
            timeline=timeline_view(page, asked, how.zone),
            sources=source_view(page, asked),
            canonical=link("/search", asked),
            api=link("/api/v1/search", asked),
            feed=feed_link(asked),
        )
    )


def _page(wanted: Request, how: Showing) -> Page:
    return service().search.search(replace(wanted, script=how.script))


def _count(asked: tuple[Parameter, ...]) -> int:
    """How many articles have all of a search's words; none for one that takes too long."""
    try:
        answer = service().search.find(replace(lenient(asked), page=None, page_size="1"))
    except BudgetExceeded:
        return 0
    return answer.found.total if answer.matched == "all" else 0


def _page_link(asked: tuple[Parameter, ...], number: int | None) -> str | None:
    return None if number is None else link("/search", with_page(asked, number))
