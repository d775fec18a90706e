"""SIGKILL at random times, again and again on one archive, as in a bad year.

Each round ingests some more articles, or builds the index anew, and is killed somewhere in it. What a
command acknowledged (it ended, with status 0) must be there to the end.
"""

import random
import time
from itertools import count
from pathlib import Path

from tests.torture import articles
from tests.torture.harness import Harness
from tests.torture.row import Outcome, Row, Trial

FIRST, EACH = 1_000, 20
# Rounds between two looks at everything.
LOOK = 50
# One round in so many builds the index anew; by several processes every second time.
REINDEX = 4


def survive(trial: Trial) -> Outcome:
    """Go through the rounds; what was lost."""
    wanted, chance = trial.of(6, 500), random.Random(500)
    archive = trial.folder / "archive"
    archive.mkdir()
    articles.write(archive / "next.jsonl", range(90, 91))
    acknowledged: list[int] = []
    uncertain: list[int] = []
    violations: list[str] = []
    killed, typical = 0, 60.0
    with Harness(trial.folder / "harness") as harness:
        for number in count():
            if killed == wanted:
                break
            numbers = range(FIRST + number * EACH, FIRST + (number + 1) * EACH)
            rebuilds = number % REINDEX == REINDEX - 1
            command = (
                ["reindex"] if rebuilds else ["ingest", articles.write(archive / "new.jsonl", numbers).name]
            )
            began = time.perf_counter()
            ended = harness.call(
                "tests.torture.workloads:run",
                kill_after=chance.uniform(0, 2 * typical) if number else None,
                folder=str(archive),
                command=command,
                processes=rebuilds and number % (2 * REINDEX) < REINDEX,
            )
            if ended.status == 0:
                typical = min(typical, time.perf_counter() - began)
            killed += ended.status == -9
            if not rebuilds:
                (acknowledged if ended.status == 0 else uncertain).extend(numbers)
            if ended.orphans or ended.status not in (0, -9):
                violations.append(f"round {number}: {ended.status} {ended.said[-300:]}")
            if number % LOOK == LOOK - 1 or killed == wanted:
                violations += _look(harness, archive, acknowledged, uncertain, number)
    return Outcome(
        f"{killed} killed, {len(acknowledged):,} acknowledged, {len(violations)} lost",
        tuple(violations),
    )


def _look(
    harness: Harness, archive: Path, acknowledged: list[int], uncertain: list[int], number: int
) -> list[str]:
    found = harness.violations(
        "kept", folder=str(archive), before=acknowledged, new=uncertain, changed=[], done=False
    )
    return [f"after round {number}: {one}" for one in found]


CHANCE = Row("kill-chance", "SIGKILL at random times", "500, 0 lost", survive)
