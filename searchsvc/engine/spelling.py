"""Which of many words differ from one in no more than a few letters: a loop over their bytes.

The distance is Levenshtein's: letters put in, left out, or exchanged for another. Two neighbours in each
other's place count twice.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.engine.compiled import BYTES, INT, NUMBERS, compiled, inlined, readonly
from searchsvc.text.terms import encode


class Words:
    """A few words, ready to be compared."""

    def __init__(self, words: Sequence[str]) -> None:
        encoded = [word.encode("utf-8", "surrogatepass") for word in words]
        self._data = np.frombuffer(b"".join(encoded), np.uint8)
        self._ends = np.cumsum([0, *map(len, encoded)], dtype=np.int64)

    def near(self, word: str, most: int) -> list[int]:
        """The numbers of those that differ from a word in at most ``most`` letters."""
        return near(self._data, self._ends, encode(word), most).tolist()


@inlined
def _letters(data: Any, begin: Any, end: Any, out: Any) -> Any:
    """The code points of UTF-8, into the beginning of ``out``; returns how many."""
    count = 0
    for at in range(begin, end):
        byte = np.uint32(data[at])
        if byte & 0xC0 == 0x80:
            out[count - 1] = out[count - 1] << 6 | byte & 0x3F
            continue
        if byte >= 0xF0:
            byte &= 0x07
        elif byte >= 0xE0:
            byte &= 0x0F
        elif byte >= 0xC0:
            byte &= 0x1F
        out[count] = byte
        count += 1
    return count


@inlined
def _is_near(word: Any, other: Any, length: Any, most: Any, row: Any) -> Any:
    """Whether two words differ in at most ``most`` letters. ``row`` is room for one more than a word has."""
    for i in range(len(word) + 1):
        row[i] = i
    for j in range(length):
        diagonal = row[0]
        row[0] = least = j + 1
        for i in range(len(word)):
            above = row[i + 1]
            exchanged = diagonal + (word[i] != other[j])
            row[i + 1] = min(exchanged, above + 1, row[i] + 1)
            least = min(least, row[i + 1])
            diagonal = above
        if least > most:
            return False
    return row[len(word)] <= most


@compiled(BYTES, readonly(types.int64), NUMBERS, INT)
def near(
    data: NDArray[np.uint8], ends: NDArray[np.int64], word: NDArray[np.uint32], most: int
) -> NDArray[np.int32]:
    """The numbers of those texts that differ from a word in at most ``most`` letters.

    ``ends``: where in ``data`` the first text begins, and then where each ends, shape (n + 1,).
    """
    found = np.empty(len(ends) - 1, np.int32)
    row = np.empty(len(word) + 1, np.int64)
    # A letter has four bytes at most; what is longer than this is too long to be near.
    longest = 4 * (len(word) + most)
    letters = np.empty(longest + 1, np.uint32)
    count = 0
    for number in range(len(ends) - 1):
        begin, end = ends[number], ends[number + 1]
        if end - begin > longest:
            continue
        length = _letters(data, begin, end, letters)
        if abs(length - len(word)) <= most and _is_near(word, letters, length, most, row):
            found[count] = number
            count += 1
    return found[:count]
