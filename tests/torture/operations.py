"""Every command disturbed at each of its file operations: killed, torn, refused."""

import errno
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.torture.harness import Ended, Harness
from tests.torture.row import Outcome, Row, Trial
from tests.torture.shim import Action
from tests.torture.workloads import WORKLOADS, Workload, copy, make_files

# Points of each command in the quick form, spread over all of them.
QUICK_POINTS = 4


# What it is called, what the shim does, and the error that it gives.
Disturbance = tuple[str, Action, int]


class Archive:
    """An archive made ready for a workload, of which every attempt gets a copy."""

    def __init__(self, folder: Path, harness: Harness, workload: Workload) -> None:
        self._ready, self.folder = folder / "ready", folder / "attempt"
        self._harness, self.workload = harness, workload
        shutil.rmtree(self._ready, ignore_errors=True)
        make_files(self._ready)
        for command in workload.prepare:
            ended = self._run(self._ready, command)
            if ended.status:
                raise RuntimeError(f"{command} ended with {ended.status}: {ended.said}")
        if workload.damage:
            workload.damage(self._ready)

    def _run(self, folder: Path, command: object) -> Ended:
        return self._harness.call(
            "tests.torture.workloads:run",
            folder=str(folder),
            command=command,
            processes=self.workload.processes,
        )

    def renew(self) -> None:
        """The archive as it was made ready."""
        copy(self._ready, self.folder)

    def attempt(
        self, action: Action = Action.COUNT, at: int = 0, error: int = 0, log: Path | None = None
    ) -> tuple[Ended, int]:
        """Run the command on a copy, with what goes wrong; how it ended, and its operations."""
        self.renew()
        self._harness.shim.arm(self.folder, action, at, error, log)
        ended = self._run(self.folder, self.workload.command)
        return ended, self._harness.shim.disarm()

    def violations(self, ended: Ended) -> Iterator[str]:
        """What is not as promised after an attempt."""
        if ended.orphans:
            yield "a process of it stays behind"
        if "Traceback" in ended.said:
            yield f"it ended with a traceback: {ended.said[-600:]}"
        workload = self.workload
        if not workload.damage:
            untouched = [number for number in workload.before if number not in workload.changed]
            yield from self._harness.violations("reads", folder=str(self.folder), before=untouched)
        if workload.again:
            self._run(self.folder, workload.command)
        yield from self._harness.violations(
            "kept",
            folder=str(self.folder),
            before=list(workload.before),
            new=list(workload.new),
            changed=list(workload.changed),
            done=ended.status == 0,
        )


def points(count: int, trial: Trial) -> list[int]:
    """The operations at which something goes wrong: every one, or a few, the last among them."""
    if not trial.quick:
        return list(range(count))
    return sorted({number * (count - 1) // (QUICK_POINTS - 1) for number in range(QUICK_POINTS)})


def disturb(trial: Trial, disturbances: Sequence[Disturbance]) -> Outcome:
    """Each disturbance at each operation of each command in turn, and what is not as promised then."""
    violations: list[str] = []
    tried = 0
    with Harness(trial.folder / "harness") as harness:
        for workload in WORKLOADS:
            archive = Archive(trial.folder, harness, workload)
            ended, count = archive.attempt()
            violations += [f"{workload.name}, undisturbed: {one}" for one in archive.violations(ended)]
            for name, action, error in disturbances:
                for at in points(count, trial):
                    ended, _ = archive.attempt(action, at, error)
                    tried += 1
                    where = f"{workload.name}, {name} at {at} of {count}"
                    violations += [f"{where}: {one}" for one in archive.violations(ended)]
    return Outcome(f"{tried:,} points, {len(violations)} violations", tuple(violations))


def killed(trial: Trial) -> Outcome:
    """Kill, and kill in the middle of a write."""
    return disturb(trial, [("killed", Action.KILL, 0), ("torn", Action.TEAR, 0)])


def refused(trial: Trial) -> Outcome:
    """The disk is full or broken, for a moment or from then on."""
    disturbances = [
        (f"{errno.errorcode[error]} {how}", action, error)
        for error in (errno.ENOSPC, errno.EIO)
        for how, action in (("once", Action.FAIL_ONCE), ("from then on", Action.FAIL_ON))
    ]
    return disturb(trial, disturbances)


KILLED = Row(
    "kill-points",
    "SIGKILL at every file operation of ingest, commit, reindex, switch",
    "all points, 0 violations",
    killed,
)
REFUSED = Row(
    "disk-errors",
    "ENOSPC and EIO at every file operation, once and from then on",
    "0 lost, serving stays up",
    refused,
)
