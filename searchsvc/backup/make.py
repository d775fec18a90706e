"""The service → one backup file, while it goes on working.

The file is written beside its name, synced, read again and compared with its checksums, and only then
takes the place of an earlier one. A database that is damaged is not backed up: the earlier file stays.
"""

import json
import os
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlsplit

from searchsvc.backup.contents import (
    CANARIES,
    DATABASE,
    FEEDS,
    FORMAT,
    MANIFEST,
    NAMES,
    PIECE,
    SETTINGS,
    Manifest,
    Member,
    opened,
)
from searchsvc.engine.generations import sync_folder
from searchsvc.errors import BackupError, NoSpace
from searchsvc.service import Service
from searchsvc.settings import PATHS, SECRET, Settings
from searchsvc.store.copies import SCHEMA, copy_out

# Quick: a database of 1 GB in half a minute. Better compression costs three times that for a sixth.
LEVEL = 1


def make_backup(service: Service, path: Path) -> Manifest:
    """Write a backup file; what it holds.

    Raises BackupError, NoSpace, StoreError; then an earlier file is as it was.
    """
    _ask_for_space(service.store.bytes_whole(), path)
    try:
        with _beside(path) as (copy, file):
            manifest = _written(service, copy, file)
            _sync(file)
            with opened(file) as backup:
                backup.verify()
            file.replace(path)
            sync_folder(path.parent)
    except OSError as error:
        raise BackupError(f"The backup {path} could not be written: {error.strerror or error}") from error
    return manifest


@contextmanager
def _beside(path: Path) -> Iterator[tuple[Path, Path]]:
    """Files for the copy of the database and for what grows; gone afterwards, also earlier ones."""
    for left in path.parent.glob(f".{path.name}.*.part*"):
        if not Path(f"/proc/{left.name.removeprefix(f'.{path.name}.').split('.')[0]}").exists():
            left.unlink(missing_ok=True)
    names = [path.with_name(f".{path.name}.{os.getpid()}.part{number}") for number in (1, 2)]
    try:
        for name in names:
            # It holds everything, addresses of feeds with keys in them too.
            os.close(os.open(name, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        yield names[0], names[1]
    finally:
        for name in names:
            name.unlink(missing_ok=True)
            name.with_name(f"{name.name}-journal").unlink(missing_ok=True)


def _written(service: Service, copy: Path, file: Path) -> Manifest:
    copied = copy_out(service.store, copy)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        members = {DATABASE: _add(archive, DATABASE, _pieces(copy))}
        for name, data in _small(service.settings).items():
            members[name] = _add(archive, name, iter([data]))
        made = datetime.fromtimestamp(int(time.time()), UTC).isoformat()
        manifest = Manifest(FORMAT, made, SCHEMA, copied.articles, copied.change, members)
        archive.writestr(MANIFEST, manifest.text())
    return manifest


def _add(archive: zipfile.ZipFile, name: str, pieces: Iterator[bytes]) -> Member:
    size, digest = 0, blake2b(digest_size=16)
    with archive.open(name, "w", force_zip64=True) as member:
        for piece in pieces:
            size += len(piece)
            digest.update(piece)
            member.write(piece)
    return Member(size, digest.hexdigest())


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _small(settings: Settings) -> dict[str, bytes]:
    files = {FEEDS: settings.feeds, NAMES: settings.names, CANARIES: settings.canaries}
    found = {name: path.read_bytes() for name, path in files.items() if path.is_file()}
    return found | {SETTINGS: json.dumps(noted(settings), indent=1).encode()}


def noted(settings: Settings) -> dict[str, str]:
    """The settings by name, but for folders, which are the machine's, and what is secret."""
    values = {name: str(value) for name, value in settings if name not in (*PATHS, *SECRET)}
    if urlsplit(settings.fetch_proxy).password:
        values.pop("fetch_proxy")
    return {name.upper(): value for name, value in values.items()}


def _ask_for_space(database_bytes: int, path: Path) -> None:
    """Raise NoSpace if there is no room for the copy and the file."""
    if not path.parent.is_dir():
        raise BackupError(f"There is no folder {path.parent} for the backup")
    needed, free = database_bytes * 2, shutil.disk_usage(path.parent).free
    if needed > free:
        raise NoSpace(
            f"The backup needs up to {needed / 1e6:,.0f} MB in {path.parent} while it is made, "
            f"{free / 1e6:,.0f} MB are free"
        )


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
