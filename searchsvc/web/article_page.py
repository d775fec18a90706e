"""An article to read, with the marks of the search that led to it."""

from flask import Blueprint, Response, make_response, render_template, request

from searchsvc.search.display import article_in, read_script
from searchsvc.web.blocks import blocks
from searchsvc.web.context import link, parameters, reader, service
from searchsvc.web.form import make_form
from searchsvc.web.marking import marked
from searchsvc.web.parameters import known, lenient
from searchsvc.web.problems import NoArticleError
from searchsvc.web.results import language_of, web_address
from searchsvc.web.times import local, zone_asked

blueprint = Blueprint("article_page", __name__)


@blueprint.get("/article/<article_id>")
def article(article_id: str) -> Response:
    """The article's page; 404 when there is none."""
    asked = tuple(each for each in known(parameters()) if each.sound)
    found = service().store.get(article_id)
    if found is None:
        raise NoArticleError(f"There is no article {article_id[:80]!r}")
    zone = zone_asked(asked)
    wanted = lenient(asked).script
    script = read_script(wanted) if wanted else reader().script
    title, text = service().search.marks(found, lenient(asked).q)
    shown = article_in(found, script)
    page = render_template(
        "article.html",
        article=shown,
        lang=language_of(found, script),
        title=marked(shown.title, title),
        blocks=blocks(shown, text),
        matches=len(text),
        published=None if found.published is None else local(found.published, zone),
        kept=local(found.retrieved, zone),
        original=web_address(found.url),
        image=web_address(found.image),
        back=link("/search", asked) if asked else None,
        form=make_form(asked),
    )
    response = make_response(page)
    response.add_etag()
    response.make_conditional(request)
    return response
