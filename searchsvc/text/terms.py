"""Folded text → terms with their places, the same for articles and for queries.

There is no dictionary here: a dictionary never emits 石破 out of 石破茂. Every character of the
text falls in one of four classes (a table, see ``make_fold_table``):

- *sign*: a Han character, kana, hangul, and every mark or symbol; each is a unit by itself;
- *word*: letters and digits of scripts that put spaces between words; a run of them is one unit;
- *space*: parts words, and counts for nothing else. 日美 关系 is 日美关系, G20 峰会 is G20峰会;
- *invisible*: joiners, soft hyphens, variation selectors, loose accents; as if not there.

A place is an index into the text *squeezed*, that is without spaces and invisibles. Three kinds of
term are emitted, and together they determine the squeezed text and where words begin and end:

- every word as a whole, at its first character;
- every pair of neighbouring characters of which at least one is a sign;
- every single sign (needed for one-character queries only, so an index keeps no places for them).

So whether a string occurs in a text is decided by terms and offsets alone. That two words touch
without a space between them cannot be, hence places also tell ``covid 19`` from ``covid-19``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from searchsvc.text import fold_table
from searchsvc.text.fold import fold

# Raised whenever the rule above changes, since an index made by another rule answers wrongly.
VERSION = f"1-{fold_table.VERSION}"

SPACE, INVISIBLE, WORD, SIGN = range(4)

# A longer word is kept as this many characters and a digest of the whole: an index should not
# carry the 10,000 letters of an inlined picture, and whole-word search stays exact.
LONGEST_WORD = 40

Kind = Literal["word", "pair", "single"]


@dataclass(frozen=True, slots=True)
class Term:
    """A term, its place in the squeezed text, and how many characters it covers there."""

    text: str
    place: int
    length: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Squeezed:
    """Folded text without spaces and invisibles.

    ``points``: its code points, shape (n,), uint32. ``offsets``: where each stood in the original,
    shape (n,). ``is_word``: whether each is part of a word. ``starts_word``: whether a word begins
    there.
    """

    points: NDArray[np.uint32]
    offsets: NDArray[np.intp]
    is_word: NDArray[np.bool_]
    starts_word: NDArray[np.bool_]

    @property
    def text(self) -> str:
        return decode(self.points)


def encode(text: str) -> NDArray[np.uint32]:
    """The code points of a text. Lone surrogates pass."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def decode(points: NDArray[np.uint32]) -> str:
    """The text of code points."""
    return points.tobytes().decode("utf-32-le", "surrogatepass")


@cache
def classes() -> NDArray[np.uint8]:
    """The class of every code point, shape (0x110000,)."""
    code = {"S": SPACE, "I": INVISIBLE, "W": WORD, "X": SIGN}
    lengths = np.diff([*fold_table.CLASS_STARTS, 0x110000])
    return np.repeat(np.array([code[kind] for kind in fold_table.CLASS_CODES], np.uint8), lengths)


def squeeze(text: str) -> Squeezed:
    """Fold a text and take out what has no place: spaces and invisibles."""
    points = encode(fold(text))
    kinds = classes()[points]
    visible = kinds != INVISIBLE
    spaces_before = np.cumsum(kinds == SPACE)
    kept = np.flatnonzero(visible & (kinds != SPACE))
    is_word = kinds[kept] == WORD
    starts_word = is_word.copy()
    same_run = is_word[:-1] & (spaces_before[kept[1:]] == spaces_before[kept[:-1]])
    starts_word[1:] &= ~same_run
    return Squeezed(points[kept], kept, is_word, starts_word)


def terms(text: str) -> list[Term]:
    """All terms of a text, folded or not, in the order words, pairs, singles, each by place."""
    squeezed = squeeze(text)
    chars = squeezed.text
    return [*_words(squeezed, chars), *_pairs(squeezed, chars), *_singles(squeezed, chars)]


def _words(squeezed: Squeezed, chars: str) -> Iterator[Term]:
    starts = np.flatnonzero(squeezed.starts_word)
    # A word ends where the next one starts or the next sign stands.
    edges = np.flatnonzero(squeezed.starts_word | ~squeezed.is_word)
    following = np.append(edges, len(chars))[np.searchsorted(edges, starts, side="right")]
    for start, end in zip(starts.tolist(), following.tolist(), strict=True):
        yield Term(word_term(chars[start:end]), start, end - start, "word")


def _pairs(squeezed: Squeezed, chars: str) -> Iterator[Term]:
    both_words = squeezed.is_word[:-1] & squeezed.is_word[1:]
    for place in np.flatnonzero(~both_words).tolist():
        yield Term(chars[place : place + 2], place, 2, "pair")


def _singles(squeezed: Squeezed, chars: str) -> Iterator[Term]:
    for place in np.flatnonzero(~squeezed.is_word).tolist():
        yield Term(chars[place], place, 1, "single")


def word_term(word: str) -> str:
    """The term of a folded word: itself, or its beginning and a digest when it is very long."""
    if len(word) <= LONGEST_WORD:
        return word
    digest = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{word[:LONGEST_WORD]}\x00{digest}"


def string_terms(text: str) -> list[Term]:
    """The terms that a text must have, at these distances from each other, to contain a string.

    A string of one sign is its single; any other is its words and pairs, which leave no character
    out. Empty when the string has nothing but spaces and invisibles.
    """
    found = terms(text)
    placed = [term for term in found if term.kind != "single"]
    return sorted(placed or found, key=lambda term: (term.place, term.length))
