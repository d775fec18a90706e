"""Who takes part: each engine in its own best usual set-up, behind one small interface.

A peer builds an index of documents in a folder with so many processes, and opens it; a session
answers questions, each with its exact total and the ids of its first 20 hits.
"""

from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, Protocol

from bench.queries import Question
from searchsvc.engine import Document


class Answer(NamedTuple):
    """What an engine says: total, ids (or document numbers) of the page, counts if asked for."""

    total: int
    ids: Sequence[str | int]
    sources: dict[str, int] | None = None
    timeline: tuple[int, ...] | None = None


class Session(Protocol):
    """An open index."""

    def run(self, question: Question) -> Answer:
        """Answer a question; everything from its words on is part of the measured time."""


class Peer(Protocol):
    """One engine in one set-up. ``sample`` limits its corpus, for engines too slow for all of it."""

    label: str
    note: str
    parallel: bool
    sample: int | None

    def build(self, folder: Path, documents: Iterable[Document], processes: int) -> int:
        """Index the documents on disk, synced and ready to be opened; how many there are."""

    def open(self, folder: Path) -> Session:
        """Open for searching what ``build`` made."""

    def segments(self, folder: Path) -> int:
        """Of how many parts the index is; fewer are searched faster."""

    def answers(self, question: Question) -> bool:
        """Whether this set-up can answer such a question at all."""


# Modules are imported when asked for, so that a child process carries one engine only.
PEERS = {
    "ours": ("bench.peers.ours", "Ours"),
    "tantivy-words": ("bench.peers.tantivy_peer", "Words"),
    "tantivy-terms": ("bench.peers.tantivy_peer", "Terms"),
    "fts5-words": ("bench.peers.fts5", "Words"),
    "fts5-trigram": ("bench.peers.fts5", "Trigrams"),
    "stock": ("bench.peers.stock", "Stock"),
}


def peer(name: str) -> Peer:
    """The peer of a name in ``PEERS``."""
    module, attribute = PEERS[name]
    made: Peer = getattr(import_module(module), attribute)()
    return made
