"""A text → its sketch: 160 small numbers, of which near texts have as many in common as they have text.

The text is folded, so both scripts are one; marks and spaces are left out. What is left are units: a
Han character, kana or hangul each by itself, a word of letters or digits as a whole. Every four
neighbouring units are hashed, each hash falls in one of 128 bins by some of its bits, and of each bin
the least hash is kept, 16 bits of it: one-permutation MinHash (Li, Owen and Zhang, 2012). The share
of bins in which two sketches agree, of those that are not empty in both, estimates the Jaccard
similarity of the texts, with a standard deviation of 0.044 at a half. Short texts fill few bins, and
are compared almost exactly.

32 more bins hold the numbers of two digits and more, by themselves: reports that are written by form
every day (an exchange rate, a share price) are near each other in all but their numbers.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.compiled import NUMBERS, compiled, inlined
from searchsvc.text import fold_table, terms
from searchsvc.text.terms import classes, encode

# Another rule makes other sketches, which cannot be compared with these.
VERSION = f"1-{fold_table.VERSION}"
TEXT_BINS, NUMBER_BINS = 128, 32
WIDTH = TEXT_BINS + NUMBER_BINS
UNITS = 4

# What a code point is to a sketch; the folded code point stands in the lower bits.
NOTHING, MARK, SIGN, LETTER, DIGIT = range(5)
KIND_SHIFT = 24
# Of the signs in the sense of ``text/terms.py`` those that are no marks: 々, kana, Han, hangul.
SIGNS = (
    *((0x3005, 0x3008), (0x3041, 0x3097), (0x309D, 0x30FB), (0x30FC, 0x3100), (0x31F0, 0x3200)),
    *((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0xF900, 0xFB00), (0x20000, 0x32400)),
)

Sketch = NDArray[np.uint16]

_GOLDEN, _FIRST, _SECOND = (
    np.uint64(each) for each in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)
_EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)


def sketch(text: str) -> Sketch:
    """The sketch of a text, shape (160,); 0 where a bin is empty."""
    made: Sketch = _sketched(encode(text), _table())
    return made


@cache
def _table() -> NDArray[np.uint32]:
    """Every code point, folded, and its kind; shape (0x110000,)."""
    folded = np.arange(0x110000, dtype=np.uint32)
    folded[encode(fold_table.FROM)] = encode(fold_table.TO)
    of_class = classes()
    kinds = np.full(0x110000, MARK, np.uint32)
    kinds[of_class == terms.INVISIBLE] = NOTHING
    kinds[of_class == terms.WORD] = LETTER
    for start, end in SIGNS:
        kinds[start:end][of_class[start:end] == terms.SIGN] = SIGN
    kinds[ord("0") : ord("9") + 1] = DIGIT
    # What a character is, is what its folded form is: the iota under a Greek vowel folds to a letter.
    return folded | kinds[folded] << np.uint32(KIND_SHIFT)


@inlined
def _mixed(number: Any) -> Any:
    """A number whose every bit depends on all bits of another (the finalizer of SplitMix64)."""
    number ^= number >> np.uint64(30)
    number *= _FIRST
    number ^= number >> np.uint64(27)
    number *= _SECOND
    return number ^ (number >> np.uint64(31))


@inlined
def _put(bins: Any, first: Any, count: Any, hashed: Any) -> Any:
    """Keep a hash in its bin, if it is the least there."""
    place = first + np.int64(hashed & np.uint64(count - 1))
    bins[place] = min(bins[place], hashed >> np.uint64(8))


@inlined
def _units(points: Any, table: Any, units: Any, bins: Any) -> Any:
    """Write the hashes of a text's units, and put its numbers in their bins; how many units there are."""
    count, length, digits = 0, 0, 0
    word = np.uint64(0)
    for index in range(len(points) + 1):
        kind, point = np.uint32(MARK), np.uint64(0)
        if index < len(points):
            kind, point = table[points[index]] >> np.uint32(KIND_SHIFT), np.uint64(table[points[index]])
        if kind == NOTHING:
            continue
        if kind >= LETTER:
            word = _mixed(word * _GOLDEN + point)
            length += 1
            digits += kind == DIGIT
            continue
        if length:
            units[count] = word
            count += 1
            if length == digits and length > 1:
                _put(bins, TEXT_BINS, NUMBER_BINS, _mixed(word))
            word, length, digits = np.uint64(0), 0, 0
        if kind == SIGN:
            units[count] = _mixed(point)
            count += 1
    return count


@compiled(NUMBERS, NUMBERS)
def _sketched(points: NDArray[np.uint32], table: NDArray[np.uint32]) -> Sketch:
    bins = np.full(WIDTH, _EMPTY, np.uint64)
    units = np.empty(len(points) + 1, np.uint64)
    count = _units(points, table, units, bins)
    for start in range(count - UNITS + 1):
        hashed = np.uint64(0)
        for unit in units[start : start + UNITS]:
            hashed = _mixed(hashed * _GOLDEN + unit)
        _put(bins, 0, TEXT_BINS, hashed)
    out = np.zeros(WIDTH, np.uint16)
    for place in range(WIDTH):
        if bins[place] != _EMPTY:
            # 0 means empty.
            out[place] = np.uint16(1 + bins[place] % np.uint64(65_535))
    return out
