"""A word that is hardly found → words that may have been meant, each a guess to be counted.

One character is exchanged: by one that sounds alike or nearly so, or looks alike; two neighbours have
changed places; or a name of the table, or a word that many titles have, differs in one character. Of
words in letters one or two letters are wrong, missing, too many or exchanged; those that the archive
has are read off articles that a fuzzy term finds.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain, zip_longest

from whoosh.query import And, FuzzyTerm, Or, Query

from searchsvc.engine import FIELDS
from searchsvc.engine.leaves import is_word
from searchsvc.engine.strings import ExactString
from searchsvc.suggest.confusable import load_confusable
from searchsvc.suggest.lookup import Lookup
from searchsvc.suggest.names import load_names
from searchsvc.text.fold import fold

# In a shorter word any character may be another: 中国, 美国, 英国.
SHORTEST_WITH_ANY = 3
# 第七批 is not 第一批 mistyped.
NUMBERS = frozenset("零一二两三四五六七八九十百千万亿几")
# Titles that are read for each place of a word, and how many have to agree.
MOST_TITLES, FEWEST_TITLES = 100, 3
# Letters from which on one may be wrong, and two.
ONE_WRONG, TWO_WRONG = 4, 5
# Articles that are read for their words.
MOST_ARTICLES = 10
LETTERS = re.compile(r"[A-Za-z\u00c0-\u052f\uff21-\uff5a]+")


def guesses(word: str, lookup: Lookup) -> Iterator[str]:
    """Folded strings of a folded word's length that may have been meant by it, the likeliest first.

    Lazily: whoever has counted enough of them stops. Some come twice.
    """
    return (guess for guess in _all_guesses(word, lookup) if not _counts_otherwise(word, guess))


def _counts_otherwise(word: str, guess: str) -> bool:
    """Whether one number stands for another."""
    changed = [pair for pair in zip(word, guess, strict=True) if pair[0] != pair[1]]
    return any(NUMBERS.issuperset(pair) for pair in changed)


def _all_guesses(word: str, lookup: Lookup) -> Iterator[str]:
    confusable = load_confusable()
    yield from load_names(lookup.names).near(word)
    yield from _exchanged(word)
    yield from _replaced(word, confusable.looking_like)
    yield from _replaced(word, confusable.sounding_like)
    yield from _in_titles(word, lookup)
    yield from _replaced(word, confusable.sounding_near)


def _exchanged(word: str) -> Iterator[str]:
    """Two neighbours that have changed places."""
    for at in range(len(word) - 1):
        if word[at] != word[at + 1]:
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _replaced(word: str, others: Callable[[str], Iterator[str]]) -> Iterator[str]:
    """Every place with another character: the common ones of all places before the rare ones of any."""
    ways = ([word[:at] + other + word[at + 1 :] for other in others(char)] for at, char in enumerate(word))
    return filter(None, chain.from_iterable(zip_longest(*ways)))


def _in_titles(word: str, lookup: Lookup) -> Iterator[str]:
    """What stands in several titles and differs in one character, the most frequent first."""
    if len(word) < SHORTEST_WITH_ANY:
        return
    found: Counter[str] = Counter()
    for at in range(len(word)):
        pattern = re.compile(f"{re.escape(word[:at])}\\w{re.escape(word[at + 1 :])}")
        parts = [part for part in (word[:at], word[at + 1 :]) if part]
        query: Query = And([ExactString("title", part) for part in parts])
        titles = lookup.titles(query, MOST_TITLES)
        found.update(match[0] for title in titles if (match := pattern.search(fold(title))))
    yield from (text for text, titles_with in found.most_common() if titles_with >= FEWEST_TITLES)


def spellings(word: str, distance: int, lookup: Lookup) -> Iterator[str]:
    """Folded words that differ from a folded one in at most so many letters, 1 or 2, the most frequent
    first: from some of the articles that have one.

    Where two letters may be wrong, the first is right: trying all would take too long. What the index does
    not keep as one word is near none of its words; Whoosh would look through all of them to find that out.
    """
    if len(word) < (ONE_WRONG if distance == 1 else TWO_WRONG) or not is_word(word):
        return
    near = Or([FuzzyTerm(name, word, maxdist=distance, prefixlength=distance - 1) for name in FIELDS])
    articles = lookup.store.get_many(lookup.newest(near, MOST_ARTICLES)).values()
    found: Counter[str] = Counter()
    for article in articles:
        for each in (*LETTERS.findall(article.title), *LETTERS.findall(article.text)):
            if abs(len(each) - len(word)) <= distance:
                found[fold(each)] += 1
    yield from (each for each, _ in found.most_common() if each != word and within(word, each, distance))


def within(left: str, right: str, most: int) -> bool:
    """Whether a word becomes another by at most so many letters inserted, left out or replaced."""
    if abs(len(left) - len(right)) > most:
        return False
    row = list(range(len(right) + 1))
    for at, char in enumerate(left, 1):
        before, row[0] = row[0], at
        for place, other in enumerate(right, 1):
            cost = before + (char != other)
            before = row[place]
            row[place] = min(cost, row[place] + 1, row[place - 1] + 1)
        if min(row) > most:
            return False
    return row[-1] <= most
