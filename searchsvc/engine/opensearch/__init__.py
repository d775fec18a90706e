"""The engine of several machines: an OpenSearch cluster, asked what the engine of one machine is asked.

What it answers is the same, from the same terms: ``layout`` has the fields, ``dsl`` says a plan,
``searching`` asks it. An index is written in bulk (``bulk``), by one writer at a time over all machines
(``leases``), and put in use by an alias (``states``). Who writes refreshes when all is there, so a commit is
seen as a whole.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from whoosh.query import Or

from searchsvc.engine import FIELDS, Document, Found, Generation, Plan, Space
from searchsvc.engine.opensearch import bulk, searching
from searchsvc.engine.opensearch.cluster import Address, Cluster
from searchsvc.engine.opensearch.leases import Leases
from searchsvc.engine.opensearch.searching import Asking, Measured
from searchsvc.engine.opensearch.states import States, advanced
from searchsvc.engine.strings import ExactString
from searchsvc.errors import IndexUnavailable

BUILDER, WRITER = "builder", "writer"
WRITER_SECONDS, BUILDER_SECONDS = 60.0, 3.0
# What is known of the index in use is asked anew after so long, or when we have changed it ourselves.
KNOWN_SECONDS = 1.0
# While segments are merged an index takes so many times the room that it takes when it is done.
BUILDING = 2.5


@dataclass(frozen=True, slots=True)
class Known:
    """The index in use as it was at a moment."""

    until: float
    generation: Generation
    measured: Measured


class OpenSearchEngine:
    """An ``Engine`` in a cluster. Asks nothing of it until first asked.

    ``name`` is that of its indexes and aliases. A search that takes longer than ``budget_seconds`` on a shard
    is stopped with BudgetExceeded.
    """

    def __init__(
        self,
        address: Address,
        name: str,
        shards: int = 1,
        replicas: int = 1,
        budget_seconds: float | None = 2.0,
    ) -> None:
        self.cluster = Cluster(address)
        self.states = States(self.cluster, name, shards, replicas)
        self._leases = Leases(self.cluster, f"{name}-leases")
        self._budget_seconds = budget_seconds
        self._known: Known | None = None
        self._asking = threading.Lock()

    def verify(self) -> None:
        """Raise SettingsError when the cluster cannot be used: who asks, its certificate, its version, or
        an index of somebody else's under our name. Raises IndexUnavailable when it does not answer."""
        self.cluster.verify()
        self.states.verify()

    # Asking.

    def run(self, plan: Plan) -> Found:
        known = self._in_use()
        budget = None if plan.unhurried else self._budget_seconds
        return Asking(self.cluster, known.generation.name, plan, known.measured, budget).found()

    def count(self, text: str, least: int = 1) -> int:
        query = Or([ExactString(name, text) for name in FIELDS])
        return self.run(Plan(query, order="newest", limit=0)).total

    def current(self) -> Generation | None:
        if self._leases.holds(WRITER):
            index = self.states.current()
            return self.states.describe(index) if index else None
        with suppress(_NoIndexError):
            return self._in_use().generation
        return None

    def describe(self, generation: str) -> Generation:
        """An index at its newest commit."""
        return self.states.describe(generation)

    def previous(self) -> Generation:
        index = self.states.previous()
        if index is None:
            raise IndexUnavailable("There is no earlier index to go back to")
        return self.states.describe(index)

    def at(self, generation: str) -> "Fixed":
        """An index, in use or not, to be asked."""
        return Fixed(self.cluster, generation, searching.measure(self.cluster, generation))

    def ids(self, generation: str | None = None) -> Iterator[str]:
        yield from searching.ids(self.cluster, generation or self._in_use().generation.name)

    def check(self, generation: str | None = None) -> None:
        """Raise IndexUnavailable unless an index has what it was given; the one in use and the one kept."""
        indexes = [generation] if generation else [self.states.current(), self.states.previous()]
        for index in filter(None, indexes):
            told, found = self.states.read(index).count, searching.measure(self.cluster, index).documents
            if told != found:
                raise IndexUnavailable(
                    f"The index {index} has {found:,} articles, and {told:,} were written; "
                    "run 'flask reindex'"
                )

    def space(self) -> Space:
        """The room on the disks of the cluster."""
        rows = self.cluster.call(
            lambda client: client.cat.allocation(params={"format": "json", "bytes": "b"})
        )
        free = sum(int(row["disk.avail"] or 0) for row in rows)
        return Space("the cluster", free, BUILDING)

    def _in_use(self) -> Known:
        """The index in use. Raises IndexUnavailable when there is none."""
        with self._asking:
            known = self._known
            if known is None or known.until < time.monotonic():
                index = self.states.current()
                if index is None:
                    raise _NoIndexError("There is no index yet; 'flask ingest' or 'flask reindex' makes one")
                generation = self.states.describe(index)
                measured = searching.measure(self.cluster, index)
                self._known = known = Known(time.monotonic() + KNOWN_SECONDS, generation, measured)
        return known

    # Writing.

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold off other writers, on whatever machine, for several writes and a switch."""
        with self._leases.hold(WRITER, WRITER_SECONDS):
            yield
        self._known = None

    @contextmanager
    def building(self, wait_seconds: float = BUILDER_SECONDS) -> Iterator[None]:
        """Hold off other builders. An index that is not in use at the end goes."""
        nested = self._leases.holds(BUILDER)
        with self._leases.hold(BUILDER, wait_seconds):
            try:
                yield
            finally:
                if not nested:
                    with suppress(IndexUnavailable):  # It goes at the next build.
                        self.states.sweep()

    def write(self, documents: Sequence[Document], change: int, generation: str | None = None) -> None:
        with self.writing():
            index = generation or self._writable()
            state = self.states.read(index)
            written = bulk.write(self.cluster, index, documents, state.written)
            self._commit(index, change, written)

    def build(self, documents: Iterable[Document], change: int) -> Generation:
        with self._leases.hold(BUILDER, wait_seconds=0):
            self.states.sweep()
            index = self.states.create()
            written = bulk.write(self.cluster, index, documents)
            self.cluster.call(
                lambda client: client.indices.flush(index=index, params={"request_timeout": 600})
            )
            self.states.copy(index)
            self._leases.confirm(BUILDER)
            self._commit(index, change, written)
            return self.states.describe(index)

    def _writable(self) -> str:
        index = self.states.current()
        if index is None:
            raise IndexUnavailable("There is no index yet; 'flask ingest' or 'flask reindex' makes one")
        return index

    def _commit(self, index: str, change: int, written: int) -> None:
        """Show what was written, and record up to which change that is."""
        self.cluster.call(lambda client: client.indices.refresh(index=index))
        count = searching.measure(self.cluster, index).documents
        if self._leases.holds(WRITER):
            self._leases.confirm(WRITER)
        self.states.write(index, advanced(self.states.read(index), change, count, written))
        self._known = None

    def switch(self, generation: str) -> None:
        with self.writing(), self.building():
            self._leases.confirm(BUILDER)
            self.states.point(generation, self._worth_keeping())

    def _worth_keeping(self) -> str | None:
        """The index in use, unless it is damaged: nobody goes back to that."""
        index = self.states.current()
        try:
            if index:
                self.check(index)
        except IndexUnavailable:
            return None
        return index

    def rollback(self) -> Generation:
        with self.writing():
            index = self.previous().name
            self.states.point(index, self.states.current())
            return self.states.describe(index)

    @contextmanager
    def let_go(self) -> Iterator[None]:
        """Have no index in use from here on, since its database is about to be replaced.

        If that fails, it is in use again. Call it holding off other writers.
        """
        current, previous = self.states.current(), self.states.previous()
        self.states.point(None, None)
        try:
            yield
        except BaseException:
            self.states.point(current, previous)
            raise


@dataclass(frozen=True, slots=True)
class Fixed:
    """One index as it was when it was counted."""

    cluster: Cluster
    index: str
    measured: Measured

    def run(self, plan: Plan) -> Found:
        """What the plan finds, however long that takes."""
        return Asking(self.cluster, self.index, plan, self.measured, None).found()


class _NoIndexError(IndexUnavailable):
    """There is none, which is no fault of the cluster's."""


def engine_of(urls: str, authorities: Path | None, name: str, shards: int, replicas: int) -> OpenSearchEngine:
    """The engine of these settings; ``urls`` are those of one or several nodes, parted by commas."""
    addresses = tuple(part.strip() for part in urls.split(",") if part.strip())
    return OpenSearchEngine(Address(addresses, authorities), name, shards, replicas)
