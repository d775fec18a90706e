"""Two versions of a text → what was taken out of the old one and what was put into the new one.

Clauses first (to the next ，or 。), then, where clauses differ, the characters in them; a word in letters
or a number is one piece. Both by patience diff (Bram Cohen's): what occurs exactly once on either side is
an anchor where the order is the same, and between two anchors it is looked for again. So it takes time by
n log n whatever the texts are, where difflib takes n² and more.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, NamedTuple

ChangeKind = Literal["same", "gone", "new"]
Pair = tuple[int, int]

CLAUSE = re.compile(r"[^，。；！？,;!?\n]*[，。；！？,;!?\n]+[”’」』）》]*|[^，。；！？,;!?\n]+")
PIECE = re.compile(r"[^\W\d_\u3000-\U0010ffff]+|\d+|.", re.DOTALL)
# How often anchors are looked for between anchors; texts that somebody edited need three.
DEEPEST = 12
# So few characters between two changes are the same by chance, and so is a fourth of the shorter change.
BY_CHANCE, TOO_FEW = 2, 4
# Stretches longer than this are another text, not one that was edited: what is in them is not compared.
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch that stayed, is gone or is new: ``[start:end]`` of the old text if it is gone, else of
    the new one."""

    kind: ChangeKind
    start: int
    end: int


class _Edit(NamedTuple):
    """A stretch of the old text and what stands for it in the new one."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int
    same: bool


def changes(old: str, new: str) -> list[Change]:
    """The new text from its beginning to its end, with what is gone where it was."""
    edits: list[_Edit] = []
    for edit in _edits(CLAUSE.findall(old), CLAUSE.findall(new), 0, 0):
        edits += [edit] if edit.same else _inside(edit, old, new)
    return [change for edit in _joined(edits) for change in _changes_of(edit)]


def counted(made: Iterable[Change]) -> tuple[int, int]:
    """How many characters are new, and how many are gone."""
    lengths = Counter[ChangeKind]()
    for change in made:
        lengths[change.kind] += change.end - change.start
    return lengths["new"], lengths["gone"]


def _inside(edit: _Edit, old: str, new: str) -> list[_Edit]:
    """A stretch that differs, taken apart into what differs in it and what does not."""
    before, after = old[edit.old_start : edit.old_end], new[edit.new_start : edit.new_end]
    if not (before and after) or max(len(before), len(after)) > LONGEST:
        return [edit]
    finer = _edits(PIECE.findall(before), PIECE.findall(after), edit.old_start, edit.new_start)
    return _smoothed(_joined(finer))


def _edits(left: Sequence[str], right: Sequence[str], old_at: int, new_at: int) -> Iterator[_Edit]:
    """The stretches between pieces that are the same, and these; the pieces begin at two offsets."""
    olds, news = _offsets(left, old_at), _offsets(right, new_at)
    i = j = 0
    for x, y in _pairs(left, right):
        if x > i or y > j:
            yield _Edit(olds[i], olds[x], news[j], news[y], same=False)
        yield _Edit(olds[x], olds[x + 1], news[y], news[y + 1], same=True)
        i, j = x + 1, y + 1
    if i < len(left) or j < len(right):
        yield _Edit(olds[i], olds[-1], news[j], news[-1], same=False)


def _offsets(pieces: Sequence[str], start: int) -> list[int]:
    """Where each piece begins, and where the last one ends."""
    offsets = [start]
    for piece in pieces:
        offsets.append(offsets[-1] + len(piece))
    return offsets


def _pairs(left: Sequence[str], right: Sequence[str], depth: int = 0) -> list[Pair]:
    """Pieces that are the same, as pairs of indices that ascend on both sides."""
    start = _shared(left, right)
    end = _shared(left[start:][::-1], right[start:][::-1])
    pairs = [(number, number) for number in range(start)]
    inner_left, inner_right = left[start : len(left) - end], right[start : len(right) - end]
    if inner_left and inner_right and depth < DEEPEST:
        pairs += [(start + x, start + y) for x, y in _between_anchors(inner_left, inner_right, depth)]
    return pairs + [(len(left) - number, len(right) - number) for number in range(end, 0, -1)]


def _shared(left: Sequence[str], right: Sequence[str]) -> int:
    """How many pieces are the same from the beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))


