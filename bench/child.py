"""What must be measured in a process of its own: a build, a first query, a worker's memory.

``python -m bench.child TASK`` reads its task as JSON from standard input and prints its result as
JSON, one line each. ``run_*`` below are the other end, in the benchmark's own process.
"""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from bench.measure import Peak, evict, folder_bytes, own_peak, private_bytes, reset_peak
from bench.peers import peer
from bench.queries import Question

ROOT = Path(__file__).resolve().parents[1]
WORKERS = 2


def run_build(name: str, folder: Path, size: int, processes: int) -> dict[str, Any]:
    """Build a peer's index on so many cores: seconds, bytes, segments, peak memory."""
    task = {"peer": name, "folder": str(folder), "size": size, "processes": processes}
    with _start("build", task) as child:
        loaded = _read(child)
        with Peak(child.pid) as peak:
            _tell(child, "go on")
            result = _read(child)
    return {**result, **loaded, "peak_bytes": max(peak.bytes, result.pop("peak_own_bytes"))}


def run_cold(name: str, folder: Path, questions: Iterable[Question]) -> dict[str, Any]:
    """Milliseconds from opening to the answer, each in a fresh process; medians.

    ``disk``: the index's files are out of the page cache; ``cache``: they are in it.
    """
    asked = [{"peer": name, "folder": str(folder), "question": asdict(question)} for question in questions]
    times: dict[str, list[float]] = {"disk": [], "cache": []}
    for task in asked:
        for state, taken in times.items():
            if state == "disk":
                evict(folder)
            with _start("cold", task) as child:
                result = _read(child)
            if "error" in result:
                return result
            taken.append(result["ms"])
    return {state: median(taken) for state, taken in times.items()}


def run_workers(name: str, folder: Path, questions: Iterable[Question]) -> dict[str, Any]:
    """Private memory of one of two workers that have answered the same questions.

    Two, because pages of a mapped index count as private as long as only one process has them.
    """
    task = {"peer": name, "folder": str(folder), "questions": [asdict(question) for question in questions]}
    workers = [_start("worker", task) for _ in range(WORKERS)]
    try:
        stages: dict[str, Any] = {}
        for stage in ("imported", "served"):
            for worker in workers:
                stages |= {key: value for key, value in _read(worker).items() if key == "error"}
            stages[stage] = median(private_bytes(worker.pid) for worker in workers)
            for worker in workers:
                _tell(worker, "go on")
        return stages
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


def _start(name: str, task: dict[str, Any]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.child", name]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    _tell(child, json.dumps(task))
    return child


def _tell(child: subprocess.Popen[str], line: str) -> None:
    assert child.stdin is not None
    child.stdin.write(line + "\n")
    child.stdin.flush()


def _read(child: subprocess.Popen[str]) -> dict[str, Any]:
    assert child.stdout is not None
    line = child.stdout.readline()
    if not line:
        raise RuntimeError(f"A measuring process ended without a result, status {child.wait()}")
    result: dict[str, Any] = json.loads(line)
    return result


def _build(task: dict[str, Any]) -> None:
    from bench.corpus import load

    engine, folder, processes = peer(task["peer"]), Path(task["folder"]), task["processes"]
    corpus = load(task["size"])
    gc.collect()
    _say(articles_bytes=private_bytes(os.getpid()))
    sys.stdin.readline()
    reset_peak()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:processes])
    start = time.perf_counter()
    count = engine.build(folder, corpus.documents(), processes)
    seconds = time.perf_counter() - start
    if count != corpus.size:
        raise RuntimeError(f"{task['peer']} has {count} of {corpus.size} articles")
    size = folder_bytes(folder)
    _say(
        articles=count,
        characters=corpus.characters,
        utf8_bytes=corpus.utf8_bytes,
        seconds=seconds,
        characters_per_second=corpus.characters / seconds,
        bytes=size,
        bytes_over_text=size / corpus.utf8_bytes,
        segments=engine.segments(folder),
        peak_own_bytes=own_peak(),
    )


def _cold(task: dict[str, Any]) -> None:
    engine, question = peer(task["peer"]), _question(task["question"])
    start = time.perf_counter()
    try:
        engine.open(Path(task["folder"])).run(question)
    # Any failure of one engine is a figure of the report, not the end of it.
    except Exception as error:
        _say(error=f"{type(error).__name__}: {error}")
        return
    _say(ms=(time.perf_counter() - start) * 1e3)


def _worker(task: dict[str, Any]) -> None:
    engine = peer(task["peer"])
    questions = [_question(fields) for fields in task["questions"]]
    _say(stage="imported")
    sys.stdin.readline()
    session, errors = engine.open(Path(task["folder"])), []
    for question in filter(engine.answers, questions):
        try:
            session.run(question)
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
    _say(stage="served", **({"error": errors[0]} if errors else {}))
    sys.stdin.readline()


def _question(fields: dict[str, Any]) -> Question:
    return Question(**{**fields, "words": tuple(fields["words"])})


def _say(**result: object) -> None:
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    {"build": _build, "cold": _cold, "worker": _worker}[sys.argv[1]](json.loads(sys.stdin.readline()))
