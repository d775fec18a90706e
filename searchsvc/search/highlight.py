"""What matched in an article, as spans in its own text, never markup.

Spans are found by offsets: the text is squeezed as it was for the index, the query's strings are
looked for there, and the places are carried back to the original. So 五分鐘 is marked where the
article says 五分钟, and a word that a line break cuts in two is marked whole.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from whoosh.support.levenshtein import levenshtein

from searchsvc.article import Article
from searchsvc.search.results import Passage, Span, Why
from searchsvc.search.syntax import Needle
from searchsvc.text.terms import INVISIBLE, Squeezed, classes, encode, is_han, squeeze

# Code points of a passage, and how far back its beginning may go to start with a sentence.
LENGTH, BACK = 110, 40
MOST_PASSAGES = 2
SENTENCE_END = "。！？!?；\n"


@dataclass(frozen=True, slots=True)
class Match:
    """A place where a needle was found: ``text[start:end]``, which needle, and why it matched."""

    start: int
    end: int
    needle: int
    why: Why


def matches(text: str, needles: Sequence[Needle]) -> list[Match]:
    """Every place where a needle occurs: ordered, apart, the longest where several would start.

    Needles that are quiet are not looked for.
    """
    squeezed = squeeze(text)
    chars = squeezed.text
    found = [
        (start, -length, number)
        for number, needle in enumerate(needles)
        if not needle.quiet
        for start, length in _places(squeezed, chars, needle)
    ]
    kept: list[Match] = []
    free = 0
    ends = _ends(text, squeezed)
    for start, negative_length, number in sorted(found):
        if start >= free:
            first, end = int(squeezed.offsets[start]), ends(start - negative_length - 1)
            why = why_matched(text[first:end], needles[number])
            if why == "typed" or not needles[number].as_typed:
                free = start - negative_length
                kept.append(Match(first, end, number, why))
    return kept


def spans_of(found: Iterable[Match]) -> tuple[Span, ...]:
    """Matches as half-open spans."""
    return tuple((match.start, match.end) for match in found)


def _places(squeezed: Squeezed, chars: str, needle: Needle) -> list[tuple[int, int]]:
    """Where a needle stands in the squeezed text, as (start, length)."""
    wanted = _squeezed(needle.text)
    string = wanted.text
    if not string:
        return []
    if needle.distance:
        return list(_like(squeezed, chars, needle))
    if string not in chars:
        return []
    if needle.prefix:
        return [
            (at, _word_end(squeezed, at) - at)
            for at in _occurrences(chars, string)
            if squeezed.starts_word[at] and _one_word(squeezed, at, len(string))
        ]
    pattern = wanted.starts_word
    return [(at, len(string)) for at in _occurrences(chars, string) if _same_words(squeezed, at, pattern)]


@lru_cache(maxsize=256)
def _squeezed(needle: str) -> Squeezed:
    """A needle's text, squeezed once for all articles of a page."""
    return squeeze(needle)


def _occurrences(chars: str, string: str) -> list[int]:
    """Where a string begins in another, overlapping ones included."""
    return [match.start() for match in re.finditer(f"(?={re.escape(string)})", chars)]


