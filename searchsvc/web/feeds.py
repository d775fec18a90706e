"""``/search.atom``: any search as a feed, newest first unless another order is asked for."""

from collections.abc import Iterator
from dataclasses import replace

from flask import Blueprint, Response, request
from markupsafe import Markup

from searchsvc.search.display import read_script
from searchsvc.search.results import Hit, Page
from searchsvc.web.atom import Feed, Item, Link, urn, write
from searchsvc.web.context import absolute, link, parameters, reader, say, service
from searchsvc.web.form import make_form
from searchsvc.web.paging import last_page, next_page, previous_page
from searchsvc.web.parameters import API_ONLY, Parameter, encode, known, lenient, strict, with_page, without
from searchsvc.web.results import Showing, result, web_address

PATH = "/search.atom"
ATOM, HTML, JSON = "application/atom+xml", "text/html", "application/json"

blueprint = Blueprint("feeds", __name__)


@blueprint.get(PATH)
def feed() -> Response:
    """A page of a search as Atom. Raises what a search raises.

    There is no Last-Modified: an article that comes late, or one that goes, changes a feed without being
    the newest in it. The tag is of the bytes, so it is right whatever changed.
    """
    given = parameters()
    wanted = strict(given, unwanted=API_ONLY)
    page = service().search.search(replace(wanted, sort=wanted.sort or "newest"))
    showing = Showing(read_script(wanted.script), service().search.zone)
    response = Response(write(_feed(page, given, showing)), mimetype=ATOM)
    response.vary.update(("Cookie", "Accept-Language"))
    response.add_etag()
    response.make_conditional(request)
    return response


def feed_link(asked: tuple[Parameter, ...]) -> str:
    """The address of a search's feed as it is subscribed to: newest first, in the reader's script.

    A feed reader does not send the cookie that has it.
    """
    script = reader().script
    kept = () if script is None or lenient(asked).script else (Parameter("script", script),)
    return link(PATH, known((*_matter(asked), *kept)))


def _matter(asked: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """What a search is about, whatever the order and the page."""
    return without(asked, "sort", "page_size")


def _feed(page: Page, given: tuple[Parameter, ...], how: Showing) -> Feed:
    asked = known(given, order="newest")
    return Feed(
        id=urn("search", encode(without(asked, "page_size"))),
        title=_title(asked),
        lang=reader().language,
        author=say("site"),
        links=tuple(_links(page, given)),
        q=page.asked.raw,
        total=page.total,
        first=(page.number - 1) * page.size + 1,
        size=page.size,
        items=tuple(_item(hit, asked, how) for hit in page.hits),
    )


def _title(asked: tuple[Parameter, ...]) -> str:
    """What the feed is called in a list of many: the words, the conditions, and whose it is."""
    form = make_form(without(asked, "page_size", "script", "tz"))
    dates = "–".join((form.since, form.until)) if form.since or form.until else ""
    conditions = [f"{chip.label}{chip.value}" for chip in form.chips]
    return " · ".join(filter(None, (form.q, dates, *conditions, say("site"))))


def _links(page: Page, given: tuple[Parameter, ...]) -> Iterator[Link]:
    """The feed itself, its other pages, and the same hits as a page and as JSON."""
    asked = known(given, order="newest")
    elsewhere = known((*given, Parameter("sort", "newest")))
    yield Link("self", absolute(PATH, asked), ATOM)
    yield Link("alternate", absolute("/search", elsewhere), HTML)
    yield Link("alternate", absolute("/api/v1/search", elsewhere), JSON)
    places = (
        ("first", 1),
        ("previous", previous_page(page)),
        ("next", next_page(page)),
        ("last", last_page(page)),
    )
    for rel, number in places:
        if number is not None:
            yield Link(rel, absolute(PATH, with_page(asked, number)), ATOM)


def _item(hit: Hit, asked: tuple[Parameter, ...], how: Showing) -> Item:
    article = hit.article
    original = web_address(article.url)
    links = [Link("alternate", absolute(f"/article/{article.id}", _matter(asked)), HTML)]
    if original:
        links.append(Link("via", original))
    shown = result(hit, asked, how)
    return Item(
        id=urn("article", article.id),
        title=article.title or say("results.untitled"),
        lang=shown.lang,
        updated=max(article.published or 0, article.retrieved),
        published=article.published,
        author=article.author or article.source.name,
        source=(article.source.id, article.source.name),
        links=tuple(links),
        summary="".join(f"<p>{_bold(passage)}</p>" for passage in shown.passages),
    )


def _bold(passage: Markup) -> str:
    """A passage with its matches in bold: most feed readers take a ``<mark>`` away, none a ``<b>``."""
    return str(passage).replace("<mark>", "<b>").replace("</mark>", "</b>")
