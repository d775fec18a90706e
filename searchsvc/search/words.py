"""A run of text without spaces → the words in it, each to be searched as the exact string it is.

Jieba's algorithm and dictionary, in Rust (rjieba), on the folded run: both scripts are cut alike,
and a character folds to one character, so its cuts are cuts of the original.
"""

import rjieba

from searchsvc.text.fold import fold
from searchsvc.text.terms import squeeze

# A mixed string up to this long is one name or date: G20峰会, 11月18日.
SHORT_MIXED = 8
# Words of one character that are no part of a name, and tell nothing of what is asked.
PARTICLES = frozenset("的了是在与及或把被对从向也都就不这那哪谁吗呢吧么")
# Letters up to this many, and all numbers, stay with a single sign beside them: A股, 2024年.
SHORT_LETTERS = 2


def split_words(text: str) -> list[str]:
    """The words of a run, in its original characters; a short mixed one is left whole."""
    squeezed = squeeze(text)
    if squeezed.is_word.any() and (squeezed.is_word.all() or len(squeezed.points) <= SHORT_MIXED):
        return [text]
    return split_mixed(text)


def split_mixed(text: str) -> list[str]:
    """The words of a run, of a short mixed one too.

    Names that the dictionary lacks come out as single characters (石|破|茂); neighbouring single
    characters are therefore put together again, and a number stays with the sign beside it (2024年).
    """
    words: list[str] = []
    before = ""
    start = 0
    for piece in rjieba.cut(fold(text)):
        word = text[start : start + len(piece)]
        start += len(piece)
        if before and _hold_together(before, piece):
            words[-1] += word
        else:
            words.append(word)
        before = piece
    return words


def is_particle(word: str) -> bool:
    """Whether a word is one of those that tell nothing."""
    return len(word) == 1 and fold(word) in PARTICLES


def is_known(word: str) -> bool:
    """Whether the dictionary has a word."""
    return rjieba.has_word(fold(word))


def _hold_together(left: str, right: str) -> bool:
    """Whether two pieces stand as one: loose ones, and whatever a mark joins (唐纳德·特朗普)."""
    return _is_mark(left) or _is_mark(right) or (_is_loose(left) and _is_loose(right))


def _is_mark(piece: str) -> bool:
    return not any(map(str.isalnum, piece))


def _is_loose(piece: str) -> bool:
    """Whether a piece holds to loose neighbours: one sign, a number, or a few letters."""
    if len(piece) == 1:
        return piece not in PARTICLES
    return piece.isdecimal() or (len(piece) <= SHORT_LETTERS and bool(squeeze(piece).is_word.all()))
