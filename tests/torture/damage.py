"""Damage in every file of index and database: a flipped bit, a lost end, a page of zeros. All is noticed.

Each attempt damages one file of a copy of an archive. `flask check` must say so. Where it does not, the
damage must be in bytes that carry nothing (SQLite's free space, the text of a lock file): every row of every
table and every answer are as before. What searches meanwhile says that the index is damaged, or answers
rightly; and `flask check --repair` leaves an index that is well.
"""

import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.torture.harness import Harness
from tests.torture.operations import Archive
from tests.torture.row import Outcome, Row, Trial
from tests.torture.workloads import CHANGED, INGESTED, NEW, Workload

PAGE = 4_096
KINDS = ("flip", "cut", "zero")
ARCHIVE = Workload(
    "damage",
    (*INGESTED, ("feeds", "import", "list.opml"), ("reindex",), ("ingest", "new.jsonl", "changed.jsonl")),
    ("check",),
    new=NEW,
    changed=CHANGED,
)
# Findings that no repair of ours can mend: rows that are gone or changed, and a file that SQLite cannot read.
IN_THE_DATABASE = ("rticle", "database")


@dataclass(frozen=True, slots=True)
class Damage:
    """What is done to which file."""

    path: Path
    kind: str
    at: int

    def do(self) -> bool:
        """Do it; whether the file is another one now."""
        before = self.path.read_bytes()
        after = bytearray(before)
        if self.kind == "flip":
            after[self.at // 8] ^= 1 << self.at % 8
        elif self.kind == "cut":
            del after[self.at // 8 :]
        else:
            start = self.at // 8 // PAGE * PAGE
            after[start : start + PAGE] = bytes(len(after[start : start + PAGE]))
        self.path.write_bytes(after)
        return after != before


def choose(folder: Path, chance: random.Random) -> Damage:
    """Any file that is not empty, any kind, any place; larger files more often."""
    files = sorted(
        path for name in ("data", "index") for path in (folder / name).rglob("*") if path.is_file()
    )
    path = chance.choices(files, [path.stat().st_size ** 0.5 for path in files])[0]
    return Damage(path, chance.choice(KINDS), chance.randrange(path.stat().st_size * 8))


def noticed(trial: Trial) -> Outcome:
    """Damage files, one at a time, and look."""
    chance, violations, counts = random.Random(1_000), [], Counter[str]()
    with Harness(trial.folder / "harness") as harness:
        archive = Archive(trial.folder, harness, ARCHIVE)
        archive.renew()
        whole = look(harness, archive.folder)
        violations += [f"undamaged: {one}" for one in whole["findings"]]
        for _ in range(trial.of(24, 1_000)):
            archive.renew()
            damage = choose(archive.folder, chance)
            if not damage.do():
                continue
            found, wrong = judge(harness, archive, whole)
            counts[found] += 1
            name = damage.path.relative_to(archive.folder)
            violations += [f"{damage.kind} at bit {damage.at} of {name}: {one}" for one in wrong]
    figure = f"{counts['noticed']} noticed, {counts['harmless']} in bytes that carry nothing, {counts['missed']} missed"
    return Outcome(figure, tuple(violations))


def look(harness: Harness, folder: Path) -> dict[str, Any]:
    """What somebody sees of it."""
    answer = harness.call("tests.torture.promises:seen", folder=str(folder))
    if answer.value is None:
        raise RuntimeError(f"Looking ended with {answer.status}: {answer.said[-1_000:]}")
    value: dict[str, Any] = answer.value
    return value


def judge(harness: Harness, archive: Archive, whole: dict[str, Any]) -> tuple[str, list[str]]:
    """Whether damage was noticed, and what went wrong."""
    try:
        now = look(harness, archive.folder)
    except RuntimeError as error:
        return "missed", [str(error)]
    wrong = []
    if not isinstance(now["answers"], str) and now["answers"] != whole["answers"]:
        wrong.append("searching gives wrong answers")
    if not now["findings"]:
        same = (now["stored"], now["answers"]) == (whole["stored"], whole["answers"])
        return ("harmless", wrong) if same else ("missed", [*wrong, "nobody notices"])
    answer = harness.call("tests.torture.promises:repaired", folder=str(archive.folder))
    if answer.value is None and "StoreError" not in answer.said:
        wrong.append(f"repairing ended with {answer.status}: {answer.said[-800:]}")
    left = [one for one in answer.value or [] if not any(word in one for word in IN_THE_DATABASE)]
    wrong += [f"not repaired: {one}" for one in left]
    return "noticed", wrong


DAMAGE = Row(
    "damage",
    "bit flips, truncations, zeroed pages in every file",
    "1,000, all noticed",
    noticed,
)
