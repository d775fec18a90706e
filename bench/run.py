"""The benchmark, in one run: ``python -m bench.run [--sizes 20000,200000] [--million] [--quick]``.

Builds every engine's index of the same articles, asks all of them the same questions in turns,
checks the answers, prints a table for each size and keeps the figures as JSON. No figure of time
decides anything; the run fails only when an answer of this project is wrong.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import child, latency, table
from bench.check import Scan, check, found_share
from bench.corpus import SEED, Corpus, load
from bench.machine import machine, versions
from bench.measure import percentiles
from bench.peers import PEERS, Peer, Session, peer
from bench.queries import KINDS, Question, draw

RESULTS = Path(__file__).parent / "results"
MILLION = 1_000_000
FORMAT = 1
# Every posting has at least a document and a frequency; packed as tightly as whole arrays allow.
POSTING_BYTES = 3
COLD_QUESTIONS, WORKER_QUESTIONS = 5, 20
EXACT = ("ours", "tantivy-terms")


@dataclass(frozen=True, slots=True)
class Settings:
    """How much to measure."""

    sizes: tuple[int, ...]
    peers: tuple[str, ...]
    queries: int
    rounds: int
    budget_seconds: float
    checked: int
    seed: int
    work: Path | None
    results: Path | None


def main(arguments: list[str] | None = None) -> int:
    settings = _settings(arguments)
    facts = {"machine": machine(), "versions": versions()}
    results = []
    for size in settings.sizes:
        with _folder(settings.work) as folder:
            result = _run(size, folder, settings, facts)
        print(table.render(result), flush=True)
        results.append(result)
        if settings.results:
            _keep(result, settings.results)
    print(table.growth(results))
    wrong = [result for result in results if not _right(result)]
    if wrong:
        print("Wrong answers of this project: see “Answers” above.", file=sys.stderr)
    return 1 if wrong else 0


def _settings(arguments: list[str] | None) -> Settings:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__.split("\n\n")[0])
    parser.add_argument("--sizes", default="20000,200000", help="numbers of articles, with commas")
    parser.add_argument("--million", action="store_true", help="1,000,000 articles as well")
    parser.add_argument("--quick", action="store_true", help="2,000 articles, 60 queries of a kind; not kept")
    parser.add_argument("--peers", default=",".join(PEERS), help=f"of {', '.join(PEERS)}")
    parser.add_argument("--queries", type=int, help="queries of each of the 16 kinds (300)")
    parser.add_argument("--rounds", type=int, help="rounds over all queries (3)")
    parser.add_argument("--budget", type=float, default=20.0, help="seconds per engine, kind and round (20)")
    parser.add_argument("--checked", type=int, help="answers of each kind to hold against a scan (40)")
    parser.add_argument("--work", type=Path, help="folder to build in (a temporary one)")
    parser.add_argument("--results", type=Path, help="folder to keep the figures in (bench/results)")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args(arguments)
    unknown = set(given.peers.split(",")) - set(PEERS)
    if unknown:
        parser.error(f"unknown peers: {', '.join(sorted(unknown))}")
    return _chosen(given)


def _chosen(given: argparse.Namespace) -> Settings:
    sizes = [2_000] if given.quick else [int(size) for size in given.sizes.split(",") if size]
    quick = given.quick
    return Settings(
        sizes=(*sizes, *([MILLION] if given.million else [])),
        peers=tuple(name for name in PEERS if name in given.peers.split(",")),
        queries=given.queries or (60 if quick else 300),
        rounds=given.rounds or (2 if quick else 3),
        budget_seconds=given.budget,
        checked=given.checked if given.checked is not None else (20 if quick else 40),
        seed=given.seed,
        work=given.work,
        results=given.results or (None if quick else RESULTS),
    )


@contextmanager
def _folder(parent: Path | None) -> Iterator[Path]:
    if parent:
        parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(size: int, folder: Path, settings: Settings, facts: dict[str, Any]) -> dict[str, Any]:
    """Everything about one size, as it is kept."""
    peers = {name: peer(name) for name in settings.peers}
    corpus = load(size)
    _progress(f"{size:,} articles, {corpus.characters:,} characters")
    questions = draw([sample.title for sample in corpus.samples], settings.queries, settings.seed)
    warming = draw([sample.title for sample in corpus.samples], 20, settings.seed + 1)
    result = {
        "format": FORMAT,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        **facts,
        **_about(corpus, settings, peers),
    }
    result["build"] = {name: _builds(name, one, folder, size) for name, one in peers.items()}
    folders = {name: _searched(folder, name, builds) for name, builds in result["build"].items()}
    spread = [asked for kind in KINDS for asked in warming[kind]]
    result["cold"] = _cold(folders, warming[KINDS[0]])
    result["workers"] = _workers(folders, spread[:: len(spread) // (WORKER_QUESTIONS * 16) or 1])
    sessions = {name: one.open(folders[name]) for name, one in peers.items()}
    return {**result, **_answers(corpus, settings, peers, sessions, questions, spread)}


def _about(corpus: Corpus, settings: Settings, peers: dict[str, Peer]) -> dict[str, Any]:
    return {
        "size": corpus.size,
        "different_articles": len(corpus.samples),
        "characters": corpus.characters,
        "utf8_bytes": corpus.utf8_bytes,
        "settings": {
            "queries": settings.queries,
            "rounds": settings.rounds,
            "budget_seconds": settings.budget_seconds,
            "seed": settings.seed,
        },
        "peers": {name: {"label": one.label, "note": one.note} for name, one in peers.items()},
    }


def _builds(name: str, one: Peer, folder: Path, size: int) -> dict[str, Any]:
    builds = {}
    for processes in (1, 2) if one.parallel else (1,):
        _progress(f"building {name} with {processes}")
        size_of_it = min(size, one.sample or size)
        builds[str(processes)] = child.run_build(name, folder / f"{name}-{processes}", size_of_it, processes)
    return builds


def _searched(folder: Path, name: str, builds: dict[str, Any]) -> Path:
    """The build to search: that of fewer segments, of two processes if it is all the same. No other stays."""
    best = min(builds, key=lambda processes: (builds[processes]["segments"], -int(processes)))
    for processes in set(builds) - {best}:
        shutil.rmtree(folder / f"{name}-{processes}")
    return folder / f"{name}-{best}"


def _cold(folders: dict[str, Path], questions: list[Question]) -> dict[str, Any]:
    _progress("first queries")
    able = {name: folder for name, folder in folders.items() if peer(name).answers(questions[0])}
    return {name: child.run_cold(name, folder, questions[:COLD_QUESTIONS]) for name, folder in able.items()}


def _workers(folders: dict[str, Path], questions: list[Question]) -> dict[str, Any]:
    _progress("memory of workers")
    return {name: child.run_workers(name, folder, questions) for name, folder in folders.items()}


def _answers(
    corpus: Corpus,
    settings: Settings,
    peers: dict[str, Peer],
    sessions: dict[str, Session],
    questions: dict[str, list[Question]],
    warming: list[Question],
) -> dict[str, Any]:
    _progress("queries")
    latency.warm(peers, sessions, warming)
    tallies = latency.measure(peers, sessions, questions, settings.rounds, settings.budget_seconds)
    _progress("checking answers")
    scan = Scan(corpus)
    whole = {
        kind: {name: tally for name, tally in row.items() if not peers[name].sample}
        for kind, row in tallies.items()
    }
    exact = [name for name in EXACT if name in sessions]
    return {
        "queries": {
            kind: {name: tally.report(row.get("ours")) for name, tally in row.items()}
            for kind, row in tallies.items()
        },
        "floor": _floor(sessions, questions),
        "answers": check(scan, whole, exact, settings.checked),
        "found": found_share(scan, whole, settings.checked),
    }


def _floor(sessions: dict[str, Session], questions: dict[str, list[Question]]) -> dict[str, Any]:
    """Kind → postings that the terms of a question have in all: what an engine could have to read."""
    postings = getattr(sessions.get("tantivy-terms"), "postings", None)
    if postings is None:
        return {}
    return {
        kind: {name: value * POSTING_BYTES for name, value in percentiles(list(map(postings, asked))).items()}
        for kind, asked in questions.items()
    }


def _right(result: dict[str, Any]) -> bool:
    ours = result["answers"].get("ours", {"asked": 0, "exact": 0})
    return bool(ours["asked"] == ours["exact"])


def _keep(result: dict[str, Any], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result['date']}-{result['size']}.json"
    path.write_text(json.dumps(_rounded(result), ensure_ascii=False, indent=1) + "\n")


def _rounded(value: object) -> object:
    """Figures to as many places as they are good for."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list | tuple) else value


def _progress(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
