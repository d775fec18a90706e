"""An article → others of the same matter.

Its most telling strings, by how often they stand in it and how few articles have them, are asked for
all at once; what has many of them comes first, and the same story elsewhere has nearly all. Strings
are folded, so an article in the other script is as near as one in the same.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import log

import rjieba
from whoosh.query import Or

from searchsvc.article import Article
from searchsvc.engine import TITLE_BOOST, Plan
from searchsvc.engine.strings import ExactString
from searchsvc.search.results import Hit
from searchsvc.search.words import is_particle
from searchsvc.suggest.lookup import Lookup
from searchsvc.text.fold import fold
from searchsvc.variants.find import load_variants

# A news article says at its beginning what it is about.
LEAD = 400
# Strings that are counted, and of these asked for.
MOST_COUNTED, MOST_ASKED = 60, 16
# A word in the title stands for so many in the text.
IN_TITLE = 3
# What more than this share of all articles have, tells nothing; in a small archive a few say little.
COMMON, FEW = 0.2, 10
# Hits whose beginnings are compared, and what two tellings of one story have in common of their pairs.
MOST_COMPARED, SAME_STORY = 20, 0.4


@dataclass(frozen=True, slots=True)
class Similar:
    """Another article of the same matter, as a hit without passages; ``same_story``: it tells the same,
    nearly word for word, as agencies' reports do that several papers print."""

    hit: Hit
    same_story: bool


def similar(article: Article, limit: int, lookup: Lookup) -> list[Similar]:
    """Up to so many other articles; the same story elsewhere first.

    Raises IndexUnavailable.
    """
    weights = telling(article, lookup)
    if not weights:
        return []
    query = Or(list(_strings(weights, lookup)))
    # One more than is wanted: the article finds itself. A few strings, so there is no need to hurry.
    found = lookup.engine.run(Plan(query, limit=max(limit, MOST_COMPARED) + 1, unhurried=True)).hits
    scores = {hit.id: hit.score for hit in found if hit.id != article.id}
    articles = lookup.store.get_many(list(scores))
    same = {each.id for each in list(articles.values())[:MOST_COMPARED] if _same_story(article, each)}
    ordered = sorted(articles.values(), key=lambda each: each.id not in same)
    return [Similar(Hit(each, scores[each.id], ()), each.id in same) for each in ordered[:limit]]


def telling(article: Article, lookup: Lookup) -> dict[str, float]:
    """The folded strings that tell most about an article, and what each counts in it.

    Chosen by tf-idf; how rare they are, the engine's scores know.
    """
    counted = Counter[str]()
    for word in _words(article.title):
        counted[word] += IN_TITLE
    counted.update(_words(article.text[:LEAD]))
    generation = lookup.engine.current()
    total = generation.count if generation else 0
    rarity = {}
    for word, _ in counted.most_common(MOST_COUNTED):
        articles = lookup.count(word)
        # What only this article has finds no other.
        if 1 < articles <= max(COMMON * total, FEW):
            rarity[word] = log(1 + total / articles)
    weights = {word: 1 + log(counted[word]) for word in rarity}
    best = sorted(weights, key=lambda word: -weights[word] * rarity[word])[:MOST_ASKED]
    return {word: weights[word] for word in best}


def _words(text: str) -> Iterator[str]:
    """The words of a text, folded; neighbouring single characters also together, for names."""
    loose = ""
    for piece in (*rjieba.cut(fold(text)), ""):
        if len(piece) == 1 and piece.isalnum() and not is_particle(piece):
            loose += piece
            continue
        if len(loose) > 1:
            yield loose
        loose = ""
        if len(piece) > 1 and piece[0].isalnum():
            yield piece


def _strings(weights: dict[str, float], lookup: Lookup) -> Iterator[ExactString]:
    """The strings in title and text, and the other forms of those that are names: 川普 for 特朗普."""
    phrases = load_variants(lookup.names).phrases
    for word, weight in weights.items():
        phrase = phrases.get(word)
        forms = phrase.forms if phrase and phrase.kind == "name" else ()
        for text in (word, *forms):
            yield ExactString("title", text, weight * TITLE_BOOST)
            yield ExactString("body", text, weight)


def _same_story(one: Article, other: Article) -> bool:
    """Whether two articles begin with nearly the same words."""
    left, right = _pairs(one), _pairs(other)
    return 2 * len(left & right) >= SAME_STORY * max(1, len(left) + len(right))


def _pairs(article: Article) -> set[str]:
    folded = fold(article.text[:LEAD])
    return {folded[at : at + 2] for at in range(len(folded) - 1)}
