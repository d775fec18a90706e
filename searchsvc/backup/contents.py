"""What a backup file holds, and what says that it is whole.

A zip, so that anybody can look inside with what is at hand::

    articles.sqlite3    the database: one file, as of one moment
    feeds.opml          the list of feeds       (if there is one)
    names.tsv           the table of names      (if there is one)
    canaries.txt        the canary queries      (if there are any)
    settings.json       the settings in force, without what is secret
    manifest.json       the format, and of each of the others its size and checksum

Names inside are compared with these, and never become paths. Nothing is believed before its size and
checksum are found to be as the manifest says; what says that it is far larger than the file can hold is
refused before it is unpacked.
"""

import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

from searchsvc.errors import BackupError
from searchsvc.store.copies import SCHEMA

FORMAT = 1
MANIFEST, DATABASE, SETTINGS = "manifest.json", "articles.sqlite3", "settings.json"
FEEDS, NAMES, CANARIES = "feeds.opml", "names.tsv", "canaries.txt"
NEEDED, OPTIONAL = {DATABASE, SETTINGS}, {FEEDS, NAMES, CANARIES}
# News shrinks to a third; what claims to shrink to a hundredth is no backup. A nearly empty database does.
MOST_SHRUNK, ALWAYS_ALLOWED = 100, 10_000_000
LARGEST_MANIFEST = 100_000
# Everything but the database is read whole.
LARGEST_SMALL = 50_000_000
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """The size and the checksum of one file inside."""

    bytes: int
    blake2b: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. ``made``: when, ISO 8601; ``schema``: of its database."""

    format: int
    made: str
    schema: int
    articles: int
    change: int
    members: dict[str, Member]

    def text(self) -> str:
        return json.dumps(asdict(self), indent=1)


class Backup:
    """An open backup file whose manifest makes sense; ``verify`` compares the rest with it."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path, self._archive = path, archive
        self.manifest = _manifest(path, archive)

    def verify(self) -> None:
        """Read everything and compare it with the manifest. Raises BackupError."""
        for name in self.manifest.members:
            for _ in self.pieces(name):
                pass

    def pieces(self, name: str) -> Iterator[bytes]:
        """A file inside, piece by piece. Raises BackupError, at the latest behind the last piece."""
        member = self.manifest.members[name]
        left, digest = member.bytes, blake2b(digest_size=16)
        with _understood(self._path), self._archive.open(name) as file:
            while piece := file.read(min(PIECE, left + 1)):
                left -= len(piece)
                if left < 0:
                    raise BackupError(f"{name} in the backup is longer than its manifest says")
                digest.update(piece)
                yield piece
        if left or digest.hexdigest() != member.blake2b:
            raise BackupError(f"{name} in the backup is not what was saved: its checksum does not fit")

    def read(self, name: str) -> bytes | None:
        """A small file inside, whole; None if it is not there."""
        return b"".join(self.pieces(name)) if name in self.manifest.members else None


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """A backup file, opened. Raises BackupError for what is none, or is one of a later release."""
    with _understood(path):
        archive = zipfile.ZipFile(path)
    with archive:
        with _understood(path):
            backup = Backup(path, archive)
        yield backup


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    """Turn what a library says of a file into a BackupError."""
    try:
        yield
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror or error}") from error
    # NotImplementedError: compressed in a way that we never use; RuntimeError: encrypted.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise BackupError(f"{path} is no backup, or a damaged one: {error}") from error


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    try:
        with archive.open(MANIFEST) as file:
            manifest = _parsed(file)
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise BackupError(f"{path} is no backup of this service: it has no usable {MANIFEST}") from error
    if manifest.format > FORMAT or manifest.schema > SCHEMA:
        raise BackupError(
            f"{path} was made by a later release; install that one, or a later one, to restore it"
        )
    _refuse_odd(path, archive, manifest)
    return manifest


def _parsed(file: IO[bytes]) -> Manifest:
    text = file.read(LARGEST_MANIFEST + 1)
    if len(text) > LARGEST_MANIFEST:
        raise ValueError("too long")
    values: dict[str, Any] = json.loads(text)
    members = {
        str(name): Member(int(each["bytes"]), str(each["blake2b"]))
        for name, each in values.pop("members").items()
    }
    numbers = {name: int(values.pop(name)) for name in ("format", "schema", "articles", "change")}
    return Manifest(**numbers, made=str(values.pop("made"))[:40], members=members)


def _refuse_odd(path: Path, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Raise BackupError unless exactly the files are inside that may be, of sizes that can be."""
    inside = [info.filename for info in archive.infolist()]
    named = set(manifest.members)
    if sorted(inside) != sorted({*named, MANIFEST}) or not NEEDED <= named <= NEEDED | OPTIONAL:
        raise BackupError(f"{path} is no backup of this service: it holds other files than one does")
    sizes = {name: member.bytes for name, member in manifest.members.items()}
    small = all(size <= LARGEST_SMALL for name, size in sizes.items() if name != DATABASE)
    most = MOST_SHRUNK * path.stat().st_size + ALWAYS_ALLOWED
    if min(sizes.values()) < 0 or not small or sum(sizes.values()) > most:
        raise BackupError(f"{path} is no backup of this service: it would unpack to more than it can hold")
