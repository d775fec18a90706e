"""A page of hits → what the results page shows of each, and ways out when there is nothing."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from urllib.parse import unquote, urlsplit

from markupsafe import Markup

from searchsvc.article import Article
from searchsvc.search.display import stays
from searchsvc.search.results import Hit, Page, Passage, Why
from searchsvc.text.display import Shown
from searchsvc.web.context import link, say, short_link
from searchsvc.web.languages import LANGUAGES
from searchsvc.web.marking import marked
from searchsvc.web.parameters import Parameter, replaced, without
from searchsvc.web.times import Moment, local

ESCAPED = re.compile("(?:%[0-9A-Fa-f]{2})+")
# The parameter of an article's address that says at which place, from 1, its hit stands. Not the API's.
AT = "at"
# A query of more words than this is not helped by dropping them one at a time.
MOST_WORDS = 6
# Strings that are named for each reason why a hit was found.
MOST_NAMED = 3
# Conditions that can be given up, and the message that says so.
CONDITIONS = (
    ("none.dates", ("from", "to")),
    ("none.sources", ("source", "exclude_source")),
    ("none.author", ("author",)),
    ("none.story", ("story",)),
    ("none.search_in", ("search_in",)),
    ("none.variants", ("variants",)),
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a hit was found other than by what was typed as it was typed, and the strings that show it."""

    label: str
    strings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """A hit as shown. ``lang`` is for the article's own words, so that the right glyphs are drawn.

    ``image``: the picture's address, where the reader lets pictures load. ``others``: how many other
    articles tell the same story, ``story`` the address where they all are.
    """

    article: Article
    lang: str
    href: str
    title: Markup
    passages: tuple[Markup, ...]
    published: Moment | None
    reasons: tuple[Reason, ...] = ()
    image: str | None = None
    others: int = 0
    story: str = ""


@dataclass(frozen=True, slots=True)
class WayOut:
    """A search like the one that found nothing, that finds so many articles."""

    label: str
    words: str
    href: str
    count: int


@dataclass(frozen=True, slots=True)
class Showing:
    """How hits are shown: in whose script, in which zone, with pictures or without."""

    script: Shown | None
    zone: tzinfo
    pictures: bool = False


def ways_shown(asked: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """The parameters that say how articles are shown, not which."""
    return tuple(each for each in asked if each.name in ("script", "tz"))


def result(hit: Hit, asked: tuple[Parameter, ...], how: Showing, place: int | None = None) -> Result:
    """What the page shows of a hit. ``place``: where it stands among the hits of the search, from 1."""
    article = hit.article
    return Result(
        article=article,
        lang=language_of(article, how.script),
        href=hit_link(article.id, place, asked),
        title=_title(hit),
        passages=tuple(_passage(each) for each in hit.passages if each.field == "text"),
        published=None if article.published is None else local(article.published, how.zone),
        reasons=tuple(_reasons(hit)),
        image=web_address(article.image) if how.pictures else None,
        # Those of a story that is listed are all there.
        others=0 if any(each.name == "story" for each in asked) else hit.telling - 1,
        story=link("/search", (Parameter("story", article.id),)),
    )


def hit_link(article_id: str, place: int | None, asked: tuple[Parameter, ...]) -> str:
    """The address of an article, opened from a place among the hits of a search."""
    at = () if place is None else (Parameter(AT, str(place)),)
    return short_link(f"/article/{article_id}", (*asked, *at))


def language_of(article: Article, script: Shown | None = None) -> str:
    """The language that an article is shown in, for ``lang``; empty when nobody knows it, which HTML
    takes for unknown."""
    if script is not None and article.script is not None and not stays(article, script):
        return LANGUAGES[script]
    return LANGUAGES.get(article.script or "", article.language or "")


def web_address(url: str | None) -> str | None:
    """An address that may stand in a link: http or https, whatever got into the database."""
    try:
        return url if url and urlsplit(url).scheme in ("http", "https") else None
    except ValueError:
        return None


def readable(address: str) -> str:
    """An address as people read it: its letters in place of their bytes, 新闻 for %E6%96%B0%E9%97%BB.

    Only letters, so that it leads to the same place and nothing in it turns what stands around it.
    """
    return ESCAPED.sub(_letters, address)


def _letters(escaped: re.Match[str]) -> str:
    try:
        text = unquote(escaped[0], errors="strict")
    except UnicodeDecodeError:
        return escaped[0]
    return text if text.isalnum() and not any(map(str.isascii, text)) else escaped[0]


def _title(hit: Hit) -> Markup:
    """The title, marked where it matched."""
    for passage in hit.passages:
        if passage.field == "title" and passage.text == hit.article.title:
            return marked(passage.text, passage.spans)
    return marked(hit.article.title or say("results.untitled"), ())


def _passage(passage: Passage) -> Markup:
    """A passage with its matches; dots where the text goes on."""
    before, after = "…" * passage.cut_before, "…" * passage.cut_after
    return before + marked(passage.text, passage.spans) + after


def _reasons(hit: Hit) -> Iterator[Reason]:
    """Other scripts and other forms that were found, with the strings as they stand there."""
    strings: dict[Why, dict[str, None]] = {"script": {}, "variant": {}}
    for passage in hit.passages:
        for (start, end), why in zip(passage.spans, passage.whys, strict=False):
            if why in strings:
                strings[why][passage.text[start:end]] = None
    for why, found in strings.items():
        if found:
            yield Reason(say(f"why.{why}"), tuple(found)[:MOST_NAMED])


@dataclass(frozen=True, slots=True)
class Fold:
    """The switch that folds articles of one story: ``href`` turns it the other way."""

    on: bool
    href: str


def fold_switch(page: Page, asked: tuple[Parameter, ...], is_on: bool) -> Fold | None:
    """The switch, where there is something to fold or unfold."""
    if is_on:
        return Fold(True, link("/search", without(asked, "fold")))
    if any(hit.telling > 1 for hit in page.hits) and not any(each.name == "story" for each in asked):
        return Fold(False, link("/search", replaced(asked, "fold", "on")))
    return None


def ways_out(
    page: Page, asked: tuple[Parameter, ...], count: Callable[[tuple[Parameter, ...]], int]
) -> Iterator[WayOut]:
    """What finds something where nothing was found: fewer conditions first, then fewer words.

    ``count``: how many articles a search finds; what finds none is no way out.
    """
    for message, words, changed in _changes(page, asked):
        if found := count(changed):
            yield WayOut(say(message), words, link("/search", changed), found)


def _changes(page: Page, asked: tuple[Parameter, ...]) -> Iterator[tuple[str, str, tuple[Parameter, ...]]]:
    """Each change: the message that tells it, the words that are left, and the search then."""
    names = {each.name for each in asked}
    for message, gone in CONDITIONS:
        if names.intersection(gone):
            yield message, "", without(asked, *gone)
    terms = page.asked.terms
    if 1 < len(terms) <= MOST_WORDS:
        for left_out in range(len(terms)):
            words = " ".join(term for number, term in enumerate(terms) if number != left_out)
            yield "none.drop", words, replaced(asked, "q", words)
