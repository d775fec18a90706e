"""A backup file → the service as it was, the index built anew.

Everything that can fail comes first: the file is read to its end and compared with its checksums, its
database is unpacked beside the one there is, brought up to this release's schema, and an index is built
of it and checked. Then, while nobody else writes the index: the old index is let go of, the database takes
over all that is in the copy in one transaction, the lists are put in place, the new index is put in use.
Killed at any point, the service has all of the old articles or all of the new ones, and an index that
belongs to them or none, which the next ingest or reindex builds.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from searchsvc.backup.contents import CANARIES, DATABASE, FEEDS, NAMES, SETTINGS, Backup, Manifest, opened
from searchsvc.backup.make import noted
from searchsvc.engine import Generation
from searchsvc.engine.generations import sync_folder
from searchsvc.engine.local import BUILDING
from searchsvc.errors import BackupError, NoSpace, StoreError
from searchsvc.ingest.feedlist import put_file
from searchsvc.ingest.index import rebuild
from searchsvc.ingest.space import OF_DATABASE
from searchsvc.service import Service
from searchsvc.settings import PREFIX, Settings
from searchsvc.store.articles import ArticleStore
from searchsvc.store.copies import bring_up_to_date, copy_in

# The database: unpacked, written ahead, and in its place; and its index while it is built.
NEEDED = 3 + OF_DATABASE * BUILDING


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and what its owner should know."""

    manifest: Manifest
    index: Generation
    notes: tuple[str, ...]


def restore(
    service: Service, path: Path, *, replacing: bool, progress: Callable[[int], None] = lambda _: None
) -> Restored:
    """Restore a backup file.

    Raises BackupError for a file that is none or is damaged, and where there is something already, unless
    it is to be replaced; NoSpace; what building an index raises. Then nothing has changed.
    """
    with opened(path) as backup, service.engine.building():
        backup.verify()
        if not replacing:
            _refuse_to_overwrite(service)
        _ask_for_space(service.settings, backup.manifest)
        with _unpacked(backup, service.settings.data_dir) as copy:
            copied = bring_up_to_date(copy)
            if (copied.articles, copied.change) != (backup.manifest.articles, backup.manifest.change):
                raise BackupError(f"{path} does not hold the articles that its manifest counts")
            store, notes = ArticleStore(copy), _notes(service.settings, backup)

            def put_in_place() -> None:
                with service.engine.let_go():
                    if service.store.is_file:
                        _set_damaged_aside(service.store.path)
                    copy_in(copy, service.store)
                notes.extend(_put_lists(service.settings, backup))

            try:
                generation = rebuild(store, service.engine, progress, before_switch=put_in_place)
            finally:
                store.close()
    return Restored(backup.manifest, generation, tuple(notes))


def _refuse_to_overwrite(service: Service) -> None:
    feeds = service.settings.feeds
    there = [service.store.place] if service.store.exists() else []
    there += [feeds] if feeds.exists() else []
    if there:
        raise BackupError(
            f"There is something already: {', '.join(map(str, there))}. To lose it and have what is in the "
            "backup instead: 'flask restore --replace FILE'"
        )


def _ask_for_space(settings: Settings, manifest: Manifest) -> None:
    needed = int(NEEDED * manifest.members[DATABASE].bytes)
    there = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    if needed > (free := shutil.disk_usage(there).free):
        raise NoSpace(
            f"Restoring needs up to {needed / 1e6:,.0f} MB in {settings.data_dir}, "
            f"{free / 1e6:,.0f} MB are free"
        )


@contextmanager
def _unpacked(backup: Backup, folder: Path) -> Iterator[Path]:
    """The database of a backup in a file of its own; gone afterwards, also one that was left before."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(".restore.*"):
        left.unlink(missing_ok=True)
    copy = folder / f".restore.{os.getpid()}.sqlite3"
    try:
        with copy.open("xb") as file:
            for piece in backup.pieces(DATABASE):
                file.write(piece)
        yield copy
    finally:
        for left in folder.glob(f"{copy.name}*"):
            left.unlink(missing_ok=True)


def _set_damaged_aside(path: Path) -> None:
    """Take a database that cannot be opened out of the way; its files are kept."""
    try:
        store = ArticleStore(path)
        store.connection()
        store.close()
    except StoreError:
        for suffix in ("", "-wal", "-shm"):
            file = path.with_name(path.name + suffix)
            if file.exists():
                file.replace(file.with_name(f"{file.name}.damaged"))
        sync_folder(path.parent)


def _notes(settings: Settings, backup: Backup) -> list[str]:
    """Which settings were others where the backup was made."""
    try:
        then, now = json.loads(backup.read(SETTINGS) or b"{}"), noted(settings)
    except ValueError:
        return []
    return [
        f"It was made with {PREFIX}{name}={then[name]}; here it is {now[name]}"
        for name in sorted(then.keys() & now.keys())
        if then[name] != now[name]
    ]


def _put_lists(settings: Settings, backup: Backup) -> Iterator[str]:
    """Put the list of feeds, the table of names and the canaries where they belong.

    A table of names that is there and another one stays: it may be a later release's.
    """
    for name, path in ((FEEDS, settings.feeds), (NAMES, settings.names), (CANARIES, settings.canaries)):
        data = backup.read(name)
        if data is None or (path.is_file() and path.read_bytes() == data):
            continue
        if name == NAMES and path.exists():
            path = settings.data_dir / NAMES
            yield f"The backup's table of names is another one: {PREFIX}NAMES={path} uses it"
        path.parent.mkdir(parents=True, exist_ok=True)
        put_file(path, data)
