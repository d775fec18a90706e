"""An article to read, with the marks of the search that led to it and the way on to its other hits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Literal

from flask import Blueprint, Response, make_response, render_template

from searchsvc.article import Article
from searchsvc.errors import SearchServiceError
from searchsvc.search.display import ORIGINAL, article_in, stays
from searchsvc.search.matches import spans_of
from searchsvc.search.search import Answer
from searchsvc.text.display import Shown
from searchsvc.text.pictures import Picture, pictures
from searchsvc.web.blocks import Marks, blocks
from searchsvc.web.context import link, parameters, reader, say, service
from searchsvc.web.form import make_form
from searchsvc.web.marking import marked, tags_of
from searchsvc.web.neighbours import place_asked, places_around, standing
from searchsvc.web.parameters import Parameter, known, lenient, replaced, without
from searchsvc.web.problems import NoArticleError
from searchsvc.web.results import AT, language_of, readable, ways_shown, web_address
from searchsvc.web.revalidate import revalidated
from searchsvc.web.search_pages import showing
from searchsvc.web.story import told_elsewhere
from searchsvc.web.times import local, local_day
from searchsvc.web.versions import chain, listed

# A name longer than this is none to search for, and its address might be too long.
LONGEST_AUTHOR = 80

blueprint = Blueprint("article_page", __name__)


@dataclass(frozen=True, slots=True)
class ScriptNote:
    """In which script an article is shown, if there is a choice, and the address that shows the other."""

    converted: bool
    original: str
    shown: str
    href: str


@blueprint.get("/article/<article_id>")
def article(article_id: str) -> Response:
    """The article's page; 404 when there is none."""
    found = service().store.get(article_id)
    if found is None:
        raise NoArticleError(f"There is no article {article_id[:80]!r}")
    asked = tuple(each for each in known(parameters()) if each.sound)
    return revalidated(make_response(_page(found, asked, place_asked(parameters()))))


def _page(article: Article, asked: tuple[Parameter, ...], place: int | None) -> str:
    how, ways = showing(asked), ways_shown(asked)
    answer = _answer(asked, place)
    in_title, in_text = service().search.marks(article, lenient(asked).q, answer)
    shown = article_in(replace(article, html=""), how.script)
    marks = Marks(spans_of(in_text), tags_of(in_text))
    found_pictures = _pictures(article)
    versions = chain(article, service().store.earlier(article.id))
    return render_template(
        "article.html",
        article=shown,
        lang=language_of(article, how.script),
        original_lang=language_of(article),
        title=marked(shown.title, spans_of(in_title), tags=tags_of(in_title, numbered=False)),
        blocks=blocks(shown, marks, found_pictures if how.pictures else ()),
        matches=len(in_text),
        whys={match.why for match in (*in_title, *in_text)},
        standing=standing(article.id, place, answer, asked, how.script) if answer and place else None,
        published=None if article.published is None else local(article.published, how.zone),
        kept=local(article.retrieved, how.zone),
        original=web_address(article.url),
        pictures=found_pictures,
        versions=listed(article, versions, how.zone, ways),
        changed=len(versions) - 1,
        elsewhere=told_elsewhere(article, ways, how),
        script_note=_script_note(article, how.script, asked, place),
        cited=_cited(article, how.zone),
        by_source=_search_link("source", article.source.id),
        by_author=_search_link("author", article.author),
        similar=link(f"/article/{article.id}/similar", ways),
        canonical=link(f"/article/{article.id}"),
        document=link(f"/api/v1/articles/{article.id}"),
        back=link("/search", asked) if asked else None,
        form=make_form(asked),
    )


def _answer(asked: tuple[Parameter, ...], place: int | None) -> Answer | None:
    """What the search that led here finds around the article's place; None where it finds nothing out.

    An article can be read while nothing can be searched.
    """
    wanted = replace(lenient(asked), page=None)
    if place is None and not wanted.q:
        return None
    try:
        return service().search.find(wanted, places_around(place) if place else range(0))
    except SearchServiceError:
        return None


def _pictures(article: Article) -> Sequence[Picture]:
    """The pictures in an article that have an address on the web."""
    found = list(pictures(article.html)) or [Picture(article.image or "", "", 0)]
    return [each for each in found if web_address(each.address)]


def _script_note(
    article: Article, shown: Shown | None, asked: tuple[Parameter, ...], place: int | None
) -> ScriptNote | None:
    """What to say where an article is shown in another script, or could be."""
    converted = shown is not None and not stays(article, shown)
    chosen = shown if converted else reader().script
    if article.script is None or chosen is None or stays(article, chosen):
        return None
    ways = replaced(asked, "script", ORIGINAL) if converted else without(asked, "script")
    at = () if place is None else (Parameter(AT, str(place)),)
    return ScriptNote(
        converted,
        say(f"article.script.{article.script}"),
        say(f"menu.script.{chosen}"),
        link(f"/article/{article.id}", ways, at),
    )


def _cited(article: Article, zone: tzinfo) -> str:
    """A line that says where something was read: title, source, day, original address."""
    title = say("article.cite.title", title=article.title or say("results.untitled"))
    day = None if article.published is None else local_day(article.published, zone)
    address = web_address(article.url)
    parts = (title, article.source.name, day, address and readable(address))
    return say("article.cite.join").join(part for part in parts if part)


def _search_link(name: Literal["source", "author"], value: str | None) -> str | None:
    if not value or len(value) > LONGEST_AUTHOR:
        return None
    return link("/search", (Parameter(name, value),))
