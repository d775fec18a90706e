"""What has been handed to ingest, what of it was acknowledged, and what a search must answer therefore."""

import json
import random
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from searchsvc.store.articles import ArticleStore
from searchsvc.text.contains import fenced

# Every article of ours has it, and no other.
OURS = "守夜记第"
ALPHABET = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"


def mark(number: int, version: int) -> str:
    """What one version of one article says, and nothing else does."""
    return f"{OURS}{number}则稿{version}"


def line(number: int, version: int) -> str:
    """An article as a line of JSON Lines."""
    chance = random.Random(number * 1000 + version)
    text = f"{mark(number, version)}。{''.join(chance.choices(ALPHABET, k=300))}。"
    address = f"https://night.example/{number}"
    return json.dumps({"title": f"第{number}题", "url": address, "source": "夜报", "text": text})


@dataclass(frozen=True, slots=True)
class Known:
    """How things stood at one moment: versions by article, and the most that any search has found so far."""

    acknowledged: dict[int, int]
    submitted: dict[int, int]
    found: int


class Ledger:
    """Shared by whoever ingests and whoever asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._acknowledged: dict[int, int] = {}
        self._submitted: dict[int, int] = {}
        self._found = 0

    def known(self) -> Known:
        with self._lock:
            return Known(dict(self._acknowledged), dict(self._submitted), self._found)

    def submit(self, versions: dict[int, int]) -> None:
        """Say what is about to be ingested."""
        with self._lock:
            self._submitted.update(versions)

    def acknowledge(self, versions: dict[int, int]) -> None:
        """Say what an ingest that ended well had."""
        with self._lock:
            self._acknowledged.update(versions)

    def saw(self, total: int) -> None:
        """A search found so many of ours."""
        with self._lock:
            self._found = max(self._found, total)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. ``number`` and ``version``: of one of our articles; ``total``: of others' articles."""

    q: str
    number: int | None = None
    version: int = 0
    total: int | None = None


def question(chance: random.Random, known: Known, strings: dict[str, int]) -> Question:
    """One of the kinds of question."""
    kind = chance.randrange(5)
    if kind == 0:
        string = chance.choice(list(strings))
        return Question(string, total=strings[string])
    if kind == 1 or not known.acknowledged:
        return Question(OURS)
    if kind == 2:  # Nobody has heard of it, or ever will.
        return Question(mark(10_000_000 + chance.randrange(1000), 0), total=0)
    number = chance.choice(list(known.acknowledged))
    version = known.acknowledged[number] + (kind == 4)  # The one in force, or one that is still to come.
    return Question(mark(number, version), number, version)


def wrong(asked: Question, total: int, before: Known, after: Known) -> str | None:
    """What is wrong with an answer, given what was known before the question and after the answer."""
    least, most = _allowed(asked, before, after)
    if least <= total <= most:
        return None
    return f"{asked.q}: {total} found, {least} to {most} are right"


def _allowed(asked: Question, before: Known, after: Known) -> tuple[int, int]:
    if asked.total is not None:
        return asked.total, asked.total
    if asked.number is None:
        return max(len(before.acknowledged), before.found), len(after.submitted)
    # One version of an article is found as long as no later one has been handed in.
    was, is_ = before.acknowledged.get(asked.number, -1), after.submitted.get(asked.number, -1)
    return int(was == is_ == asked.version), int(was <= asked.version <= is_)


def strings_of(store: ArticleStore, chance: random.Random, count: int) -> dict[str, int]:
    """Strings cut out of the articles in a database, and how many contain each, by a plain scan."""
    texts = [f"{fenced(article.title)}\0{fenced(article.text)}" for article in store.all()]
    cut = dict.fromkeys(_cut(text, chance) for text in chance.choices(texts, k=count * 2))
    usable = [string for string in cut if len(string) >= 3 and set(string) - set(ALPHABET) - set(OURS)]
    return {string: _count(string, texts) for string in usable[:count]}


def _cut(text: str, chance: random.Random) -> str:
    """Some Han characters in a row; what is quoted must have no quotation marks in it."""
    start = chance.randrange(len(text))
    string = text[start : start + chance.randint(3, 8)]
    return string if all("一" <= char <= "鿿" for char in string) else ""


def _count(string: str, texts: Iterable[str]) -> int:
    return sum(string in text for text in texts)