def _same_words(squeezed: Squeezed, at: int, pattern: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> bool:
    """Whether words begin in the text where they do in the needle, and none goes on behind it."""
    end = at + len(pattern)
    if not np.array_equal(squeezed.starts_word[at:end], pattern):
        return False
    return end == len(squeezed.points) or not squeezed.is_word[end] or bool(squeezed.starts_word[end])


def _one_word(squeezed: Squeezed, at: int, length: int) -> bool:
    return (
        bool(squeezed.is_word[at : at + length].all())
        and not squeezed.starts_word[at + 1 : at + length].any()
    )


def _like(squeezed: Squeezed, chars: str, needle: Needle) -> Iterator[tuple[int, int]]:
    """The words that differ from a needle in no more letters than it allows; the first is the same."""
    word = _squeezed(needle.text).text
    for at in np.flatnonzero(squeezed.starts_word).tolist():
        end = _word_end(squeezed, at)
        near = chars[at] == word[0] and abs(end - at - len(word)) <= needle.distance
        if near and levenshtein(word, chars[at:end], needle.distance) <= needle.distance:
            yield at, end - at


def _word_end(squeezed: Squeezed, at: int) -> int:
    stops = np.flatnonzero(squeezed.starts_word[at + 1 :] | ~squeezed.is_word[at + 1 :])
    return at + 1 + int(stops[0]) if stops.size else len(squeezed.points)


def _ends(text: str, squeezed: Squeezed) -> Callable[[int], int]:
    """A function: index in the squeezed text → end in the original, with what belongs to that sign.

    A loose accent or a variation selector stands behind its letter and is marked with it.
    """
    invisible = classes()[encode(text)] == INVISIBLE

    def end(index: int) -> int:
        after = int(squeezed.offsets[index]) + 1
        while after < len(text) and invisible[after]:
            after += 1
        return after

    return end


def passages(article: Article, needles: Sequence[Needle]) -> tuple[Passage, ...]:
    """What to show of an article: its title if that matched, and the best stretches of its text."""
    in_title = matches(article.title, needles)
    title = (_whole_title(article.title, in_title),) if in_title else ()
    found = matches(article.text, needles)
    best = _best(article.text, found)
    if best:
        return (*title, *(_passage(article.text, found, start) for start in best))
    return (*title, *_lead(article))


def why_matched(found: str, needle: Needle) -> Why:
    """Why a place matched."""
    if needle.form_of is not None:
        return "variant"
    return "typed" if found == needle.text or _han(found) == _han(needle.text) else "script"


def _han(text: str) -> list[str]:
    """The Han characters of a text. Nothing else differs between scripts."""
    return [char for char in unicodedata.normalize("NFKC", text) if is_han(char)]


def _whole_title(title: str, found: Sequence[Match]) -> Passage:
    return Passage("title", title, tuple((m.start, m.end) for m in found), whys=tuple(m.why for m in found))


def _best(text: str, found: Sequence[Match]) -> list[int]:
    """Where the passages begin that together show the most needles, in the order of the text."""
    places = [match.start for match in found]
    ends = [bisect_left(places, place + LENGTH - BACK) for place in places]
    needles = [frozenset(match.needle for match in found[at:end]) for at, end in enumerate(ends)]
    shown: frozenset[int] = frozenset()
    chosen: list[int] = []
    for _ in range(MOST_PASSAGES):
        left = [
            at
            for at, place in enumerate(places)
            if all(abs(place - places[other]) > LENGTH for other in chosen)
        ]
        if not left:
            break
        # Needles not shown yet, then matches in all, then the earlier the better.
        best = max(left, key=lambda at: (len(needles[at] - shown), ends[at] - at, -at))
        if chosen and not needles[best] - shown:
            break
        shown |= needles[best]
        chosen.append(best)
    return sorted(_sentence_start(text, places[at]) for at in chosen)


def _sentence_start(text: str, start: int) -> int:
    """Where to begin so that the passage reads well: at its sentence, or a little before the match."""
    earliest = max(0, start - BACK)
    sentence = max(text.rfind(mark, earliest, start) for mark in SENTENCE_END)
    return sentence + 1 if sentence >= 0 or earliest == 0 else max(0, start - BACK // 2)


def _passage(text: str, found: Sequence[Match], start: int) -> Passage:
    """The passage that begins at an offset; it never ends inside a match."""
    end = min(len(text), start + LENGTH)
    end = max([end, *(match.end for match in found if match.start < end <= match.end)])
    inside = [match for match in found if start <= match.start < end]
    places = tuple((match.start - start, match.end - start) for match in inside)
    # A line break inside a passage is a space, at the same offset.
    shown = text[start:end].replace("\n", " ")
    return Passage("text", shown, places, start > 0, end < len(text), tuple(match.why for match in inside))


def _lead(article: Article) -> tuple[Passage, ...]:
    """The beginning of an article's text, without the captions and the dateline before it."""
    start = 0
    for part in sorted(article.parts, key=lambda part: part.start):
        if part.kind in ("caption", "dateline") and not article.text[start : part.start].strip():
            start = part.end
    start += len(article.text[start:]) - len(article.text[start:].lstrip())
    text = article.text[start : start + LENGTH].replace("\n", " ")
    return (Passage("text", text, (), False, start + LENGTH < len(article.text)),) if text else ()
