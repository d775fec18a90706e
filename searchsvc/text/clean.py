"""Markup or plain text of an article → its readable text, and the same as markup safe to show.

``markup`` reads the tree into lines, ``boilerplate`` drops those that are not the article's, here
they are written out. The markup that leaves is made anew from what was understood of the old one,
and then goes through nh3, which knows nothing of all that and lets pass what is on its list.

What comes in may be anything: cut, hostile, 5 MB long. It takes time by its length and never raises.
"""

import re
from dataclasses import dataclass, replace
from functools import cache
from html import unescape

import nh3

from searchsvc.article import Part
from searchsvc.text.address import original_address
from searchsvc.text.boilerplate import cut_trailer, dateline_end, drop_noise
from searchsvc.text.lines import Line, escape_text, names, visible, write_html, write_text
from searchsvc.text.markup import read_markup

__all__ = ["Body", "clean_html", "clean_line", "clean_text", "original_address"]

_TAGS = names(
    "a abbr blockquote br cite code del em figcaption figure h1 h2 h3 h4 h5 h6 hr img ins kbd li mark ol p"
    " pre q rp rt ruby s small strong sub sup table tbody td th tr u ul wbr"
)
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}

# The mirror's date line, with or without the author above it:
# <div><i>Thu, 07 Nov 2024 16:49:47 GMT</i></div>, <div><i>黄之锋<br>2020-08-13 10:50:40</i></div>,
# <div>31/12/2020 - 22:14</div> (RFI), and <div><i></i></div> where it knew no date.
_DATE = (
    r"(?:[A-Z][a-z]{2},?\s+)?\d{1,2}\s[A-Z][a-z]{2}\s\d{4}\s\d{1,2}:\d\d(?::\d\d)?(?:\s(?:[A-Z]{1,4}|[+-]\d{4}))?"
    r"|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\d{1,2}/\d{1,2}/\d{4}(?:\s-\s|\s)\d{1,2}:\d\d"
)
_STATED = re.compile(
    r"\s*+<div\b[^<>]{0,200}+>\s*+(?:<i>\s*+)?+(?P<author>[^<>]{0,200}+<br\s*+/?>\s*+)?+"
    rf"(?P<date>{_DATE})?+\s*+(?P<end></i>\s*+)?+</div>",
    re.IGNORECASE,
)

# Titles carry these, escaped or not; any other <…> in a title is text: 如何使用 <T> 与 a < b.
_TITLE_TAG = re.compile(
    r"</?(?:a|abbr|b|big|br|cite|code|div|em|font|h[1-6]|i|img|li|mark|p|q|s|script|small|span|strike|strong|style"
    r"|sub|sup|tt|u|ul|wbr)(?:\s[^<>]{0,2000})?/?>|<!--[^<>]{0,2000}-->",
    re.IGNORECASE,
)
_PARTING_TAG = re.compile("</?(?:br|div|h[1-6]|li|p|ul)", re.IGNORECASE)
_PICTURE = re.compile('<img src="([^"]*)"')
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,10}|#\d{1,7}|#x[0-9a-fA-F]{1,6});")


@dataclass(frozen=True, slots=True)
class Body:
    """An article's body, cleaned.

    ``text`` is one paragraph a line, ``html`` the same as safe markup. ``parts`` are stretches of
    ``text`` in code points. ``image`` is the first picture's own address. ``stated`` and ``author``
    are what the mirror wrote above the article, the date as it stood there.
    """

    text: str
    html: str
    parts: tuple[Part, ...] = ()
    image: str | None = None
    stated: str | None = None
    author: str | None = None


def clean_html(markup: str, base: str | None = None) -> Body:
    """The body that some markup holds; ``base``, the article's address, resolves relative links."""
    start, stated, author = _heading_of_mirror(markup)
    body = _body(drop_noise(read_markup(markup[start:], base)))
    return replace(body, stated=stated, author=author)


def clean_text(text: str) -> Body:
    """The body that plain text holds: every line a paragraph, ``<`` and ``&`` mean themselves."""
    rows = cut_trailer(visible(text)).splitlines()
    shown = (" ".join(row.split()) for row in rows)
    lines = [
        Line(row, escape_text(row), row, path=(("p", number),)) for number, row in enumerate(shown) if row
    ]
    return _body(drop_noise(lines))


def clean_line(text: str) -> str:
    """A title or a name on one line, without tags, its entities decoded.

    Entities are decoded a second time where feeds escaped them twice: 《A&amp;amp;B》 is 《A&B》.
    """
    decoded = unescape(text)
    if _ENTITY.search(decoded) and "&amp;" in text:
        decoded = unescape(decoded)
    bare = _TITLE_TAG.sub(lambda tag: " " if _PARTING_TAG.match(tag[0]) else "", decoded)
    return " ".join(visible(bare).split())


def _body(lines: list[Line]) -> Body:
    text, parts = write_text(lines)
    html = _sanitizer().clean(write_html(lines)) if lines else ""
    return Body(text, html, _with_dateline(text, parts), _first_picture(lines))


def _first_picture(lines: list[Line]) -> str | None:
    found = (_PICTURE.search(line.html) for line in lines if "<img" in line.html)
    picture = next(found, None)
    return unescape(picture[1]) if picture else None


def _with_dateline(text: str, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts and the dateline: at the start of the first line that heads or captions nothing."""
    start = 0
    for part in parts:
        if part.start != start or part.kind not in ("caption", "heading"):
            break
        start = part.end + 1
    end = text.find("\n", start)
    length = dateline_end(text[start : len(text) if end < 0 else end])
    if not length:
        return parts
    dateline = Part("dateline", start, start + length)
    return tuple(sorted((*parts, dateline), key=lambda part: (part.start, -part.end)))


def _heading_of_mirror(markup: str) -> tuple[int, str | None, str | None]:
    """Where the article begins below the mirror's date line, the date, the author."""
    found = _STATED.match(markup)
    if not found:
        return 0, None, None
    author = clean_line(found["author"] or "") or None
    if found["date"] or (found["end"] and not author):
        return found.end(), found["date"], author
    return 0, None, None


@cache
def _sanitizer() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
    )
