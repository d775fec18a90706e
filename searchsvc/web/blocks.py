"""An article's text, parts and pictures → blocks of a page: paragraphs, headings, lists, quotations.

The text is one paragraph a line; a part says that a stretch of it is something else. A part that
covers a whole line decides what the line is. A dateline (华盛顿 —) stands at the head of a paragraph.
The cells of a table's row are parted by tabs. Neighbouring lines of a list, a quotation, a listing or a
table stand together.
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
from searchsvc.text.pictures import Picture, signs
from searchsvc.web.marking import clipped, marked

LineKind = Literal["paragraph", "heading", "caption", "dateline", "quote", "item", "code", "row", "picture"]
Value = TypeVar("Value")
TOGETHER = frozenset({"quote", "item", "code", "row"})
CELL = Markup("<td>{}</td>")


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked in a text: spans, and the tags that open those that begin at some offsets."""

    spans: Sequence[Span] = ()
    tags: Mapping[int, str] | None = None

    def within(self, text: str, start: int, end: int) -> Markup:
        return marked(text, self.spans, start, end, self.tags)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that stand together, as markup; a paragraph, heading or caption is one line alone.

    A picture has no lines.
    """

    kind: LineKind
    lines: tuple[Markup, ...]
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    kind: LineKind
    html: Markup
    picture: Picture | None = None


def blocks(article: Article, marks: Marks, pictures: Sequence[Picture] = ()) -> tuple[Block, ...]:
    """The blocks of an article's text, with its matches marked and the given pictures in it."""
    lines = _lines(article.text, article.parts, marks, pictures)
    return tuple(
        Block(kind, tuple(line.html for line in together), together[0].picture)
        for kind, together in _together(_run_in(lines))
    )


def _together(lines: Iterator[_Line]) -> Iterator[tuple[LineKind, list[_Line]]]:
    for kind, group in groupby(lines, key=lambda line: line.kind):
        if kind in TOGETHER:
            yield kind, list(group)
        else:
            yield from ((kind, [line]) for line in group)


def _lines(text: str, parts: Iterable[Part], marks: Marks, pictures: Sequence[Picture]) -> Iterator[_Line]:
    """The lines that have something to read, and the pictures: each before the line it stands before."""
    pieces = text.split("\n")
    starts = [0, *accumulate(len(piece) + 1 for piece in pieces[:-1])]
    spans = _per_line(starts, {span: span for span in marks.spans})
    own = _per_line(starts, {(part.start, part.end): part for part in parts})
    before, shown = 0, 0
    for number, piece in enumerate(pieces):
        while shown < len(pictures) and pictures[shown].place <= before:
            yield _Line("picture", Markup(), pictures[shown])
            shown += 1
        before += signs(piece) if pictures else 0
        if piece.strip():
            yield _line(text, starts[number], piece, own[number], replace(marks, spans=spans[number]))
    yield from (_Line("picture", Markup(), picture) for picture in pictures[shown:])


def _run_in(lines: Iterable[_Line]) -> Iterator[_Line]:
    """The lines, a dateline that has one of its own put at the head of the paragraph it belongs to."""
    dateline: _Line | None = None
    for line in lines:
        if dateline and line.kind == "paragraph":
            yield _Line("paragraph", Markup("{} {}").format(dateline.html, line.html))
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


def _line(text: str, start: int, piece: str, parts: Sequence[Part], marks: Marks) -> _Line:
    low = start + len(piece) - len(piece.lstrip())
    high = start + len(piece.rstrip())
    kind = _kind(parts, low, high)
    if kind == "code":  # A listing keeps its indentation.
        low = start
    elif "\t" in text[low:high]:
        return _Line("row", _row(text, low, high, marks))
    return _Line(kind, _markup(text, low, high, parts, marks))


def _kind(parts: Sequence[Part], low: int, high: int) -> LineKind:
    """What a line is: the first part that covers all of it says so."""
    return next((part.kind for part in parts if part.start <= low and high <= part.end), "paragraph")


def _row(text: str, start: int, end: int, marks: Marks) -> Markup:
    cells: list[Markup] = []
    for cell in text[start:end].split("\t"):
        cells.append(CELL.format(marks.within(text, start, start + len(cell))))
        start += len(cell) + 1
    return Markup("").join(cells)


def _markup(text: str, start: int, end: int, parts: Sequence[Part], marks: Marks) -> Markup:
    """A line's text with its matches marked and its dateline told apart."""
    pieces: list[Markup] = []
    datelines = [(part.start, part.end) for part in parts if part.kind == "dateline"]
    for low, high in clipped(datelines, start, end):
        pieces.append(marks.within(text, start, low))
        pieces.append(Markup('<span class="dateline">{}</span>').format(marks.within(text, low, high)))
        start = high
    return Markup("").join((*pieces, marks.within(text, start, end)))
