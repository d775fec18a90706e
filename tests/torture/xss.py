"""Markup that would run, in every field of every kind of source, looked at in a real browser.

Every payload goes in by every door: RSS, Atom, JSON Feed, JSON Lines, archived items, Markdown, lists of
feeds, names of files, and every parameter of every page. Then Chromium opens what comes of it, with our
policy and without any. Nothing may run, nothing may be asked of another host, no address may be one
that runs; and a page may have no element and no attribute that the same page does not have where plain words
stand in all those fields.
"""

import json
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from playwright.sync_api import Browser, sync_playwright

import config
from searchsvc.settings import Settings, load_settings
from searchsvc.text.clean import _TAGS
from tests.torture import poison
from tests.torture.row import Outcome, Row, Trial
from tests.torture.watch import Watch
from tests.web.conftest import CHROMIUM_ARGS, ROOT, environment, serving

# In the quick form every so many-th payload is tried.
EVERY = 20
PLAIN = (
    "平常",
    "石破茂 平常 a",
    f"{poison.SITE}/1.jpg",
    "https://site.test/x",
    "//site.test/y.png",
    "2024-11-07",
    "[平常](http://site.test)",
)
PARAMETERS = (
    *("q", "from", "to", "tz", "source", "exclude_source", "author", "story", "search_in", "sort", "script"),
    *("variants", "fold", "page", "page_size", "at", "measure", "nothing"),
)
PAGES = ("/search", "/trends")


@dataclass(frozen=True)
class Archive:
    """What was made of some payloads, being served."""

    url: str
    given: Sequence[str]
    ids: tuple[str, ...]
    versions: tuple[str, ...]
    feeds: str


def run(trial: Trial) -> Outcome:
    """Ingest, serve, look."""
    every = trial.of(EVERY, 1)
    given = poison.payloads()[::every]
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        with archive(trial.folder / "plain", PLAIN) as plain:
            own = look(browser, plain, thorough=True)
        with archive(trial.folder / "hostile", given) as hostile:
            seen = look(browser, hostile, thorough=not trial.quick)
        browser.close()
    known = {shape for watch in own for shape in watch.shapes}
    strange = [
        f"{where}: {shape}" for watch in seen for shape, where in watch.shapes.items() if shape not in known
    ]
    live = [what for watch in (*own, *seen) for what in watch.live]
    views = sum(watch.views for watch in seen)
    figure = (
        f"{len(given)} payloads × {len(poison.FIELDS) + len(PARAMETERS)} fields, {len(hostile.ids)} articles, "
        f"{views:,} views: {len(live)} live, {len(strange)} strange"
    )
    return Outcome(figure, (*live, *strange))


@contextmanager
def archive(folder: Path, given: Sequence[str]) -> Iterator[Archive]:
    """Ingest payloads by every door, and serve what came of it."""
    files = poison.write_files(folder / "files", given)
    settings = settings_in(folder)
    (folder / "list.opml").write_text(poison.opml(given))
    flask(settings, "feeds", "import", str(folder / "list.opml"))
    flask(settings, "ingest", "--json", *map(str, files))
    with serving(settings, folder / "log") as server:
        documents = walk(server.url)
        yield Archive(
            server.url,
            given,
            tuple(each["id"] for each in documents),
            tuple(earlier(settings)),
            flask(settings, "feeds", "export"),
        )


def settings_in(folder: Path) -> Settings:
    names = {"DATA_DIR": "data", "INDEX_DIR": "index", "FEEDS": "feeds.opml"}
    given = {f"SEARCHSVC_{name}": str(folder / value) for name, value in names.items()}
    return load_settings(vars(config), given)


