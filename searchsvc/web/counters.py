"""Counts of requests by key, in memory that all workers share, so that a limit is one limit.

Flask-Limiter's own store in memory is one for each worker: a limit would be more or less of what was set,
by how many workers a client happens to meet, and it begins a thread for every request. This one is a table
of fixed size in a file without a name (``memfd``), which gunicorn's first process opens and its workers
inherit. A key has a place by its digest; among a few places the one whose window ends first is taken for a
new key, so a flood of addresses costs no memory and forgets the oldest windows.
"""

import fcntl
import mmap
import os
import struct
import threading
import time
from hashlib import blake2b

from limits.storage import Storage

# The number of the file that workers inherit; without it a process counts for itself.
INHERITED = "SEARCHSVC_COUNTERS_FILE"
# digest, end of the window in seconds, count. The digest 0 is none.
RECORD = struct.Struct("<QdQ")
PLACES, NEIGHBOURS = 1 << 16, 8
SIZE = PLACES * RECORD.size
DIGEST_BITS_OF_PLACE = PLACES - 1


class SharedCounters(Storage):
    """What ``limits`` wants of a store for fixed windows."""

    STORAGE_SCHEME = ["searchsvc"]  # noqa: RUF012  # The base class declares it so.
    base_exceptions = OSError

    def __init__(
        self, uri: str | None = None, wrap_exceptions: bool = False, **_: float | str | bool
    ) -> None:
        super().__init__(uri, wrap_exceptions)
        inherited = os.environ.get(INHERITED)
        self._file = int(inherited) if inherited else os.memfd_create("searchsvc-counters")
        os.ftruncate(self._file, SIZE)
        self._table = mmap.mmap(self._file, SIZE)
        self._threads = threading.Lock()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count a request; how many there are in the key's window, which begins with its first one."""
        digest, now = _digest(key), time.time()
        # The kernel's lock is a process's, and is freed when that one is killed; threads have their own.
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                at, ends, count = self._find(digest, now)
                count += amount
                RECORD.pack_into(self._table, at, digest, ends if count > amount else now + expiry, count)
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)
        return count

    def get(self, key: str) -> int:
        """How many there are in the key's window."""
        return self._find(_digest(key), time.time())[2]

    def get_expiry(self, key: str) -> float:
        """When the key's window ends."""
        now = time.time()
        _, ends, count = self._find(_digest(key), now)
        return ends if count else now

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        """Forget everything."""
        self._table[:] = bytes(SIZE)
        return None

    def clear(self, key: str) -> None:
        """Forget a key."""
        at, _, count = self._find(_digest(key), time.time())
        if count:
            RECORD.pack_into(self._table, at, 0, 0.0, 0)

    def _find(self, digest: int, now: float) -> tuple[int, float, int]:
        """The place of a key, the end of its window and its count; for a new one the place to take, and 0."""
        first = digest & DIGEST_BITS_OF_PLACE
        chosen, soonest = 0, float("inf")
        for number in range(first, first + NEIGHBOURS):
            at = number % PLACES * RECORD.size
            known, ends, count = RECORD.unpack_from(self._table, at)
            if known == digest and ends > now:
                return at, ends, count
            if ends < soonest:
                chosen, soonest = at, ends
        return chosen, 0.0, 0


def _digest(key: str) -> int:
    return int.from_bytes(blake2b(key.encode("utf-8", "replace"), digest_size=8).digest(), "little") or 1
