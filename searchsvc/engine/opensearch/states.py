"""Which indexes of the cluster are this service's, and what each holds: written into its mapping.

Two aliases point to them: the one in use has the service's name, the one kept for ``rollback`` has another.
They change in one call, so that no search falls between two indexes.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from opensearchpy.exceptions import NotFoundError

from searchsvc.engine import Generation
from searchsvc.engine.opensearch import layout
from searchsvc.engine.opensearch.cluster import Cluster
from searchsvc.errors import IndexOutdated, IndexUnavailable, SettingsError

# What our mappings say of themselves; another service's do not.
MADE_BY = "searchsvc"


@dataclass(frozen=True, slots=True)
class State:
    """What an index holds: up to which change of the database, and by which rules.

    ``written``: how many articles were written into it, those that were replaced since included.
    """

    change: int
    count: int
    written: int
    layout: str
    built: int


class States:
    """The indexes named after one service."""

    def __init__(self, cluster: Cluster, name: str, shards: int, replicas: int) -> None:
        self._cluster, self.name = cluster, name
        self.previous_alias = f"{name}-previous"
        self._pattern = f"{name}-g*"
        self._shards, self._replicas = shards, replicas

    def current(self) -> str | None:
        """The index in use. Raises SettingsError when the name is somebody else's."""
        return self._pointed(self.name)

    def previous(self) -> str | None:
        """The index kept for ``rollback``."""
        return self._pointed(self.previous_alias)

    def _pointed(self, alias: str) -> str | None:
        found = self._ask_for(lambda client: client.indices.get_alias(name=alias))
        return max(found) if found else None

    def read(self, index: str) -> State:
        """What an index holds. Raises IndexOutdated, IndexUnavailable; SettingsError if it is not ours."""
        found = self._ask_for(lambda client: client.indices.get_mapping(index=index))
        if not found:
            raise IndexUnavailable(f"The cluster has no index {index}; run 'flask reindex'")
        return self._state(index, found[index]["mappings"])

    def _state(self, index: str, mapping: Any) -> State:
        meta = mapping.get("_meta", {})
        if meta.get("made_by") != MADE_BY:
            raise SettingsError(
                f"The index {index} in the cluster was made by something else; set "
                "SEARCHSVC_OPENSEARCH_INDEX to a name that is free"
            )
        state = State(**meta["state"])
        if state.layout != layout.VERSION:
            raise IndexOutdated(
                f"The index {index} was made with terms {state.layout}, this program has {layout.VERSION}; "
                "run 'flask reindex'"
            )
        return state

    def write(self, index: str, state: State) -> None:
        """Record what an index holds after a commit."""
        body = {"_meta": {"made_by": MADE_BY, "state": asdict(state)}}
        self._cluster.call(lambda client: client.indices.put_mapping(index=index, body=body))

    def create(self) -> str:
        """Make an index, empty and not in use; its name."""
        self.put_template()
        number = max((int(name.rsplit("-g", 1)[1][:4]) for name in self.all()), default=0)
        index = f"{self.name}-g{(number + 1) % 10_000:04d}-{time.strftime('%Y%m%dt%H%M%S', time.gmtime())}"
        state = State(0, 0, 0, layout.VERSION, int(time.time()))
        # Copies are made when all is there: that is sooner than to write everything twice.
        body = {
            "settings": {"index": {"number_of_replicas": 0}},
            "mappings": {"_meta": {"made_by": MADE_BY, "state": asdict(state)}},
        }
        self._cluster.call(lambda client: client.indices.create(index=index, body=body))
        return index

    def put_template(self) -> None:
        """Tell the cluster how indexes of ours are made."""
        body = {
            # Not of a service whose name only begins with ours.
            "index_patterns": [f"{self.name}-g{digit}*" for digit in range(10)],
            "template": {
                "settings": layout.settings(self._shards, self._replicas),
                "mappings": layout.mappings(),
            },
            "_meta": {"made_by": MADE_BY},
        }
        self._cluster.call(lambda client: client.indices.put_index_template(name=self.name, body=body))

    def copy(self, index: str) -> None:
        """Have the replicas made, and wait for them, so far as there are nodes to have them."""
        settings = {"index": {"number_of_replicas": self._replicas}}
        waiting = {"wait_for_no_initializing_shards": "true", "wait_for_status": "yellow", "timeout": "600s"}
        self._cluster.call(lambda client: client.indices.put_settings(index=index, body=settings))
        self._cluster.call(
            lambda client: client.cluster.health(index=index, params=waiting | {"request_timeout": 620})
        )

    def all(self) -> list[str]:
        """All indexes named after the service."""
        found = self._ask_for(lambda client: client.indices.get_alias(index=self._pattern))
        # The pattern would also find those of a service whose name begins with ours.
        ours = re.compile(rf"{re.escape(self.name)}-g\d{{4}}-\d{{8}}t\d{{6}}")
        return sorted(filter(ours.fullmatch, found))

    def point(self, current: str | None, previous: str | None) -> None:
        """Put these two in use and aside, in one call."""
        actions: list[dict[str, Any]] = []
        for alias, index in ((self.name, current), (self.previous_alias, previous)):
            before = self._pointed(alias)
            if before is not None and before != index:
                actions.append({"remove": {"index": before, "alias": alias}})
            if index is not None and before != index:
                actions.append({"add": {"index": index, "alias": alias}})
        if actions:
            self._cluster.call(lambda client: client.indices.update_aliases(body={"actions": actions}))

    def sweep(self) -> None:
        """Remove what nothing points to."""
        self.remove(set(self.all()) - {self.current(), self.previous()})

    def remove(self, indexes: Iterable[str]) -> None:
        for index in sorted(indexes):
            self._ask_for(lambda client, index=index: client.indices.delete(index=index))

    def describe(self, index: str) -> Generation:
        """An index as others may know it."""
        state = self.read(index)
        stats = self._cluster.call(lambda client: client.indices.stats(index=index, metric="store"))
        size = stats["_all"]["primaries"].get("store", {}).get("size_in_bytes", 0)
        return Generation(index, state.count, state.change, int(size), state.built)

    def verify(self) -> None:
        """Raise SettingsError when the service's names belong to something else."""
        found = self._ask_for(lambda client: client.indices.get_mapping(index=self.name))
        for index, made in found.items():
            try:
                self._state(index, made["mappings"])
            except IndexOutdated:
                continue  # Ours, of another release: whoever searches is told so.

    def _ask_for(self, ask: Any) -> Any:
        """What the cluster has of something; nothing where it has none."""

        def asked(client: Any) -> Any:
            try:
                return ask(client)
            except NotFoundError:
                return {}

        return self._cluster.call(asked)


def advanced(state: State, change: int, count: int, more: int) -> State:
    """A state after some more articles were written."""
    return replace(state, change=change, count=count, written=state.written + more)
