"""A run of text without spaces → the words in it, each to be searched as the exact string it is.

Jieba's algorithm and dictionary, in Rust (rjieba), on the folded run: the dictionary knows
simplified forms, and a character folds to one character, so its cuts are cuts of the original.
"""

import rjieba

from searchsvc.text.fold import fold
from searchsvc.text.terms import squeeze

# A mixed string up to this long is one name or date: G20峰会, 11月18日.
SHORT_MIXED = 8


def split_words(text: str) -> list[str]:
    """The words of a run, in its original characters.

    Names that the dictionary lacks come out as single characters (石|破|茂); neighbouring single
    characters are therefore put together again, and a number stays with the sign beside it (2024年).
    """
    squeezed = squeeze(text)
    if squeezed.is_word.any() and (squeezed.is_word.all() or len(squeezed.points) <= SHORT_MIXED):
        return [text]
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


def _hold_together(left: str, right: str) -> bool:
    """Whether two pieces stand as one: loose ones, and whatever a mark joins (唐纳德·特朗普)."""
    return _is_mark(left) or _is_mark(right) or (_is_loose(left) and _is_loose(right))


def _is_mark(piece: str) -> bool:
    return not any(map(str.isalnum, piece))


def _is_loose(piece: str) -> bool:
    """Whether a piece holds to loose neighbours: one sign, or a word of another script."""
    squeezed = squeeze(piece)
    return len(squeezed.points) < 2 or bool(squeezed.is_word.any())
