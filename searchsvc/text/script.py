"""Text → its language, and for Chinese which script it is written in.

Counted are characters that occur in one script only (国 and 國, not 中), so a quotation in the other
script does not matter. This is for showing and filtering: search finds both scripts anyway.
"""

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

from searchsvc.article import Script
from searchsvc.text import fold_table
from searchsvc.text.terms import encode

_OTHER, _HAN, _HANS, _HANT, _KANA, _HANGUL, _LATIN, _ACCENTED = range(8)

_HAN_RANGES = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x32400))
_KANA_RANGES = ((0x3041, 0x3097), (0x309D, 0x30A0), (0x30A1, 0x30FB), (0x31F0, 0x3200), (0xFF66, 0xFFA0))
_HANGUL_RANGES = ((0x1100, 0x1200), (0x3131, 0x318F), (0xAC00, 0xD7A4))
_LATIN_RANGES = ((0x41, 0x5B), (0x61, 0x7B))
_ACCENTED_RANGES = ((0xC0, 0x250), (0x370, 0x530), (0x1E00, 0x1F00))

# A Han character says as much as two or three letters, and a Chinese text has addresses and names besides.
_LETTERS_PER_HAN = 8
# Fewer Han characters than that are a quotation, whatever the language around them is.
_MOST_LETTERS_PER_HAN = 60
# の is on Chinese shop signs (優の良品), so it says nothing by itself.
_NO = ord("の")
_ENGLISH = re.compile(r"\b(?:the|of|and|to|in|is|for|on|with|that|by|at|from|as|an?)\b", re.IGNORECASE)
_SHORT_WORDS = 4


def detect(text: str) -> tuple[str | None, Script | None]:
    """The language (``zh``, ``ja``, ``ko``, ``en``, else None), and the script when it is ``zh``.

    The script is None when no character tells (人民日報 has one that does, 中文 has none).
    """
    points = encode(text)
    counts = np.bincount(_kinds()[points], minlength=8).tolist()
    language = _language(text, counts, points)
    if language != "zh" or counts[_HANS] == counts[_HANT]:
        return language, None
    return language, "hans" if counts[_HANS] > counts[_HANT] else "hant"


def _language(text: str, counts: list[int], points: NDArray[np.uint32]) -> str | None:
    han = counts[_HAN] + counts[_HANS] + counts[_HANT]
    kana, hangul = counts[_KANA], counts[_HANGUL]
    letters = counts[_LATIN] + counts[_ACCENTED]
    if (han + kana + hangul) * _LETTERS_PER_HAN < letters:
        if _is_english(text, counts, han):
            return "en"
        # 網頁: https://… 網店: https://…, below a video: addresses, and what language there is, is Chinese.
        return "zh" if han * _MOST_LETTERS_PER_HAN > letters else None
    # A Japanese text has a kana in two or three characters; a Chinese one about Japan may quote many.
    if kana * 5 > han + kana and np.any((_kinds()[points] == _KANA) & (points != _NO)):
        return "ja"
    if hangul > han:
        return "ko"
    return "zh" if han else None


def _is_english(text: str, counts: list[int], han: int) -> bool:
    if counts[_ACCENTED] * 20 > counts[_LATIN]:
        return False
    beginning = text[:2000]
    return _ENGLISH.search(beginning) is not None or (not han and len(beginning.split()) <= _SHORT_WORDS)


@cache
def _kinds() -> NDArray[np.uint8]:
    """The kind of every code point, shape (0x110000,)."""
    kinds = np.full(0x110000, _OTHER, np.uint8)
    for kind, ranges in (
        (_HAN, _HAN_RANGES),
        (_KANA, _KANA_RANGES),
        (_HANGUL, _HANGUL_RANGES),
        (_LATIN, _LATIN_RANGES),
        (_ACCENTED, _ACCENTED_RANGES),
    ):
        for start, end in ranges:
            kinds[start:end] = kind
    kinds[encode(fold_table.SIMPLIFIED_ONLY)] = _HANS
    kinds[encode(fold_table.TRADITIONAL_ONLY)] = _HANT
    return kinds
