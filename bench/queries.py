"""Titles → the questions that every engine is asked.

Sixteen kinds: what is looked for (two words that must both appear, two of which one must, an exact
string of 2 to 8 characters, one character) times how (plain, within 30 days, newest first, with
both facets). Every kind has titles of its own, so no query is a repetition of another kind's.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import rjieba

from bench.corpus import DAY, FIRST_SECOND, SEED, SPAN

What = Literal["and", "or", "string", "char"]
How = Literal["plain", "30 days", "newest", "facets"]
WHATS: tuple[What, ...] = ("and", "or", "string", "char")
HOWS: tuple[How, ...] = ("plain", "30 days", "newest", "facets")
KINDS = tuple(f"{what}, {how}" for what in WHATS for how in HOWS)

LIMIT = 20
RANGE = 30 * DAY
# The timeline that is counted: buckets of 30 days over all dates.
BUCKET = 30 * DAY
EDGES = tuple(range(FIRST_SECOND, FIRST_SECOND + SPAN + 1, BUCKET))

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Question:
    """One query. ``words`` are one or two strings of Han; the range is half-open, in seconds."""

    what: What
    how: How
    words: tuple[str, ...]
    since: int | None = None
    before: int | None = None

    @property
    def kind(self) -> str:
        return f"{self.what}, {self.how}"

    @property
    def newest(self) -> bool:
        return self.how == "newest"

    @property
    def facets(self) -> bool:
        return self.how == "facets"


def draw(titles: Sequence[str], count: int, seed: int = SEED) -> dict[str, list[Question]]:
    """``count`` questions of every kind, always the same ones for the same titles and seed."""
    return {
        f"{what}, {how}": _kind(titles, count, what, how, random.Random(f"{seed} {what} {how}"))
        for what in WHATS
        for how in HOWS
    }


def _kind(titles: Sequence[str], count: int, what: What, how: How, chance: random.Random) -> list[Question]:
    found: list[Question] = []
    for words in _endless(titles, what, chance):
        since = chance.randrange(FIRST_SECOND, FIRST_SECOND + SPAN - RANGE) if how == "30 days" else None
        found.append(Question(what, how, words, since, None if since is None else since + RANGE))
        if len(found) == count:
            break
    return found


def _endless(titles: Sequence[str], what: What, chance: random.Random) -> Iterator[tuple[str, ...]]:
    while True:
        title = chance.choice(titles)
        words = _two_words(title, chance) if what in ("and", "or") else _cut(title, what, chance)
        if words:
            yield words


def _two_words(title: str, chance: random.Random) -> tuple[str, ...]:
    """Two different words of a title, of two characters or more, as jieba cuts it."""
    words = sorted({word for word in rjieba.cut(title) if len(word) > 1 and HAN.fullmatch(word)})
    return tuple(chance.sample(words, 2)) if len(words) > 1 else ()


def _cut(title: str, what: What, chance: random.Random) -> tuple[str, ...]:
    """A piece of a title from anywhere, at no word's border in particular."""
    length = 1 if what == "char" else chance.randint(2, 8)
    runs = [run for run in HAN.findall(title) if len(run) >= length]
    if not runs:
        return ()
    run = chance.choice(runs)
    start = chance.randrange(len(run) - length + 1)
    return (run[start : start + length],)
