"""Markup that would run, in every field of every kind of source, looked at in a real browser.

Every payload goes in by every door: RSS, Atom, JSON Feed, JSON Lines, archived items, Markdown, lists of
feeds, names of files, and every parameter of every page. Then Chromium opens what comes of it, with our
policy and without any. Nothing may run, nothing may be asked of another host, no address may be one
that runs. In the whole form a page may also have no element and no attribute that the same page does not have
where plain words stand in all those fields.
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
EVERY = 30
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
OTHERS = ("/opensearch.xml", "/metrics", "/api/v1/stats", "/api/v1/sources")


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
        with archive(trial.folder / "hostile", given) as hostile:
            seen = look(browser, hostile, trial)
        own = [] if trial.quick else plainly(browser, trial)
        browser.close()
    known = {shape for watch in own for shape in watch.shapes}
    shapes = [(shape, where) for watch in seen for shape, where in watch.shapes.items()]
    strange = [f"{where}: {shape}" for shape, where in shapes if own and shape not in known]
    live = [what for watch in (*own, *seen) for what in watch.live]
    views = sum(watch.views for watch in seen)
    figure = (
        f"{len(given)} payloads × {len(poison.FIELDS) + len(PARAMETERS)} fields, {len(hostile.ids):,} articles, "
        f"{views:,} views: {len(live)} live, {len(strange)} strange"
    )
    return Outcome(figure, (*live, *strange))


def plainly(browser: Browser, trial: Trial) -> list[Watch]:
    """What the same pages are made of where nobody means harm: enough sources that they can be filtered."""
    many = (*PLAIN, *(f"平常{number}" for number in range(20)))
    with archive(trial.folder / "plain", many) as plain:
        return look(browser, plain, trial)


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
    with store.apart() as connection:
        rows = connection.execute("SELECT id FROM articles").fetchall()
    for (article_id,) in rows:
        for version in store.earlier(article_id):
            yield f"/article/{article_id}/versions/{version.digest}"


def look(browser: Browser, archive: Archive, trial: Trial) -> list[Watch]:
    """Open everything, without the policy and with it."""
    bare = Watch(browser, archive.url, guarded=False)
    guarded = Watch(browser, archive.url, guarded=True, language="zh-TW")
    pictured = Watch(browser, archive.url, guarded=True, pictures=True, language="en-US")
    few = trial.of(8, 1)
    for watch, step, more in (
        (bare, few, ""),
        (guarded, 2 * few, "&script=hant"),
        (pictured, 3 * few, "&script=hans"),
    ):
        lists(watch, archive, more)
        for number, article in enumerate(archive.ids[::step]):
            watch.see(f"/article/{article}?q={quote('石破茂')}&at={number + 1}{more}")
    for address in archive.versions[::few]:
        bare.see(address)
    for address in archive.versions[:: 3 * few]:
        guarded.see(f"{address}?script=hant")
    for article in archive.ids[:: 6 * few]:
        bare.see(f"/article/{article}/similar")
        guarded.see(f"/search?story={article}")
    questions(bare, archive.given[:: trial.of(5, 1)], archive.ids[0])
    questions(guarded, archive.given[:: trial.of(7, 5)], archive.ids[0])
    documents(bare, archive, few)
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


def questions(watch: Watch, given: Sequence[str], article: str) -> None:
    """Payloads in every parameter of the pages, a third of them at a time, and in the path."""
    for number, payload in enumerate(given):
        text = payload.encode("utf-8", "replace")
        for page in PAGES:
            watch.see(f"{page}?{urlencode({'q': text})}")
        for name in PARAMETERS[1 + number % 3 :: 3]:
            watch.see(f"{PAGES[number % 2]}?{urlencode({name: text, 'q': '石破茂'})}")
        watch.see(f"/trends?{urlencode({'q': [text, b'x' + text]}, doseq=True)}")
        watch.see(f"/search?{urlencode(dict.fromkeys(('q', 'source', 'author', 'exclude_source'), text))}")
        watch.see(f"/article/{article}?{urlencode({'q': text, 'source': text})}")
        watch.see(f"/article/{quote(text, safe='')}")
        watch.open_document(f"/api/v1/search?{urlencode({'q': text, 'nothing': text})}")


def documents(watch: Watch, archive: Archive, step: int) -> None:
    """JSON, Atom and OPML: opened as they are, and their markup shown as other programs show it."""
    kept = [html_of(archive.url, each, "?script=hant") for each in archive.ids[::step]]
    kept += [html_of(archive.url, each) for each in archive.ids[:: 3 * step]]
    summaries: list[str] = []
    for page in range(1, len(archive.ids) // 100 + 2):
        address = f"/search.atom?page_size=100&page={page}&q={quote('石破茂')}"
        summaries += watch.xml(address, ask(archive.url + address))
        watch.open_document(address)
        watch.open_document(f"/api/v1/search?page_size=100&page={page}")
    for address in OTHERS:
        watch.open_document(address)
    for payload in archive.given[::5]:
        address = f"/search.atom?{urlencode({'q': payload.encode('utf-8', 'replace')})}"
        watch.xml(address, ask(archive.url + address))
        watch.open_document(address)
    watch.xml("OPML", archive.feeds)
    watch.fragments("html", kept, frozenset(_TAGS))
    watch.fragments("summary", summaries, frozenset({"p", "b"}))


def html_of(url: str, article: str, more: str = "") -> str:
    return str(json.loads(ask(f"{url}/api/v1/articles/{article}{more}"))["html"])


XSS = Row(
    "xss",
    "payloads in every field × page, JSON, Atom, OPML",
    "200 and more, 0 live in the DOM; a CSP on every answer",
    run,
)
