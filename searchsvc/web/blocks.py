"""An article's text and parts → blocks of a page: paragraphs, headings, lists, quotations.

The text is one paragraph a line; a part says that a stretch of it is something else. A part that
covers a whole line decides what the line is. A dateline (华盛顿 —) stands at the head of a paragraph.
Neighbouring lines of a list, a quotation or a listing stand together.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from typing import Literal, TypeVar

from markupsafe import Markup

from searchsvc.article import Article, Part
from searchsvc.search.results import Span
from searchsvc.web.marking import clipped, marked

LineKind = Literal["paragraph", "heading", "caption", "dateline", "quote", "item", "code"]
Value = TypeVar("Value")
TOGETHER = frozenset({"quote", "item", "code"})


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that stand together, as markup; a paragraph, heading or caption is one line alone.

    ``first_match`` is True for the one block that a link to the first match leads to.
    """

    kind: LineKind
    lines: tuple[Markup, ...]
    first_match: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    kind: LineKind
    html: Markup
    matched: bool


def blocks(article: Article, spans: Iterable[Span]) -> tuple[Block, ...]:
    """The blocks of an article's text, with the spans marked."""
    made: list[Block] = []
    found = False
    for kind, lines in _together(_run_in(_lines(article.text, article.parts, spans))):
        matched = any(line.matched for line in lines)
        made.append(Block(kind, tuple(line.html for line in lines), matched and not found))
        found = found or matched
    return tuple(made)


def _together(lines: Iterator[_Line]) -> Iterator[tuple[LineKind, list[_Line]]]:
    for kind, group in groupby(lines, key=lambda line: line.kind):
        if kind in TOGETHER:
            yield kind, list(group)
        else:
            yield from ((kind, [line]) for line in group)


def _lines(text: str, parts: Iterable[Part], spans: Iterable[Span]) -> Iterator[_Line]:
    """The lines that have something to read."""
    pieces = text.split("\n")
    starts = [0, *accumulate(len(piece) + 1 for piece in pieces[:-1])]
    marks = _per_line(starts, {span: span for span in spans})
    own = _per_line(starts, {(part.start, part.end): part for part in parts})
    for number, piece in enumerate(pieces):
        if piece.strip():
            yield _line(text, starts[number], piece, own[number], marks[number])


def _run_in(lines: Iterable[_Line]) -> Iterator[_Line]:
    """The lines, a dateline that has one of its own put at the head of the paragraph it belongs to."""
    dateline: _Line | None = None
    for line in lines:
        if dateline and line.kind == "paragraph":
            joined = Markup("{} {}").format(dateline.html, line.html)
            yield _Line("paragraph", joined, dateline.matched or line.matched)
            dateline = None
            continue
        if dateline:
            yield replace(dateline, kind="paragraph")
        dateline = line if line.kind == "dateline" else None
        if not dateline:
            yield line
    if dateline:
        yield replace(dateline, kind="paragraph")


def _per_line(starts: Sequence[int], stretches: Mapping[Span, Value]) -> defaultdict[int, list[Value]]:
    """Which stretches touch which line, so that a long article is walked through once."""
    touching: defaultdict[int, list[Value]] = defaultdict(list)
    for (start, end), value in stretches.items():
        for number in range(max(0, bisect_right(starts, start) - 1), bisect_left(starts, end)):
            touching[number].append(value)
    return touching


def _line(text: str, start: int, piece: str, parts: Sequence[Part], spans: Sequence[Span]) -> _Line:
    low = start + len(piece) - len(piece.lstrip())
    high = start + len(piece.rstrip())
    kind = _kind(parts, low, high)
    if kind == "code":  # A listing keeps its indentation.
        low = start
    return _Line(kind, _markup(text, low, high, parts, spans), any(clipped(spans, low, high)))


def _kind(parts: Sequence[Part], low: int, high: int) -> LineKind:
    """What a line is: the first part that covers all of it says so."""
    return next((part.kind for part in parts if part.start <= low and high <= part.end), "paragraph")


def _markup(text: str, start: int, end: int, parts: Sequence[Part], spans: Sequence[Span]) -> Markup:
    """A line's text with its matches marked and its dateline told apart."""
    pieces: list[Markup] = []
    datelines = [(part.start, part.end) for part in parts if part.kind == "dateline"]
    for low, high in clipped(datelines, start, end):
        pieces.append(marked(text, spans, start, low))
        pieces.append(Markup('<span class="dateline">{}</span>').format(marked(text, spans, low, high)))
        start = high
    return Markup("").join((*pieces, marked(text, spans, start, end)))
