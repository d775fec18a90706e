"""Which index is in use: generations side by side in one folder, and a pointer to one of them.

::

    index/
      CURRENT              {"current": "g0007-…", "previous": "g0006-…", "check": "…"}, replaced atomically
      WRITER, BUILDER      lock files; a lock lives as long as the process that holds it
      g0007-…/             one whole index, and in it
        state.json         what it holds: the database's change number, counts, versions

A generation becomes visible when the pointer names it, and only then. Folders that nothing points
to and nobody builds are litter of a crash, and go at the next build.
"""

import fcntl
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from searchsvc.engine import Generation
from searchsvc.errors import IndexBusy, IndexNotWritten, IndexOutdated, IndexUnavailable
from searchsvc.text import terms

POINTER, STATE = "CURRENT", "state.json"


@dataclass(frozen=True, slots=True)
class Pointer:
    """The generations that the folder's pointer names."""

    current: str | None = None
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What a generation holds, as its state file says.

    ``toc`` and ``toc_digest``: the number and checksum of the table of contents that belongs to it.
    A commit becomes visible when this file names it; a table of contents that it does not name is
    one that a crash left behind.
    """

    change: int
    count: int
    terms_version: str
    built: int
    toc: int = -1
    toc_digest: str = ""


class Generations:
    """The index folder: pointer, states and locks. Knows nothing of what is inside a generation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held: dict[str, int] = {}
        self._threads = threading.RLock()
        self._pointer_path = str(folder / POINTER)
        # The pointer as last seen, and the state file of the generation that it named.
        self._pointed: tuple[tuple[int, ...], str] = ((), "")

    def pointer(self) -> Pointer:
        """The pointer as it stands; empty when there is no index yet."""
        try:
            values = json.loads((self.folder / POINTER).read_text())
            # Earlier programs wrote none; and what changes by accident does not lose its checksum.
            return Pointer(**(_checked(values) if "check" in values else values))
        except FileNotFoundError:
            return Pointer()
        except (ValueError, TypeError) as error:
            raise IndexUnavailable(
                f"{self.folder / POINTER} cannot be read ({error}); 'flask reindex' makes a new index"
            ) from error

    def path(self, name: str) -> Path:
        return self.folder / name

    def current(self) -> Path:
        """The folder of the generation in use. Raises IndexUnavailable."""
        name = self.pointer().current
        if name is None:
            raise IndexUnavailable("There is no index yet; 'flask ingest' or 'flask reindex' makes one")
        if not self.path(name).is_dir():
            raise IndexUnavailable(f"The index {name} is missing from {self.folder}; run 'flask reindex'")
        return self.path(name)

    def begin(self) -> str:
        """A new, empty generation folder, named so that names sort by age."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with suppress(IndexUnavailable):  # With a damaged pointer nobody knows what may go.
            self.sweep()
        last = max((int(path.name[1:5]) for path in self._folders()), default=0)
        name = f"g{(last + 1) % 10_000:04d}-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}"
        self.path(name).mkdir()
        return name

    def switch(self, name: str, *, keep: bool = True) -> None:
        """Point to a generation, keep the one before unless told not to, remove all others."""
        before = None
        with suppress(IndexUnavailable):
            before = self.pointer().current
        self.point(Pointer(name, before if keep else None))
        self.sweep()

    def point(self, pointer: Pointer) -> None:
        """Replace the pointer."""
        values = asdict(pointer)
        replace(self.folder / POINTER, json.dumps(values | {"check": _check(values)}))

    def previous(self) -> Path:
        """The folder of the generation kept for ``rollback``. Raises IndexUnavailable."""
        name = self.pointer().previous
        if name is None or not self.path(name).is_dir():
            raise IndexUnavailable("There is no earlier index to go back to")
        return self.path(name)

    def rollback(self) -> str:
        """Point back to the kept generation; what was current is kept in its place."""
        name = self.previous().name
        self.point(Pointer(name, self.pointer().current))
        return name

    def sweep(self) -> None:
        """Remove what nothing points to. Call it holding the builder's lock."""
        pointer = self.pointer()
        for path in self._folders():
            if path.name not in (pointer.current, pointer.previous):
                shutil.rmtree(path)
        for path in self.folder.glob(f".{POINTER}.*"):
            path.unlink(missing_ok=True)

    def _folders(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return [path for path in self.folder.glob("g[0-9][0-9][0-9][0-9]-*") if path.is_dir()]

    def state(self, name: str) -> State:
        """What a generation holds. Raises IndexUnavailable when it was made by other rules."""
        path = self.path(name) / STATE
        try:
            state = State(**_checked(json.loads(path.read_text())))
        except (OSError, ValueError, TypeError) as error:
            raise IndexUnavailable(f"{path} cannot be read ({error}); run 'flask reindex'") from error
        if state.terms_version != terms.VERSION:
            raise IndexOutdated(
                f"The index {name} was made with terms {state.terms_version}, this program has "
                f"{terms.VERSION}; run 'flask reindex'"
            )
        return state

    def set_state(self, name: str, change: int, count: int, toc: int = -1, toc_digest: str = "") -> None:
        """Record what a generation holds after a commit."""
        built = int(time.time())
        with suppress(IndexUnavailable):
            built = self.state(name).built
        values = asdict(State(change, count, terms.VERSION, built, toc, toc_digest))
        replace(self.path(name) / STATE, json.dumps(values | {"check": _check(values)}))

    def describe(self, name: str) -> Generation:
        """A generation as others may know it."""
        state = self.state(name)
        size = sum(_size(path) for path in self.path(name).iterdir())
        return Generation(name, state.count, state.change, size, state.built)

    def stamp(self) -> tuple[int, ...]:
        """A cheap look that differs after every switch and every commit: two stats, some 4 µs."""
        pointer = _look(self._pointer_path)
        if not pointer:
            return ()
        if self._pointed[0] != pointer:
            # Replaced, never rewritten: the same file says the same as when it was read.
            name = self.pointer().current
            self._pointed = pointer, str(self.path(name) / STATE) if name else ""
        return pointer + (_look(self._pointed[1]) if self._pointed[1] else ())

    def holds(self, kind: str) -> bool:
        """Whether it is us who hold a lock."""
        return kind in self._held

    def _lock_file(self, kind: str) -> int:
        """The descriptor of a lock's file, made where there is none. Raises IndexNotWritten."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            return os.open(self.folder / kind, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise not_written(error) from error

    @contextmanager
    def lock(self, kind: str, wait_seconds: float = 60.0) -> Iterator[None]:
        """Hold the folder's lock of one kind, WRITER or BUILDER; once held, again for free.

        The kernel frees it with the process, however that ends; the file tells who has it.
        """
        with self._threads:
            if kind in self._held:
                yield
                return
            descriptor = self._lock_file(kind)
            try:
                acquire(descriptor, self.folder / kind, wait_seconds)
                self._held[kind] = descriptor
                yield
            finally:
                self._held.pop(kind, None)
                os.close(descriptor)


def not_written(error: OSError) -> IndexNotWritten:
    """What the disk refused, in words."""
    return IndexNotWritten(
        f"The index could not be written: {error.strerror or error}. The one in use stays, and the "
        "articles are safe in the database; make room or mend the disk, then run the command again"
    )


def acquire(descriptor: int, path: Path, wait_seconds: float) -> None:
    """Take an advisory lock, or raise IndexBusy that names the process which has it."""
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                owner = os.pread(descriptor, 64, 0).decode("ascii", "replace").strip() or "another process"
                raise IndexBusy(
                    f"{owner} is at work on the index ({path.name} lock); try again later"
                ) from None
            time.sleep(0.05)
        else:
            with suppress(OSError):  # On a full disk the lock is held all the same, by somebody unnamed.
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"process {os.getpid()}".encode(), 0)
            return


def replace(path: Path, text: str) -> None:
    """Write a file so that, whatever happens, it is wholly the old or wholly the new one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames and new files in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest(data: bytes) -> str:
    """A checksum that a file's content is compared with."""
    return blake2b(data, digest_size=12).hexdigest()


def _check(values: dict[str, Any]) -> str:
    return digest(json.dumps(values, sort_keys=True).encode())


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a state file without their checksum. Raises ValueError when it does not fit."""
    if values.pop("check", None) != _check(values):
        raise ValueError("its checksum does not fit")
    return values


def _size(path: Path) -> int:
    """A file's size; 0 if a commit has just removed it."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _look(path: str) -> tuple[int, ...]:
    try:
        status = os.stat(path)  # noqa: PTH116  # A Path costs more than the call.
    except FileNotFoundError:
        return ()
    return status.st_ino, status.st_mtime_ns, status.st_size
