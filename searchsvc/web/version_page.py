"""An earlier version of an article, and what became of it in the next one."""

from collections.abc import Sequence

from flask import Blueprint, Response, make_response, render_template

from searchsvc.article import Article
from searchsvc.search.display import text_in
from searchsvc.store.articles import EarlierVersion
from searchsvc.web.context import link, parameters, service
from searchsvc.web.form import make_form
from searchsvc.web.parameters import Parameter, known
from searchsvc.web.problems import NoArticleError
from searchsvc.web.results import language_of, ways_shown
from searchsvc.web.revalidate import revalidated
from searchsvc.web.search_pages import showing
from searchsvc.web.times import local
from searchsvc.web.versions import Shown, chain, compared, compared_line, version_link

blueprint = Blueprint("version_page", __name__)


@blueprint.get("/article/<article_id>/versions/<digest>")
def version(article_id: str, digest: str) -> Response:
    """The page of an earlier version; 404 when there is none, or no such article."""
    article = service().store.get(article_id)
    versions = chain(article, service().store.earlier(article_id)) if article else []
    place = next((n for n, each in enumerate(versions[:-1]) if each.digest == digest), None)
    if article is None or place is None:
        raise NoArticleError(f"There is no earlier version {digest[:80]!r} of an article {article_id[:80]!r}")
    asked = ways_shown(tuple(each for each in known(parameters()) if each.sound))
    return revalidated(make_response(_page(article, versions, place, asked)))


def _page(
    article: Article, versions: Sequence[EarlierVersion], place: int, asked: tuple[Parameter, ...]
) -> str:
    how = showing(asked)
    old, new = versions[place], versions[place + 1]

    def shown(text: str) -> Shown:
        return Shown(text, text_in(text, article, how.script))

    def beside(number: int) -> str | None:
        there = 0 <= number < len(versions) - 1
        return version_link(article, versions[number].digest, asked) if there else None

    return render_template(
        "version.html",
        lang=language_of(article, how.script),
        title=compared_line(shown(old.title), shown(new.title)),
        stretches=compared(shown(old.text), shown(new.text)),
        whole=shown(old.text).shown.split("\n"),
        number=place + 1,
        total=len(versions),
        seen=local(old.retrieved, how.zone),
        replaced=local(new.retrieved, how.zone),
        article=link(f"/article/{article.id}", asked),
        previous=beside(place - 1),
        next=beside(place + 1),
        form=make_form(()),
    )
