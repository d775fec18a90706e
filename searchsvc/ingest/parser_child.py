"""The process that parses: feeds and pages from anywhere, within limits on memory and time.

``parser`` starts it, gives it one task after the other through its standard input, and replaces it when
one was too much for it. It has no other business: it opens no files and no connections.
"""

import os
import resource
import socket
import sys
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from searchsvc.errors import SearchServiceError
from searchsvc.ingest.feed_body import FeedBody, read_feed
from searchsvc.ingest.wire import OUT_OF_MEMORY, Head, Task, feed_bytes, head_bytes, receive, send, task_of


def main(memory_bytes: int, cpu_seconds: int) -> None:
    """Do tasks until there are no more, or until one has made the process large."""
    channel = _channel()
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    send(channel, b"")
    _quiet()
    spent = False
    while not spent:
        try:
            task, data = task_of(receive(channel)), receive(channel)
        except EOFError:  # The service is done, or dead.
            return
        _allow(cpu_seconds)
        spent = _answer(channel, task, data, memory_bytes // 2)


def _answer(channel: socket.socket, task: Task, data: bytes, much: int) -> bool:
    """Answer one task. Whether the process has grown beyond ``much``.

    It ends then: what it keeps would be charged to the next task.
    """
    outcome: Literal["done", "refused"] = "done"
    try:
        result = _result(task, data)
    except SearchServiceError as error:
        outcome, result = "refused", str(error).encode("utf-8", "replace")
    except MemoryError:
        raise
    except Exception as error:  # A fault of ours or of a library's is this task's, not the round's.
        outcome = "refused"
        result = f"{task.origin}: it cannot be read ({type(error).__name__})".encode("utf-8", "replace")
    spent = _size_bytes() > much
    send(channel, head_bytes(Head(outcome, spent)))
    send(channel, result)
    return spent


def _result(task: Task, data: bytes) -> bytes:
    """What a body is, as it is sent."""
    if task.kind == "page":
        from searchsvc.ingest.page import read_page  # Its libraries are large, and few feeds want it.

        return read_page(data, task.address or "", task.content_type).encode("utf-8", "replace")
    body = FeedBody(data, task.address, task.content_type, task.fetched_at)
    return feed_bytes(read_feed(body, task.origin, zone=ZoneInfo(task.zone)))


def _channel() -> socket.socket:
    """The way to the service, which is standard input; that and output lead nowhere from now on."""
    channel = socket.socket(fileno=os.dup(0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nowhere, descriptor)
    return channel


def _quiet() -> None:
    """Once started, what libraries complain of is no news: it is about what they were given."""
    os.dup2(0, 2)


def _allow(cpu_seconds: int) -> None:
    """Let the process compute for so long from now on: a service that was killed leaves none behind."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + cpu_seconds, hard))


def _size_bytes() -> int:
    """The memory of this process as its limit counts it; 0 where the system does not tell.

    Its peak would not do: a process begins with that of the one that started it.
    """
    try:
        pages = Path("/proc/self/statm").read_text().split()[0]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]), int(sys.argv[2]))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except (ConnectionError, KeyboardInterrupt):
        os._exit(1)
