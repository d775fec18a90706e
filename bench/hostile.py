"""Random and hostile queries through HTTP: ``python -m bench.hostile``. None may be our error, or slow.

20,000 articles are ingested into a folder of their own and served by gunicorn as always. Then queries of
every kind of malice are asked, a few at a time: syntax put together at random, what no text contains,
operators with nonsense, very many words, the most frequent strings, bytes that are not UTF-8. What counts:
no answer of 500 and above, none later than a second.
"""

import argparse
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, quote_from_bytes

import httpx
import numpy as np

from bench.corpus import SEED, load, shared_data
from bench.measure import percentiles

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = "/api/v1/search"
SLOW_SECONDS = 1.0
AT_ONCE = 4
START_SECONDS = 120.0
WORDS = """
" “ ” 「 」 ( ) （ ） - － NOT OR AND * ~ = ＝ : ： \\ / % & + # ? ; , 。 ， ！ \t \u3000 \u200b intitle:
source:
author: date: before: after: intitle:石破 source:x author:张 date:2024-13 date:P7D date:99999999 date:/
before:昨天 after:2024-02-30 date:2024-01-01/2023 =乾 ="中国" biden~ a* zh* 的 中国 的的的 了 一 是
不 在 有 人 美国总统特朗普 川普 covid-19 G20峰会 11月18日 ٣ İ ß ﬁ 𠮷 🏳️‍🌈 \u202e \u2066 \ufeff e\u0301
'; DROP TABLE articles;--
<script>alert(1)</script> {{7*7}} ../../etc/passwd ${jndi:x} %s %00 None null NaN
"""
PIECES = [*WORDS.split(), "\t", "\n", "\u3000", " "]


def queries(titles: list[str], count: int, seed: int = SEED) -> Iterator[str]:
    """Query strings, percent-encoded."""
    chance = random.Random(seed)
    makers: tuple[Callable[[], str], ...] = (
        lambda: "".join(chr(chance.randrange(1, 0xD800)) for _ in range(chance.randint(1, 60))),
        lambda: "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 40))),
        lambda: " ".join(chance.choice(PIECES) for _ in range(chance.randint(1, 80))),
        lambda: chance.choice(titles) * chance.randint(1, 8),
        lambda: " OR ".join(chance.choice(titles)[:3] for _ in range(chance.randint(2, 90))),
        lambda: "".join(chance.sample(list(chance.choice(titles)), 4)),
        lambda: "(" * chance.randint(1, 300) + chance.choice(titles) + ")" * chance.randint(0, 300),
        lambda: " ".join(chance.choice("的一是不了在人有我他这") for _ in range(chance.randint(1, 70))),
        lambda: " ".join(f"{chr(97 + chance.randrange(26))}*" for _ in range(chance.randint(1, 60))),
        lambda: " ".join(
            f"{chance.choice(['biden', 'trump', 'a', 'xyzzy'])}~" for _ in range(chance.randint(1, 60))
        ),
        lambda: "=" + chance.choice(titles)[: chance.randint(1, 5)],
        lambda: chance.choice(titles)[:1] * chance.randint(1, 3_000),
    )
    for _ in range(count):
        if chance.random() < 0.05:
            yield quote_from_bytes(chance.randbytes(chance.randint(1, 60)))
        else:
            try:
                yield quote(chance.choice(makers)()[:2_500], safe="")
            except ValueError:  # A title shorter than the sample that was to be drawn from it.
                yield quote(chance.choice(titles))


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


def ask(client: httpx.Client, query: str) -> tuple[str, int, float]:
    """A query, the status of its answer, and how long that took."""
    start = time.perf_counter()
    status = client.get(f"{ADDRESS}?q={query}").status_code
    return query, status, time.perf_counter() - start


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def main() -> int:
    """Ask, count, and print the worst."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--queries", type=int, default=20_000)
    given = parser.parse_args()
    titles = [sample.title for sample in load(20_000).samples]
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        service = serve(Path(folder), port)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                ready(client)
                with ThreadPoolExecutor(AT_ONCE) as pool:
                    answers = list(pool.map(lambda one: ask(client, one), queries(titles, given.queries)))
        finally:
            service.terminate()
            service.wait()
    return report(answers)


def report(answers: list[tuple[str, int, float]]) -> int:
    """Print what was counted; 1 if anything was our fault or slow."""
    statuses = Counter(status for _, status, _ in answers)
    seconds = np.array([taken for _, _, taken in answers])
    wrong = [one for one in answers if one[1] >= httpx.codes.INTERNAL_SERVER_ERROR or one[2] > SLOW_SECONDS]
    for query, status, taken in wrong[:20]:
        print(f"{status} after {taken:.2f} s: {query[:200]}")
    times = ", ".join(f"{name} {value * 1e3:.1f} ms" for name, value in percentiles(seconds.tolist()).items())
    print(f"{len(answers):,} queries, {AT_ONCE} at once; statuses {dict(sorted(statuses.items()))}")
    print(f"{times}, slowest {seconds.max() * 1e3:.0f} ms; {len(wrong)} of 500 and above or slower than 1 s")
    return bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
