"""A query that found little → the queries that may have been meant, of which each finds clearly more.

Nothing is ever replaced by itself: what comes out is offered. One word of the query is exchanged for
another (``damage`` guesses which), and everything is counted: the query without the word, since what
that does not find no exchange will; the word, which is cheap; then the whole query with the best of
them, in which words, filters and operators have their say.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

import rjieba

from searchsvc.article import Script
from searchsvc.errors import BudgetExceeded
from searchsvc.suggest import damage
from searchsvc.suggest.confusable import load_confusable
from searchsvc.suggest.lookup import Lookup
from searchsvc.suggest.names import load_names
from searchsvc.suggest.writing import in_script, script_of
from searchsvc.text.fold import fold
from searchsvc.text.terms import needle

# A query that finds as many is left alone.
LITTLE = 10
# What is offered finds so many, and so many times what the query as typed finds.
LEAST, CLEARLY = 3, 5
# A word that does occur is mostly what was meant: people of rare names should not be corrected. So it is
# only doubted if no dictionary has it, and for a word of one that occurs so many times as often.
CLEARLY_FOR_A_WORD = 50
# Of two strings, what a word that is known counts against one that is not: 拜登 and 败的 are both there.
# What is less likely than the best by the same factor is no help.
KNOWN = 20
OFFERED = 3
# Words counted, whole queries counted, and time for both: words are counted in the first part of it.
MOST_COUNTS, MOST_QUERIES, MOST_SECONDS, FOR_WORDS = 200, 6, 0.045, 2 / 3
# The words that occur least are looked at, and share what may be counted. In more words one that is wrong
# is no harm: articles with the others are found.
MOST_PLACES, MOST_WORDS = 3, 12
# Longer runs are no single word, and in one character there is nothing to go by.
SHORTEST, LONGEST = 2, 8
# What two neighbours may be together and is in no dictionary has so many characters, or is no word: 时的.
SHORTEST_UNKNOWN = 3
# A word behind one of these is no part that could be left out: intitle:石破.
BOUND = tuple(':："“„‟「」『』＂=＝')


@dataclass(frozen=True, slots=True)
class Place:
    """A word of the query, or two neighbours (``joined``): ``q[start:end]``, and how many articles
    contain it."""

    start: int
    end: int
    count: int
    joined: bool


@dataclass(frozen=True, slots=True)
class Guess:
    """A place, what may have been meant there (folded), how many articles contain that, and whether it is
    a word or name that is known."""

    place: Place
    text: str
    count: int
    known: bool

    @property
    def likelihood(self) -> int:
        return self.count * KNOWN if self.known else self.count


@dataclass
class Allowance:
    """How many guesses for a place may still be counted, and until when."""

    counts: int
    deadline: float

    def take(self) -> bool:
        """Whether one more may be counted; it is taken."""
        self.counts -= 1
        return self.counts >= 0 and perf_counter() < self.deadline


def corrections(
    q: str, words: Sequence[str], found: int, count: Callable[[str], int], lookup: Lookup
) -> tuple[str, ...]:
    """Up to three query strings that find clearly more, the best first; none if enough was found.

    ``words``: the words of the query as typed, as it was parsed; ``found``: how many articles have all
    of them; ``count``: how many have all words of another query string, under the same filters.
    Raises IndexUnavailable.
    """
    if found >= LITTLE or not 0 < len(words) <= MOST_WORDS:
        return ()
    # Tables are read once, by whoever comes first; that is no time of counting.
    load_confusable(), load_names(lookup.names), rjieba.has_word("")
    began = perf_counter()
    words_until, until = began + MOST_SECONDS * FOR_WORDS, began + MOST_SECONDS
    try:
        rarest = _rarest(q, words, lookup)
        # A query may be a slow one: it is asked again only as long as there is time.
        places = [
            place for place in rarest if perf_counter() < words_until and _may_gain(q, place, found, count)
        ]
        best = _best(q, places, lookup, words_until)
        return tuple(_offered(q, best, found, count, until))
    except BudgetExceeded:
        # Something to offer is not worth an error in place of an answer.
        return ()


def _rarest(q: str, words: Sequence[str], lookup: Lookup) -> list[Place]:
    """The places where a wrong word is looked for: no word that is known and occurs."""
    places = [
        place
        for place in _places(q, words, lookup)
        if not (place.count and _is_known(fold(q[place.start : place.end]), lookup))
    ]
    return sorted(places, key=lambda place: (place.count, place.end - place.start))[:MOST_PLACES]


def _may_gain(q: str, place: Place, found: int, count: Callable[[str], int]) -> bool:
    """Whether the rest of the query leaves enough articles for another word to find."""
    before, after = q[: place.start], q[place.end :]
    if before.endswith(BOUND) or "OR" in q:
        return True
    return count(f"{before} {after}") >= max(LEAST, CLEARLY * found)


def _best(q: str, places: Sequence[Place], lookup: Lookup, deadline: float) -> list[Guess]:
    """The guesses that occur often enough, the likeliest first."""
    found: list[Guess] = []
    for place in places:
        allowance = Allowance(MOST_COUNTS // len(places), deadline)
        found += _counted(q, place, lookup, allowance)
    return sorted(found, key=lambda guess: -guess.likelihood)


def _places(q: str, words: Sequence[str], lookup: Lookup) -> Iterator[Place]:
    """The words of a query that may be wrong, and neighbours that may be one word, cut apart by what is
    wrong in it."""
    at, before = 0, None
    for word in words:
        start = q.find(word, at)
        if start < 0:
            continue
        at = end = start + len(word)
        if before is not None and before[1] == start:
            yield from _place(q, before[0], end, lookup, joined=True)
        yield from _place(q, start, end, lookup, joined=False)
        before = start, end


def _place(q: str, start: int, end: int, lookup: Lookup, *, joined: bool) -> Iterator[Place]:
    word = q[start:end]
    if SHORTEST <= len(word) <= LONGEST or word.isascii():
        yield Place(start, end, lookup.count(word), joined)


def _counted(q: str, place: Place, lookup: Lookup, allowance: Allowance) -> list[Guess]:
    """The guesses for a place that occur clearly more often than what stands there."""
    word = fold(q[place.start : place.end])
    if not needle(word).pairs.size:
        one = _enough(word, place, damage.spellings(word, 1, lookup), lookup, allowance)
        return one or _enough(word, place, damage.spellings(word, 2, lookup), lookup, allowance)
    return _enough(word, place, damage.guesses(word, lookup), lookup, allowance)


def _enough(
    word: str, place: Place, texts: Iterator[str], lookup: Lookup, allowance: Allowance
) -> list[Guess]:
    """Those of some guesses that occur clearly more often than what stands at a place."""
    enough = max(LEAST, CLEARLY_FOR_A_WORD * place.count)
    found: list[Guess] = []
    tried = {word}
    for text in texts:
        if text in tried:
            continue
        tried.add(text)
        if not allowance.take():
            break
        if (count := lookup.count(text, enough)) >= enough:
            known = _is_known(text, lookup)
            if known or _may_be_unknown(text, place):
                found.append(Guess(place, text, count, known))
    return found


def _may_be_unknown(text: str, place: Place) -> bool:
    """Whether a guess may be a word that no dictionary has."""
    return place.count == 0 and (len(text) >= SHORTEST_UNKNOWN or not place.joined)


def _is_known(word: str, lookup: Lookup) -> bool:
    """Whether a folded word is in the dictionary or in the table of names."""
    return rjieba.has_word(word) or word in load_names(lookup.names).written


def _offered(
    q: str, guesses: Sequence[Guess], found: int, count: Callable[[str], int], deadline: float
) -> Iterator[str]:
    """The whole queries with the best guesses, those that find clearly more."""
    script = script_of(q)
    offered: set[str] = set()
    likely = [guess for guess in guesses if guess.likelihood * KNOWN >= guesses[0].likelihood]
    for asked, guess in enumerate(likely[:MOST_QUERIES]):
        # The best guess is worth a query, however late it is.
        if asked and perf_counter() >= deadline:
            return
        place = guess.place
        mended = q[: place.start] + _written(q[place.start : place.end], guess.text, script) + q[place.end :]
        if mended not in offered and count(mended) >= max(LEAST, CLEARLY * found):
            offered.add(mended)
            yield mended
        if len(offered) == OFFERED:
            return


def _written(typed: str, text: str, script: Script | None) -> str:
    """A guess in the script of the query; characters that stand as typed are left as typed."""
    written = in_script(text, script)
    if len(typed) != len(text):
        return written
    return "".join(
        old if fold(old) == new else shown for old, new, shown in zip(typed, text, written, strict=True)
    )
