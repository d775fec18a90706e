"""One writer and one builder at a time, over all machines: a document that only one can create.

Whoever holds it renews it; one that is not renewed is taken over. A holder looks whether it is still the
holder before what it wrote counts, so one that slept too long spoils nothing.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from opensearchpy.exceptions import ConflictError, NotFoundError, OpenSearchException

from searchsvc.engine.opensearch.cluster import Cluster
from searchsvc.errors import IndexBusy

# A lease ends so long after it was last renewed; clocks of machines must agree better than that.
LEASE_SECONDS = 30.0
RENEWED_EVERY = LEASE_SECONDS / 5
LOOK_AGAIN_SECONDS = 0.2


class Leases:
    """The leases of one service's index, in an index of their own. Once held, again for free."""

    def __init__(self, cluster: Cluster, index: str) -> None:
        self._cluster, self._index = cluster, index
        self._threads = threading.RLock()
        self._held: dict[str, str] = {}
        self._made = False

    def holds(self, kind: str) -> bool:
        """Whether it is us who hold a lease."""
        return kind in self._held

    @contextmanager
    def hold(self, kind: str, wait_seconds: float) -> Iterator[None]:
        """Hold one. Raises IndexBusy that names who has it, IndexUnavailable when nobody can tell."""
        with self._threads:
            if kind in self._held:
                yield
                return
            self._held[kind] = self._taken(kind, wait_seconds)
            done = threading.Event()
            renewing = threading.Thread(target=self._renew, args=(kind, done), daemon=True)
            renewing.start()
            try:
                yield
            finally:
                done.set()
                renewing.join()
                self._give_back(kind, self._held.pop(kind))

    def confirm(self, kind: str) -> None:
        """Raise IndexBusy unless we still hold a lease that we took."""
        there = self._read(kind)
        if there is None or there["_source"]["token"] != self._held.get(kind):
            raise IndexBusy(f"Somebody else took the {kind} lease meanwhile; run the command again")

    def _taken(self, kind: str, wait_seconds: float) -> str:
        self._make_index()
        deadline, token = time.monotonic() + wait_seconds, uuid4().hex
        while True:
            there = self._read(kind)
            # Ours already, if an answer got lost and the client asked a second time.
            if there is not None and there["_source"]["token"] == token:
                return token
            if there is None or _is_over(there["_source"]):
                if self._put(kind, token, there):
                    return token
            elif time.monotonic() > deadline:
                raise IndexBusy(
                    f"{there['_source']['owner']} is at work on the index ({kind}); try again later"
                )
            else:
                time.sleep(LOOK_AGAIN_SECONDS)

    def _make_index(self) -> None:
        """Make the index where there is none: a cluster need not make them by itself."""
        if self._made:
            return
        # A copy of it wherever there is a second node.
        body = {"settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}}}
        self._cluster.call(lambda client: client.indices.create(index=self._index, body=body, ignore=400))
        self._made = True

    def _read(self, kind: str) -> Any:
        """The lease as it is; None where there is none."""

        def get(client: Any) -> Any:
            try:
                return client.get(index=self._index, id=kind)
            except NotFoundError:
                return None

        return self._cluster.call(get)

    def _put(self, kind: str, token: str, before: Any) -> bool:
        """Take a lease that nobody has, or that was in this state; whether we were the first."""
        params = {"op_type": "create"} if before is None else _unchanged(before)

        def put(client: Any) -> bool:
            try:
                client.index(index=self._index, id=kind, body=_lease(token), params=params)
            except ConflictError:
                return False
            return True

        return self._cluster.call(put)

    def _renew(self, kind: str, done: threading.Event) -> None:
        while not done.wait(RENEWED_EVERY):
            try:
                there = self._cluster.client.get(index=self._index, id=kind)
                if there["_source"]["token"] != self._held.get(kind):
                    return
                body, params = _lease(self._held[kind]), _unchanged(there)
                self._cluster.client.index(index=self._index, id=kind, body=body, params=params)
            except (OpenSearchException, KeyError):
                # Renewed at the next turn, or lost: ``confirm`` tells.
                continue

    def _give_back(self, kind: str, token: str) -> None:
        try:
            there = self._cluster.client.get(index=self._index, id=kind)
            if there["_source"]["token"] == token:
                self._cluster.client.delete(index=self._index, id=kind, params=_unchanged(there))
        except OpenSearchException:
            return  # It ends by itself.


def _lease(token: str) -> dict[str, Any]:
    host, process = socket.gethostname(), os.getpid()
    return {
        "token": token,
        "owner": f"process {process} on {host}",
        "host": host,
        "process": process,
        "until": time.time() + LEASE_SECONDS,
    }


def _unchanged(there: Any) -> dict[str, Any]:
    return {"if_seq_no": there["_seq_no"], "if_primary_term": there["_primary_term"]}


def _is_over(lease: Any) -> bool:
    """Whether a lease has ended, or its holder has: on our own machine that can be seen at once."""
    if lease["until"] < time.time():
        return True
    if lease["host"] != socket.gethostname() or lease["process"] == os.getpid():
        return False
    try:
        os.kill(lease["process"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
