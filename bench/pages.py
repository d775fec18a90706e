"""Pages, measured on the archive in force: how long the server takes, and what a browser has to load.

``python -m bench.pages``, with ``SEARCHSVC_DATA_DIR`` and ``SEARCHSVC_INDEX_DIR`` naming a service that
has ingested some archive (``flask ingest …/articles.jsonl.gz``). Prints two tables:

- for each kind of page the time from request to last byte, in this process, without a network, as
  milliseconds that passed and as milliseconds of the processor, which other work on the machine disturbs
  less; and the bytes of the page before any compression;
- what Chromium asks for when it opens a first page of results, then another one, then an article.

``--profile FILE`` measures nothing and keeps a profile of the results pages for ``python -m pstats``.
"""

import argparse
import cProfile
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server
from werkzeug.test import EnvironBuilder

import config
from bench.measure import percentiles
from bench.queries import Question, What, draw
from searchsvc.service import Service, open_service
from searchsvc.settings import load_settings
from searchsvc.web.app import create_app

# Questions of each kind, how often each is asked, and how many are asked before it counts.
COUNT, ROUNDS, WARM = 100, 3, 30
JOINED: dict[What, str] = {"and": " ", "or": " OR ", "string": "", "char": ""}
CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
COLUMNS = ("p50 ms", "p95 ms", "p50 CPU", "p95 CPU", "mean KB", "most KB")


@dataclass(frozen=True)
class Served:
    """A page served: how long that took, on the clock and on the processor, and its bytes."""

    milliseconds: float
    processor: float
    bytes: int


@dataclass
class Counted:
    """An app that keeps what it was asked for, and how many bytes it answered."""

    app: Flask
    answers: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        body = b"".join(self.app(environ, start))
        self.answers.append((environ["PATH_INFO"], len(body)))
        return [body]


def addresses(service: Service) -> dict[str, list[str]]:
    """The addresses that are asked for, by the kind of page, the same in every run."""
    ids = sorted(service.store.ids())
    titles = [title for title in service.store.titles(ids).values() if title]
    questions = draw(titles, COUNT)
    queries = {what: [_query(one) for one in questions[f"{what}, plain"]] for what in JOINED}
    articles = [f"/article/{one}" for one in ids[:: max(1, len(ids) // COUNT)][:COUNT]]
    return {
        **{f"results: {what}": [f"/search?{query}" for query in asked] for what, asked in queries.items()},
        "front page": ["/"] * COUNT,
        "article": articles,
        "article, marked": [f"{one}?{query}" for one, query in zip(articles, queries["and"], strict=False)],
    }


def _query(question: Question) -> str:
    return urlencode({"q": JOINED[question.what].join(question.words)})


def serve(app: Flask, address: str) -> Served:
    """One page, to its last byte. An answer other than 200 ends the run."""
    path, _, query = address.partition("?")
    environ = EnvironBuilder(path, query_string=query).get_environ()
    statuses: list[str] = []
    clock, processor = time.perf_counter(), time.thread_time()
    body = b"".join(app(environ, lambda status, *_: statuses.append(status)))  # type: ignore[arg-type,return-value]
    passed = time.perf_counter() - clock, time.thread_time() - processor
    if statuses != ["200 OK"]:
        raise SystemExit(f"{address}: {statuses}")
    return Served(passed[0] * 1e3, passed[1] * 1e3, len(body))


def server_side(app: Flask, asked: dict[str, list[str]]) -> None:
    """Print the first table: every kind of page, and the results pages together."""
    rounds: dict[str, list[Served]] = {}
    for kind, pages in asked.items():
        for address in pages[:WARM]:
            serve(app, address)
        rounds[kind] = [serve(app, address) for _ in range(ROUNDS) for address in pages]
    results = [one for kind, pages in rounds.items() if kind.startswith("results") for one in pages]
    print(f"{'':18}{'n':>6}" + "".join(f"{column:>9}" for column in COLUMNS))
    for kind, pages in {"results": results, **rounds}.items():
        print(f"{kind:18}{len(pages):6}" + "".join(f"{figure:9.1f}" for figure in _figures(pages)))


def _figures(pages: Sequence[Served]) -> Iterator[float]:
    for values in ([one.milliseconds for one in pages], [one.processor for one in pages]):
        found = percentiles(values)
        yield from (found["p50"], found["p95"])
    sizes = [one.bytes / 1000 for one in pages]
    yield from (sum(sizes) / len(sizes), max(sizes))


def browser_side(app: Flask, asked: dict[str, list[str]]) -> None:
    """Print the second table: what a browser that has nothing yet asks for, page after page."""
    first, second = asked["results: and"][:2]
    counted = Counted(app)
    with served_to_browsers(counted) as url, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGS)
        window = chromium.new_context(base_url=url, locale="zh-CN").new_page()
        for name, address in (
            ("first page of results", first),
            ("another one", second),
            ("an article", asked["article, marked"][0]),
        ):
            counted.answers.clear()
            window.goto(address, wait_until="networkidle")
            kilobytes = [f"{path.rpartition('/')[2]} {size / 1000:.1f} KB" for path, size in counted.answers]
            print(f"{name}: {len(kilobytes)} requests: {', '.join(kilobytes)}")
        chromium.close()


@contextmanager
def served_to_browsers(app: Counted) -> Iterator[str]:
    """The app behind a port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def profile(app: Flask, asked: dict[str, list[str]], file: str) -> None:
    """Keep a profile of the results pages."""
    pages = [address for kind, pages in asked.items() if kind.startswith("results") for address in pages]
    for address in pages[:WARM]:
        serve(app, address)
    with cProfile.Profile() as profiler:
        for address in pages:
            serve(app, address)
    profiler.dump_stats(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--profile", metavar="FILE")
    chosen = parser.parse_args()
    service = open_service(load_settings(vars(config), os.environ))
    app, asked = create_app(service), addresses(service)
    if chosen.profile:
        profile(app, asked, chosen.profile)
        return
    print(f"{service.store.count():,} articles")
    server_side(app, asked)
    browser_side(app, asked)


if __name__ == "__main__":
    main()
