"""A small archive to search, the app on it, gunicorn serving it, and a browser in front."""

import json
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from bench.service import Served, gunicorn
from searchsvc.article import Article, Part, Source
from searchsvc.service import Service, open_service
from searchsvc.settings import Settings, load_settings
from searchsvc.store.articles import Write
from searchsvc.store.runs import Reason, Run, SourceRun
from searchsvc.web.app import create_app
from tests.build import NOW, article, fill
from tests.web.states import State

ROOT = Path(__file__).parent.parent.parent
SCREENSHOTS = ROOT / "test-output" / "screenshots"
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
SIZES = {"desktop": DESKTOP, "phone": PHONE}
VOA = Source("voa.example", "美国之声")
UDN = Source("udn.example", "聯合晚報")
# Names that turn what follows them around, unless they are kept to themselves.
TURNED = Source("turned.example", "\u202eمقلوب\u202e")
WIDE = "\u202e宽" + "W" * 10_000
DAY = 86_400
# What three of 45 tell, whose texts are else alike but too short to be a story.
HARBOUR = "海港的起重机昨夜停了三个小时，等一群候鸟飞过。工人们坐在码头上吃橘子，船都晚了点，但人人很高兴。"
# The digest of an earlier version.
DRAFT = "0123456789abcdef" * 2
# 2024-11-07T16:49:47Z, which is the 8th in Shanghai.
ISHIBA_TIME = 1_730_998_187
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
INGEST = Run(
    began=NOW,
    took_ms=12_345,
    indexed=50,
    sources=(
        SourceRun("https://voa.example/feed", 46, 0, 4, 0, 0),
        SourceRun(
            "https://gone.example/feed", 0, 0, 0, 1, 1,
            (
                Reason("failed", "https://gone.example/feed", "the server answered 404"),
                Reason("skipped", "https://gone.example/feed#2", "it has neither a title nor a text"),
            ),
        ),
    ),
)  # fmt: skip
MARKUP = "</title></mark><script>window.broken=1</script><img src=x onerror=window.broken=2>&amp;&lt;b&gt;\"'"


def archive() -> list[Article]:
    """What is searched: both scripts, markup for text, no date, no break for 10,000 characters, 45 alike."""
    text = "华盛顿 —\n石破茂在东京说，他与特朗普通了五分钟的电话。\n小标题\n日美关系很重要。"
    parts = (Part("dateline", 0, 5), Part("heading", text.index("小标题"), text.index("小标题") + 3))
    ishiba = article("日本首相石破茂寻求会晤特朗普", text, source=VOA, stated=ISHIBA_TIME, author="张三")
    return [
        replace(ishiba, parts=parts, image="https://pictures.example/1.jpg"),
        article(
            "石破茂訪美", "日美關係升溫，石破茂下週訪問華盛頓。", source=UDN, stated=ISHIBA_TIME + 30 * DAY
        ),
        replace(article("标记", f"标记{MARKUP}", source=VOA), title=f"标记{MARKUP}", author=MARKUP),
        replace(article("无日期的文章", "不知道是什么时候。"), published=None, published_from=None),
        replace(
            article("宽", "宽", stated=ISHIBA_TIME - 9_000 * DAY, source=TURNED),
            title=WIDE,
            text=WIDE,
            author=WIDE,
        ),
        *(
            article(
                f"经济快讯第{n}号",
                f"今天的经济消息。{HARBOUR if n > 42 else ''}",
                stated=ISHIBA_TIME - n * DAY,
            )
            for n in range(1, 46)
        ),
    ]


def draft() -> Article:
    """What the first article said before."""
    first = archive()[0]
    return replace(
        first,
        title="石破茂求见特朗普",
        text=first.text.replace("五", "三"),
        digest=DRAFT,
        retrieved=ISHIBA_TIME,
    )


@pytest.fixture(scope="module")
def kept_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a service that is kept for all tests of a module."""
    import config

    folder = tmp_path_factory.mktemp("kept")
    folders = {"SEARCHSVC_DATA_DIR": str(folder / "data"), "SEARCHSVC_INDEX_DIR": str(folder / "index")}
    return load_settings(vars(config), folders)


@pytest.fixture(scope="module")
def news(kept_settings: Settings) -> Service:
    """A service with the archive in it, an earlier version, and the record of an ingest. Only for reading."""
    service = open_service(kept_settings)
    service.store.put([Write(draft(), current=False)])
    fill(service, archive())
    service.runs.end(service.runs.begin(NOW), INGEST)
    return service


@pytest.fixture(scope="module")
def app(news: Service) -> Flask:
    return create_app(news)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def ishiba(client: FlaskClient) -> str:
    """The id of the article about 石破茂 in simplified script."""
    return str(client.get("/api/v1/search?q=石破茂寻求").json["articles"][0]["id"])


@pytest.fixture(scope="module")
def server(news: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The archive behind gunicorn with two workers, as gunicorn.conf.py has it."""
    with serving(news.settings, tmp_path_factory.mktemp("log") / "gunicorn.log") as running:
        yield running


@contextmanager
def serving(settings: Settings, log: Path, **more: str) -> Iterator[Served]:
    """Gunicorn with two workers on what some settings say. ``more``: variables of its environment."""
    with gunicorn(environment(settings, **{"WORKERS": "2", **more}), log) as served:
        yield served


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """The environment of a process that is to use some settings."""
    folders = {"SEARCHSVC_DATA_DIR": str(settings.data_dir), "SEARCHSVC_INDEX_DIR": str(settings.index_dir)}
    return {**os.environ, **folders, **more}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Without it the browser tests fail: nothing is skipped silently."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("Chromium is missing; `make test` installs it (apt-get install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        yield launched
        launched.close()


@dataclass
class Visits:
    """Opens pages of a server in states, each in a window of its own with nothing kept from before."""

    browser: Browser
    url: str
    contexts: list[BrowserContext]

    def window(self, **how: Any) -> Page:
        """An empty window. ``how`` is what Playwright's ``new_context`` takes."""
        context = self.browser.new_context(
            **{"base_url": self.url, "viewport": DESKTOP, "locale": "zh-CN", **how}
        )
        # Nothing leaves this machine; a picture that does not come is a state like others.
        context.route(lambda address: not address.startswith(self.url), lambda route: route.abort())
        self.contexts.append(context)
        return context.new_page()

    def __call__(self, state: State, **how: Any) -> Page:
        """A window on a page in a state."""
        page = self.window(**how)
        if state.reader:
            page.context.add_cookies([{"name": "reader", "value": state.reader, "url": self.url}])
        address = state.address.replace("{ishiba}", self.article("石破茂寻求"))
        page.goto(address.replace("{harbour}", self.article("候鸟")))
        state.act(page)
        return page

    def close(self) -> None:
        for context in self.contexts:
            context.close()

    def article(self, q: str) -> str:
        """The id of the article that a query finds first."""
        with urllib.request.urlopen(f"{self.url}/api/v1/search?q={quote(q)}", timeout=30) as answer:
            return str(json.load(answer)["articles"][0]["id"])


@pytest.fixture
def visit(browser: Browser, server: Served) -> Iterator[Visits]:
    """Opens pages in states."""
    visits = Visits(browser, server.url, [])
    yield visits
    visits.close()


@pytest.fixture
def keep_picture() -> Callable[[Page, str], None]:
    """Keeps a screenshot of a window in ``test-output/screenshots``, for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def keep(page: Page, name: str) -> None:
        page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return keep
