"""Small instruments: memory of processes, bytes on disk, percentiles, the page cache."""

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

POLL_SECONDS = 0.2


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """The 50th, 95th and 99th percentile."""
    found = np.percentile(np.array(values, float), (50, 95, 99))
    return {name: float(value) for name, value in zip(("p50", "p95", "p99"), found, strict=True)}


def folder_bytes(folder: Path) -> int:
    """All files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def smaps(pid: int) -> dict[str, int]:
    """A process's memory by kind, in bytes, as the kernel sums it up."""
    kinds = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, size, *_ = line.split()
        kinds[name.rstrip(":")] = int(size) * 1024
    return kinds


def private_bytes(pid: int) -> int:
    """What would be free without this process: pages that it shares with nobody."""
    kinds = smaps(pid)
    return kinds["Private_Clean"] + kinds["Private_Dirty"] + kinds.get("Private_Hugetlb", 0)


def reset_peak() -> None:
    """Forget the most memory that this process has had, which it may even have from its parent."""
    Path("/proc/self/clear_refs").write_text("5")


def own_peak() -> int:
    """The most memory that this process had since ``reset_peak``, mapped files included."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def evict(folder: Path) -> None:
    """Take a folder's files out of the page cache, as far as nobody maps them."""
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


class Peak:
    """The most memory that a process and its descendants had together while watched.

    Shared pages count once, in parts, for each (PSS); mapped files count too, so this is more than
    the heap alone.
    """

    def __init__(self, pid: int) -> None:
        self.bytes = 0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(POLL_SECONDS):
            self.bytes = max(self.bytes, sum(map(_share, family(self._pid))))


def family(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    yield pid
    try:
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in path.read_text().split():
                yield from family(int(child))
    except OSError:
        return


def _share(pid: int) -> int:
    try:
        return smaps(pid).get("Pss", 0)
    except OSError:
        return 0
