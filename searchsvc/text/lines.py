"""A line: what the reading of markup hands to the rules about boilerplate, and those to the writing.

A line is a paragraph, or a piece of one between two ``<br>``. It carries its text and its markup
side by side, so a rule that drops a line drops it from both.
"""

import re
from collections.abc import Callable
from html import escape
from itertools import groupby
from typing import NamedTuple

from searchsvc.article import Part, PartKind

# An element that encloses lines and its number: two lines of one ``<p>`` have the same number.
Enclosing = tuple[str, int]

_WORD = re.compile(r"[^\W_]")
_ADDRESSES = re.compile(r"(?:https?://\S+\s*)+")
# Invisible and control characters, which part 石破 from 茂 in a search and show as nothing. Joiners
# (U+200C, U+200D) and variation selectors stay: emoji and rare characters are made of them.
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u2060\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")
_MOST_INLINE = 8
# nh3 takes time by the square of the ampersands in one text: 11 s for a million.
_MANY_AMPERSANDS = 4000
RULE = "<hr>"


def names(text: str) -> frozenset[str]:
    """A set of names, written as one string with spaces."""
    return frozenset(text.split())


class Line(NamedTuple):
    """``text`` without markup (empty for a picture), ``html`` the same with inline markup.

    ``bare`` is the text that stands outside links; ``path`` the elements around the line, outermost
    first.
    """

    text: str
    html: str
    bare: str
    path: tuple[Enclosing, ...] = ()
    kind: PartKind | None = None

    @property
    def is_link(self) -> bool:
        """Whether there is nothing but links, and signs between them: ``▷ <a>…</a> | <a>…</a>``."""
        if "<a " in self.html:
            return not _WORD.search(self.bare)
        return self.text.startswith("http") and _ADDRESSES.fullmatch(self.text) is not None


def visible(text: str) -> str:
    """The text without invisible and control characters; line ends and tabs stay."""
    if text.isprintable():
        return text
    return encodable(_INVISIBLE.sub("", text))


def encodable(text: str) -> str:
    """The text with U+FFFD for lone surrogates, which no file and no parser takes."""
    return _SURROGATE.sub("\ufffd", text)


class Draft:
    """A line being written, and the inline elements that are open at its end.

    White space is one space, and none at either end; in ``code`` it stays as it is.
    """

    def __init__(self) -> None:
        self.code = False
        self.inline: list[tuple[str, str]] = []
        self._begin()

    def _begin(self) -> None:
        self._text: list[str] = []
        self._bare: list[str] = []
        self._html: list[str] = []
        self._space = False

    def __bool__(self) -> bool:
        return bool(self._html)

    def add(self, text: str) -> None:
        """Add text as a text node has it."""
        if not self.code:
            text = self._spaced(text)
        if not text:
            return
        if self.inline and not self._html:
            self.add_html("")
        self._html.append(escape_text(text))
        self._text.append(text)
        if not (self.inline and self._in_link()):
            self._bare.append(text)

    def _spaced(self, text: str) -> str:
        words = " ".join(text.split())
        if not words:
            self._space = self._space or bool(text)
            return ""
        parted = self._space or text[0].isspace()
        self._space = text[-1].isspace()
        return f" {words}" if parted and self._text and self._text[-1] != "\t" else words

    def _in_link(self) -> bool:
        return any(close == "</a>" for _, close in self.inline)

    def add_html(self, html: str) -> None:
        """Add markup that stands for itself: a picture."""
        if not self._html and self.inline:
            self._html.extend(tag for tag, _ in self.inline)
        self._html.append(html)

    def open(self, name: str, tag: str | None = None) -> Callable[[], None] | None:
        """Open an inline element; what closes it, or None where it is left out."""
        if len(self.inline) >= _MOST_INLINE or (name == "a" and self._in_link()):
            return None
        self.inline.append((tag or f"<{name}>", f"</{name}>"))
        if self._html:
            self._html.append(self.inline[-1][0])
        return self._close

    def _close(self) -> None:
        _, tag = self.inline.pop()
        if self._html:
            self._html.append(tag)

    def open_cell(self, name: str) -> Callable[[], None]:
        """Open a cell, parted from the one before it by a tab. An empty one keeps its place."""
        if self._text and self._text[-1] != "\t":
            self._text.append("\t")
        self._space = False
        self.inline.append((f"<{name}>", f"</{name}>"))
        self.add_html("" if not self._html else f"<{name}>")
        return self._close

    def take(self, path: tuple[Enclosing, ...], kind: PartKind | None) -> Line:
        """The line as it stands, to which these belong; the next one begins."""
        text = "".join(self._text)
        text = _BLANK_LINES.sub("", text).rstrip() if self.code else text.rstrip()
        if self.inline:
            self._html.extend(tag for _, tag in reversed(self.inline))
        line = Line(text, "".join(self._html), "".join(self._bare).strip(), path, kind)
        self._begin()
        return line


def escape_text(text: str) -> str:
    """Text as markup has it between tags."""
    if "<" not in text and ">" not in text and "&" not in text:
        return text
    if text.count("&") < _MANY_AMPERSANDS:
        return escape(text, quote=False)
    pieces = (text[at : at + _MANY_AMPERSANDS] for at in range(0, len(text), _MANY_AMPERSANDS))
    return "<wbr>".join(escape(piece, quote=False) for piece in pieces)


def write_text(lines: list[Line]) -> tuple[str, tuple[Part, ...]]:
    """The text, a line each, and its parts: neighbouring lines of one element are one part."""
    said = [line for line in lines if line.text]
    parts, place = [], 0
    for (kind, _), group in groupby(said, key=lambda line: (line.kind, line.path)):
        length = sum([len(line.text) + 1 for line in group])
        if kind:
            parts.append(Part(kind, place, place + length - 1))
        place += length
    return "\n".join(line.text for line in said), tuple(parts)


def write_html(lines: list[Line]) -> str:
    """The markup: elements are opened and closed where the paths of two lines part."""
    pieces: list[str] = []
    path: tuple[Enclosing, ...] = ()
    for line in lines:
        if line.path != path:
            pieces.append(_between(path, line.path))
            path = line.path
        elif path and path[-1][0] != "blockquote" and line.html != RULE:
            pieces.append("<br>")
        pieces.append(line.html)
    pieces.append(_between(path, ()))
    return "".join(pieces)


def _between(path: tuple[Enclosing, ...], following: tuple[Enclosing, ...]) -> str:
    """The tags that end one path and begin another."""
    if len(path) == len(following) == 1:
        return f"</{path[0][0]}><{following[0][0]}>"
    shared = 0
    while shared < min(len(path), len(following)) and path[shared] == following[shared]:
        shared += 1
    closing = [f"</{name}>" for name, _ in reversed(path[shared:])]
    return "".join(closing + [f"<{name}>" for name, _ in following[shared:]])
