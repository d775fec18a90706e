"""A generation's folder on disk: its segments, the table of contents, and how one replaces another.

The table of contents is Whoosh's own (``whoosh.index.TOC``, a pickle), so that ``open_dir`` opens
the folder. Whoosh has no fsync and no checksums, hence this order::

    segment files    written, synced
    the folder       synced
    _MAIN_n.toc      written beside, synced, renamed; the folder synced
    state.json       names n and the table's checksum; written beside, synced, renamed. From here on
                     the commit is visible
    what the new table does not name goes

A crash leaves the old commit whole at every point, and at most files that the next commit removes.
The table is compared with its checksum before it is unpickled, and each segment file with its own.
"""

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile
from whoosh.index import TOC

from searchsvc.engine.codec import ArraySegment
from searchsvc.engine.generations import STATE, State, digest, sync_folder
from searchsvc.engine.schema import schema
from searchsvc.errors import IndexOutdated, IndexUnavailable

NAME = "MAIN"
OURS = re.compile(rf"^_?{NAME}_.*|^scratch\..*|^\.{re.escape(STATE)}\..*")


@dataclass(frozen=True, slots=True)
class Committed:
    """What a table of contents says: its number, and the segments."""

    number: int
    segments: tuple[ArraySegment, ...]

    @property
    def count(self) -> int:
        """How many articles there are, without those deleted."""
        return sum(segment.doc_count() for segment in self.segments)


class SyncedStorage(FileStorage):  # type: ignore[misc]
    """Whoosh's storage, but what is written stays written."""

    def create_file(self, name: str, **_: Any) -> StructFile:
        return StructFile((Path(self.folder) / name).open("wb"), name=name, onclose=_sync)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        folder = Path(self.folder)
        (folder / oldname).replace(folder / newname)
        sync_folder(folder)


def _sync(file: StructFile) -> None:
    file.file.flush()
    os.fsync(file.file.fileno())


def read(folder: Path, state: State) -> Committed:
    """The commit that a generation's state names. Raises IndexUnavailable."""
    path = folder / TOC._filename(NAME, state.toc)
    if state.toc < 0:
        raise IndexOutdated(f"{folder} was made by an earlier program; run 'flask reindex'")
    try:
        found = digest(path.read_bytes())
    except OSError as error:
        raise IndexUnavailable(f"{path} cannot be read ({error.strerror}); run 'flask reindex'") from error
    if found != state.toc_digest:
        raise IndexUnavailable(f"{path} has changed since it was written; run 'flask reindex'")
    toc = TOC.read(SyncedStorage(str(folder)), NAME, gen=state.toc)
    return Committed(state.toc, tuple(toc.segments))


def write(folder: Path, number: int, segments: Sequence[ArraySegment]) -> str:
    """Write a table of contents; its checksum. It is in force once a state names it."""
    sync_folder(folder)
    TOC(schema(), list(segments), number).write(SyncedStorage(str(folder)), NAME)
    return digest((folder / TOC._filename(NAME, number)).read_bytes())


def sweep(folder: Path, committed: Committed) -> None:
    """Remove what the commit in force does not name. Whoever has it mapped keeps what is mapped."""
    named = {TOC._filename(NAME, committed.number)} | {
        segment.path(folder).name for segment in committed.segments
    }
    for path in folder.iterdir():
        if OURS.match(path.name) and path.name not in named:
            with suppress(FileNotFoundError):
                path.unlink()
