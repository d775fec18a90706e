"""A judged set → how well the search answers it, in the usual figures.

In: a folder with documents, queries and judgements (which document answers which query, and how
well). Out: MRR@10, nDCG@10, recall and times. The documents become articles in an index of their
own in a temporary folder, by the same steps as any article, and each query is asked as the API
would ask it. Only the arithmetic of the figures is here.

``docs.jsonl``: ``id``, ``title``, ``text`` in each line. ``queries.jsonl``: ``id``, ``text``.
``qrels.tsv``: query, anything, document, grade (0: no answer), as TREC has it. Each may be
compressed (``.gz``).
"""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import log2
from pathlib import Path
from statistics import fmean, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, time
from typing import Any, Literal
from zoneinfo import ZoneInfo

from searchsvc.article import Article, Entry, Source
from searchsvc.errors import EntryError, QueryError, SourceError
from searchsvc.ingest.compose import compose
from searchsvc.ingest.index import rebuild
from searchsvc.search.request import Request
from searchsvc.search.search import Search
from searchsvc.service import Service, open_service
from searchsvc.settings import Settings
from searchsvc.store.articles import Write

DOCS, QUERIES, QRELS = "docs.jsonl", "queries.jsonl", "qrels.tsv"
# How far down the hits are looked at.
TOP, DEPTH = 10, 100
JUDGED = Source("judged", "judged")

