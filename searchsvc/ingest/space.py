"""How much room on the disk a new index needs, and whether there is as much: asked before it is built."""

import shutil
from pathlib import Path

from searchsvc.engine.local import LocalEngine
from searchsvc.errors import IndexUnavailable, NoSpace
from searchsvc.store.articles import ArticleStore

# While it is built an index takes 4.1 times the room that it takes when it is done (measured on 20,000
# articles: 284 MB for one of 69). The rest is for what is ingested meanwhile.
BUILDING = 4.5
# An index beside its database, where there is no index yet to judge by (measured: 0.53).
OF_DATABASE = 0.6


def ask_for_space(store: ArticleStore, engine: LocalEngine) -> None:
    """Raise NoSpace if a new index will not find room beside the one in use."""
    folder = engine.generations.folder
    needed, free = needed_bytes(store, engine), free_bytes(folder)
    if needed > free:
        raise NoSpace(
            f"A new index needs about {_gigabytes(needed)} in {folder} while it is built, "
            f"{_gigabytes(free)} are free; the one in use stays. Make room, or try it all the same with "
            "'flask reindex --force'"
        )


def needed_bytes(store: ArticleStore, engine: LocalEngine) -> int:
    """What building a new index will take at its most."""
    return int(BUILDING * _finished(store, engine))


def free_bytes(folder: Path) -> int:
    """What the disk of a folder has left, whether or not the folder is there yet."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(there).free


def _finished(store: ArticleStore, engine: LocalEngine) -> float:
    """The size of the new index: that of the old one, for as many articles as there are now."""
    try:
        old = engine.current()
    except IndexUnavailable:
        old = None
    if old is None or not old.count:
        return OF_DATABASE * store.bytes_whole()
    return old.bytes / old.count * store.count()


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
