"""Sketches and times → which articles are near each other, and the stories that they tell.

Articles come in the order of their moments, then of their ids, so that the earliest of several is
the one with the least index. All of this is loops over arrays: two sketches are compared in some ten
nanoseconds, and only those within four days of each other are.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.engine.compiled import TRUTHS, compiled, inlined, readonly
from searchsvc.stories.sketch import TEXT_BINS, WIDTH

# What is published again later than this is another story: an annual address, a weekly column.
WINDOW_SECONDS = 4 * 86_400
# At least this share of their text do near articles have in common, and stories that become one.
NEAR, STORY = 0.5, 0.35
# Of texts with fewer filled bins than this, about as many units, a half is not enough: they must be
# the same. With still fewer a text says nothing: [图集], 视频.
SHORT, NOTHING = 32, 8
# With so many numbers in both, at least this share must be the same.
MANY_NUMBERS, SAME_NUMBERS = 8, 0.3
# Near articles of one article that are kept, the nearest first; a form letter has thousands.
MOST_EDGES = 32

# Sketches as the loops take them, four bins to a word, shape (n, 40).
PACKED = types.Array(types.uint64, 2, "C", readonly=True)
MOMENTS = INDICES = readonly(types.int64)
TEXT_WORDS, WORDS = TEXT_BINS // 4, WIDTH // 4
# Of articles that have half of their text in common, 3 of the first 32 bins and more are the same (all
# but 1 in 8 million): where fewer are, the others need not be looked at.
FIRST_WORDS, FIRST_SAME = 8, 3
_ALL_BUT_TOP, _LOWEST = np.uint64(0x7FFF7FFF7FFF7FFF), np.uint64(0x0001000100010001)

Sketches = NDArray[np.uint16]
Packed = NDArray[np.uint64]
Ints = NDArray[np.int64]


class Stories(NamedTuple):
    """Of each article the earliest of its component, and the earliest of its story, both as indices."""

    components: Ints
    stories: Ints


@inlined
def _zeros(word: Any) -> Any:
    """1 in each of four bins that is 0, else 0."""
    return ~(((word & _ALL_BUT_TOP) + _ALL_BUT_TOP) | word | _ALL_BUT_TOP) >> np.uint64(15)


@inlined
def _sum(word: Any) -> Any:
    """The sum of four bins."""
    return np.int64((word * _LOWEST) >> np.uint64(48))


@inlined
def _common(sketches: Any, one: Any, other: Any, first: Any, end: Any) -> Any:
    """In how many of some bins two sketches are the same, and how many are filled in either."""
    same, empty = np.uint64(0), np.uint64(0)
    for place in range(first, end):
        left, right = sketches[one, place], sketches[other, place]
        same += _zeros(left ^ right)
        empty += _zeros(left | right)
    return _sum(same) - _sum(empty), 4 * (end - first) - _sum(empty)


@inlined
def _filled(sketches: Any, one: Any, first: Any, end: Any) -> Any:
    """How many of some bins of a sketch are filled."""
    empty = np.uint64(0)
    for place in range(first, end):
        empty += _zeros(sketches[one, place])
    return 4 * (end - first) - _sum(empty)


@inlined
def _similarity(sketches: Any, one: Any, other: Any) -> Any:
    """What share of their text two articles have in common, as their sketches tell."""
    same, filled = _common(sketches, one, other, 0, TEXT_WORDS)
    return np.float32(same) / np.float32(max(filled, 1))


@inlined
def _nearness(sketches: Any, one: Any, other: Any) -> Any:
    """The similarity of two articles if they are near each other, else 0."""
    same = np.uint64(0)
    for place in range(FIRST_WORDS):
        same += _zeros(sketches[one, place] ^ sketches[other, place])
    if _sum(same) < FIRST_SAME:
        return np.float32(0)
    similarity = _similarity(sketches, one, other)
    if similarity < NEAR:
        return np.float32(0)
    least = min(_filled(sketches, one, 0, TEXT_WORDS), _filled(sketches, other, 0, TEXT_WORDS))
    if least < NOTHING or (least < SHORT and similarity < 1) or not _agree(sketches, one, other):
        return np.float32(0)
    return similarity


@inlined
def _agree(sketches: Any, one: Any, other: Any) -> Any:
    """Whether two articles have the same numbers, as far as they have many."""
    same, filled = _common(sketches, one, other, TEXT_WORDS, WORDS)
    least = min(_filled(sketches, one, TEXT_WORDS, WORDS), _filled(sketches, other, TEXT_WORDS, WORDS))
    return least < MANY_NUMBERS or same >= SAME_NUMBERS * filled


@compiled(PACKED, MOMENTS, TRUTHS)
def _touched(sketches: Packed, moments: Ints, new: NDArray[np.bool_]) -> NDArray[np.bool_]:
    count = len(sketches)
    found = np.zeros(count, np.bool_)
    for one in range(count):
        if not new[one]:
            continue
        for step in (-1, 1):
            other = one + step
            while 0 <= other < count and abs(moments[one] - moments[other]) <= WINDOW_SECONDS:
                known = (found[one] and found[other]) or (step > 0 and new[other])
                if not known and _nearness(sketches, one, other) > 0:
                    found[one] = found[other] = True
                other += step
    return found


@compiled(PACKED, MOMENTS)
def _edges(sketches: Packed, moments: Ints) -> tuple[Ints, Ints, NDArray[np.float32]]:
    """Pairs of near articles, the later and the earlier, and how similar they are."""
    count = len(sketches)
    later, earlier = [0 for _ in range(0)], [0 for _ in range(0)]
    similarities = [np.float32(0) for _ in range(0)]
    best, keys = np.zeros(MOST_EDGES, np.int64), np.zeros(MOST_EDGES, np.float32)
    for one in range(count):
        kept = 0
        # Backwards, and only what is more similar displaces: of equals the nearest in time are kept.
        for other in range(one - 1, -1, -1):
            if moments[one] - moments[other] > WINDOW_SECONDS:
                break
            similarity = _nearness(sketches, one, other)
            if similarity == 0:
                continue
            place = kept
            if kept == MOST_EDGES:
                place = int(np.argmin(keys))
                if similarity <= keys[place]:
                    continue
            else:
                kept += 1
            best[place], keys[place] = other, similarity
        for place in range(kept):
            later.append(one)
            earlier.append(best[place])
            similarities.append(keys[place])
    return np.array(later), np.array(earlier), np.array(similarities)


@inlined
def _root(parents: Any, at: Any) -> Any:
    while parents[at] != at:
        parents[at] = parents[parents[at]]
        at = parents[at]
    return at


@compiled(PACKED, MOMENTS, INDICES, INDICES)
def _joined(sketches: Packed, moments: Ints, later: Ints, earlier: Ints) -> tuple[Ints, Ints]:
    """Components, and stories: edge by edge, those with the most in common first.

    Two stories become one if their earliest articles are similar, and if all of it is within the
    window: of a report that is written anew every day, each is like the one before.
    """
    components, stories = np.arange(len(sketches)), np.arange(len(sketches))
    latest = moments.copy()
    for edge in range(len(later)):
        one, other = _root(components, later[edge]), _root(components, earlier[edge])
        components[max(one, other)] = min(one, other)
        one, other = _root(stories, later[edge]), _root(stories, earlier[edge])
        if one == other:
            continue
        first, second, last = min(one, other), max(one, other), max(latest[one], latest[other])
        if last - moments[first] <= WINDOW_SECONDS and _similarity(sketches, one, other) >= STORY:
            stories[second], latest[first] = first, last
    for at in range(len(sketches)):
        components[at], stories[at] = _root(components, at), _root(stories, at)
    return components, stories


def touched(sketches: Sketches, moments: Ints, new: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which articles are near a new one, or are a new one that is near another."""
    found: NDArray[np.bool_] = _touched(sketches.view(np.uint64), moments, new)
    return found


def stories_of(sketches: Sketches, moments: Ints) -> Stories:
    """The stories of some articles, whole components of them, in the order of their moments and ids.

    ``sketches`` has the shape (n, 160), ``moments`` (in seconds) the shape (n,).
    """
    packed = sketches.view(np.uint64)
    later, earlier, similarities = _edges(packed, moments)
    order = np.lexsort((earlier, later, -similarities))
    return Stories(*_joined(packed, moments, later[order], earlier[order]))
