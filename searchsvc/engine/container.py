"""Many arrays in one file, mapped; written once, checked before anything in it is believed.

::

    magic and version, 64 bytes
    section, section, …            each at a multiple of 64 bytes
    sums                           one 64-bit sum for each 256 KiB of all that is above
    table                          JSON: the sections by name, and what the writer wants to add
    trailer, 32 bytes              lengths of table and sums, checksum of table and sums, magic

A reader starts from the trailer, so a file that was cut off is noticed before anything else. Then
it adds up the content, chunk by chunk, and compares: adding 64-bit words runs at the speed of
memory (measured 30 GB/s warm, where crc32 does 4 and blake2b 1). A sum notices any flipped bit, any
zeroed page and any torn write; what it cannot notice, two changes that cancel out to the bit, does
not happen by accident. The crc32 of the body is kept as well, for ``check``.

A file of up to 32 MiB is checked whole when it is opened. Of a larger one, everything but the
postings is (20 MB of an index of 600), and the postings in two ways at once: each chunk before the
first query that reads it, and all of them by a thread that starts at once (0.25 s for 600 MB in the
page cache; from a disk, as long as reading takes, 0.3 s and more, which is why opening does not
wait for it). So no answer comes from a damaged chunk, and damage anywhere is reported within
moments of opening, not when somebody happens to ask for it.

A mapped file that shrinks kills the process that reads the missing part. Nothing here shrinks a
file: it is written under its final name but named by nobody until it is complete and synced, and
removed, never rewritten. Against others, ``still_whole`` compares the size before each search.
"""

import json
import mmap
import os
import struct
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from searchsvc.errors import IndexOutdated, IndexUnavailable

MAGIC = b"zh\xe6\x96\x87arrays"
VERSION = 3
ALIGNMENT = 64
CHUNK = 1 << 18
# Chunks that are read at once to be checked.
AT_ONCE = 16
# The largest file that is checked whole before it is used.
EAGER = 1 << 25
TRAILER = struct.Struct("<QQQ8s")
MEND = "run 'flask reindex'"


