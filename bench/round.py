"""A round over two hundred feeds on forty loopback hosts, and the one half an hour later: the figures.

``python -m bench.round [FEEDS]``: FEEDS is a folder of real feeds to serve among the written ones.
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from click.testing import Result
from flask import Flask

import config
from searchsvc.commands import register
from searchsvc.service import Service, open_service
from searchsvc.settings import load_settings
from tests.ingest.site import Site, running

DEADLINE_SECONDS = 3.0


def main() -> None:
    real = [path.read_bytes() for path in sorted(Path(sys.argv[1]).iterdir())] if sys.argv[1:] else []
    with running() as site, TemporaryDirectory() as folder:
        site.fill(real)
        service = make_service(site, Path(folder))
        app = Flask("round")
        register(app, service)
        later = time.time
        print(f"{len(site.feeds)} feeds, {len(real[:40])} of them real; deadline {DEADLINE_SECONDS:.0f} s")
        run("first round", app, site, service)
        with patch("time.time", lambda: later() + 1_900):
            run("half an hour later", app, site, service)


def make_service(site: Site, folder: Path) -> Service:
    (folder / "feeds.opml").write_text(site.opml())
    settings = load_settings(
        vars(config),
        {
            "SEARCHSVC_DATA_DIR": str(folder / "data"),
            "SEARCHSVC_INDEX_DIR": str(folder / "index"),
            "SEARCHSVC_FEEDS": str(folder / "feeds.opml"),
            "SEARCHSVC_FETCH_ALLOW_PRIVATE": "1",
            "SEARCHSVC_FETCH_TIMEOUT_SECONDS": str(DEADLINE_SECONDS),
            "SEARCHSVC_FETCH_MAX_BYTES": "8000000",
        },
    )
    return open_service(settings)


def run(title: str, app: Flask, site: Site, service: Service) -> None:
    asked, began = len(site.asked), time.perf_counter()
    result = app.test_cli_runner().invoke(args=["ingest"])
    seconds = time.perf_counter() - began
    lines = lines_of(result)
    outcomes = Counter(line["outcome"] for line in lines)
    failed = sum(line.startswith("failed: ") for line in result.stderr.splitlines())
    print(f"{title}: {seconds:.1f} s, {len(site.asked) - asked} requests")
    print(f"  {', '.join(f'{count} {outcome}' for outcome, count in outcomes.most_common())}")
    print(f"  bodies of feeds that are well: {len(site.bodies(asked))}")
    print(
        f"  new {sum(line['new'] for line in lines)}, updated {sum(line['updated'] for line in lines)}, ",
        end="",
    )
    print(f"articles kept {service.store.count()}, failures named {failed}")


def lines_of(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]


if __name__ == "__main__":
    main()
