"""What is done while something goes wrong: commands as a person runs them, on an archive in a folder.

An archive's folder has ``data``, ``index``, ``feeds.opml`` and, beside them, the files to ingest.
"""

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from searchsvc.engine import building
from searchsvc.service import Service, open_service
from searchsvc.settings import load_settings
from tests.torture import articles

# Articles that the archive has before, and those that the fault may hit: new ones and new editions.
BASE, NEW, CHANGED = range(40), range(40, 60), range(30, 40)
NEXT = range(90, 91)


@dataclass(frozen=True, slots=True)
class Workload:
    """Commands that make an archive ready, the one that is disturbed, and what it may do to articles.

    ``before``: articles acknowledged; ``new`` and ``changed``: those that the command stores, wholly or not
    at all. ``again``: it is run once more before looking, as it is what mends. ``processes``: whether an index is built by several processes, which small archives do not need.
    """

    name: str
    prepare: Sequence[Sequence[str]]
    command: Sequence[str]
    before: range = BASE
    new: range = range(0)
    changed: range = range(0)
    processes: bool = False
    damage: Callable[[Path], None] | None = None
    again: bool = False


def cut_index(folder: Path) -> None:
    """A segment that lost its end, as a failing disk may do it."""
    segment = max((folder / "index").glob("g*/*.arrays"), key=lambda path: path.stat().st_size)
    os.truncate(segment, segment.stat().st_size - 100)


INGESTED = (("ingest", "base.jsonl"),)
IN_TWO = (("ingest", "most.jsonl"), ("ingest", "base.jsonl"))
WORKLOADS = (
    Workload("first ingest", (), ("ingest", "base.jsonl"), before=range(0), new=BASE),
    Workload("ingest", INGESTED, ("ingest", "new.jsonl", "changed.jsonl"), new=NEW, changed=CHANGED),
    Workload("ingest and merge", IN_TWO, ("ingest", "new.jsonl"), new=NEW),
    Workload("reindex", INGESTED, ("reindex",)),
    Workload("reindex by processes", INGESTED, ("reindex",), processes=True),
    Workload(
        "rollback",
        (*INGESTED, ("reindex",), ("ingest", "new.jsonl")),
        ("reindex", "--rollback"),
        before=range(60),
    ),
    Workload("repair", INGESTED, ("check", "--repair"), damage=cut_index, again=True),
    Workload("feed list", INGESTED, ("feeds", "import", "list.opml"), again=True),
)
LIST = """<opml version="2.0"><head><title>新闻</title></head><body>
<outline text="一" type="rss" xmlUrl="https://one.example/feed"/>
<outline text="二" type="rss" xmlUrl="https://two.example/feed"/>
</body></opml>"""


def make_files(folder: Path) -> None:
    """The files to ingest."""
    folder.mkdir(parents=True, exist_ok=True)
    articles.write(folder / "base.jsonl", BASE)
    articles.write(folder / "most.jsonl", BASE[:30])
    articles.write(folder / "new.jsonl", NEW)
    articles.write(folder / "changed.jsonl", CHANGED, edition=1)
    articles.write(folder / "next.jsonl", NEXT)
    (folder / "list.opml").write_text(LIST)


def service(folder: Path) -> Service:
    """The service of an archive."""
    import config

    values = {
        "SEARCHSVC_DATA_DIR": str(folder / "data"),
        "SEARCHSVC_INDEX_DIR": str(folder / "index"),
        "SEARCHSVC_FEEDS": str(folder / "feeds.opml"),
    }
    return open_service(load_settings(vars(config), values))


def run(folder: str, command: Sequence[str], processes: bool = False) -> None:
    """A command of the terminal, in this process. Ends with SystemExit, as `flask` does."""
    if processes:
        building.SMALL, building.BATCH = 10, 8
    os.environ["SEARCHSVC_DATA_DIR"] = f"{folder}/data"
    os.environ["SEARCHSVC_INDEX_DIR"] = f"{folder}/index"
    os.environ["SEARCHSVC_FEEDS"] = f"{folder}/feeds.opml"
    os.chdir(folder)
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from wsgi import app

    app.cli.main(args=list(command), prog_name="flask", obj=_loaded(app))


def _loaded(app: object) -> object:
    from flask.cli import ScriptInfo

    return ScriptInfo(create_app=lambda: app)  # type: ignore[arg-type,return-value]


def copy(source: Path, folder: Path) -> None:
    """An archive as it was made ready, in a folder of its own."""
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(source, folder)
