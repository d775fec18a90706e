"""A service at night: gunicorn with two workers, people who search, and ingests, one after the other.

Whoever tortures it runs commands meanwhile; what went wrong is collected, each thing in words.
"""

import http.client
import json
import random
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote

from bench.service import Served, free_port, gunicorn
from searchsvc.service import open_service
from searchsvc.settings import load_settings
from tests.torture.ledger import Known, Ledger, Question, line, mark, question, strings_of, wrong
from tests.torture.named import WORKER
from tests.web.conftest import ROOT, environment

QUERIES_A_SECOND, ASKING = 20, 4
# New articles of an ingest, one of which replaces an earlier version.
AT_ONCE = 5
VISIBLE_SECONDS = 5.0


@dataclass
class Seen:
    """Everything measured."""

    queries: int = 0
    errors: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    visible: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    ingests: int = 0
    seconds: float = 0.0

    @property
    def violations(self) -> tuple[str, ...]:
        return (*self.errors, *self.wrong)


class Night:
    """A service in a folder of its own, asked and fed until it ends."""

    def __init__(self, folder: Path) -> None:
        import config

        own = {name: str(folder / name.lower().removesuffix("_dir")) for name in ("DATA_DIR", "INDEX_DIR")}
        self.settings = load_settings(vars(config), {f"SEARCHSVC_{name}": path for name, path in own.items()})
        self.folder, self.seen, self.ledger = folder, Seen(), Ledger()
        self.strings: dict[str, int] = {}
        self.usual_seconds = 0.0
        self._ended = threading.Event()
        self._port = free_port()
        self._served: Served | None = None

    # What is done to it.

    def flask(self, *arguments: str) -> subprocess.Popen[str]:
        """A command, begun."""
        return subprocess.Popen(
            [sys.executable, "-m", "flask", *arguments],
            cwd=ROOT,
            env=environment(self.settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> str:
        """A command from beginning to end; one that fails is an error of the night."""
        process = self.flask(*arguments)
        said, _ = process.communicate()
        if process.returncode:
            self.seen.errors.append(f"flask {' '.join(arguments)} ended with {process.returncode}: {said}")
        return said

    def fill(self, source: Path, strings: int) -> None:
        """Ingest articles that were there before; strings of them are asked for all night."""
        self.run("ingest", str(source))
        self.strings = strings_of(open_service(self.settings).store, random.Random(7), strings)

    # What goes on meanwhile.

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Gunicorn, people and ingests."""
        log = self.folder / "gunicorn.log"
        environ = environment(self.settings, WORKERS="2")
        with gunicorn(environ, log, self._port, "tests.torture.named:app") as served:
            self._served = served
            began = time.monotonic()
            going_on = [partial(self._ask_all_night, each) for each in range(ASKING)]
            threads = [
                threading.Thread(target=self._watched, args=(each,))
                for each in (*going_on, self._ingest_all_night)
            ]
            for thread in threads:
                thread.start()
            try:
                yield
            finally:
                self._ended.set()
                for thread in threads:
                    thread.join()
                self.seen.seconds = time.monotonic() - began
        if "Traceback" in log.read_text():
            self.seen.errors.append(f"gunicorn logged a traceback: {log.read_text()[-2000:]}")

    def workers(self) -> list[int]:
        """The processes that serve."""
        assert self._served is not None
        return self._served.workers()

    def get(self, q: str) -> tuple[int, dict[str, object]]:
        """Ask for an exact string over a connection of its own: which worker answered, and what."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            address = "/api/v1/search?variants=off&page_size=1&q=" + quote(f'"{q}"')
            connection.request("GET", address, headers={"Connection": "close"})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise OSError(f"{answer.status}: {body[:300]!r}")
            return int(answer.headers[WORKER]), json.loads(body)
        finally:
            connection.close()

    def _watched(self, work: Callable[[], None]) -> None:
        """Do something all night; if it ends otherwise, nothing after it counts."""
        try:
            work()
        except Exception:
            self.seen.errors.append(traceback.format_exc())

    def _ask_all_night(self, number: int) -> None:
        """Ask at fixed times, whether or not the last answer was quick."""
        chance = random.Random(number)
        due = time.monotonic() + number / QUERIES_A_SECOND
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            due += ASKING / QUERIES_A_SECOND
            before = self.ledger.known()
            self._ask(question(chance, before, self.strings), before)

    def _ask(self, asked: Question, before: Known) -> None:
        began = time.monotonic()
        self.seen.queries += 1
        try:
            _, answer = self.get(asked.q)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.seen.errors.append(f"{asked.q}: {type(error).__name__} {error}")
            return
        self.seen.latencies.append(time.monotonic() - began)
        total = int(str(answer["total"]))
        if said := wrong(asked, total, before, self.ledger.known()):
            self.seen.wrong.append(said)
        elif asked.number is None and asked.total is None:
            self.ledger.saw(total)

    def _ingest_all_night(self) -> None:
        path = self.folder / "new.jsonl"
        while not self._ended.is_set():
            first = AT_ONCE * self.seen.ingests
            versions = dict.fromkeys(range(first, first + AT_ONCE), 0)
            if first:
                changed = random.Random(first).choice(list(self.ledger.known().acknowledged))
                versions[changed] = self.ledger.known().acknowledged[changed] + 1
            path.write_text("\n".join(line(*each) for each in versions.items()))
            self.ledger.submit(versions)
            self.run("ingest", str(path))
            if self.seen.errors:
                return
            self.ledger.acknowledge(versions)
            self.seen.ingests += 1
            self._see_everywhere(mark(first, 0))

    def _see_everywhere(self, q: str) -> None:
        """Ask until every worker has answered with an article."""
        began, missing = time.monotonic(), set(self.workers())
        with ThreadPoolExecutor(ASKING) as pool:
            while missing and time.monotonic() < began + VISIBLE_SECONDS:
                try:
                    answers = list(pool.map(self.get, [q] * ASKING))
                except (OSError, http.client.HTTPException, ValueError) as error:
                    self.seen.errors.append(f"{q}: {error}")
                    return
                missing -= {worker for worker, answer in answers if answer["total"] == 1}
        self.seen.visible.append(time.monotonic() - began)
        if missing:
            self.seen.wrong.append(f"{q}: not to be seen in {len(missing)} workers after 5 s")

    # How it looks afterwards.

    def litter(self) -> list[str]:
        """What does not belong into the index folder: more than two generations, what a build left."""
        folder = self.settings.index_dir
        generations = sorted(path.name for path in folder.iterdir() if path.is_dir())
        found = [f"there are {len(generations)} generations: {generations}"] if len(generations) > 2 else []
        others = {path.name for path in folder.iterdir()} - {*generations, "CURRENT", "WRITER", "BUILDER"}
        scratch = [str(path) for path in folder.glob("*/scratch.*")]
        return found + [f"left over: {name}" for name in (*others, *scratch)]

    def figures(self, workers: Sequence[int]) -> list["Figures"]:
        return [figures(pid, self.settings.index_dir) for pid in workers]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a process has: memory of its own, descriptors, and mapped index files that are gone from disk."""

    anonymous_mb: float
    descriptors: int
    deleted: int


def figures(pid: int, index: Path) -> Figures:
    """The figures of one process."""
    status = dict(row.split(":", 1) for row in Path(f"/proc/{pid}/status").read_text().splitlines())
    maps = [row for row in Path(f"/proc/{pid}/maps").read_text().splitlines() if str(index) in row]
    deleted = {row.split(maxsplit=5)[5] for row in maps if row.endswith("(deleted)")}
    return Figures(
        int(status["RssAnon"].split()[0]) / 1000, len(list(Path(f"/proc/{pid}/fd").iterdir())), len(deleted)
    )
