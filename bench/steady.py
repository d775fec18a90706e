"""Requests at a constant rate, whether or not those before have been answered: what wrk cannot do.

Moments are drawn as people arrive, independently of each other (a Poisson process). A request's time counts
from the moment at which it was due, so an answer that keeps others waiting counts for all of them. One
thread and plain sockets: at 250 requests a second this takes some 5 % of a core.
"""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
ANSWER_SECONDS = 30.0


@dataclass
class Steady:
    """What came of it: seconds of each answer, and how many there were of each status; 0 is none."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def ask_steadily(port: int, addresses: Sequence[str], rate: float, seconds: float) -> Steady:
    """Ask addresses, one after the other, ``rate`` a second."""
    return asyncio.run(_ask_steadily(port, addresses, rate, seconds))


async def _ask_steadily(port: int, addresses: Sequence[str], rate: float, seconds: float) -> Steady:
    steady, idle, chance = Steady(), list[Connection](), random.Random(1)
    began = due = time.perf_counter()
    tasks: set[asyncio.Task[None]] = set()
    number = 0
    while (due := due + chance.expovariate(rate)) < began + seconds:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        task = asyncio.create_task(_ask(port, addresses[number % len(addresses)], due, idle, steady))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        number += 1
    await asyncio.gather(*tasks)
    for _, writer in idle:
        writer.close()
    return steady


async def _ask(port: int, address: str, due: float, idle: list[Connection], steady: Steady) -> None:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            status = await _answered(port, address, idle)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        status = 0
    steady.seconds.append(time.perf_counter() - due)
    steady.statuses[status] += 1


async def _answered(port: int, address: str, idle: list[Connection]) -> int:
    """Ask on a connection that is free, or a new one; one that the service has closed meanwhile is not."""
    while idle:
        reader, writer = idle.pop()
        if reader.at_eof():
            writer.close()
            continue
        break
    else:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = LENGTH.search(head)
    await reader.readexactly(int(length[1]) if length else 0)
    if b"\r\nConnection: close" in head:
        writer.close()
    else:
        idle.append((reader, writer))
    return int(head.split(b" ", 2)[1])
