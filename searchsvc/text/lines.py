"""A line: what the reading of markup hands to the rules about boilerplate, and to the writing.

A line is a paragraph, or a piece of one between two ``<br>``. It carries its text and its markup
side by side, so a rule that drops a line drops it from both.
"""

import re
from dataclasses import dataclass
from itertools import groupby

from searchsvc.article import Part, PartKind

# An element that encloses lines and its number: two lines of one ``<p>`` have the same number.
Enclosing = tuple[str, int]

_WORD = re.compile(r"[^\W_]")
_ADDRESSES = re.compile(r"(?:https?://\S+\s*)+")
# Invisible and control characters, which part 石破 from 茂 in a search and show as nothing. Joiners
# (U+200C, U+200D) and variation selectors stay: emoji and rare characters are made of them.
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u2060\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
RULE = "<hr>"


@dataclass(frozen=True, slots=True)
class Line:
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
        if _ADDRESSES.fullmatch(self.text):
            return True
        return "<a " in self.html and not _WORD.search(self.bare)


def visible(text: str) -> str:
    """The text without invisible and control characters; line ends and tabs stay."""
    if text.isprintable():
        return text
    return _SURROGATE.sub("\ufffd", _INVISIBLE.sub("", text))


def write_text(lines: list[Line]) -> tuple[str, tuple[Part, ...]]:
    """The text, a line each, and its parts: neighbouring lines of one element are one part."""
    said = [line for line in lines if line.text]
    parts, place = [], 0
    for (kind, _), group in groupby(said, key=lambda line: (line.kind, line.path)):
        length = sum(len(line.text) + 1 for line in group)
        if kind:
            parts.append(Part(kind, place, place + length - 1))
        place += length
    return "\n".join(line.text for line in said), tuple(parts)


def write_html(lines: list[Line]) -> str:
    """The markup: elements are opened and closed where the paths of two lines part."""
    pieces: list[str] = []
    path: tuple[Enclosing, ...] = ()
    for line in lines:
        if line.path == path and path:
            pieces.append("<br>" if path[-1][0] != "blockquote" and line.html != RULE else "")
        else:
            shared = _shared(path, line.path)
            pieces.extend(f"</{name}>" for name, _ in reversed(path[shared:]))
            pieces.extend(f"<{name}>" for name, _ in line.path[shared:])
            path = line.path
        pieces.append(line.html)
    pieces.extend(f"</{name}>" for name, _ in reversed(path))
    return "".join(pieces)


def _shared(one: tuple[Enclosing, ...], other: tuple[Enclosing, ...]) -> int:
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return place
    return min(len(one), len(other))
