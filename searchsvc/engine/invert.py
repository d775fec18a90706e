"""Texts → sorted terms with plain posting lists, a whole batch at a time, by arrays.

The terms are those of ``text/terms.py``, to the letter (a test compares the two). What is done
there for one text with Python's strings is done here for millions of characters at once:

1. All texts, with a space between, become one array of code points; fold and class are look-ups.
2. What is invisible goes, then what is a space; each character that is left knows its document,
   its place, and whether a word starts there.
3. Two neighbouring characters, their document and place are packed into one 64-bit number, and
   one sort of these numbers is the inversion: equal pairs come together, by document and place.
   To make them fit, characters are numbered by the order of those that occur (13 bits for real
   text, not 21). Sorting the numbers themselves is what NumPy does with the processor's widest
   registers; sorting indices by 16-bit keys (radix) needs two passes and a gather each, and took
   twice as long.
4. Runs of equal numbers, shifted, are the documents and the terms.

A batch whose numbers would not fit in 64 bits (one text of a hundred million characters beside
thousands of others) is sorted the slow way, by a stable sort of indices.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.postings import Ints, Lists
from searchsvc.engine.table_writer import ENCODING, PAIR_BITS
from searchsvc.text.terms import (
    INVISIBLE,
    LONGEST_WORD,
    SPACE,
    WORD,
    classes,
    decode,
    encode,
    folds,
    forms,
    word_term,
)

U64 = np.uint64


@dataclass(frozen=True, slots=True)
class Keyed:
    """Terms as ascending numbers, shape (t,), and their lists."""

    numbers: NDArray[np.uint64]
    lists: Lists


@dataclass(frozen=True, slots=True)
class Inverted:
    """One field of a batch. ``lengths``: squeezed characters of each text, shape (texts,).

    The numbers of ``words`` are indices into ``vocabulary``, the batch's words as sorted UTF-8.
    """

    lengths: Ints
    pairs: Keyed
    singles: Keyed
    words: Keyed
    vocabulary: list[bytes]


@dataclass(frozen=True, slots=True)
class _Characters:
    """The squeezed characters of a batch, and for each its document and place. ``forms``: those of them
    that are not written as the representative of their class, 0 for the others."""

    points: NDArray[np.uint32]
    forms: NDArray[np.uint32]
    is_word: NDArray[np.bool_]
    starts_word: NDArray[np.bool_]
    document: NDArray[np.uint32]
    place: NDArray[np.uint32]
    lengths: Ints


def invert(texts: Sequence[str]) -> Inverted:
    """All terms of all texts."""
    characters = _characters(texts)
    vocabulary, words = _words(characters)
    return Inverted(characters.lengths, _pairs(characters), _singles(characters), words, vocabulary)


def _characters(texts: Sequence[str]) -> _Characters:
    typed = encode("\n".join(texts))
    points, written = folds()[typed], forms()[typed]
    kinds = classes()[points]
    # One space after each text, the last one's left out by join.
    raw_ends = np.cumsum(np.fromiter(map(len, texts), np.intp, len(texts)) + 1)
    visible = np.flatnonzero(kinds != INVISIBLE)
    if len(visible) < len(kinds):
        points, written, kinds = points[visible], written[visible], kinds[visible]
        raw_ends = np.searchsorted(visible, raw_ends)
    is_word = kinds == WORD
    starts_word = is_word.copy()
    starts_word[1:] &= ~is_word[:-1]
    kept = kinds != SPACE
    ends = np.append(0, np.cumsum(kept, dtype=np.intp))[np.minimum(raw_ends, len(kept))]
    lengths = np.diff(ends, prepend=0)
    document = np.repeat(np.arange(len(texts), dtype=np.uint32), lengths)
    place = np.arange(len(document), dtype=np.uint32) - np.repeat((ends - lengths).astype(np.uint32), lengths)
    return _Characters(
        points[kept], written[kept], is_word[kept], starts_word[kept], document, place, lengths
    )


def _pairs(characters: _Characters) -> Keyed:
    if len(characters.points) < 2:
        return _empty(has_places=True)
    alphabet, ranks = _ranked(characters.points)
    is_word, document = characters.is_word, characters.document
    taken = np.flatnonzero(~(is_word[:-1] & is_word[1:]) & (document[:-1] == document[1:]))
    bits = U64(_bits(len(alphabet)))
    numbers = ranks[taken] << bits
    numbers |= ranks[taken + 1]
    keyed = _group(numbers, 2 * int(bits), document[taken], characters.place[taken])
    points = alphabet.astype(U64)
    left, right = points[keyed.numbers >> bits], points[keyed.numbers & ((U64(1) << bits) - U64(1))]
    return Keyed(left << U64(PAIR_BITS) | right, keyed.lists)


def _singles(characters: _Characters) -> Keyed:
    signs = np.flatnonzero(~characters.is_word)
    if not len(signs):
        return _empty(has_places=False)
    # No form is a representative, so the two never share a term, and documents stay in order.
    written = np.flatnonzero(characters.forms)
    points = np.concatenate([characters.points[signs], characters.forms[written]])
    document = np.concatenate([characters.document[signs], characters.document[written]])
    alphabet, ranks = _ranked(points)
    keyed = _group(ranks, _bits(len(alphabet)), document, None)
    return Keyed(alphabet.astype(U64)[keyed.numbers], keyed.lists)


def _words(characters: _Characters) -> tuple[list[bytes], Keyed]:
    firsts = np.flatnonzero(characters.starts_word)
    if not len(firsts):
        return [], _empty(has_places=True)
    words = _texts_of_words(characters)
    vocabulary = sorted(set(words))
    ranks = {word: rank for rank, word in enumerate(vocabulary)}
    numbers = np.fromiter(map(ranks.__getitem__, words), U64, len(words))
    keyed = _group(numbers, _bits(len(vocabulary)), characters.document[firsts], characters.place[firsts])
    return [word.encode(*ENCODING) for word in vocabulary], keyed


def _texts_of_words(characters: _Characters) -> list[str]:
    """The words in the order of the text, as terms."""
    letters = characters.points[characters.is_word]
    number = np.cumsum(characters.starts_word[characters.is_word])
    apart = np.full(len(letters) + int(number[-1]), ord("\n"), np.uint32)
    apart[np.arange(len(letters)) + number - 1] = letters
    words = decode(apart[:-1]).split("\n")
    if max(map(len, words)) > LONGEST_WORD:
        return [word_term(word) for word in words]
    return words


def _ranked(points: NDArray[np.uint32]) -> tuple[NDArray[np.intp], NDArray[np.uint64]]:
    """The distinct code points, ascending, and the rank of each point among them.

    A look-up table, since ``np.unique`` would sort all characters: fifty times the time.
    """
    present = np.zeros(0x110000, bool)
    present[points] = True
    alphabet = np.flatnonzero(present)
    table = np.zeros(0x110000, np.uint64)
    table[alphabet] = np.arange(len(alphabet), dtype=np.uint64)
    return alphabet, table[points]


def _group(
    numbers: NDArray[np.uint64], bits: int, document: NDArray[np.uint32], place: NDArray[np.uint32] | None
) -> Keyed:
    """Sort occurrences by term, document and place, and find where each begins. Changes ``numbers``."""
    if not len(numbers):
        return _empty(place is not None)
    place_bits = _bits(int(place.max()) + 1) if place is not None else 0
    low_bits = place_bits + _bits(int(document.max()) + 1)
    if bits + low_bits > 64:
        return _group_by_index(numbers, document, place)
    numbers <<= U64(low_bits)
    numbers |= document.astype(U64) << U64(place_bits)
    if place is not None:
        numbers |= place
    numbers.sort()
    posting = numbers >> U64(place_bits)
    begin = _changes(posting)
    places = (numbers & U64((1 << place_bits) - 1)).astype(np.uint32) if place is not None else None
    posting = posting[begin]
    docs = (posting & U64((1 << (low_bits - place_bits)) - 1)).astype(np.uint32)
    term = posting >> U64(low_bits - place_bits)
    return _keyed(term, docs, np.diff(begin, append=len(numbers)), places)


def _group_by_index(
    numbers: NDArray[np.uint64], document: NDArray[np.uint32], place: NDArray[np.uint32] | None
) -> Keyed:
    order = np.argsort(numbers, kind="stable")
    term, docs = numbers[order], document[order]
    begin = np.union1d(_changes(term), _changes(docs))
    places = place[order] if place is not None else None
    return _keyed(term[begin], docs[begin], np.diff(begin, append=len(order)), places)


def _keyed(
    term: NDArray[np.uint64], docs: NDArray[np.uint32], freqs: Ints, places: NDArray[np.uint32] | None
) -> Keyed:
    """Lists of postings that are in order; ``term`` is the term of each posting."""
    first = _changes(term)
    dfs = np.diff(first, append=len(term))
    return Keyed(term[first], Lists(dfs, docs, freqs.astype(np.uint32), places))


def _changes(values: NDArray[np.unsignedinteger]) -> Ints:
    """The indices at which a value differs from the one before, the first included."""
    return np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))


def _bits(count: int) -> int:
    """How many bits numbers below ``count`` need."""
    return max(1, (count - 1).bit_length())


def _empty(has_places: bool) -> Keyed:
    none = np.zeros(0, np.uint32)
    return Keyed(np.zeros(0, U64), Lists(np.zeros(0, np.intp), none, none, none if has_places else None))
