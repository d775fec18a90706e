"""A page of hits → what the results page shows of each, and ways out when there is nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from urllib.parse import urlsplit

from markupsafe import Markup

from searchsvc.article import Article
from searchsvc.search.results import Hit, Page, Passage
from searchsvc.web.context import link
from searchsvc.web.marking import marked
from searchsvc.web.messages import moment, say
from searchsvc.web.parameters import Parameter, replaced, without

LANGUAGES = {"hans": "zh-Hans", "hant": "zh-Hant"}
# A query of more words than this is not helped by dropping them one at a time.
MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as shown: the local words, and the instant for machines."""

    words: str
    instant: str
    zone: str


@dataclass(frozen=True, slots=True)
class Result:
    """A hit as shown. ``lang`` is for the article's own words, so that the right glyphs are drawn."""

    article: Article
    lang: str
    href: str
    title: Markup
    passages: tuple[Markup, ...]
    published: Moment | None


@dataclass(frozen=True, slots=True)
class WayOut:
    """A search like the one that found nothing, that may find something."""

    label: str
    words: str
    href: str


def result(hit: Hit, asked: tuple[Parameter, ...], zone: tzinfo) -> Result:
    """What the page shows of a hit."""
    article = hit.article
    return Result(
        article=article,
        lang=language_of(article),
        href=link(f"/article/{article.id}", asked),
        title=_title(hit),
        passages=tuple(_passage(each) for each in hit.passages if each.field == "text"),
        published=None if article.published is None else local(article.published, zone),
    )


def language_of(article: Article) -> str:
    """The article's language for ``lang``; empty when nobody knows it, which HTML takes for unknown."""
    return LANGUAGES.get(article.script or "", article.language or "")


def local(seconds: int, zone: tzinfo) -> Moment:
    """A time in a zone."""
    there = datetime.fromtimestamp(seconds, zone)
    instant = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Moment(moment(there), instant, _zone_name(there, zone))


def _zone_name(there: datetime, zone: tzinfo) -> str:
    offset = there.strftime("%z")
    return f"{zone} (UTC{offset[:3]}:{offset[3:5]})"


def web_address(url: str | None) -> str | None:
    """An address that may stand in a link: http or https, whatever got into the database."""
    try:
        return url if url and urlsplit(url).scheme in ("http", "https") else None
    except ValueError:
        return None


def _title(hit: Hit) -> Markup:
    """The title, marked where it matched."""
    for passage in hit.passages:
        if passage.field == "title" and passage.text == hit.article.title:
            return marked(passage.text, passage.spans)
    return marked(hit.article.title or say("results.untitled"), ())


def _passage(passage: Passage) -> Markup:
    """A passage with its matches; dots where the text goes on."""
    before, after = "…" * passage.cut_before, "…" * passage.cut_after
    return Markup("{}{}{}").format(before, marked(passage.text, passage.spans), after)


def ways_out(page: Page, asked: tuple[Parameter, ...]) -> Iterator[WayOut]:
    """What to try when nothing was found: fewer conditions first, then fewer words."""
    names = {each.name for each in asked}
    if names & {"from", "to"}:
        yield WayOut(say("none.dates"), "", link("/search", without(asked, "from", "to")))
    if names & {"source", "exclude_source"}:
        yield WayOut(say("none.sources"), "", link("/search", without(asked, "source", "exclude_source")))
    if "search_in" in names:
        yield WayOut(say("none.search_in"), "", link("/search", without(asked, "search_in")))
    terms = page.asked.terms
    if 1 < len(terms) <= MOST_WORDS:
        for left_out in range(len(terms)):
            words = " ".join(term for number, term in enumerate(terms) if number != left_out)
            yield WayOut(say("none.drop"), words, link("/search", replaced(asked, "q", words)))
