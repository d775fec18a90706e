"""Is every string found that is there? ``python -m bench.exactness``: 5,000 of 5,000, or which are not.

Substrings of 1 to 12 characters are cut at random from the shared articles, marks and line breaks
included; what is only white space is left out. Each is asked in quotation marks, in its own script and
converted to both others (OpenCC's s2tw, s2hk, t2s), through the same search as everybody. Every total
has to be that of a plain scan, and all four have to give the same ids in the same order. The scan shares
nothing with the index but what a text's squeezed characters and words are.
"""

import argparse
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import opencc

from bench.corpus import SEED, Corpus, load
from bench.machine import sentence
from searchsvc.engine.local import LocalEngine
from searchsvc.search.request import Request
from searchsvc.search.search import Search
from searchsvc.store.articles import ArticleStore
from searchsvc.text.contains import fenced
from searchsvc.text.terms import squeeze
from searchsvc.variants.tables import NAMES

LONGEST = 12
# Quotation marks, and what would end the quotation if it stood in it.
QUOTES = (('""', '"＂'), ("「」", "」"), ("『』", "』"), ("“”", "“”„‟"))
CONVERSIONS = ("s2tw", "s2hk", "t2s")
# Between texts: a sign that no squeezed text has.
TEXT = "\0"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A string for which an answer was not as it ought to be."""

    string: str
    scanned: int
    totals: tuple[int, ...]
    same_order: bool


class Scan:
    """All texts as one string, words fenced off, so that containing is Python's ``in``."""

    def __init__(self, corpus: Corpus) -> None:
        texts = [fenced(text) for sample in corpus.samples for text in (sample.title, sample.body)]
        self._whole = TEXT.join(texts)
        self._ends = np.cumsum([len(text) + 1 for text in texts])

    def count(self, string: str) -> int:
        """How many articles contain a string, in title or text."""
        wanted, found, at = fenced(string), set(), 0
        while wanted and (at := self._whole.find(wanted, at)) >= 0:
            text = int(np.searchsorted(self._ends, at, "right"))
            found.add(text // 2)
            at = int(self._ends[text // 2 * 2 + 1])
        return len(found)


def cut(corpus: Corpus, count: int, seed: int = SEED) -> Iterator[str]:
    """Substrings that have something in them to look for."""
    chance = random.Random(seed)
    while count:
        sample = chance.choice(corpus.samples)
        text = chance.choice([sample.title, sample.body])
        length = chance.randint(1, LONGEST)
        start = chance.randrange(max(1, len(text) - length + 1))
        string = text[start : start + length]
        if squeeze(string).text:
            count -= 1
            yield string


def quoted(string: str) -> str:
    """A string in quotation marks that do not end within it: of 12 characters some are left over."""
    marks = next(marks for marks, ends in QUOTES if not set(ends) & set(string))
    return f"{marks[0]}{string}{marks[1]}"


def check(search: Search, scan: Scan, strings: Sequence[str]) -> Iterator[Wrong]:
    """The strings that were answered wrongly."""
    converters = [opencc.OpenCC(name) for name in CONVERSIONS]
    for string in strings:
        forms = [string, *(converter.convert(string) for converter in converters)]
        found = [search.find(Request(q=quoted(form), page_size="100")).found for form in forms]
        totals, scanned = tuple(one.total for one in found), scan.count(string)
        same = len({tuple(hit.id for hit in one.hits) for one in found}) == 1
        if set(totals) != {scanned} or not same:
            yield Wrong(string, scanned, totals, same)


def opened(corpus: Corpus, folder: Path) -> Search:
    """The search of an index with a corpus in it."""
    engine = LocalEngine(folder / "index")
    engine.switch(engine.build(corpus.documents(), 1).name)
    return Search(ArticleStore(folder / "articles.sqlite3"), engine, ZoneInfo("Asia/Shanghai"), NAMES)


def main() -> int:
    """Cut, ask, compare; the number of strings on standard output, each wrong one before it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--strings", type=int, default=5_000)
    given = parser.parse_args()
    corpus = load(20_000)
    with tempfile.TemporaryDirectory() as folder:
        search = opened(corpus, Path(folder))
        wrong = list(check(search, Scan(corpus), list(cut(corpus, given.strings))))
    for one in wrong:
        print(one)
    print(f"{given.strings - len(wrong):,} of {given.strings:,} strings, in four forms each, as a scan says")
    print(sentence())
    return bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
