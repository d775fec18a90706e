"""What to show of a hit: the stretches of its text that tell the most of what was asked for.

In: an article, the query's strings. Out: passages with spans, never markup. What a span is, is told in
``matches``.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from searchsvc.article import Article
from searchsvc.search.matches import Match, matches
from searchsvc.search.needles import Needle
from searchsvc.search.results import Passage

# Code points of a passage, and how far back its beginning may go to start with a sentence.
LENGTH, BACK = 110, 40
MOST_PASSAGES = 2
SENTENCE_END = "。！？!?；\n"


def passages(article: Article, needles: Sequence[Needle]) -> tuple[Passage, ...]:
    """What to show of an article: its title if that matched, and the best stretches of its text."""
    in_title = matches(article.title, needles, "title")
    title = (_whole_title(article.title, in_title),) if in_title else ()
    found = matches(article.text, needles, "body")
    best = _best(article.text, found)
    if best:
        return (*title, *(_passage(article.text, found, start) for start in best))
    return (*title, *_lead(article))


def _whole_title(title: str, found: Sequence[Match]) -> Passage:
    return Passage("title", title, tuple((m.start, m.end) for m in found), whys=tuple(m.why for m in found))


def _best(text: str, found: Sequence[Match]) -> list[int]:
    """Where the passages begin that together show the most needles, in the order of the text."""
    places = [match.start for match in found]
    ends = [bisect_left(places, place + LENGTH - BACK) for place in places]
    chosen: list[int] = []
    shown: frozenset[int] = frozenset()
    for _ in range(MOST_PASSAGES):
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
    return sorted(_sentence_start(text, places[at]) for at in chosen)


def _news(found: Sequence[Match], ends: Sequence[int], shown: frozenset[int]) -> list[int]:
    """How many needles that are not shown yet there are from each match on, up to its end.

    A window that moves along: a text of many matches costs no more for each of them.
    """
    inside: Counter[int] = Counter()
    news, upto = [], 0
    for at, end in enumerate(ends):
        inside.update(match.needle for match in found[upto:end])
        upto = end
        news.append(len(inside.keys() - shown))
        inside[found[at].needle] -= 1
        if not inside[found[at].needle]:
            del inside[found[at].needle]
    return news


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
