"""Questions whose answers are known, asked of a new index before it is put in use.

Strings are cut out of articles at random, as ``check`` does, and looked for in the new index and in the
one in use. Where the two differ, and in a sample of other articles besides, the articles themselves say
who is right: their texts are scanned. So whatever differs for a reason (an article came, or changed) is
explained, an old index that is damaged hinders nobody, and an answer that is wrong is named.
"""

import random
from collections.abc import Callable, Iterable, Iterator

from whoosh.query import Or

from searchsvc.engine import FIELDS, Answering, Engine, Plan
from searchsvc.engine.strings import ExactString
from searchsvc.errors import IndexUnavailable
from searchsvc.store.articles import ArticleStore
from searchsvc.text.contains import fenced

# Articles out of which a string is cut each; every answer is held against all of them.
SAMPLE = 200
# The shortest string and the longest; one character is a string too.
LENGTHS = (1, 12)
# Articles read to explain where two answers differ; more are not needed to see that something is wrong.
MOST_DIFFERENCES = 200

# What is wrong with the answers of an index, in sentences.
Judge = Callable[[Answering], list[str]]
# Articles by their ids, fenced, so that containing is ``in``.
Scanned = dict[str, str]


def ask(store: ArticleStore, engine: Engine, generation: str, seed: int | None = None) -> list[str]:
    """What a generation answers wrongly, in sentences; empty when all is well.

    Articles that changed since it was written say nothing about it.
    """
    chance = random.Random(seed)  # noqa: S311  # A sample, no secret.
    new, old, reached = engine.at(generation), _in_use(engine), engine.describe(generation).change
    ids = list(store.ids())
    texts = store.texts_until(chance.sample(ids, min(SAMPLE, len(ids))), reached)
    sample = _scanned(texts)
    wrong: list[str] = []
    for string in _cut(texts.values(), chance):
        found = _found(new, string, len(ids))
        differing = found ^ _found(old, string, len(ids)) if old else set()
        others = _scanned(store.texts_until(sorted(differing)[:MOST_DIFFERENCES], reached))
        wrong += _wrong(string, found, sample | others)
    return wrong


def _in_use(engine: Engine) -> Answering | None:
    """The index in use; None if it could not answer: then nothing is asked of it."""
    try:
        current = engine.current()
        return engine.at(current.name) if current else None
    except IndexUnavailable:
        return None


def _scanned(texts: dict[str, tuple[str, str]]) -> Scanned:
    return {article: f"{fenced(title)}\0{fenced(text)}" for article, (title, text) in texts.items()}


def _cut(texts: Iterable[tuple[str, str]], chance: random.Random) -> Iterator[str]:
    """A string out of the title or the text of each article, unless nothing is left of it to look for."""
    for texts_of_one in texts:
        part = chance.choice([part for part in texts_of_one if part] or [""])
        start, length = chance.randrange(len(part) or 1), chance.randint(*LENGTHS)
        if fenced(string := part[start : start + length]):
            yield string


def _found(index: Answering, string: str, limit: int) -> set[str]:
    query = Or([ExactString(name, string) for name in FIELDS])
    return {hit.id for hit in index.run(Plan(query, order="newest", limit=limit, unhurried=True)).hits}


def _wrong(string: str, found: set[str], scanned: Scanned) -> Iterator[str]:
    """Where the articles say otherwise."""
    wanted = fenced(string)
    for article, text in scanned.items():
        if (wanted in text) != (article in found):
            how = "contains it, but is not found" if wanted in text else "is found, but does not contain it"
            yield f"Asked for {string!r}: article {article} {how}."
