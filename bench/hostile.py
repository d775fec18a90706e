"""Random and hostile queries through HTTP: ``python -m bench.hostile``. None may be our error, or slow.

20,000 articles are ingested into a folder of their own and served by gunicorn as always. Then queries of
every kind of malice are asked, a few at a time: syntax put together at random, what no text contains,
operators with nonsense, very many words, the most frequent strings, bytes that are not UTF-8. What counts:
no answer of 500 and above, none later than a second.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote

import httpx

from bench.corpus import load, shared_data
from bench.machine import sentence
from bench.malice import SEED, queries
from bench.measure import family, percentiles, private_bytes

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = "/api/v1/search"
SLOW_SECONDS = 1.0
AT_ONCE = 4
START_SECONDS = 120.0
# Queries until caches are filled; lines of the worst.
WARM_UP, SHOWN = 1_000, 20
# A query, the status of its answer, and how long that took.
Answer = tuple[str, int, float]


def serve(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Ingest the shared articles and serve them."""
    environment = os.environ | {
        "SEARCHSVC_DATA_DIR": str(folder / "data"),
        "SEARCHSVC_INDEX_DIR": str(folder / "index"),
        "PORT": str(port),
    }
    flask = [sys.executable, "-m", "flask", "ingest", str(shared_data() / "articles.jsonl.gz"), "--json"]
    subprocess.run(flask, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "wsgi:app"]
    return subprocess.Popen(gunicorn, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)


def ready(client: httpx.Client) -> None:
    """Wait for the first answer."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            if client.get("/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise TimeoutError("The service did not start")


def ask(client: httpx.Client, query: str) -> Answer:
    """A query, the status of its answer, and how long that took."""
    start = time.perf_counter()
    status = client.get(f"{ADDRESS}?q={query}").status_code
    return query, status, time.perf_counter() - start


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def memory(service: subprocess.Popen[bytes]) -> int:
    """What all processes of the service have to themselves, in bytes."""
    return sum(private_bytes(pid) for pid in family(service.pid))


def main() -> int:
    """Ask, count, and print the worst."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--queries", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    titles = [sample.title for sample in load(20_000).samples]
    asked = list(queries(titles, given.queries, given.seed))
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        service = serve(Path(folder), port)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                ready(client)
                answers = ask_all(client, asked[:WARM_UP])
                before = memory(service)
                answers += ask_all(client, asked[WARM_UP:])
                grown = memory(service) - before
                alone = [ask(client, query) for query, _, taken in answers if taken > SLOW_SECONDS]
        finally:
            service.terminate()
            service.wait()
    print(f"memory of the workers grew by {grown / 1e6:.0f} MB after the first {WARM_UP}")
    return report(answers, alone)


def ask_all(client: httpx.Client, asked: list[str]) -> list[Answer]:
    """The answers to queries, some of which are asked at once."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda one: ask(client, one), asked))


def report(answers: list[Answer], alone: list[Answer]) -> int:
    """Print what was counted; 1 if anything was our fault or slow. ``alone``: what was slow, again."""
    statuses = Counter(status for _, status, _ in answers)
    seconds = [taken for _, _, taken in answers]
    failed = [one for one in answers + alone if one[1] >= httpx.codes.INTERNAL_SERVER_ERROR]
    slow = [one for one in alone if one[2] > SLOW_SECONDS]
    first = {query: taken for query, _, taken in answers}
    for query, status, taken in (failed + alone)[:SHOWN]:
        print(f"{status} after {first[query]:.2f} s, {taken:.2f} s alone: {unquote(query)[:100]!r}")
    times = ", ".join(f"{name} {value * 1e3:.1f} ms" for name, value in percentiles(seconds).items())
    print(f"{len(answers):,} queries, {AT_ONCE} at once; statuses {dict(sorted(statuses.items()))}")
    print(f"{times}, slowest {max(seconds) * 1e3:.0f} ms")
    print(
        f"{len(failed)} of 500 and above; {len(alone)} slower than {SLOW_SECONDS:g} s, "
        f"of which {len(slow)} again when asked alone"
    )
    print(sentence())
    return bool(failed or slow)


if __name__ == "__main__":
    raise SystemExit(main())
