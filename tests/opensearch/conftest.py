"""A cluster for the tests of this folder, started once."""

from collections.abc import Iterator
from itertools import count

import pytest

from searchsvc.engine.opensearch import OpenSearchEngine
from searchsvc.engine.opensearch.cluster import Address
from tests.opensearch.nodes import Nodes, running

NUMBERS = count()


@pytest.fixture(scope="session")
def nodes() -> Iterator[Nodes]:
    """Two nodes; tests that kill one have a cluster of their own."""
    with running(2) as there:
        yield there


@pytest.fixture
def name() -> str:
    """A name for indexes that no other test has."""
    return f"test{next(NUMBERS)}"


@pytest.fixture
def engine(nodes: Nodes, name: str) -> OpenSearchEngine:
    """An engine in the cluster, without an index."""
    return engine_in(nodes, name)


def engine_in(nodes: Nodes, name: str) -> OpenSearchEngine:
    """An engine of this name, in two shards with a copy of each."""
    return OpenSearchEngine(
        Address(tuple(nodes.urls.split(","))), name, shards=2, replicas=1, budget_seconds=None
    )
