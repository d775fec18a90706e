"""The shim as Python sees it: built once, armed by writing into the file that all its processes share.

``shim.c`` does the work. Its state is a file of one page::

    count, at, action, error, log, lock     64-bit integers
    folder, log_path                        512 bytes each, ended by NUL
"""

import errno
import hashlib
import mmap
import os
import struct
import subprocess
import tempfile
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Self

SOURCE = Path(__file__).with_name("shim.c")
STATE = struct.Struct("<6q512s512s")
SIZE = 4_096


class Action(IntEnum):
    """What happens at the operation that was chosen; the numbers are those of shim.c."""

    COUNT = 0
    KILL = 1
    TEAR = 2
    FAIL_ONCE = 3
    FAIL_ON = 4


@cache
def library() -> Path:
    """The compiled shim."""
    text = SOURCE.read_bytes()
    path = Path(tempfile.gettempdir()) / f"shim-{os.getuid()}-{hashlib.sha256(text).hexdigest()[:16]}.so"
    if not path.exists():
        beside = path.with_suffix(f".{os.getpid()}")
        subprocess.run(
            ["cc", "-O2", "-shared", "-fPIC", "-o", str(beside), str(SOURCE), "-ldl"],
            check=True,
        )
        beside.replace(path)
    return path


class Shim:
    """The shared state: who has the shim loaded and was told of this file obeys it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(bytes(SIZE))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), SIZE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._map.close()

    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to be watched."""
        return {"LD_PRELOAD": str(library()), "SHIM_STATE": str(self.path)}

    def arm(
        self,
        folder: Path,
        action: Action = Action.COUNT,
        at: int = 0,
        error: int = errno.ENOSPC,
        log: Path | None = None,
    ) -> None:
        """Watch a folder from now on, and let operation ``at`` go wrong."""
        values = (0, at, action, error, int(log is not None), 0)
        paths = (os.fsencode(folder), os.fsencode(log) if log else b"")
        self._map[: STATE.size] = STATE.pack(*values, *paths)

    def disarm(self) -> int:
        """Watch nothing more; how many operations there were."""
        count = int(STATE.unpack(self._map[: STATE.size])[0])
        self._map[: STATE.size] = bytes(STATE.size)
        return count