Grades = Mapping[str, int]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Entries by their document's id, queries by theirs, and each query's grades by document."""

    name: str
    docs: dict[str, Entry]
    queries: dict[str, str]
    grades: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Ranking:
    """What one query brought: the ids of documents, best first; and in how many milliseconds."""

    docs: tuple[str, ...]
    matched: Literal["all", "some", "none"]
    took_ms: float


@dataclass(frozen=True, slots=True)
class Figures:
    """How well a judged set was answered: means over its judged queries; times of one query."""

    name: str
    docs: int
    queries: int
    mrr_10: float
    ndcg_10: float
    recall_10: float
    recall_100: float
    p50_ms: float
    p95_ms: float
    all: int
    some: int
    none: int


def read_judged(folder: Path) -> JudgedSet:
    """The judged set of a folder. Raises SourceError, which names the file and the line."""
    docs = {key: _entry(values, place) for key, values, place in _objects(folder, DOCS)}
    queries = {key: _text(values, "text", place) for key, values, place in _objects(folder, QUERIES)}
    grades: dict[str, dict[str, int]] = {}
    for place, line in _lines(folder, QRELS):
        query, document, grade = _judgement(line, place)
        for kind, key, known in (("query", query, queries), ("document", document, docs)):
            if key not in known:
                raise SourceError(f"{place}: there is no {kind} {key!r}")
        grades.setdefault(query, {})[document] = grade
    answered = {query: graded for query, graded in grades.items() if max(graded.values()) > 0}
    if not answered:
        raise SourceError(f"{folder / QRELS}: no query has a document that answers it")
    return JudgedSet(folder.name, docs, queries, answered)


def evaluate(judged: JudgedSet, settings: Settings, progress: Progress = lambda _: None) -> Figures:
    """Index a judged set in a temporary folder and ask its queries.

    A query without an answer among the documents is not asked: no ranking of it is better than
    another. ``progress`` is told how many were asked. Raises SourceError for a document that cannot
    be an article.
    """
    rankings: dict[str, Ranking] = {}
    with indexed(judged, settings) as (service, keys):
        for number, query in enumerate(judged.grades, start=1):
            rankings[query] = ask(service.search, judged.queries[query], keys)
            progress(number)
    return _figures(judged, rankings)


@contextmanager
def indexed(judged: JudgedSet, settings: Settings) -> Iterator[tuple[Service, dict[str, str]]]:
    """A service with a judged set's documents in it, as long as it is needed, and article → document.

    Raises SourceError for a document that cannot be an article.
    """
    articles = {key: _article(entry, settings.timezone) for key, entry in judged.docs.items()}
    with TemporaryDirectory(prefix="searchsvc-eval-") as folder:
        places = {"data_dir": Path(folder, "data"), "index_dir": Path(folder, "index"), "engine": "whoosh"}
        service = open_service(settings.model_copy(update=places))
        service.store.put(map(Write, articles.values()))
        rebuild(service.store, service.engine)
        service.engine.current()  # Opening the index is no query's doing.
        yield service, {article.id: key for key, article in articles.items()}


def ask(search: Search, query: str, keys: Mapping[str, str]) -> Ranking:
    """What a query brings, through the search that all doors go through."""
    began = perf_counter()
    try:
        answer = search.find(Request(q=query, page_size=str(DEPTH)))
    except QueryError:  # Longer than any query may be: the person gets nothing.
        return Ranking((), "none", (perf_counter() - began) * 1000)
    took_ms = (perf_counter() - began) * 1000
    docs = tuple(keys[hit.id] for hit in answer.found.hits)
    return Ranking(docs, answer.matched if docs else "none", took_ms)


def reciprocal_rank(ranked: Sequence[str], grades: Grades, depth: int = TOP) -> float:
    """One over the place of the first document that answers; 0 when none is among the first."""
    places = (place for place, doc in enumerate(ranked[:depth], start=1) if grades.get(doc, 0) > 0)
    return 1 / next(places, float("inf"))


def ndcg(ranked: Sequence[str], grades: Grades, depth: int = TOP) -> float:
    """The grades found, each discounted by log2(place + 1), against the best order there is.

    Järvelin and Kekäläinen 2002, with the grade itself as the gain, as trec_eval counts.
    """
    best = sorted(grades.values(), reverse=True)
    return _discounted([grades.get(doc, 0) for doc in ranked[:depth]]) / _discounted(best[:depth])


def recall(ranked: Sequence[str], grades: Grades, depth: int) -> float:
    """Which part of the documents that answer is among the first."""
    answers = {doc for doc, grade in grades.items() if grade > 0}
    return len(answers.intersection(ranked[:depth])) / len(answers)


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / log2(place + 1) for place, gain in enumerate(gains, start=1))


def _figures(judged: JudgedSet, rankings: Mapping[str, Ranking]) -> Figures:
    pairs = [(ranking.docs, judged.grades[query]) for query, ranking in rankings.items()]
    matched = [ranking.matched for ranking in rankings.values()]
    times = [ranking.took_ms for ranking in rankings.values()]
    twentieths = quantiles(times * 2, n=20, method="inclusive")  # Of a single time, too.
    return Figures(
        name=judged.name,
        docs=len(judged.docs),
        queries=len(rankings),
        mrr_10=fmean(reciprocal_rank(docs, grades) for docs, grades in pairs),
        ndcg_10=fmean(ndcg(docs, grades) for docs, grades in pairs),
        recall_10=fmean(recall(docs, grades, TOP) for docs, grades in pairs),
        recall_100=fmean(recall(docs, grades, DEPTH) for docs, grades in pairs),
        p50_ms=twentieths[9],
        p95_ms=twentieths[18],
        all=matched.count("all"),
        some=matched.count("some"),
        none=matched.count("none"),
    )


def _article(entry: Entry, zone: ZoneInfo) -> Article:
    try:
        return compose(entry, zone=zone, now=int(time()))
    except EntryError as error:
        raise SourceError(str(error)) from error


# Reading.


def _lines(folder: Path, name: str) -> Iterator[tuple[str, str]]:
    """The lines of a file that say something, each with its place: ``…/docs.jsonl:17``."""
    path = next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)
    if path is None:
        raise SourceError(f"{folder}: there is no {name} (or {name}.gz) here")
    empty = True
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if text := _decoded(line, f"{path}:{number}").strip():
                    empty = False
                    yield f"{path}:{number}", text
    except (OSError, EOFError) as error:
        raise SourceError(f"{path}: it cannot be read ({error})") from error
    if empty:
        raise SourceError(f"{path}: it is empty")


def _decoded(line: bytes, place: str) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{place}: it is not UTF-8") from error


def _objects(folder: Path, name: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The objects of a JSON Lines file: id, values, place."""
    seen: set[str] = set()
    for place, line in _lines(folder, name):
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{place}: it is not JSON ({error})") from error
        if not isinstance(values, dict):
            raise SourceError(f"{place}: it is not a JSON object")
        key = _text(values, "id", place)
        if not key.strip():
            raise SourceError(f"{place}: 'id' is empty")
        if key in seen:
            raise SourceError(f"{place}: {key!r} is there twice")
        seen.add(key)
        yield key, values, place


def _text(values: Mapping[str, Any], name: str, place: str) -> str:
    value = values.get(name)
    if not isinstance(value, str):
        raise SourceError(f"{place}: {name!r} is not a text")
    return value


def _entry(values: Mapping[str, Any], place: str) -> Entry:
    """A document as an entry that no other is the same article as."""
    title, text = values.get("title") or "", values.get("text") or ""
    if not isinstance(title, str) or not isinstance(text, str) or not (title + text).strip():
        raise SourceError(f"{place}: 'title' and 'text' have to be texts, and one of them to say something")
    return Entry(origin=place, title=title, guid=str(values["id"]), source=JUDGED, text=text)


def _judgement(line: str, place: str) -> tuple[str, str, int]:
    parts = line.split("\t") if "\t" in line else line.split()
    if len(parts) != 4 or not parts[3].strip().lstrip("-").isdecimal():
        raise SourceError(f"{place}: it is not query, anything, document, grade, with tabs between them")
    return parts[0].strip(), parts[2].strip(), max(0, int(parts[3]))
