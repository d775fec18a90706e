"""The engine in a cluster beside the one of one machine: ``python -m bench.cluster [--sizes 20000 200000]``.

The same articles, from the same database, built into an index of each: how long, how large. Then the
questions of ``bench.load``, one after the other, asked of the whole service in one process, through its HTTP
doors: how long an answer takes, and whether both give the same. The cluster is a real OpenSearch of some
nodes on this machine (tests/opensearch), so it has the same cores as who asks: with machines of its own it is
quicker.
"""

import argparse
import os
import time
from pathlib import Path
from typing import Any

from flask import Flask

from bench.corpus import load
from bench.load import archives, mix, tell
from bench.machine import machine, sentence
from bench.measure import percentiles
from bench.service import opened
from searchsvc.ingest.index import rebuild
from searchsvc.service import Service
from searchsvc.web.app import create_app
from tests.opensearch.nodes import Nodes, running

WARM_UP = 300
ENGINES = ("whoosh", "opensearch")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.cluster", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--nodes", type=int, default=2)
    parser.add_argument("--heap", default="2g", help="of each node")
    parser.add_argument("--shards", type=int, default=2)
    parser.add_argument("--questions", type=int, default=1_200)
    parser.add_argument("--work", type=Path, help="where to keep data and index for the next time")
    parser.add_argument("--keep", action="store_true", help="write the figures to bench/results")
    given = parser.parse_args()
    with running(given.nodes, given.heap) as nodes:
        for folder, size in archives(given.sizes, given.work):
            figures = measured(folder, size, nodes, given.shards, given.questions)
            tell("cluster", size, figures, keep=given.keep)


def measured(folder: Path, size: int, nodes: Nodes, shards: int, count: int) -> dict[str, Any]:
    """All figures of one size."""
    print(f"{size:,} articles; {sentence()}; {len(nodes.each)} nodes", flush=True)
    variables = {
        "SEARCHSVC_OPENSEARCH_URL": nodes.urls,
        "SEARCHSVC_OPENSEARCH_INDEX": f"bench{size}",
        "SEARCHSVC_OPENSEARCH_SHARDS": str(shards),
        "SEARCHSVC_OPENSEARCH_REPLICAS": "0",
    }
    services = {name: opened(folder, SEARCHSVC_ENGINE=name, **variables) for name in ("whoosh", "opensearch")}
    built = {name: build(service) for name, service in services.items()}
    addresses = mix([sample.title for sample in load(min(size, 20_000)).samples])[: WARM_UP + count]
    asked = {name: answered(create_app(service), addresses) for name, service in services.items()}
    same = sum(one == other for one, other in zip(asked["whoosh"][1], asked["opensearch"][1], strict=True))
    times = {
        name: {part: round(value * 1e3, 2) for part, value in percentiles(seconds[WARM_UP:]).items()}
        for name, (seconds, _) in asked.items()
    }
    return {
        "size": size,
        "machine": machine(),
        "nodes": len(nodes.each),
        "shards": shards,
        "build": built,
        "answer_ms": times,
        "answers": len(addresses),
        "same": same,
    }


def build(service: Service) -> dict[str, float]:
    """Build an index anew as ``flask reindex`` does, its questions left out: how long, how large."""
    began, before = time.perf_counter(), os.times()
    generation = rebuild(service.store, service.engine, force=True)
    seconds, after = time.perf_counter() - began, os.times()
    computed = after.user + after.children_user - before.user - before.children_user
    return {
        "seconds": round(seconds, 1),
        "articles_per_second": round(generation.count / seconds),
        "our_processor_seconds": round(computed, 1),
        "bytes": service.engine.describe(generation.name).bytes,
    }


def answered(app: Flask, addresses: list[str]) -> tuple[list[float], list[Any]]:
    """How long each answer takes, and what it says: how many hits, and which come first."""
    client, seconds, said = app.test_client(), list[float](), list[Any]()
    for address in addresses:
        began = time.perf_counter()
        answer = client.get(address)
        seconds.append(time.perf_counter() - began)
        found = answer.get_json()
        said.append((found.get("total"), [article["id"] for article in found.get("articles", ())]))
    return seconds, said


if __name__ == "__main__":
    main()