class Writer:
    """A container being written; complete and synced when its ``with`` block ends well."""

    def __init__(self, path: Path, passing: bool = False) -> None:
        """``passing``: a file that is read once by this program and not kept, hence not synced."""
        self.path = path
        self._passing = passing
        self.meta: dict[str, Any] = {}
        self._sections: dict[str, tuple[str, int, int]] = {}
        self._file: BinaryIO = path.open("xb")
        self._open: tuple[str, str, int] | None = None
        self._crc = 0
        self._at = 0
        self._write(_first_bytes())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._file.close()
            if kind is not None:
                self.path.unlink(missing_ok=True)

    def add(self, name: str, array: NDArray[Any]) -> None:
        """Write an array as a section."""
        self.begin(name, array.dtype.str)
        self.append(array)

    def begin(self, name: str, dtype: str) -> None:
        """Begin a section that grows by ``append``, until the next one begins."""
        self._end_section()
        self._write(bytes(-self._at % ALIGNMENT))
        self._open = (name, dtype, self._at)

    def append(self, array: NDArray[Any]) -> None:
        self._write(np.ascontiguousarray(array).view(np.uint8).data)

    def _end_section(self) -> None:
        if self._open is not None:
            name, dtype, start = self._open
            self._sections[name] = (dtype, start, (self._at - start) // np.dtype(dtype).itemsize)
            self._open = None

    def _write(self, data: bytes | memoryview) -> None:
        self._file.write(data)
        self._crc = zlib.crc32(data, self._crc)
        self._at += len(data)

    def _finish(self) -> None:
        self._end_section()
        self._write(bytes(-self._at % ALIGNMENT))
        table = {
            "version": VERSION,
            "sections": self._sections,
            "meta": self.meta,
            "body": [self._at, self._crc],
            "chunk": CHUNK,
        }
        tail = json.dumps(table, ensure_ascii=False).encode()
        self._file.flush()
        with self.path.open("rb") as written:
            sums = chunk_sums(written.fileno(), 0, self._at, CHUNK).tobytes()
        self._file.write(sums + tail)
        self._file.write(TRAILER.pack(len(tail), len(sums), zlib.crc32(sums + tail), MAGIC[:8]))
        self._file.flush()
        if not self._passing:
            os.fsync(self._file.fileno())


class Container:
    """A container opened for reading. Raises IndexUnavailable, naming the file, when it is damaged.

    Sections whose name ends in ``.data`` may be checked later than the others: whoever reads them
    calls ``touch`` first.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            # Kept open, to ask for its size: looking it up by its name again takes five times as long.
            self._file = path.open("rb")
            self.size = os.fstat(self._file.fileno()).st_size
            self._map = mmap.mmap(self._file.fileno(), 0, prot=mmap.PROT_READ)
        except FileNotFoundError as error:
            raise IndexUnavailable(f"{path} is missing; {MEND}") from error
        except (OSError, ValueError) as error:
            raise IndexUnavailable(f"{path} cannot be read ({error}); {MEND}") from error
        self.bytes = memoryview(self._map)
        self.octets = np.frombuffer(self._map, np.uint8)
        table = self._table()
        self.meta: dict[str, Any] = table["meta"]
        self._sections: dict[str, tuple[str, int, int]] = table["sections"]
        self._check_content()

    def _table(self) -> dict[str, Any]:
        """The table, after everything it describes has been compared with its checksum."""
        if self.size < ALIGNMENT + TRAILER.size:
            raise self.damaged("it is cut off")
        tail_length, sums_length, crc, magic = TRAILER.unpack(self.bytes[-TRAILER.size :])
        begin = self.size - TRAILER.size - tail_length - sums_length
        if magic != MAGIC[:8] or begin < ALIGNMENT or zlib.crc32(self.bytes[begin : -TRAILER.size]) != crc:
            raise self.damaged("it is cut off or changed at its end")
        table: dict[str, Any] = json.loads(bytes(self.bytes[begin + sums_length : -TRAILER.size]))
        if table["version"] != VERSION:
            raise IndexOutdated(
                f"{self.path} has format {table['version']}, this program reads {VERSION}; {MEND}"
            )
        self._end, self._crc = table["body"]
        self._chunk: int = table["chunk"]
        if self._end != begin:
            raise self.damaged("its parts do not fit together")
        self._sums = np.frombuffer(self.bytes[begin : begin + sums_length], np.uint64)
        return table

    def _check_content(self) -> None:
        """Check what has to be checked now, and begin to check the rest."""
        self._damage: IndexUnavailable | None = None
        later = np.zeros(len(self._sums), np.uint8)
        if self.size > EAGER:
            for name, (_, start, length) in self._sections.items():
                if name.endswith(".data"):
                    # Only chunks that have nothing else in them; .data is of bytes.
                    later[-(-start // self._chunk) : (start + length) // self._chunk] = 1
        for first, last in _runs(later == 0):
            self._check_chunks(first, last)
        self._unchecked = bytearray(later)
        self.is_checked = not later.any()
        if not self.is_checked:
            threading.Thread(target=self._check_rest, name=f"check {self.path.name}", daemon=True).start()

    def _check_chunks(self, first: int, last: int) -> None:
        end = min(last * self._chunk, self._end)
        found = chunk_sums(self._file.fileno(), first * self._chunk, end, self._chunk)
        if not np.array_equal(found, self._sums[first:last]):
            raise self.damaged("its content has changed since it was written")

    def _check_rest(self) -> None:
        try:
            for first, last in _runs(np.frombuffer(self._unchecked, np.uint8) > 0):
                self._check_chunks(first, last)
            self.is_checked = True
        except IndexUnavailable as error:
            self._damage = error

    def touch(self, begin: int, end: int) -> None:
        """Make sure that these bytes are what was written, before they are read."""
        if self.is_checked:
            return
        for chunk in range(begin // self._chunk, -(-end // self._chunk)):
            if self._unchecked[chunk]:
                self._check_chunks(chunk, chunk + 1)
                self._unchecked[chunk] = 0

    def damaged(self, what: str) -> IndexUnavailable:
        return IndexUnavailable(f"{self.path} cannot be used: {what}; {MEND}")

    def array(self, name: str) -> NDArray[Any]:
        """A section, as an array on the mapped file."""
        dtype, start, count = self._sections[name]
        return np.frombuffer(self.bytes, dtype, count, start)

    def pieces(self, name: str) -> Iterator[NDArray[np.uint8]]:
        """A section of bytes, piece by piece, read and not mapped: for copying it, as mapped pages would
        stay in memory until the end."""
        _, start, count = self._sections[name]
        self.touch(start, start + count)
        for at in range(start, start + count, AT_ONCE * CHUNK):
            size = min(AT_ONCE * CHUNK, start + count - at)
            yield np.frombuffer(os.pread(self._file.fileno(), size, at), np.uint8)

    def numbers(self, name: str) -> memoryview:
        """A section of unsigned integers, for picking out a few: three times as quick as an array."""
        dtype, start, count = self._sections[name]
        kind = np.dtype(dtype)
        section: Any = self.bytes[start : start + count * kind.itemsize]
        return section.cast(kind.char if kind.itemsize < 8 else "Q")

    def start(self, name: str) -> int:
        """Where a section starts in ``bytes``."""
        return self._sections[name][1]

    def __contains__(self, name: str) -> bool:
        return name in self._sections

    def still_whole(self) -> None:
        """Raise IndexUnavailable if the file has been cut since it was opened, or found damaged."""
        if self._damage is not None:
            raise self._damage
        if os.fstat(self._file.fileno()).st_size < self.size:
            raise self.damaged("it has been cut off while in use")

    def check(self) -> None:
        """Compare the body with its crc32 also. Raises IndexUnavailable."""
        if zlib.crc32(self.bytes[: self._end]) != self._crc:
            raise self.damaged("its content has changed since it was written")


def chunk_sums(descriptor: int, begin: int, end: int, chunk: int) -> NDArray[np.uint64]:
    """The sum of 64-bit words, modulo 2**64, of each chunk between two offsets; the last may be short.

    Read, not mapped: a file that is being cut meanwhile gives other sums, and no signal.
    """
    sums = []
    for at in range(begin, end, AT_ONCE * chunk):
        data = os.pread(descriptor, min(AT_ONCE * chunk, end - at), at)
        words = np.frombuffer(data, np.uint64, len(data) // 8)
        whole = len(words) * 8 // chunk * (chunk // 8)
        sums.append(words[:whole].reshape(-1, chunk // 8).sum(1))
        if whole < len(words):
            sums.append(words[whole:].sum(keepdims=True))
    return np.concatenate([np.zeros(0, np.uint64), *sums])


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where a mask is true, as (first, behind the last)."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _first_bytes() -> bytes:
    return MAGIC.ljust(ALIGNMENT - 4, b"\0") + VERSION.to_bytes(4, "little")
