"""What to show of a hit: the stretches of its text that tell the most of what was asked for.

In: an article, the query's strings. Out: passages with spans, never markup. What a span is, is told in
``matches``.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import itemgetter

import numpy as np

from searchsvc.article import Article
from searchsvc.engine import FIELDS
from searchsvc.search.finding import Places, chosen
from searchsvc.search.matches import Finder
from searchsvc.search.needles import Needle
from searchsvc.search.results import HighlightField, Passage
from searchsvc.text.terms import INVISIBLE, WORD, class_bytes

# Code points of a passage, and how far back its beginning may go to start with a sentence.
LENGTH, BACK = 110, 40
MOST_PASSAGES = 2
# So far a passage goes on to end, or to begin, with a whole word.
LONGEST_MOVE = 30
# A text is looked through in stretches, each of which has something of the one before: what stands
# across their border is found too. Somebody may have put in a book, or a file of 20 MB.
STRETCH, OVERLAP = 20_000, 1_000
# As many sentences as end somewhere.
SENTENCES = re.compile(r".*[。！？!?；\n]", re.DOTALL)


class Highlighter:
    """Shows what many articles have of the same needles."""

    def __init__(self, needles: Sequence[Needle]) -> None:
        self._in_text = Finder(needles, "body")
        everywhere = all(needle.fields == FIELDS for needle in needles)
        self._in_title = self._in_text if everywhere else Finder(needles, "title")

    def passages(self, article: Article) -> tuple[Passage, ...]:
        """What to show of an article: its title if that matched, and the best stretches of its text."""
        title = self._title(article.title)
        found = self._first_places(article.text)
        if not len(found):
            return (*title, *_lead(article))
        best = chosen(found, MOST_PASSAGES, LENGTH - BACK, LENGTH).tolist()
        return (*title, *self._cut(article.text, found.tolist(), best))

    def _title(self, title: str) -> tuple[Passage, ...]:
        found = self._in_title.places(title).tolist()
        return (self._passage("title", title, 0, len(title), found),) if found else ()

    def _first_places(self, text: str) -> Places:
        """The matches of a text; of a very long one, those of the first stretch of it that has any."""
        start = 0
        while start < len(text):
            end = _whole(text, min(len(text), start + STRETCH), 1)
            found = self._in_text.places(text[start:end])
            if len(found) or end == len(text):
                if start:
                    found[:, :2] += start
                return found
            start = _whole(text, end - OVERLAP, -1)
        return np.empty((0, 3), np.int64)

    def _cut(self, text: str, found: list[list[int]], best: Sequence[int]) -> Iterator[Passage]:
        """The passages with some of the matches; no match and no word is cut in two by their ends, and
        nothing is shown twice."""
        free = 0
        for at in best:
            start = _not_inside(found, max(free, _sentence_start(text, found[at][0])), 0)
            start = _whole(text, start, -1)
            end = _whole(text, _not_inside(found, min(len(text), start + LENGTH), 1), 1)
            free = end
            inside = found[_first_from(found, start) : _first_from(found, end)]
            yield self._passage("text", text, start, end, inside)

    def _passage(
        self, field: HighlightField, text: str, start: int, end: int, inside: list[list[int]]
    ) -> Passage:
        """A stretch of a title or text with the matches in it."""
        whys = tuple([self._in_text.why(text[first:last], number) for first, last, number in inside])
        spans = tuple([(first - start, last - start) for first, last, _ in inside])
        shown = text[start:end]
        if field == "text":
            # A line break inside a passage is a space, at the same offset.
            shown = shown.replace("\n", " ")
        return Passage(field, shown, spans, start > 0, end < len(text), whys)


def passages(article: Article, needles: Sequence[Needle]) -> tuple[Passage, ...]:
    """What to show of one article; see ``Highlighter``."""
    return Highlighter(needles).passages(article)


def _first_from(found: list[list[int]], start: int) -> int:
    """The index of the first match that does not begin before an offset."""
    return bisect_left(found, start, key=itemgetter(0))


def _not_inside(found: list[list[int]], cut: int, side: int) -> int:
    """Where to cut instead, so that no match is cut in two: before it (side 0) or behind it (1)."""
    before = _first_from(found, cut) - 1
    return found[before][side] if before >= 0 and found[before][1] > cut else cut


def _sentence_start(text: str, start: int) -> int:
    """Where to begin so that the passage reads well: at its sentence, or a little before the match."""
    earliest = max(0, start - BACK)
    before = SENTENCES.match(text, earliest, start)
    if before or earliest == 0:
        begins = before.end() if before else 0
        return start - len(text[begins:start].lstrip())
    return max(0, start - BACK // 2)


def _whole(text: str, cut: int, step: int) -> int:
    """Where to cut instead, so that no word is cut in two, forwards or backwards: not far."""
    moved = cut
    while 0 < moved < len(text) and abs(moved - cut) < LONGEST_MOVE and _goes_on(text, moved):
        moved += step
    return moved


def _goes_on(text: str, at: int) -> bool:
    """Whether a word goes on here, or a sign with what belongs to it."""
    kinds = class_bytes()
    before, here = kinds[ord(text[at - 1])], kinds[ord(text[at])]
    return here == INVISIBLE or (here == WORD and before in (WORD, INVISIBLE))


def _lead(article: Article) -> tuple[Passage, ...]:
    """The beginning of an article's text, without the captions and the dateline before it."""
    start = 0
    for part in sorted(article.parts, key=lambda part: part.start):
        if part.kind in ("caption", "dateline") and not article.text[start : part.start].strip():
            start = part.end
    start += len(article.text[start:]) - len(article.text[start:].lstrip())
    end = _whole(article.text, min(len(article.text), start + LENGTH), 1)
    text = article.text[start:end].replace("\n", " ")
    return (Passage("text", text, (), False, end < len(article.text)),) if text else ()
