"""Suggestions, measured on the archive in force: how quick they are, and how often they are right.

``python -m bench.suggest``, with ``SEARCHSVC_DATA_DIR`` and ``SEARCHSVC_INDEX_DIR`` naming a service that
has ingested some archive (``flask ingest …/articles.jsonl.gz``). Prints five tables:

- completions of the beginnings, 1 to 3 characters, of the first word of titles: time, and how often that
  word, or one that begins with it, is among the 8;
- names and title words in which one character is damaged so that nothing is found: how often the
  original is offered first, and at all;
- names and title words as they are: how often something is offered beside them, of any, and of those
  that one or two articles have;
- what is left of titles and sentences (``known_items``), as it is: the same, and the time it adds to a
  search;
- similar articles: time.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import rjieba

import config
from bench import known_items
from searchsvc.search.request import Request
from searchsvc.search.search import Corrector
from searchsvc.service import Service, open_service
from searchsvc.settings import load_settings
from searchsvc.suggest.complete import complete
from searchsvc.suggest.confusable import load_confusable
from searchsvc.suggest.lookup import Lookup
from searchsvc.suggest.names import load_names
from searchsvc.suggest.similar import similar
from searchsvc.text.fold import fold

SEED, COUNT = 7, 300
# A word in fewer articles is no fair question: less than 5 times nothing is to be gained.
FEWEST = 10


@dataclass(frozen=True)
class Asked:
    """A query asked: what all its words find, what is offered, and how long looking for that took."""

    found: int
    offered: tuple[str, ...]
    milliseconds: float


class Bench:
    """A service, and what is drawn from it, the same in every run."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.lookup = Lookup(service.store, service.engine, service.settings.names)
        self.chance = random.Random(SEED)
        ids = sorted(service.store.ids())
        self.ids = self.chance.sample(ids, min(len(ids), 5_000))
        self.titles = [title for title in service.store.titles(self.ids).values() if title]
        pieces = (piece for title in self.titles for piece in rjieba.cut(fold(title)))
        self.words = sorted({piece for piece in pieces if 2 <= len(piece) <= 4 and _is_han(piece)})
        self.chance.shuffle(self.words)
        self.names = [name for name in load_names(service.settings.names).written if len(name) <= 5]
        self.chance.shuffle(self.names)
        self.milliseconds = 0.0
        service.search.correct = self._timed(service.search.correct)
        self.ask("渡侖")  # Reading the tables is no query's doing.

    def _timed(self, correct: Corrector | None) -> Corrector:
        """A corrector that notes how long it took."""
        assert correct is not None

        def timed(*arguments: Any) -> tuple[str, ...]:
            began = time.perf_counter()
            offered = correct(*arguments)
            self.milliseconds = (time.perf_counter() - began) * 1000
            return offered

        return timed

    def ask(self, q: str) -> Asked:
        """What is offered beside a query."""
        page = self.service.search.search(Request(q=q, page_size="1"))
        found = page.total if page.asked.matched == "all" else 0
        return Asked(found, page.asked.did_you_mean, self.milliseconds)

    def damaged(self, word: str, kind: str) -> str | None:
        """A word with one character exchanged, so that nothing is found; None if that cannot be."""
        confusable = load_confusable()
        others = confusable.looking_like if kind == "shape" else confusable.sounding_like
        for _ in range(20):
            at = self.chance.randrange(len(word))
            choice = list(others(word[at]))[:40]
            if choice:
                wrong = word[:at] + self.chance.choice(choice) + word[at + 1 :]
                if self.ask(wrong).found == 0:
                    return wrong
        return None


def _is_han(text: str) -> bool:
    return all("\u4e00" <= char <= "\u9fff" for char in text)


def completions(bench: Bench) -> None:
    lookup = bench.lookup
    for length in (1, 2, 3):
        times, right, asked = [], 0, 0
        for title in bench.titles:
            word = rjieba.cut(fold(title))[0]
            if len(word) <= length or not _is_han(word) or asked == COUNT:
                continue
            asked += 1
            typed = title[:length]
            began = time.perf_counter()
            found = complete(typed, 8, lookup)
            times.append((time.perf_counter() - began) * 1000)
            right += any(fold(one.text).startswith(word) for one in found)
        print(f"complete, {length} typed   n {asked}  with the word {right / asked:.0%}  {_times(times)}")


def mended(bench: Bench) -> None:
    for group, words in (("names", bench.names), ("words", bench.words)):
        for kind in ("sound", "shape"):
            asked = [
                (word, bench.ask(wrong))
                for word, wrong in _first(COUNT // 2, words, lambda word, kind=kind: _fair(bench, word, kind))
            ]
            first = sum(answer.offered[:1] == (word,) for word, answer in asked) / len(asked)
            among = sum(word in answer.offered for word, answer in asked) / len(asked)
            times = _times([answer.milliseconds for _, answer in asked])
            print(
                f"damaged {group} by {kind}  n {len(asked)}  first {first:.0%}  among 3 {among:.0%}  {times}"
            )


def _fair(bench: Bench, word: str, kind: str) -> str | None:
    return bench.damaged(word, kind) if bench.lookup.count(word) >= FEWEST else None


def _first(count: int, words: list[str], make: Callable[[str], str | None]) -> Iterator[tuple[str, str]]:
    """The first so many words of which something can be made, with what was made."""
    for word in words:
        if count and (made := make(word)) is not None:
            count -= 1
            yield word, made


def left_alone(bench: Bench) -> None:
    answers = [bench.ask(word) for word in (*bench.names[: COUNT // 2], *reversed(bench.words))]
    names_and_words = [answer for answer in answers if answer.found][:COUNT]
    rare = [answer for answer in answers if 0 < answer.found < 3][:COUNT]
    for group, asked in (("any", names_and_words), ("in 1 or 2 articles", rare)):
        wrongly = sum(bool(answer.offered) for answer in asked)
        print(f"correct, {group}  n {len(asked)}  something offered {wrongly}")


def long_queries(bench: Bench) -> None:
    rows = [
        {"id": each.id, "title": each.title, "text": each.text}
        for each in bench.service.store.get_many(bench.ids).values()
    ]
    made = list(islice(known_items.queries(rows, bench.chance), 4 * COUNT))
    for kind in known_items.KINDS:
        answers = [bench.ask(text) for made_kind, text, _ in made if made_kind == kind]
        times = _times([answer.milliseconds for answer in answers])
        wrongly = sum(bool(answer.offered) for answer in answers)
        print(f"{kind} queries  n {len(answers)}  something offered {wrongly}  {times}")


def others(bench: Bench) -> None:
    times = []
    for article in bench.service.store.get_many(bench.ids[:COUNT]).values():
        began = time.perf_counter()
        similar(article, 10, bench.lookup)
        times.append((time.perf_counter() - began) * 1000)
    print(f"similar  n {len(times)}  {_times(times)}")


def _times(times: list[float]) -> str:
    ordered = sorted(times)
    return f"p50 {ordered[len(ordered) // 2]:.1f} ms  p95 {ordered[len(ordered) * 95 // 100]:.1f} ms"


def main() -> None:
    bench = Bench(open_service(load_settings(vars(config), os.environ)))
    print(f"{bench.service.store.count():,} articles")
    for measure in (completions, mended, left_alone, long_queries, others):
        measure(bench)


if __name__ == "__main__":
    main()
