"""How many searches a second, and how long each takes: ``python -m bench.load [--sizes 20000 200000]``.

Gunicorn as ``gunicorn.conf.py`` has it, on articles of the shared data, asked over HTTP from beside it. First
by wrk (Debian's package) with as many connections as keep it busy: requests a second. Then at a constant
rate, half of what was asked for and half of what was reached: how long an answer takes when it is not overrun
(``steady.py``). Then, with ``--soak SECONDS``, at half of what was reached for so long: what memory grows by.

What is asked is mixed of six kinds in equal parts, drawn from titles: a word; two words; an exact string of 2
to 8 characters from anywhere; two words within 30 days; one character; two words with both facets. Each asks
for 20 hits with their passages. Whoever asks computes on the same cores: their time is stated.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from bench.corpus import load
from bench.machine import machine, sentence
from bench.measure import percentiles
from bench.queries import HOWS, WHATS, Question, draw
from bench.service import Served, archived, serving
from bench.steady import ask_steadily

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
ADDRESS = "/api/v1/search?"
# Questions of each kind; more than are asked in a run, so that no cache knows them.
EACH = 4_000
CONNECTIONS = 16
WARM_UP_SECONDS = 10.0
GOAL = 500.0
WITHIN_DAYS, WITH_FACETS = "30 days", "facets"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--seconds", type=float, default=30.0, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--soak", type=float, default=0.0, help="seconds at half of what was reached")
    parser.add_argument("--work", type=Path, help="where to keep data and index for the next time")
    parser.add_argument("--keep", action="store_true", help="write the figures to bench/results")
    given = parser.parse_args()
    for folder, size in archives(given.sizes, given.work):
        tell("load", size, measured(folder, size, given.seconds, given.rounds, given.soak), keep=given.keep)


def archives(sizes: Sequence[int], work: Path | None) -> Iterator[tuple[Path, int]]:
    """A folder with an archive of each size: where it is kept for the next time, or one that goes."""
    with tempfile.TemporaryDirectory() as temporary:
        for size in sizes:
            folder = (work or Path(temporary)) / str(size)
            archived(folder, load(size))
            yield folder, size


def tell(what: str, size: int, figures: dict[str, Any], *, keep: bool) -> None:
    """Print the figures of one size, and keep them among the results if that is wanted."""
    said = json.dumps(figures, indent=1)
    print(said, flush=True)
    if keep:
        (RESULTS / f"{what}-{time.strftime('%Y-%m-%d')}-{size}.json").write_text(said + "\n")


def measured(folder: Path, size: int, seconds: float, rounds: int, soak: float) -> dict[str, object]:
    """All figures of one size."""
    print(f"{size:,} articles; {sentence()}", flush=True)
    addresses = mix([sample.title for sample in load(min(size, 20_000)).samples])
    listed = folder / "mix.txt"
    listed.write_text("\n".join(addresses) + "\n")
    figures: dict[str, object] = {"size": size, "machine": machine(), "connections": CONNECTIONS}
    with serving(folder) as served:
        wrk(served, listed, WARM_UP_SECONDS)
        most = [wrk(served, listed, seconds) for _ in range(rounds)]
        reached = statistics.median(one["rate"] for one in most)
        figures["most"] = middle(most)
        for name, rate in (("half_of_goal", GOAL / 2), ("half_of_reached", reached / 2)):
            runs = [steadily(served, addresses, rate, seconds) for _ in range(rounds)]
            figures[name] = middle(runs)
        figures["memory_bytes"] = served.memory()
        if soak:
            before = served.memory()
            figures["soak"] = steadily(served, addresses, reached / 2, soak)
            figures["soak_grown_bytes"] = served.memory() - before
    return figures


def middle(runs: list[dict[str, float]]) -> dict[str, float]:
    """The median of each figure."""
    return {name: round(statistics.median(run[name] for run in runs), 3) for name in runs[0]}


def wrk(served: Served, listed: Path, seconds: float) -> dict[str, float]:
    """As fast as it goes."""
    before = service_seconds(served), _children_seconds()
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "-s", str(HERE / "mix.lua"), served.url]
    environment = {**os.environ, "MIX": str(listed)}
    answer = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(answer.splitlines()[-1])
    found["rate"] = found["requests"] / found["seconds"]
    found["service_cores"] = (service_seconds(served) - before[0]) / found["seconds"]
    found["asking_cores"] = (_children_seconds() - before[1]) / found["seconds"]
    return found


def steadily(served: Served, addresses: list[str], rate: float, seconds: float) -> dict[str, float]:
    """At a constant rate."""
    before = service_seconds(served), time.process_time()
    steady = ask_steadily(served.port, addresses, rate, seconds)
    found = {name: value * 1e3 for name, value in percentiles(steady.seconds).items()}
    return {
        "rate": len(steady.seconds) / seconds,
        **found,
        "not_200": float(sum(count for status, count in steady.statuses.items() if status != 200)),
        "service_cores": (service_seconds(served) - before[0]) / seconds,
        "asking_cores": (time.process_time() - before[1]) / seconds,
    }


def service_seconds(served: Served) -> float:
    """What the workers have computed so far."""
    ticks = 0
    for pid in served.workers():
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def mix(titles: list[str]) -> list[str]:
    """The addresses that are asked, six kinds in turn."""
    drawn = draw(titles, EACH)
    of = {(what, how): drawn[f"{what}, {how}"] for what in WHATS for how in HOWS}
    kinds = (
        [address(one, one.words[:1]) for one in of["and", "newest"]],
        [address(one, one.words) for one in of["and", "plain"]],
        [address(one, (f'"{one.words[0]}"',)) for one in of["string", "plain"]],
        [address(one, one.words) for one in of["and", WITHIN_DAYS]],
        [address(one, one.words) for one in of["char", "plain"]],
        [address(one, one.words) for one in of["and", WITH_FACETS]],
    )
    return [one for together in zip(*kinds, strict=True) for one in together]


def address(question: Question, words: tuple[str, ...]) -> str:
    """The address of a search for some words as a question wants it."""
    return ADDRESS + urlencode(dict(_parameters(question, words)), quote_via=quote)


def _parameters(question: Question, words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    yield "q", " ".join(words)
    if question.since is not None and question.before is not None:
        yield "from", datetime.fromtimestamp(question.since, UTC).isoformat()[:10]
        yield "to", datetime.fromtimestamp(question.before, UTC).isoformat()[:10]
    if question.facets:
        yield "facets", "source,timeline"


if __name__ == "__main__":
    main()
