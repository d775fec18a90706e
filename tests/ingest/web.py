"""A site with a service that has its feeds listed, and the terminal before it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask

import config
from searchsvc.commands import register
from searchsvc.service import Service, open_service
from searchsvc.settings import load_settings
from tests.ingest.site import Site

DEADLINE_SECONDS = 3.0


@dataclass
class Web:
    """What a round needs, in folders of its own."""

    site: Site
    service: Service
    app: Flask

    def flask(self, *arguments: str) -> Result:
        """What a command prints and how it ends."""
        return self.app.test_cli_runner().invoke(args=arguments)

    def ingest(self, *arguments: str) -> dict[str, dict[str, Any]]:
        """What an ingest says of each feed in the lines it writes as it goes on, by the feed's name."""
        return lines_of(self.flask("ingest", *arguments))

    def list_feeds(self) -> None:
        """Write the site's feeds into the list, as they are now."""
        self.service.settings.feeds.write_text(self.site.opml())


def web_of(site: Site, folder: Path, **more: object) -> Web:
    """A service in a folder, its list the site's feeds."""
    values = {
        "DATA_DIR": folder / "data",
        "INDEX_DIR": folder / "index",
        "FEEDS": folder / "feeds.opml",
        "FETCH_ALLOW_PRIVATE": 1,
        "FETCH_TIMEOUT_SECONDS": DEADLINE_SECONDS,
        "FETCH_MAX_BYTES": 8_000_000,
        "FETCH_PAUSE_SECONDS": 0.1,
    }
    environ = {f"SEARCHSVC_{name}": str(value) for name, value in (values | more).items()}
    service = open_service(load_settings(vars(config), environ))
    app = Flask("web")
    register(app, service)
    web = Web(site, service, app)
    web.list_feeds()
    return web


def lines_of(result: Result) -> dict[str, dict[str, Any]]:
    """The JSON lines of an ingest, by the names of the feeds."""
    lines = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    return {line["feed"]: line for line in lines}
