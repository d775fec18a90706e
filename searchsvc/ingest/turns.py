"""Turns: one visitor at a time for each host, and a pause between two visits."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class _Door:
    """One host's. ``free_at`` is when its next visitor may come, by the monotonic clock."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    free_at: float = 0.0


class Turns:
    """The doors of all hosts that are visited; shared by everything that fetches at the same time."""

    def __init__(self, pause_seconds: float = 0.0) -> None:
        self.pause_seconds = pause_seconds
        self._doors: dict[str, _Door] = {}
        self._lock = threading.Lock()

    @contextmanager
    def at(self, host: str) -> Iterator[float]:
        """One visit to a host, once it is our turn; gives the seconds that were waited for it."""
        began = time.monotonic()
        with self._lock:
            door = self._doors.setdefault(host.lower().rstrip(".").removeprefix("www."), _Door())
        with door.lock:
            time.sleep(max(0.0, door.free_at - time.monotonic()))
            try:
                yield time.monotonic() - began
            finally:
                door.free_at = time.monotonic() + self.pause_seconds
