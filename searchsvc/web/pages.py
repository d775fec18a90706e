"""The pages: a search as a page to read, an article, and what to say when something is wrong."""

from datetime import tzinfo

from flask import Blueprint, Response, make_response, render_template, request

from searchsvc.article import SourceCount
from searchsvc.errors import QueryError, SearchServiceError, StoreError
from searchsvc.search.plan import zone_of
from searchsvc.search.request import Request
from searchsvc.search.results import DEEPEST
from searchsvc.web.assets import send
from searchsvc.web.blocks import blocks
from searchsvc.web.context import link, parameters, service
from searchsvc.web.form import make_form
from searchsvc.web.marking import marked
from searchsvc.web.paging import last_page, next_page, previous_page, shown_pages
from searchsvc.web.parameters import Parameter, check_encoding, known, lenient, replaced, with_page
from searchsvc.web.problems import NoArticleError, Problem, problem_of
from searchsvc.web.results import language_of, local, result, ways_out, web_address

# Articles on the front page.
LATEST = "8"

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
@blueprint.get("/search")
def search() -> Response:
    """The front page, or the results of a search; a form that cannot be meant comes back filled."""
    asked = known(parameters())
    try:
        check_encoding(asked)
        return _results(asked) if asked else _front()
    except SearchServiceError as error:
        return problem_page(problem_of(error), asked)


@blueprint.get("/article/<article_id>")
def article(article_id: str) -> Response:
    """An article to read, with the marks of the search that led to it."""
    asked = tuple(each for each in known(parameters()) if each.sound)
    found = service().store.get(article_id)
    if found is None:
        raise NoArticleError(f"There is no article {article_id[:80]!r}")
    zone = _zone(asked)
    title, text = service().search.marks(found, lenient(asked).q)
    page = render_template(
        "article.html",
        article=found,
        lang=language_of(found),
        title=marked(found.title, title),
        blocks=blocks(found, text),
        matches=len(text),
        published=None if found.published is None else local(found.published, zone),
        kept=local(found.retrieved, zone),
        original=web_address(found.url),
        image=web_address(found.image),
        back=link("/search", asked) if asked else None,
        form=make_form(asked, ()),
    )
    response = make_response(page)
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/static/<stamp>/<name>")
def static(stamp: str, name: str) -> Response:
    """A file that pages load."""
    return send(stamp, name)


def problem_page(problem: Problem, asked: tuple[Parameter, ...] = ()) -> Response:
    """An error as a page: what to change, and the form as it was filled."""
    form = make_form(asked, _sources_or_none(problem), problem)
    response = make_response(render_template("problem.html", problem=problem, form=form), problem.status)
    response.headers.extend(problem.headers)
    return response


def _front() -> Response:
    page = service().search.search(Request(page_size=LATEST, sort="newest"))
    sources = service().store.sources()
    zone = service().settings.timezone
    return make_response(
        render_template(
            "front.html",
            results=[result(hit, (), zone) for hit in page.hits],
            articles=sum(each.count for each in sources),
            sources=len(sources),
            form=make_form((), sources),
        )
    )


def _results(asked: tuple[Parameter, ...]) -> Response:
    page = service().search.search(lenient(asked))
    zone = _zone(asked)
    return make_response(
        render_template(
            "results.html",
            page=page,
            results=[result(hit, asked, zone) for hit in page.hits],
            form=make_form(asked, service().store.sources()),
            meant=[(q, link("/search", replaced(asked, "q", q))) for q in page.asked.did_you_mean],
            first=link("/search", with_page(asked, 1)),
            previous=_page_link(asked, previous_page(page)),
            next=_page_link(asked, next_page(page)),
            pages=[(number, _page_link(asked, number)) for number in shown_pages(page)],
            last=last_page(page),
            deepest=DEEPEST if page.total > DEEPEST else None,
            ways_out=tuple(ways_out(page, asked)) if not page.total else (),
            api=link("/api/v1/search", asked),
        )
    )


def _page_link(asked: tuple[Parameter, ...], number: int | None) -> str | None:
    return None if number is None else link("/search", with_page(asked, number))


def _zone(asked: tuple[Parameter, ...]) -> tzinfo:
    """The zone that times are shown in: the one asked for, if there is such a one."""
    default = service().settings.timezone
    try:
        return zone_of(lenient(asked), default)
    except QueryError:
        return default


def _sources_or_none(problem: Problem) -> list[SourceCount]:
    """The sources for the form of an error page; none when it is the database that fails."""
    if problem.status >= 500:
        return []
    try:
        return service().store.sources()
    except StoreError:
        return []
