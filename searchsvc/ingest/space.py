"""How much room on the disk a new index needs, and whether there is as much: asked before it is built."""

from searchsvc.engine import Engine
from searchsvc.errors import IndexUnavailable, NoSpace
from searchsvc.store.articles import ArticleStore

# An index beside its database, where there is no index yet to judge by (measured: 0.53).
OF_DATABASE = 0.6


def ask_for_space(store: ArticleStore, engine: Engine) -> None:
    """Raise NoSpace if a new index will not find room beside the one in use."""
    space = engine.space()
    needed = int(space.building * _finished(store, engine))
    if needed > space.free:
        raise NoSpace(
            f"A new index needs about {_gigabytes(needed)} in {space.where} while it is built, "
            f"{_gigabytes(space.free)} are free; the one in use stays. Make room, or try it all the same "
            "with 'flask reindex --force'"
        )


def _finished(store: ArticleStore, engine: Engine) -> float:
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
