"""Random and hostile queries through HTTP: ``python -m bench.hostile``. None may be our error, or slow.

The shared articles are ingested into a folder of their own and served by gunicorn as always. Then queries of
every kind of malice are asked, a few at a time: syntax put together at random, what no text contains,
operators with nonsense, very many words, the most frequent strings, bytes that are not UTF-8. What counts:
no answer of 500 and above, none later than a second, no memory that grows.
"""

import argparse
import http.client
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote

from bench.corpus import load
from bench.machine import sentence
from bench.malice import SEED, queries
from bench.measure import percentiles
from bench.service import Served, archived, serving

ADDRESS = "/api/v1/search"
SLOW_SECONDS = 1.0
AT_ONCE = 4
# Queries until caches are filled; lines of the worst.
WARM_UP, SHOWN = 1_000, 20
INTERNAL_SERVER_ERROR = 500
# A query, the status of its answer, and how long that took.
Answer = tuple[str, int, float]


@dataclass(frozen=True, slots=True)
class Findings:
    """What came of many queries. ``again``: those that were slow, asked once more and alone. ``grown_bytes``:
    by how much the memory of all workers grew after the first of them."""

    answers: tuple[Answer, ...]
    again: tuple[Answer, ...]
    grown_bytes: int

    @property
    def failed(self) -> list[Answer]:
        """Those that are our error."""
        return [one for one in (*self.answers, *self.again) if one[1] >= INTERNAL_SERVER_ERROR]

    def slow(self, seconds: float) -> list[Answer]:
        """Those that were slow when nothing else was asked, too."""
        return [one for one in self.again if one[2] > seconds]

    @property
    def slowest_seconds(self) -> float:
        """The slowest answer of all, the machine's other work included."""
        return max(taken for _, _, taken in self.answers)


class Asker:
    """Asks a service, each thread on a connection of its own."""

    def __init__(self, port: int) -> None:
        self._port, self._local = port, threading.local()

    def __call__(self, query: str) -> Answer:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
            self._local.connection = connection
        start = time.perf_counter()
        connection.request("GET", f"{ADDRESS}?q={query}")
        with connection.getresponse() as answer:
            answer.read()
        return query, answer.status, time.perf_counter() - start


def ask_all(served: Served, asked: Sequence[str], warm_up: int = WARM_UP) -> Findings:
    """Ask queries, some of them at once."""
    ask = Asker(served.port)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, asked[:warm_up]))
        before = served.memory()
        answers += pool.map(ask, asked[warm_up:])
    grown = served.memory() - before
    again = tuple(ask(query) for query, _, taken in answers if taken > SLOW_SECONDS)
    return Findings(tuple(answers), again, grown)


def main() -> int:
    """Ask, count, and print the worst."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--queries", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    titles = [sample.title for sample in load(20_000).samples]
    asked = list(queries(titles, given.queries, given.seed))
    with TemporaryDirectory() as folder:
        archived(Path(folder))
        with serving(Path(folder)) as served:
            findings = ask_all(served, asked)
    print(f"memory of the workers grew by {findings.grown_bytes / 1e6:.0f} MB after the first {WARM_UP}")
    return report(findings)


def report(findings: Findings) -> int:
    """Print what was counted; 1 if anything was our fault or slow."""
    slow = findings.slow(SLOW_SECONDS)
    statuses = Counter(status for _, status, _ in findings.answers)
    seconds = [taken for _, _, taken in findings.answers]
    first = {query: taken for query, _, taken in findings.answers}
    for query, status, taken in (findings.failed + list(findings.again))[:SHOWN]:
        print(f"{status} after {first[query]:.2f} s, {taken:.2f} s alone: {unquote(query)[:100]!r}")
    times = ", ".join(f"{name} {value * 1e3:.1f} ms" for name, value in percentiles(seconds).items())
    print(f"{len(seconds):,} queries, {AT_ONCE} at once; statuses {dict(sorted(statuses.items()))}")
    print(f"{times}, slowest {findings.slowest_seconds * 1e3:.0f} ms")
    print(
        f"{len(findings.failed)} of 500 and above; {len(findings.again)} slower than {SLOW_SECONDS:g} s, "
        f"of which {len(slow)} again when asked alone"
    )
    print(sentence())
    return bool(findings.failed or slow)


if __name__ == "__main__":
    raise SystemExit(main())
