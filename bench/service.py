"""The service as it is deployed, on articles of a corpus: ingested into a folder, served by gunicorn.

``archived`` makes data and index with ``flask ingest``, ``serving`` runs gunicorn on them as
``gunicorn.conf.py`` has it. Who measures asks over HTTP and reads the memory of its processes.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import config
from bench.corpus import Corpus, shared_data
from bench.measure import family, private_bytes
from searchsvc.service import Service, open_service
from searchsvc.settings import load_settings

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS, STOP_SECONDS = 120.0, 60.0


@dataclass(frozen=True, slots=True)
class Served:
    """A running gunicorn: its first process, and where it listens."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def workers(self) -> list[int]:
        """The ids of the processes that answer."""
        return list(family(self.process.pid))[1:]

    def memory(self) -> int:
        """What all processes have to themselves, in bytes."""
        return sum(private_bytes(pid) for pid in family(self.process.pid))


def folders(folder: Path) -> dict[str, str]:
    """The variables of a service whose data and index are in a folder."""
    return {"SEARCHSVC_DATA_DIR": str(folder / "data"), "SEARCHSVC_INDEX_DIR": str(folder / "index")}


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a process whose data and index are in a folder."""
    return {**os.environ, **folders(folder), **more}


def opened(folder: Path, **variables: str) -> Service:
    """The service of a folder in this process, set by these variables and no others."""
    return open_service(load_settings(vars(config), folders(folder) | variables))


def ingest(folder: Path, source: Path) -> None:
    """Put a file of articles into the folder's database and index."""
    command = [sys.executable, "-m", "flask", "ingest", str(source), "--json"]
    subprocess.run(command, cwd=ROOT, env=environment(folder), check=True, stdout=subprocess.DEVNULL)


def archived(folder: Path, corpus: Corpus | None = None) -> None:
    """Ingest a corpus into a folder, or the shared articles as they are; once, if it is there already."""
    if (folder / "index" / "CURRENT").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    if corpus is None:
        ingest(folder, shared_data() / "articles.jsonl.gz")
        return
    lines = folder / "articles.jsonl"
    write_lines(lines, corpus)
    ingest(folder, lines)
    lines.unlink()


def write_lines(path: Path, corpus: Corpus) -> None:
    """A corpus as JSON Lines, each article at an address of its own."""
    with path.open("w", encoding="utf-8") as file:
        for document in corpus.documents():
            assert document.published is not None
            values = {
                "title": document.title,
                "url": f"https://news.example/{document.id}",
                "source": document.source,
                "published": datetime.fromtimestamp(document.published, UTC).isoformat(),
                "text": document.body,
            }
            file.write(json.dumps(values, ensure_ascii=False) + "\n")


@contextmanager
def serving(folder: Path, port: int | None = None, **more: str) -> Iterator[Served]:
    """Gunicorn on a folder, from its first answer on. ``more``: variables of its environment."""
    with gunicorn(environment(folder, **more), folder / "gunicorn.log", port) as served:
        yield served


@contextmanager
def gunicorn(
    environ: Mapping[str, str], log: Path, port: int | None = None, app: str = "wsgi:app"
) -> Iterator[Served]:
    """Gunicorn in an environment, on a free port unless one is named, from its first answer on."""
    chosen = port or free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", app],
            cwd=ROOT,
            env={**environ, "PORT": str(chosen)},
            stderr=output,
        )
        served = Served(process, chosen, log)
        try:
            wait_until_answered(f"{served.url}/readyz", process, log)
            yield served
        finally:
            process.terminate()
            process.wait(timeout=STOP_SECONDS)


def wait_until_answered(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server that was just begun answers well. Raises TimeoutError with what it logged."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} was not answered:\n{log.read_text() if log.exists() else ''}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