def flask(settings: Settings, *command: str) -> str:
    """Run one of our commands; what it wrote. Some of the files are none that can be read: 1 is fine."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", *command],
        cwd=ROOT,
        env=environment(settings, SEARCHSVC_FEEDS=str(settings.feeds)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise RuntimeError(done.stderr)
    return done.stdout


def ask(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return str(answer.read().decode())


def walk(url: str) -> list[dict[str, Any]]:
    """All articles, page by page."""
    found: list[dict[str, Any]] = []
    address: str | None = "/api/v1/search?cursor=&page_size=100"
    while address:
        page = json.loads(ask(url + address))
        found += page["articles"]
        address = page["next"]
    return found


def earlier(settings: Settings) -> Iterator[str]:
    """The addresses of earlier versions."""
    from searchsvc.service import open_service

    store = open_service(settings).store
    with store._apart() as connection:
        rows = connection.execute("SELECT id FROM articles").fetchall()
    for (article_id,) in rows:
        for version in store.earlier(article_id):
            yield f"/article/{article_id}/versions/{version.digest}"


def look(browser: Browser, archive: Archive, thorough: bool) -> list[Watch]:
    """Open everything, with the policy and without it."""
    bare = Watch(browser, archive.url, guarded=False)
    guarded = Watch(browser, archive.url, guarded=True, language="zh-TW")
    pictured = Watch(browser, archive.url, guarded=True, pictures=True, language="en-US")
    step = 1 if thorough else 7
    for watch, shift, more in ((bare, 0, ""), (guarded, 1, "&script=hant"), (pictured, 2, "&script=hans")):
        lists(watch, archive, more)
        for number, article in enumerate(archive.ids[shift % step :: step]):
            watch.see(f"/article/{article}?q={quote('石破茂')}&at={number + 1}{more}")
    for address in archive.versions[::step]:
        bare.see(address)
        guarded.see(f"{address}?script=hant")
    for article in archive.ids[:: step * 4]:
        bare.see(f"/article/{article}/similar")
        guarded.see(f"/search?story={article}")
    questions(bare, archive, 1 if thorough else 5)
    questions(guarded, archive, 4 if thorough else 11)
    documents(bare, archive)
    for watch in (bare, guarded, pictured):
        watch.close()
    return [bare, guarded, pictured]


def lists(watch: Watch, archive: Archive, more: str) -> None:
    """Pages of many articles, and those of the whole archive."""
    for page in range(1, len(archive.ids) // 100 + 2):
        watch.see(f"/search?page_size=100&page={page}{more}")
    for address in ("/", "/stats", "/api", f"/search?q={quote('石破茂')}&fold=on{more}", "/nothing"):
        watch.see(address)
    watch.see(f"/trends?q={quote('石破茂')}&q={quote('平常')}")


def questions(watch: Watch, archive: Archive, step: int) -> None:
    """Payloads in every parameter of the pages, in the path, and as several queries at once."""
    for number, payload in enumerate(archive.given[::step]):
        text = payload.encode("utf-8", "replace")
        watch.see(f"/search?{urlencode({'q': text})}")
        for page in PAGES:
            names = PARAMETERS if watch.guarded is False else PARAMETERS[number % 3 :: 3]
            for name in names[number % 2 :: 2]:
                watch.see(f"{page}?{urlencode([(name, text)] + [('q', '石破茂')] * (name != 'q'))}")
        watch.see(f"/trends?{urlencode({'q': [text, b'x' + text]}, doseq=True)}")
        watch.see(
            f"/search?{urlencode({name: text for name in ('q', 'source', 'author', 'exclude_source')})}"
        )
        watch.see(
            f"/article/{archive.ids[number % len(archive.ids)]}?{urlencode({'q': text, 'source': text})}"
        )
        watch.see(f"/article/{quote(text, safe='')}")
        watch.open_document(f"/api/v1/search?{urlencode({'q': text, 'nothing': text})}")


def documents(watch: Watch, archive: Archive) -> None:
    """JSON, Atom and OPML: opened as they are, and their markup shown as other programs show it."""
    markup = [
        json.loads(ask(f"{archive.url}/api/v1/articles/{each}?script=hant"))["html"] for each in archive.ids
    ]
    markup += [json.loads(ask(f"{archive.url}/api/v1/articles/{each}"))["html"] for each in archive.ids[::3]]
    for page in range(1, len(archive.ids) // 100 + 2):
        address = f"/search.atom?page_size=100&page={page}&q={quote('石破茂')}"
        markup += watch.xml(address, ask(archive.url + address))
        watch.open_document(address)
        watch.open_document(f"/api/v1/search?page_size=100&page={page}")
    for address in (
        "/opensearch.xml",
        "/metrics",
        "/api/v1/stats",
        "/api/v1/sources",
        f"/api/v1/articles/{archive.ids[0]}",
    ):
        watch.open_document(address)
    for payload in archive.given[::5]:
        address = f"/search.atom?{urlencode({'q': payload.encode('utf-8', 'replace')})}"
        watch.xml(address, ask(archive.url + address))
        watch.open_document(address)
    watch.xml("OPML", archive.feeds)
    watch.fragments("markup", markup, frozenset(_TAGS))


XSS = Row(
    "xss",
    "payloads in every field × page, JSON, Atom, OPML",
    "200 and more, 0 live in the DOM; a CSP on every answer",
    run,
)
