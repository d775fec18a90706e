"""Power cuts: what was written and not synced is gone, or half there, or there out of order.

A command runs once under the shim, which writes down every file operation with its data. From that log
the disk is put together as a power cut may leave it at any operation:

- names (creations, renames, removals) are kept in order, as a journal keeps them, at least up to the last
  one that was followed by a sync of a folder;
- of a file, what was written before its last sync is there; of the writes since, any may be missing, and
  one may be half there.

``-shm`` files are left out: SQLite makes them anew, and no power cut leaves them.
"""

import random
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture.harness import Ended, Harness
from tests.torture.operations import Archive, points
from tests.torture.row import Outcome, Row, Trial
from tests.torture.workloads import WORKLOADS

# How a cut is chosen at each operation: everything unsynced lost, or a part of it.
VARIANTS = ("all lost", "some lost", "some lost, another way")


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the shim's log. Paths are absolute."""

    what: str
    path: str
    other: str
    offset: int
    data: bytes


@dataclass(slots=True)
class File:
    """A file's content as far as it was synced, and what was done to it since."""

    synced: bytes = b""
    since: list[Operation] = field(default_factory=list)

    def sync(self) -> None:
        self.synced, self.since = done(self.synced, self.since), []

    def after_cut(self, chance: random.Random | None) -> bytes:
        """What is left of it. Without chance: only what was synced."""
        if chance is None:
            return self.synced
        left = [operation for operation in self.since if chance.random() < 0.6]
        if left and chance.random() < 0.5:
            last = left[-1]
            left[-1] = Operation(last.what, last.path, "", last.offset, last.data[: len(last.data) // 2])
        return done(self.synced, left)


def done(content: bytes, operations: Iterable[Operation]) -> bytes:
    """A content after writes and cuts."""
    changed = bytearray(content)
    for operation in operations:
        if operation.what == "cut":
            del changed[operation.offset :]
            changed.extend(bytes(operation.offset - len(changed)))
        else:
            changed.extend(bytes(max(0, operation.offset - len(changed))))
            changed[operation.offset : operation.offset + len(operation.data)] = operation.data
    return bytes(changed)


def read_log(path: Path) -> list[Operation]:
    """The operations, in order."""
    operations = []
    with path.open("rb") as file:
        while line := file.readline():
            what, name, other, offset, length = line.rstrip(b"\n").split(b"\t")
            data = file.read(int(length))
            operations.append(Operation(what.decode(), name.decode(), other.decode(), int(offset), data))
    return operations


class Disk:
    """What a disk holds, of which some is only promised."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = {str(path): File(path.read_bytes()) for path in folder.rglob("*") if path.is_file()}
        self.folders = {str(path) for path in folder.rglob("*") if path.is_dir()} | {str(folder)}
        # Names as they were synced, and what was done to them since, with the file that it was done to.
        self._names = dict(self.files), set(self.folders)
        self._since: list[tuple[Operation, File | None]] = []

    def do(self, operation: Operation) -> None:
        """One more operation."""
        what, path = operation.what, operation.path
        if what == "sync" and path in self.folders:
            self._names, self._since = (dict(self.files), set(self.folders)), []
        elif what == "sync" and path in self.files:
            self.files[path].sync()
        elif what in ("write", "cut") and path in self.files:
            self.files[path].since.append(operation)
        elif what in ("create", "unlink", "rename", "mkdir", "rmdir"):
            subject = File() if what == "create" else self.files.get(path)
            self._since.append((operation, subject))
            named(self.files, self.folders, operation, subject)

    def cut(self, chance: random.Random | None) -> None:
        """Write what a power cut leaves into the folder."""
        files, folders = dict(self._names[0]), set(self._names[1])
        kept = chance.randint(0, len(self._since)) if chance else 0
        for operation, subject in self._since[:kept]:
            named(files, folders, operation, subject)
        shutil.rmtree(self.folder)
        for path in sorted(folders):
            Path(path).mkdir(parents=True, exist_ok=True)
        for path, file in files.items():
            if not path.endswith("-shm"):
                Path(path).write_bytes(file.after_cut(chance))


def named(files: dict[str, File], folders: set[str], operation: Operation, subject: File | None) -> None:
    """Do to names what an operation does."""
    path = operation.path
    if operation.what == "mkdir":
        folders.add(path)
    elif operation.what == "rmdir":
        folders.discard(path)
    elif operation.what == "unlink":
        files.pop(path, None)
    elif subject is not None:
        files.pop(path, None)
        files[operation.other or path] = subject


def cuts(archive: Archive, trial: Trial) -> Iterator[str]:
    """Cut the power at each operation, in several ways; what is not as promised then."""
    log = trial.folder / "log"
    log.unlink(missing_ok=True)
    ended, _ = archive.attempt(log=log)
    operations = read_log(log)
    for at in points(len(operations) + 1, trial):
        for number, variant in enumerate(VARIANTS):
            archive.renew()
            disk = Disk(archive.folder)
            for operation in operations[:at]:
                disk.do(operation)
            disk.cut(random.Random(f"{at} {variant}") if number else None)
            whole = at == len(operations)
            state = ended if whole else Ended(-9, None, "", orphans=False)
            where = f"{archive.workload.name}, cut at {at} of {len(operations)}, {variant}"
            yield from (f"{where}: {one}" for one in archive.violations(state))
            yield ""


def unsynced_is_lost(trial: Trial) -> Outcome:
    """Cut the power during every command."""
    found: list[str] = []
    with Harness(trial.folder / "harness") as harness:
        for workload in WORKLOADS:
            found += cuts(Archive(trial.folder, harness, workload), trial)
    violations = tuple(filter(None, found))
    return Outcome(f"{found.count(''):,} cuts, {len(violations)} violations", violations)


POWER = Row(
    "power-cuts",
    "unsynced writes dropped or torn, at every file operation",
    "0 lost, serving stays up",
    unsynced_is_lost,
)
