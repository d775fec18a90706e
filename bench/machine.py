"""What was measured on, so that figures can be compared: no names, no paths."""

import os
import platform
import sqlite3
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

PACKAGES = ("numpy", "Whoosh", "Whoosh-Reloaded", "rjieba", "jieba", "tantivy")
ARRAY_BYTES = 256 << 20


def machine() -> dict[str, Any]:
    """Processor, cores, memory, kernel, and how fast one core reads memory."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "ram_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}",
        "read_bytes_per_second": _read_speed(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def sentence() -> str:
    """Cores, processor and Python, to be printed beside figures."""
    return f"{len(os.sched_getaffinity(0))} cores, {_cpu()}, Python {platform.python_version()}"


def versions() -> dict[str, str]:
    """The versions of everything that was measured."""
    found = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


def _read_speed() -> float:
    """Bytes a second that one core reads out of an array far larger than the caches; best of five."""
    array = np.ones(ARRAY_BYTES // 8, np.int64)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        array.max()
        times.append(time.perf_counter() - start)
    return float(ARRAY_BYTES / min(times))
