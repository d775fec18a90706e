"""This project's engine, through the interface that the service uses."""

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from whoosh.query import And, Or, Query

from bench.peers import Answer
from bench.queries import EDGES, LIMIT, Question
from searchsvc.engine import TITLE_BOOST, Document, Plan
from searchsvc.engine.local import LocalEngine
from searchsvc.engine.strings import ExactString


class Ours:
    """``LocalEngine`` as the service has it; a word is an exact string in title or body."""

    label = "this project"
    note = "LocalEngine; every word and string exact, in both scripts"
    sample: int | None = None

    @property
    def parallel(self) -> bool:
        return "processes" in _parameters(LocalEngine) | _parameters(LocalEngine.build)

    def build(self, folder: Path, documents: Iterable[Document], processes: int) -> int:
        wanted: dict[str, Any] = {"processes": processes}
        made = {name: value for name, value in wanted.items() if name in _parameters(LocalEngine)}
        given = {name: value for name, value in wanted.items() if name in _parameters(LocalEngine.build)}
        engine = LocalEngine(folder, **made)
        generation = engine.build(documents, 1, **given)
        engine.switch(generation.name)
        return generation.count

    def open(self, folder: Path) -> "OurSession":
        return OurSession(LocalEngine(folder))

    def segments(self, folder: Path) -> int:
        from whoosh.index import open_dir

        return len(open_dir(LocalEngine(folder).generations.current())._segments())

    def answers(self, question: Question) -> bool:
        return True


class OurSession:
    """Questions as plans."""

    def __init__(self, engine: LocalEngine) -> None:
        self.engine = engine

    def run(self, question: Question) -> Answer:
        plan = Plan(
            _tree(question),
            since=question.since,
            before=question.before,
            order="newest" if question.newest else "relevance",
            limit=LIMIT,
            count_sources=question.facets,
            timeline_edges=EDGES if question.facets else (),
        )
        found = self.engine.run(plan)
        return Answer(found.total, [hit.id for hit in found.hits], found.sources, found.timeline)


def _tree(question: Question) -> Query:
    nodes = [_word(word) for word in question.words]
    if len(nodes) == 1:
        return nodes[0]
    return Or(nodes) if question.what == "or" else And(nodes)


def _word(word: str) -> Query:
    return Or([ExactString("title", word, boost=TITLE_BOOST), ExactString("body", word)])


def _parameters(function: Callable[..., Any]) -> set[str]:
    return set(inspect.signature(function).parameters)
