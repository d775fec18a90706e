"""What stands beside an article: others of the same matter that tell other stories.

Finding them takes longer than the rest of an article's page together, so they have a page of their own.
An article's page links to it; with a script it is fetched when somebody has read so far, and shown there.
"""

from flask import Blueprint, Response, make_response, render_template

from searchsvc.search.display import hit_in, text_in
from searchsvc.suggest.similar import same_matter
from searchsvc.web.context import link, lookup, parameters, service
from searchsvc.web.form import make_form
from searchsvc.web.parameters import known
from searchsvc.web.problems import NoArticleError
from searchsvc.web.results import language_of, result, ways_shown
from searchsvc.web.revalidate import revalidated
from searchsvc.web.search_pages import showing

MOST_SHOWN = 5

blueprint = Blueprint("similar_page", __name__)


@blueprint.get("/article/<article_id>/similar")
def beside(article_id: str) -> Response:
    """The page of what is similar to an article; 404 when there is no such article."""
    asked = ways_shown(tuple(each for each in known(parameters()) if each.sound))
    how = showing(asked)
    article = service().store.get(article_id)
    if article is None:
        raise NoArticleError(f"There is no article {article_id[:80]!r}")
    found = same_matter(article, MOST_SHOWN, lookup())
    page = render_template(
        "similar.html",
        title=text_in(article.title, article, how.script),
        lang=language_of(article, how.script),
        article=link(f"/article/{article.id}", asked),
        similar=[result(hit_in(hit, how.script), asked, how) for hit in found],
        form=make_form(()),
    )
    return revalidated(make_response(page))
