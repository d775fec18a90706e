"""A text and strings to look for → where they stand, and which of those places to show: compiled loops.

A page of twenty hits has forty texts. With arrays each of them is a dozen calls to squeeze it, and some for
each place that is found; here it is one. What is found is what ``matches`` promises.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.engine.compiled import BYTES, INT, NUMBERS, compiled, inlined, readonly
from searchsvc.text.terms import INVISIBLE, SPACE, WORD, classes, encode, folds, needle

Points = NDArray[np.uint32]
# Three numbers for each place: where it begins and ends in the text, and which string it is.
Places = NDArray[np.int64]
PLACES = types.Array(types.int64, 2, "C")
LONGS = readonly(types.int64)

# A folded code point has 21 bits; above them stands whether it is of a word, and whether a word begins there.
# So strings are compared with their borders of words at once.
_OF_WORD, _BEGINS = np.uint32(1 << 24), np.uint32(1 << 25)
_FIRST_PLACES = 16


@dataclass(frozen=True, slots=True)
class Wanted:
    """Strings to look for, squeezed, one behind another.

    ``signs``: their code points with what is known of words, shape (n,). ``bounds``: where each string
    begins and the last one ends, shape (m + 1,). ``numbers``: what each is called in what is found, (m,).
    ``prefixes``: whether each is the beginning of a word, shape (m,), uint8.
    """

    signs: Points
    bounds: NDArray[np.int64]
    numbers: NDArray[np.int64]
    prefixes: NDArray[np.uint8]


def wanted(strings: list[tuple[int, str, bool]]) -> Wanted:
    """Strings by their rising numbers, and whether each is a prefix. One without signs is nowhere."""
    kept = [(number, signs, prefix) for number, text, prefix in strings if len(signs := _signs(text))]
    lengths = [len(signs) for _, signs, _ in kept]
    return Wanted(
        np.concatenate([signs for _, signs, _ in kept]) if kept else np.empty(0, np.uint32),
        np.cumsum([0, *lengths], dtype=np.int64),
        np.array([number for number, _, _ in kept], np.int64),
        np.array([prefix for _, _, prefix in kept], np.uint8),
    )


def places(text: str, strings: Wanted) -> Places:
    """Where strings stand in a text: ordered, apart, the longest where several would start; shape (n, 3)."""
    found: Places = _places(
        encode(text), folds(), classes(), strings.signs, strings.bounds, strings.numbers, strings.prefixes
    )
    return found


def _signs(text: str) -> Points:
    known = needle(text)
    if not known.words:
        return known.points
    signs = known.points.copy()
    for word in known.words:
        signs[word.place : word.place + word.length] |= _OF_WORD
        signs[word.place] |= _BEGINS
    return signs


@inlined
def _squeeze(points: Any, folds: Any, classes: Any, signs: Any, offsets: Any) -> Any:
    """Fill in what ``squeeze`` has of a text, and return how many signs that are."""
    count = 0
    inside = False
    for at in range(len(points)):
        folded = folds[points[at]]
        kind = classes[folded]
        if kind == INVISIBLE:
            continue
        if kind == SPACE:
            inside = False
            continue
        sign = folded
        if kind == WORD:
            sign |= _OF_WORD
            if not inside:
                sign |= _BEGINS
        inside = kind == WORD
        signs[count] = sign
        offsets[count] = at
        count += 1
    return count


@inlined
def _word_end(signs: Any, count: Any, at: Any) -> Any:
    """Where the word ends that something before belongs to."""
    while at < count and signs[at] & _OF_WORD and not signs[at] & _BEGINS:
        at += 1
    return at


@inlined
def _stands(signs: Any, count: Any, at: Any, strings: Any, start: Any, end: Any) -> Any:
    """Whether a string stands at a place."""
    if at + end - start > count:
        return False
    further = 0
    while further < end - start and signs[at + further] == strings[start + further]:
        further += 1
    return further == end - start


@inlined
def _length(signs: Any, count: Any, at: Any, strings: Any, bounds: Any, prefixes: Any, number: Any) -> Any:
    """How far a string goes that stands at a place as whole words, or begins one; 0 where it does not."""
    start, end = bounds[number], bounds[number + 1]
    if not _stands(signs, count, at, strings, start, end):
        return 0
    if prefixes[number]:
        return _word_end(signs, count, at + 1) - at
    behind = at + end - start
    return behind - at if _word_end(signs, count, behind) == behind else 0


@compiled(NUMBERS, NUMBERS, BYTES, NUMBERS, LONGS, LONGS, BYTES, nogil=False)
def _places(
    points: Any, folds: Any, classes: Any, strings: Any, bounds: Any, numbers: Any, prefixes: Any
) -> Any:
    """``places`` on arrays."""
    signs = np.empty(len(points), np.uint32)
    offsets = np.empty(len(points), np.int32)
    count = _squeeze(points, folds, classes, signs, offsets)
    # One bit for each string's first sign: most places of a text are none of them.
    first = np.uint64(0)
    for number in range(len(numbers)):
        first |= np.uint64(1) << np.uint64(strings[bounds[number]] & np.uint32(63))
    found = np.empty((_FIRST_PLACES, 3), np.int64)
    size = 0
    at = 0
    while at < count:
        if not (first >> np.uint64(signs[at] & np.uint32(63))) & np.uint64(1):
            at += 1
            continue
        longest, best = 0, 0
        for number in range(len(numbers)):
            if signs[at] == strings[bounds[number]]:
                length = _length(signs, count, at, strings, bounds, prefixes, number)
                if length > longest:
                    longest, best = length, number
        if not longest:
            at += 1
            continue
        if size == len(found):
            more = np.empty((2 * size, 3), np.int64)
            more[:size] = found
            found = more
        at += longest
        after = offsets[at - 1] + 1
        # What belongs to the last sign is behind it: a loose accent, a variation selector.
        while after < len(points) and classes[points[after]] == INVISIBLE:
            after += 1
        found[size, 0], found[size, 1], found[size, 2] = offsets[at - longest], after, numbers[best]
        size += 1
    return found[:size]


@compiled(PLACES, INT, INT, INT, nogil=False)
def chosen(found: Any, most: Any, reach: Any, apart: Any) -> Any:
    """At which places, by their indices in rising order, passages begin that together show the most strings.

    ``most`` passages of ``reach`` code points, which begin more than ``apart`` from each other. What counts
    is how many strings are new, then how many places there are, then the earlier the better. (A window that
    moves along: a text of many places costs no more for each of them.)
    """
    size = len(found)
    kinds = 0
    for at in range(size):
        kinds = max(kinds, found[at, 2] + 1)
    shown = np.zeros(kinds, np.uint8)
    inside = np.zeros(kinds, np.int64)
    picked = np.empty(most, np.int64)
    count = 0
    while count < most:
        inside[:] = 0
        news, upto = 0, 0
        best, best_news, best_size, best_end = -1, -1, -1, 0
        for at in range(size):
            while upto < size and found[upto, 0] < found[at, 0] + reach:
                kind = found[upto, 2]
                if not inside[kind] and not shown[kind]:
                    news += 1
                inside[kind] += 1
                upto += 1
            is_apart = True
            for one in range(count):
                if abs(found[at, 0] - found[picked[one], 0]) <= apart:
                    is_apart = False
            if is_apart and (news > best_news or (news == best_news and upto - at > best_size)):
                best, best_news, best_size, best_end = at, news, upto - at, upto
            kind = found[at, 2]
            inside[kind] -= 1
            if not inside[kind] and not shown[kind]:
                news -= 1
        if best < 0 or (count and not best_news):
            break
        picked[count] = best
        for at in range(best, best_end):
            shown[found[at, 2]] = 1
        count += 1
    return np.sort(picked[:count])
