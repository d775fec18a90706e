"""A process with the shim in it and everything imported, from which each attempt is forked.

Starting Python for each of thousands of attempts would take seconds each. ``Harness`` is the side of the
battery; ``python -m tests.torture.harness`` the other one. It reads a line of JSON, forks, calls a function
of a module with keyword arguments in the child, and answers with a line: how the child ended, what the
function returned, what the child wrote.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.torture.shim import Shim

ROOT = Path(__file__).resolve().parents[2]
# What attempts need: imported once, before the first fork.
IMPORTED = ("searchsvc.commands", "searchsvc.web.app", "searchsvc.engine.reading", "tests.torture.workloads")
# How long what an attempt leaves behind may take to notice that it is alone.
ALONE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended: exit status, or the negative number of the signal that killed it."""

    status: int
    value: Any
    said: str
    orphans: bool


class Harness:
    """The process that attempts are forked from; ``shim`` is armed by whoever calls."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.shim = Shim(folder / "shim.state")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.harness", str(folder)],
            cwd=ROOT,
            env=os.environ | self.shim.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def call(self, function: str, *, kill_after: float | None = None, **arguments: Any) -> Ended:
        """Call ``module:function`` in a child of its own, which may be killed after some seconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(
            json.dumps({"function": function, "arguments": arguments, "kill_after": kill_after}) + "\n"
        )
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("The harness has ended")
        return Ended(**json.loads(answer))

    def violations(self, promise: str, **arguments: Any) -> list[str]:
        """What a function of ``promises`` finds broken; that it could not look counts as well."""
        ended = self.call(f"tests.torture.promises:{promise}", **arguments)
        if ended.value is None:
            return [f"{promise} ended with {ended.status}: {ended.said[-600:]}"]
        violations: list[str] = ended.value
        return violations


def serve(folder: Path) -> None:
    """Answer until standard input ends."""
    for name in IMPORTED:
        importlib.import_module(name)
    for request in sys.stdin:
        print(json.dumps(attempt(json.loads(request), folder)), flush=True)


def attempt(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Fork, call, and tell how it ended."""
    said, value = folder / "said", folder / "value"
    value.unlink(missing_ok=True)
    pid = os.fork()
    if pid == 0:
        _call(request, said, value)
    if request["kill_after"] is not None:
        time.sleep(request["kill_after"])
        os.kill(pid, signal.SIGKILL)  # Not waited for yet, so it is still this process's number.
    _, wait_status = os.waitpid(pid, 0)
    orphans = not _all_gone(pid)
    returned = json.loads(value.read_text()) if value.exists() else None
    return {
        "status": os.waitstatus_to_exitcode(wait_status),
        "value": returned,
        "said": said.read_text(errors="replace")[-4_000:],
        "orphans": orphans,
    }


def _call(request: dict[str, Any], said: Path, value: Path) -> None:
    """In the child: a group of its own, standard streams into a file, the function, its exit status."""
    os.setpgid(0, 0)
    output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    status = 70
    try:
        module, name = request["function"].split(":")
        result = getattr(importlib.import_module(module), name)(**request["arguments"])
        value.write_text(json.dumps(result))
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _all_gone(group: int) -> bool:
    """Whether every process of a group ends by itself; those that do not are killed."""
    until = time.monotonic() + ALONE_SECONDS
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except (ProcessLookupError, PermissionError):
            return True
        time.sleep(0.01)
    with suppress(ProcessLookupError):
        os.killpg(group, 9)
    return False


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
