"""What to show of a hit: the stretches of its text that tell the most of what was asked for.

In: an article, the query's strings. Out: passages with spans, never markup. What a span is, is told in
``matches``.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from searchsvc.article import Article
from searchsvc.search.matches import Match, matches
from searchsvc.search.needles import Needle
from searchsvc.search.results import Passage
from searchsvc.text.terms import INVISIBLE, WORD, classes

# Code points of a passage, and how far back its beginning may go to start with a sentence.
LENGTH, BACK = 110, 40
MOST_PASSAGES = 2
# So far a passage goes on to end, or to begin, with a whole word.
LONGEST_MOVE = 30
# A text is looked through in stretches, each of which has something of the one before: what stands
# across their border is found too. Somebody may have put in a book, or a file of 20 MB.
STRETCH, OVERLAP = 20_000, 1_000
SENTENCE_END = "。！？!?；\n"


def passages(article: Article, needles: Sequence[Needle]) -> tuple[Passage, ...]:
    """What to show of an article: its title if that matched, and the best stretches of its text."""
    in_title = matches(article.title, needles, "title")
    title = (_whole_title(article.title, in_title),) if in_title else ()
    found = _first_matches(article.text, needles)
    best = _best(found)
    if best:
        return (*title, *_cut(article.text, found, best))
    return (*title, *_lead(article))


def _first_matches(text: str, needles: Sequence[Needle]) -> list[Match]:
    """The matches of a text; of a very long one, those of the first stretch of it that has any."""
    start = 0
    while start < len(text):
        end = _whole(text, min(len(text), start + STRETCH), 1)
        found = matches(text[start:end], needles, "body")
        if found or end == len(text):
            if not start:
                return found
            return [replace(one, start=one.start + start, end=one.end + start) for one in found]
        start = _whole(text, end - OVERLAP, -1)
    return []


def _whole_title(title: str, found: Sequence[Match]) -> Passage:
    return Passage("title", title, tuple((m.start, m.end) for m in found), whys=tuple(m.why for m in found))


def _best(found: Sequence[Match]) -> list[int]:
    """With which matches the passages begin that together show the most needles, by their offsets."""
    places = [match.start for match in found]
    ends = [bisect_left(places, place + LENGTH - BACK) for place in places]
    needles = {match.needle for match in found}
    chosen: list[int] = []
    shown: frozenset[int] = frozenset()
    for _ in range(MOST_PASSAGES):
        if shown == needles:
            break
        left = [
            at for at, place in enumerate(places) if all(abs(place - places[one]) > LENGTH for one in chosen)
        ]
        news = _news(found, ends, shown)
        # Needles not shown yet, then matches in all, then the earlier the better.
        best = max(left, key=lambda at: (news[at], ends[at] - at, -at), default=None)
        if best is None or (chosen and not news[best]):
            break
        chosen.append(best)
        shown |= {match.needle for match in found[best : ends[best]]}
    return sorted(places[at] for at in chosen)


def _news(found: Sequence[Match], ends: Sequence[int], shown: frozenset[int]) -> list[int]:
    """How many needles that are not shown yet there are from each match on, up to its end.

    A window that moves along: a text of many matches costs no more for each of them.
    """
    inside: Counter[int] = Counter()
    needles = [match.needle for match in found]
    news, upto, distinct = [], 0, 0
    for at, end in enumerate(ends):
        for needle in needles[upto:end]:
            distinct += not inside[needle] and needle not in shown
            inside[needle] += 1
        upto = end
        news.append(distinct)
        leaving = needles[at]
        inside[leaving] -= 1
        distinct -= not inside[leaving] and leaving not in shown
    return news


def _sentence_start(text: str, start: int) -> int:
    """Where to begin so that the passage reads well: at its sentence, or a little before the match."""
    earliest = max(0, start - BACK)
    sentence = max(text.rfind(mark, earliest, start) for mark in SENTENCE_END)
    if sentence >= 0 or earliest == 0:
        return start - len(text[sentence + 1 : start].lstrip())
    return max(0, start - BACK // 2)


def _cut(text: str, found: Sequence[Match], places: Sequence[int]) -> Iterator[Passage]:
    """The passages with the matches at some places; no match and no word is cut in two by their ends, and
    nothing is shown twice."""
    free = 0
    for place in places:
        start = max(free, _sentence_start(text, place))
        start = _whole(
            text, min([start, *(match.start for match in found if match.start < start < match.end)]), -1
        )
        end = min(len(text), start + LENGTH)
        end = _whole(text, max([end, *(match.end for match in found if match.start < end < match.end)]), 1)
        free = end
        inside = [match for match in found if start <= match.start < end]
        spans = tuple((match.start - start, match.end - start) for match in inside)
        # A line break inside a passage is a space, at the same offset.
        shown = text[start:end].replace("\n", " ")
        yield Passage("text", shown, spans, start > 0, end < len(text), tuple(match.why for match in inside))


def _whole(text: str, cut: int, step: int) -> int:
    """Where to cut instead, so that no word is cut in two, forwards or backwards: not far."""
    moved = cut
    while 0 < moved < len(text) and abs(moved - cut) < LONGEST_MOVE and _goes_on(text, moved):
        moved += step
    return moved


def _goes_on(text: str, at: int) -> bool:
    """Whether a word goes on here, or a sign with what belongs to it."""
    before, here = classes()[ord(text[at - 1])], classes()[ord(text[at])]
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
