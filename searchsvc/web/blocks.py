"""An article's text and parts → blocks of a page: paragraphs, headings, lists, quotations.

The text is one paragraph a line; a part says that a stretch of it is something else. A part that
covers a whole line decides what the line is; one inside a line (华盛顿 — at its head) becomes a span
in it. Lines of one list, quotation or listing stand together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from markupsafe import Markup

from searchsvc.article import Article, Part
from searchsvc.search.results import Span
from searchsvc.web.marking import clipped, marked

BlockKind = Literal["paragraph", "heading", "caption", "quote", "item", "code"]
# Kinds of line; a dateline is never one by itself.
LINE_KINDS: dict[str, BlockKind] = {
    "heading": "heading",
    "caption": "caption",
    "quote": "quote",
    "item": "item",
    "code": "code",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an article: what it is, its markup, and how many matches it has."""

    kind: BlockKind
    html: Markup
    marks: int


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring lines of one kind that stand together; a paragraph or heading stands alone.

    ``first_match`` is True for the one block that a link "to the first match" leads to.
    """

    kind: BlockKind
    lines: tuple[Markup, ...]
    first_match: bool = False


def blocks(article: Article, spans: Sequence[Span]) -> tuple[Block, ...]:
    """The blocks of an article's text, with the spans marked."""
    made: list[Block] = []
    found = False
    for kind, lines in _together(_lines(article.text, article.parts, spans)):
        matched = any(line.marks for line in lines)
        made.append(Block(kind, tuple(line.html for line in lines), matched and not found))
        found = found or matched
    return tuple(made)


def _together(lines: Iterator[Line]) -> Iterator[tuple[BlockKind, list[Line]]]:
    for kind, group in groupby(lines, key=lambda line: line.kind):
        if kind in ("item", "quote", "code"):
            yield kind, list(group)
        else:
            yield from ((kind, [line]) for line in group)


def _lines(text: str, parts: Sequence[Part], spans: Sequence[Span]) -> Iterator[Line]:
    """The lines that have something to read. Parts and spans are sorted, so each is looked at once."""
    start = 0
    waiting = sorted(parts, key=lambda part: part.start)
    marks = list(clipped(spans, 0, len(text)))
    for piece in text.split("\n"):
        end = start + len(piece)
        while waiting and waiting[0].end <= start:
            waiting.pop(0)
        while marks and marks[0][1] <= start:
            marks.pop(0)
        if piece.strip():
            here = [part for part in _until(waiting, end) if part.end > start]
            inside = [span for span in marks[: _count(marks, end)] if span[1] > start]
            yield _line(text, start, end, here, inside)
        start = end + 1


def _until(parts: list[Part], end: int) -> Iterator[Part]:
    for part in parts:
        if part.start >= end:
            return
        yield part


def _count(marks: list[Span], end: int) -> int:
    """How many of the sorted marks begin before an offset."""
    return next((number for number, mark in enumerate(marks) if mark[0] >= end), len(marks))


def _line(text: str, start: int, end: int, parts: Sequence[Part], spans: Sequence[Span]) -> Line:
    first = start + len(text[start:end]) - len(text[start:end].lstrip())
    last = first + len(text[first:end].rstrip())
    whole = [LINE_KINDS[part.kind] for part in parts if part.kind in LINE_KINDS and _covers(part, first, last)]
    kind = whole[0] if whole else "paragraph"
    # A listing keeps its indentation.
    low, high = (start, end) if kind == "code" else (first, last)
    inner = [part for part in parts if not (part.kind in LINE_KINDS and _covers(part, first, last))]
    return Line(kind, _markup(text, low, high, inner, spans), len(list(clipped(spans, low, high))))


def _covers(part: Part, start: int, end: int) -> bool:
    return part.start <= start and end <= part.end


def _markup(text: str, start: int, end: int, parts: Sequence[Part], spans: Sequence[Span]) -> Markup:
    """A line's text with its marks, and its datelines as spans of their own."""
    pieces: list[Markup] = []
    for low, high in clipped(((part.start, part.end) for part in parts if part.kind == "dateline"), start, end):
        pieces.append(marked(text, spans, start, low))
        pieces.append(Markup('<span class="dateline">{}</span>').format(marked(text, spans, low, high)))
        start = high
    return Markup("").join((*pieces, marked(text, spans, start, end)))
