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

An index also keeps, as singles of their own, the Han characters that are not written as their class's
representative (``forms``). No query for a string asks for them; they tell in which articles a string
stands in the script typed.

So whether a string occurs in a text is decided by terms and offsets alone. That two words touch
without a space between them cannot be, hence places also tell ``covid 19`` from ``covid-19``.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from searchsvc.text import fold_table
from searchsvc.text.fold import fold
from searchsvc.text.kept import kept_if_short

# Raised whenever the rule above changes, since an index made by another rule answers wrongly.
VERSION = f"2-{fold_table.VERSION}"

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


@cache
def folds() -> NDArray[np.uint32]:
    """What every code point folds to, shape (0x110000,). For a whole article a look-up in this table is
    ten times as quick as ``fold``."""
    table = np.arange(0x110000, dtype=np.uint32)
    table[encode(fold_table.FROM)] = encode(fold_table.TO)
    return table


@cache
def forms() -> NDArray[np.uint32]:
    """For every code point the Han character that is written with it, if that is not the one which
    represents its class, else 0; shape (0x110000,). 國 has itself, 国 and a have 0."""
    table = np.zeros(0x110000, np.uint32)
    for char in fold_table.FROM:
        written = unicodedata.normalize("NFKC", char)
        if len(written) == 1 and is_han(written) and fold(written) != written:
            table[ord(char)] = ord(written)
    return table


def is_han(char: str) -> bool:
    """Whether a character is Han, and not one kept for compatibility only."""
    return unicodedata.name(char, "").startswith("CJK UNIFIED IDEOGRAPH")


@cache
def variants() -> dict[str, str]:
    """Each representative of a class of Han characters → the other characters of the class."""
    classes_: dict[str, str] = defaultdict(str)
    for form in map(chr, np.unique(forms()).tolist()):
        if form != "\0":
            classes_[fold(form)] += form
    return dict(classes_)


def squeeze(text: str) -> Squeezed:
    """Fold a text and take out what has no place: spaces and invisibles."""
    points = folds()[encode(text)]
    kinds = classes()[points]
    offsets = np.flatnonzero(kinds != INVISIBLE)
    if len(offsets) < len(kinds):
        points, kinds = points[offsets], kinds[offsets]
    is_word = kinds == WORD
    starts_word = is_word.copy()
    starts_word[1:] &= ~is_word[:-1]
    kept = kinds != SPACE
    return Squeezed(points[kept], offsets[kept], is_word[kept], starts_word[kept])


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


@dataclass(frozen=True, slots=True)
class Needle:
    """A string to look for: what a text must have, at which distances, to contain it.

    ``points``: its characters, squeezed, shape (n,), uint32. ``words``: its words. ``pairs``: where
    its pairs begin, shape (m,), int32. Words and pairs leave no character out, except in a string of
    one sign, which has neither: there the single decides. Without characters nothing contains it.
    """

    text: str
    points: NDArray[np.uint32]
    words: tuple[Term, ...]
    pairs: NDArray[np.int32]

    def terms(self) -> list[Term]:
        """The terms, by place."""
        if len(self.text) == 1 and not self.words:
            return [Term(self.text, 0, 1, "single")]
        pairs = [Term(self.text[at : at + 2], at, 2, "pair") for at in self.pairs.tolist()]
        return sorted([*self.words, *pairs], key=lambda term: (term.place, term.length))


@cache
def class_bytes() -> bytes:
    """The class of every code point; picking one out of bytes is three times as quick."""
    return classes().tobytes()


# A word is asked for in the title and in the body, and once more when a query is relaxed.
@kept_if_short(1024)
def needle(text: str) -> Needle:
    """What to look for to find a string.

    Character by character: for a few that is 20 times as quick as the arrays that ``squeeze`` works with.
    """
    kinds = class_bytes()
    chars: list[str] = []
    begins: list[int] = []
    is_word: list[bool] = []
    inside = False
    for char in fold(text):
        kind = kinds[ord(char)]
        if kind == INVISIBLE:
            continue
        if kind == SPACE:
            inside = False
            continue
        if kind == WORD and not inside:
            begins.append(len(chars))
        inside = kind == WORD
        is_word.append(inside)
        chars.append(char)
    squeezed = "".join(chars)
    pairs = [at for at in range(len(chars) - 1) if not (is_word[at] and is_word[at + 1])]
    words = tuple(_words_at(squeezed, begins, is_word)) if begins else ()
    return Needle(squeezed, encode(squeezed), words, np.array(pairs, np.int32))


def _words_at(chars: str, begins: list[int], is_word: list[bool]) -> Iterator[Term]:
    for start, following in zip(begins, [*begins[1:], len(chars)], strict=True):
        end = start
        while end < following and is_word[end]:
            end += 1
        yield Term(word_term(chars[start:end]), start, end - start, "word")
