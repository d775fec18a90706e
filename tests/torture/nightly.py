"""Rows of the night: an index built anew, killed and rolled back while people search and feeds come in."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

from searchsvc.ingest.check import check
from searchsvc.search.request import Request
from searchsvc.service import open_service
from tests.conftest import find_shared
from tests.torture.ledger import OURS
from tests.torture.night import Figures, Night
from tests.torture.row import Outcome, Row, Trial

# What workers may grow by over a night, beyond what the first cycles took.
MOST_GROWTH_MB = 50
Cycle = Callable[[Night, random.Random], None]


def reindex(night: Night, _: random.Random) -> None:
    """One night."""
    night.run("reindex", "--json")


def killed(night: Night, chance: random.Random) -> None:
    """A reindex killed at a random time, with all its processes or alone."""
    if not night.usual_seconds:
        began = time.monotonic()
        night.run("reindex", "--json")
        night.usual_seconds = time.monotonic() - began
    process = night.flask("reindex", "--json")
    time.sleep(chance.uniform(0, night.usual_seconds))
    if chance.random() < 0.5:
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def rolled_back(night: Night, _: random.Random) -> None:
    """A reindex, and back again."""
    night.run("reindex", "--json")
    night.run("reindex", "--rollback", "--json")


def under_load(trial: Trial, cycle: Cycle, cycles: int) -> Outcome:
    """Do something to a service over and over while it is used."""
    night, chance = Night(trial.folder), random.Random(11)
    night.fill(_articles(trial), trial.of(20, 40))
    found: list[str] = []
    history: list[list[Figures]] = []
    with night.going_on():
        workers = night.workers()
        for _ in range(cycles):
            cycle(night, chance)
            time.sleep(1)  # Every worker is asked in between, and opens what is there now.
            history.append(night.figures(workers))
        if cycle is not reindex:
            night.run("reindex", "--json")
        found += night.litter()
        if night.workers() != workers:
            found.append("a worker ended")
    found += _growth(history) + _end(night)
    return Outcome(_figure(night, cycles, history), (*night.seen.violations, *found))


def _articles(trial: Trial) -> Path:
    """What is in the archive before the night: the shared articles, or some of our own."""
    shared = None if trial.quick else find_shared()
    if shared:
        return shared / "data" / "articles.jsonl.gz"
    path = trial.folder / "before.jsonl"
    rows = (
        f'{{"title": "早先第{n}篇", "url": "https://day.example/{n}", "source": "日报", "text": "{_prose(n)}"}}'
        for n in range(300)
    )
    path.write_text("\n".join(rows))
    return path


def _prose(number: int) -> str:
    words = (
        "港口",
        "起重机",
        "候鸟",
        "橘子",
        "电车",
        "天文台",
        "邮局",
        "风筝",
        "灯塔",
        "渡轮",
        "面馆",
        "稻田",
    )
    return "".join(random.Random(number).choices(words, k=160)) + "。"


def _growth(history: list[list[Figures]]) -> list[str]:
    """What grew in workers that should not: memory, descriptors, maps of what is gone from disk."""
    settled, last = history[min(2, len(history) - 1)], history[-1]
    said = []
    for one, other in zip(settled, last, strict=True):
        if other.anonymous_mb > one.anonymous_mb + MOST_GROWTH_MB:
            said.append(f"a worker grew from {one.anonymous_mb:.0f} to {other.anonymous_mb:.0f} MB")
        if other.descriptors > one.descriptors + 20:
            said.append(f"a worker had {one.descriptors} descriptors and has {other.descriptors}")
    if (most := max(each.deleted for figures in history for each in figures)) > 2:
        said.append(f"a worker has {most} index files mapped that are no more")
    return said


def _end(night: Night) -> list[str]:
    """After the night: everything acknowledged is there once, and `flask check` finds nothing."""
    acknowledged = night.ledger.known().acknowledged
    service = open_service(night.settings)
    total = service.search.search(Request(q=f'"{OURS}"', variants="off")).total
    found = [finding.text for finding in check(service.store, service.engine)]
    return found if total == len(acknowledged) else [*found, f"{total} of {len(acknowledged)} are there"]


def _figure(night: Night, cycles: int, history: list[list[Figures]]) -> str:
    seen = night.seen
    latencies = sorted(seen.latencies)
    slow = latencies[len(latencies) * 99 // 100] * 1000 if latencies else 0
    memory = max(each.anonymous_mb for each in history[-1])
    return (
        f"{cycles} cycles, {seen.queries:,} queries, {seen.queries / seen.seconds:.1f} a second, {len(seen.errors)} errors, {len(seen.wrong)} wrong, "
        f"{seen.ingests} ingests, each visible in every worker within {max(seen.visible, default=0):.2f} s; "
        f"99 % answered in {slow:.0f} ms; workers {memory:.0f} MB"
    )


ROWS = (
    Row(
        "nightly",
        "reindex while serving and ingesting",
        "20 cycles, 20 queries/s, 0 errors, 0 wrong, visible in every worker within 5 s",
        lambda trial: under_load(trial, reindex, trial.of(2, 20)),
    ),
    Row(
        "nightly-killed",
        "reindex killed at random under the same load",
        "20 kills, 0 errors, 0 wrong, no litter after the next",
        lambda trial: under_load(trial, killed, trial.of(1, 20)),
    ),
    Row(
        "nightly-rollback",
        "reindex and rollback under the same load",
        "20 times, 0 errors, 0 wrong, nothing missing",
        lambda trial: under_load(trial, rolled_back, trial.of(1, 20)),
    ),
)