def _between_anchors(left: Sequence[str], right: Sequence[str], depth: int) -> list[Pair]:
    anchors = _anchors(left, right)
    pairs: list[Pair] = []
    i = j = 0
    for x, y in (*anchors, (len(left), len(right))) if anchors else ():
        pairs += [(i + a, j + b) for a, b in _pairs(left[i:x], right[j:y], depth + 1)]
        if x < len(left):
            pairs.append((x, y))
        i, j = x + 1, y + 1
    return pairs


def _anchors(left: Sequence[str], right: Sequence[str]) -> list[Pair]:
    """The longest row of pieces that occur once on either side, in the order of both."""
    places = _once(left)
    shared = [(places[piece], number) for piece, number in _once(right).items() if piece in places]
    # Patience sorting: of the rows of each length so far the one that ends first, and each pair's forerunner.
    ends: list[int] = []
    last: list[int] = []
    forerunners: list[int | None] = []
    for number, (place, _) in enumerate(shared):
        length = bisect_left(ends, place)
        forerunners.append(last[length - 1] if length else None)
        if length == len(ends):
            ends.append(place)
            last.append(number)
        else:
            ends[length], last[length] = place, number
    row: list[Pair] = []
    at = last[-1] if last else None
    while at is not None:
        row.append(shared[at])
        at = forerunners[at]
    return row[::-1]


def _once(pieces: Sequence[str]) -> dict[str, int]:
    """The pieces that occur once, and where."""
    counts = Counter(pieces)
    return {piece: number for number, piece in enumerate(pieces) if counts[piece] == 1}


def _joined(edits: Iterable[_Edit]) -> list[_Edit]:
    """Neighbours of one kind as one."""
    joined: list[_Edit] = []
    for edit in edits:
        _add(joined, edit)
    return joined


def _add(joined: list[_Edit], edit: _Edit) -> None:
    if joined and joined[-1].same == edit.same:
        last = joined.pop()
        edit = last._replace(old_end=edit.old_end, new_end=edit.new_end)
    joined.append(edit)


def _smoothed(edits: Sequence[_Edit]) -> list[_Edit]:
    """Edits, where what two changes have between them by chance is part of the change.

    张三和王五 → 李四和赵六: all of it is another. But what has only deletions or only insertions on
    either side was left there on purpose.
    """
    smoothed: list[_Edit] = []
    for edit, following in zip(edits, (*edits[1:], None), strict=True):
        chance = edit.same and smoothed and following and _is_chance(smoothed[-1], edit, following)
        _add(smoothed, edit._replace(same=False) if chance else edit)
    return smoothed


def _is_chance(before: _Edit, same: _Edit, after: _Edit) -> bool:
    most = max(BY_CHANCE, min(_size(before), _size(after)) // TOO_FEW)
    return same.new_end - same.new_start <= most and _replaces(before, after)


def _size(edit: _Edit) -> int:
    return max(edit.old_end - edit.old_start, edit.new_end - edit.new_start)


def _replaces(left: _Edit, right: _Edit) -> bool:
    """Whether two changes together take something away and put something in."""
    return (left.old_end > left.old_start or right.old_end > right.old_start) and (
        left.new_end > left.new_start or right.new_end > right.new_start
    )


def _changes_of(edit: _Edit) -> Iterator[Change]:
    if edit.same:
        yield Change("same", edit.new_start, edit.new_end)
        return
    if edit.old_end > edit.old_start:
        yield Change("gone", edit.old_start, edit.old_end)
    if edit.new_end > edit.new_start:
        yield Change("new", edit.new_start, edit.new_end)
