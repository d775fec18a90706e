"""Feeds and pages are parsed in a process of its own: this is the service's end of it.

What comes from the network is parsed by libraries that have to be ready for anything, and are not: some
bodies take minutes or gigabytes, some may end the process. So there is a child that parses, one feed
after the other, within limits; whatever is too much for it is named, the child is ended, and the next
feed has another one. One child is enough: a round waits for the network.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from searchsvc.errors import SourceError
from searchsvc.ingest.feed_body import FeedBody
from searchsvc.ingest.feeds import Feed
from searchsvc.ingest.wire import (
    OUT_OF_MEMORY,
    Head,
    Task,
    WireError,
    feed_of,
    head_of,
    receive,
    send,
    task_bytes,
)
from searchsvc.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
# Only a machine that has come to a halt takes so long to start a process.
START_SECONDS = 60.0
# How long a child that has hung up may take to be gone.
END_SECONDS = 2.0
LONGEST_REASON = 1_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What parsing one body may take: seconds of the clock, and memory of the whole process."""

    seconds: float
    memory_bytes: int


class Parser:
    """Parses in a child that is started when it is first needed; to be closed. For one thread at a time.

    ``started`` counts the children so far.
    """

    def __init__(self, limits: Limits) -> None:
        self.started = 0
        self._limits = limits
        self._child: _Child | None = None

    def feed(self, body: FeedBody, origin: str, *, zone: ZoneInfo) -> Feed:
        """The feed that a body is. Raises SourceError when it is none, or too much."""
        task = Task("feed", origin, zone.key, body.address, body.content_type, body.fetched_at)
        result = self._do(task, body.data)
        try:
            return feed_of(result)
        except WireError as error:
            raise self._failed(origin, error) from error

    def feed_file(self, data: bytes, *, origin: str, zone: ZoneInfo) -> Feed:
        """The feed that a file's bytes are, as ``feed``."""
        return self.feed(FeedBody(data), origin, zone=zone)

    def page(self, data: bytes, address: str, content_type: str | None) -> str:
        """The article of a page, as markup, or nothing. Raises SourceError when it is too much."""
        task = Task("page", address, address=address, content_type=content_type)
        return self._do(task, data).decode("utf-8", "replace")

    def close(self) -> None:
        """End the child."""
        if self._child:
            self._child.end()
            self._child = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    def _do(self, task: Task, data: bytes) -> bytes:
        """The result of a task. Raises SourceError that says why there is none."""
        try:
            head, result = self._begun(task.origin).ask(task, data, self._limits)
        except (OSError, EOFError, WireError) as error:
            raise self._failed(task.origin, error) from error
        except BaseException:  # Interrupted half way: what comes next would be the answer to this.
            self.close()
            raise
        if head.spent:
            self.close()
        if head.outcome == "refused":
            raise SourceError(_line(result))
        return result

    def _begun(self, origin: str) -> "_Child":
        if self._child is None:
            self.started += 1
            try:
                self._child = _Child(self._limits)
            except (OSError, EOFError, WireError) as error:
                raise SourceError(
                    f"{origin}: the process that parses feeds could not be started ({error or 'it ended'}); "
                    "see what it wrote above, and whether memory is left"
                ) from error
        return self._child

    def _failed(self, origin: str, error: Exception) -> SourceError:
        """Why a child had no answer; it is gone then."""
        status = (
            self._child.status() if self._child and isinstance(error, (EOFError, ConnectionError)) else None
        )
        self.close()
        return SourceError(f"{origin}: {_reason(error, status, self._limits)}")


class _Child:
    """One child, ready. Whatever it raises, it is to be ended then."""

    def __init__(self, limits: Limits) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._channel, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = _started(theirs, limits)
            receive(self._channel, 0, time.monotonic() + START_SECONDS)
        except BaseException:
            self.end()
            raise

    def ask(self, task: Task, data: bytes, limits: Limits) -> tuple[Head, bytes]:
        """How a task went, and its result."""
        deadline = time.monotonic() + limits.seconds
        self._channel.settimeout(limits.seconds)
        send(self._channel, task_bytes(task))
        send(self._channel, data)
        head = head_of(receive(self._channel, limits.memory_bytes, deadline))
        # It cannot have made more than it may hold.
        return head, receive(self._channel, limits.memory_bytes, deadline)

    def status(self) -> int | None:
        """The exit status of a process that has hung up, negative for a signal; None if it goes on."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(END_SECONDS) if self._process else None
        return None

    def end(self) -> None:
        """End the process, whatever it does, and see that it has ended."""
        self._channel.close()
        if self._process:
            self._process.kill()
            self._process.wait()


def _started(channel: socket.socket, limits: Limits) -> subprocess.Popen[bytes]:
    """The process, given its end of the channel."""
    # Above the clock's limit: that one ends it, this one a child whose service is gone.
    command = [sys.executable, "-m", "searchsvc.ingest.parser_child"]
    command += [str(limits.memory_bytes), str(ceil(limits.seconds) + 1)]
    # What is secret (a proxy's password) is not for it; Ctrl-C is for the service, which ends it.
    environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environ,
        stdin=channel.fileno(),
        stdout=subprocess.DEVNULL,
        process_group=0,
    )


def parser(settings: Settings) -> Parser:
    """A Parser as the settings want it."""
    return Parser(Limits(settings.parse_timeout_seconds, settings.parse_memory_mb * 1_000_000))


def _reason(error: Exception, status: int | None, limits: Limits) -> str:
    """What became of a child that had no answer, and what to do."""
    if isinstance(error, TimeoutError) or status == -signal.SIGXCPU:
        return (
            f"it was not parsed within {limits.seconds:g} seconds, and was given up; raise the setting "
            "PARSE_TIMEOUT_SECONDS if it is to be so large, or pause it"
        )
    if status == OUT_OF_MEMORY:
        return (
            f"parsing it takes more than {limits.memory_bytes // 1_000_000} MB, and was given up; raise the "
            "setting PARSE_MEMORY_MB if it is to be so large, or pause it"
        )
    if isinstance(error, WireError):
        return "the process that parsed it answered nonsense, and was ended; pause it if that happens again"
    how = signal.Signals(-status).name if status and status < 0 else f"status {status}"
    return f"the process that parsed it ended ({how}); try again, and pause it if that happens again"


def _line(text: bytes) -> str:
    """A sentence from the child, as it can be shown."""
    whole = text.decode("utf-8", "replace")[:LONGEST_REASON]
    return "".join(char if char.isprintable() else " " for char in whole)
