"""A whole ingest, measured: ``python -m bench.ingest [--articles 20000] [--rounds 3]``.

``flask ingest`` of the shared articles as JSON Lines into an empty folder, as anybody would run it: start
of Python, reading, cleaning, store, stories and index included. Prints for each round articles a second
by the clock, seconds of processor time of all processes, and the most memory that all of them had
together (PSS: what several share is counted once). On a machine that does other work at the same time
the clock says little; the processor time says what the work costs.
"""

import argparse
import gzip
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from bench.corpus import shared_data
from bench.measure import Peak

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ingest", description=__doc__.split("\n")[0])
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    for _ in range(given.rounds):
        with tempfile.TemporaryDirectory() as folder:
            lines = _lines(Path(folder) / "articles.jsonl", given.articles)
            _ingest(Path(folder), lines)


def _lines(path: Path, most: int) -> int:
    """Write the articles as a file of their own; how many there are."""
    with gzip.open(shared_data() / "articles.jsonl.gz", "rb") as source, path.open("wb") as file:
        lines = list(islice(source, most))
        file.writelines(lines)
    return len(lines)


def _ingest(folder: Path, articles: int) -> None:
    folders = {"SEARCHSVC_DATA_DIR": str(folder / "data"), "SEARCHSVC_INDEX_DIR": str(folder / "index")}
    before, load = resource.getrusage(resource.RUSAGE_CHILDREN), os.getloadavg()[0]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "ingest", "--json", str(folder / "articles.jsonl")],
        cwd=ROOT,
        env={**os.environ, **folders},
        stdout=subprocess.DEVNULL,
    )
    with Peak(process.pid) as peak:
        status = process.wait()
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{articles:,} articles in {seconds:.1f} s: {articles / seconds:,.0f} a second, {used:.1f} s of "
        f"processor time, {peak.bytes / 1e6:.0f} MB at most; load before {load:.1f}, exit status {status}"
    )


if __name__ == "__main__":
    main()
