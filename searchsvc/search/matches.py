"""Where a text has what was asked for, as spans in its own characters.

Spans are found by offsets: the text is squeezed as it was for the index, the query's strings are
looked for there, and the places are carried back to the original. So 五分鐘 is marked where the
article says 五分钟, and a word that a line break cuts in two is marked whole. A compiled loop does it
(``finding``), but for needles in exactly one script and words that are only like what was typed.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from searchsvc.engine import Field
from searchsvc.engine.spelling import Words
from searchsvc.search.finding import Places, places, wanted
from searchsvc.search.needles import Needle
from searchsvc.search.results import Span, Why
from searchsvc.text.kept import kept_if_short
from searchsvc.text.terms import INVISIBLE, classes, is_han, squeeze


@dataclass(frozen=True, slots=True)
class Match:
    """A place where a needle was found: ``text[start:end]``, which needle, and why it matched."""

    start: int
    end: int
    needle: int
    why: Why


class Finder:
    """Finds the same needles in the texts of one page.

    ``within``: which field the texts are; needles for another are not looked for. Quiet ones never are.
    """

    def __init__(self, needles: Sequence[Needle], within: Field | None = None) -> None:
        self._needles = needles
        self._whys: dict[tuple[str, int], Why] = {}
        self._asked = [
            (number, needle)
            for number, needle in enumerate(needles)
            if not needle.quiet and (within is None or within in needle.fields)
        ]
        # These are decided by more than what the compiled loop sees, one place at a time.
        self._slowly = any(needle.as_typed or needle.distance for _, needle in self._asked)
        self._wanted = wanted([(number, needle.text, needle.prefix) for number, needle in self._asked])

    def places(self, text: str) -> Places:
        """Where needles stand, and their numbers: ordered, apart, the longest where several would start."""
        if not self._slowly:
            return places(text, self._wanted)
        return np.array(list(self.places_one_by_one(text)), np.int64).reshape(-1, 3)

    def places_one_by_one(self, text: str) -> Iterator[tuple[int, int, int]]:
        """The same for any needles, one after another."""
        squeezed = _Text(text)
        found = [
            (start, -length, number)
            for number, needle in self._asked
            for start, length in squeezed.places(needle)
        ]
        free = 0
        for start, negative_length, number in sorted(found):
            if start >= free:
                first, end = squeezed.span(start, start - negative_length)
                needle = self._needles[number]
                if not needle.as_typed or why_matched(text[first:end], needle) == "typed":
                    free = start - negative_length
                    yield first, end, number

    def why(self, found: str, number: int) -> Why:
        """Why a place matched; most of a page say the same."""
        why = self._whys.get((found, number))
        if why is None:
            why = self._whys[found, number] = why_matched(found, self._needles[number])
        return why


def matches(text: str, needles: Sequence[Needle], within: Field | None = None) -> list[Match]:
    """Every place where a needle occurs: ordered, apart, the longest where several would start.

    ``within``: which field the text is; needles for another are not looked for. Quiet ones never are.
    """
    finder = Finder(needles, within)
    return [
        Match(start, end, number, finder.why(text[start:end], number))
        for start, end, number in finder.places(text).tolist()
    ]


def spans_of(found: Iterable[Match]) -> tuple[Span, ...]:
    """Matches as half-open spans."""
    return tuple((match.start, match.end) for match in found)


def why_matched(found: str, needle: Needle) -> Why:
    """Why a place matched."""
    if needle.form_of is not None:
        return "variant"
    return "typed" if found == needle.text or _han(found) == _han(needle.text) else "script"


@kept_if_short(1024)
def _han(text: str) -> tuple[str, ...]:
    """The Han characters of a text. Nothing else differs between scripts."""
    return tuple(char for char in unicodedata.normalize("NFKC", text) if is_han(char))


class _Text:
    """A text, squeezed: ``chars``, and for each of them whether it is of a word, and begins one.

    The truths are bytes, which are compared and picked from ten times as quick as arrays of a few.
    """

    def __init__(self, text: str) -> None:
        squeezed = squeeze(text)
        self._text, self._offsets = text, squeezed.offsets
        self.chars = squeezed.text
        self.is_word, self.starts_word = squeezed.is_word.tobytes(), squeezed.starts_word.tobytes()
        self.has_words = b"\x01" in self.is_word

    def places(self, needle: Needle) -> Iterator[tuple[int, int]]:
        """Where a needle stands, as (start, length), overlapping ones included."""
        wanted = _squeezed(needle.text)
        if not wanted.chars:
            return
        if needle.distance:
            yield from self._like(wanted.chars, needle.distance)
            return
        at = self.chars.find(wanted.chars)
        while at >= 0:
            # Signs are whole wherever they stand.
            if not wanted.has_words or self._fits(at, wanted, needle.prefix):
                yield at, (self._word_end(at) - at if needle.prefix else len(wanted.chars))
            at = self.chars.find(wanted.chars, at + 1)

    def span(self, start: int, end: int) -> Span:
        """A stretch of the squeezed text in the original, with what belongs to its last sign.

        A loose accent or a variation selector stands behind its letter and is marked with it.
        """
        after = int(self._offsets[end - 1]) + 1
        while after < len(self._text) and classes()[ord(self._text[after])] == INVISIBLE:
            after += 1
        return int(self._offsets[start]), after

    def _fits(self, at: int, wanted: "_Text", prefix: bool) -> bool:
        """Whether words begin where they do in what is wanted, and none goes on behind it."""
        end = at + len(wanted.chars)
        return self.starts_word[at:end] == wanted.starts_word and (prefix or not self._goes_on(end))

    def _goes_on(self, at: int) -> bool:
        """Whether a word that began before goes on here."""
        return at < len(self.chars) and bool(self.is_word[at]) and not self.starts_word[at]

    def _word_end(self, at: int) -> int:
        end = at + 1
        while self._goes_on(end):
            end += 1
        return end

    def _like(self, word: str, distance: int) -> Iterator[tuple[int, int]]:
        """The words that differ from one in no more letters than that; the first is the same."""
        starts, words = self._words
        for number in words.near(word, distance):
            at = starts[number]
            if self.chars[at] == word[0]:
                yield at, self._word_end(at) - at

    @cached_property
    def _words(self) -> tuple[list[int], Words]:
        """Where words begin, and the words."""
        starts = [at for at, begins in enumerate(self.starts_word) if begins]
        return starts, Words([self.chars[at : self._word_end(at)] for at in starts])


@kept_if_short(256)
def _squeezed(needle: str) -> _Text:
    """A needle's text, squeezed once for all articles of a page."""
    return _Text(needle)
