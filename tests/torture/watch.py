"""A window of Chromium that notices when something of somebody else's runs, loads or stands in a page."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from playwright.sync_api import Browser, Dialog, Error, Page, Request

WALK = Path(__file__).with_name("walk.js").read_text()
# Fragments that are read in one go.
BATCH = 200
# What markup for showing may hold, by nh3's list: see searchsvc/text/clean.py.
ATTRIBUTES = ("a[href]", "a[rel=noopener noreferrer nofollow]", "img[src]", "img[alt]")


@dataclass
class Watch:
    """A window. ``shapes``: the elements and attributes that were seen; ``live``: what ran, loaded or could.

    ``guarded``: whether the policy of our answers is in force. ``pictures``: those may load from anywhere.
    """

    browser: Browser
    url: str
    guarded: bool
    pictures: bool = False
    language: str = "zh-CN"
    views: int = 0
    shapes: dict[str, str] = field(default_factory=dict)
    live: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        context = self.browser.new_context(
            base_url=self.url, bypass_csp=not self.guarded, locale=self.language, accept_downloads=False
        )
        context.set_default_timeout(60_000)
        context.expose_binding("live", lambda _, what: self._tell(str(what)))
        context.add_init_script(WALK)
        context.on("request", self._look)
        context.on("dialog", self._dismiss)
        context.route(lambda address: not address.startswith(self.url), lambda route: route.abort())
        if self.pictures:
            cookie = "language=zh-Hans&pictures=on".replace("=", "%3D").replace("&", "%26")
            context.add_cookies([{"name": "reader", "value": unquote(cookie), "url": self.url}])
        self.page: Page = context.new_page()
        self.address = ""

    def close(self) -> None:
        self.page.context.close()

    def _tell(self, what: str) -> None:
        self.live.append(f"{self.address}: {what}"[:500])

    def _look(self, request: Request) -> None:
        ours = request.url.startswith((f"{self.url}/", "data:image/svg+xml,%3Csvg", "about:"))
        if not ours and not (
            self.pictures and request.resource_type == "image" and request.url.startswith("http")
        ):
            self._tell(f"asked {request.resource_type} {request.url}")

    def _dismiss(self, dialog: Dialog) -> None:
        self._tell(f"dialog {dialog.message}")
        dialog.dismiss()

    def see(self, address: str) -> None:
        """Open a page and look at all that it is made of."""
        if self._open(address):
            self._take(self.page.evaluate("window.walk(document)"))
            if not self.page.url.startswith(f"{self.url}/"):
                self._tell(f"led to {self.page.url}")

    def open_document(self, address: str) -> None:
        """Open what is no page: nothing may run in it."""
        self._open(address)

    def _open(self, address: str) -> bool:
        self.address = address
        self.views += 1
        try:
            answer = self.page.goto(address)
            if answer and not answer.headers.get("content-security-policy", "").startswith(
                "default-src 'none'"
            ):
                self._tell("it has no policy")
            self.page.evaluate("new Promise((resolve) => setTimeout(resolve, 0))")
        except Error as error:
            # A document that Chromium would save and not show.
            if "Download is starting" in str(error) or "ERR_ABORTED" in str(error):
                return False
            self._tell(f"could not be opened: {error}")
            return False
        return True

    def _take(self, found: Any) -> None:
        for shape in found["shapes"]:
            self.shapes.setdefault(shape, self.address)
        for unsafe in found["unsafe"]:
            self._tell(unsafe)

    def fragments(self, name: str, markup: list[str], tags: frozenset[str]) -> None:
        """Read fragments of markup as whoever shows them would, pictures and all."""
        self.page.goto("/healthz")
        self.pictures = True
        allowed = {*tags, *ATTRIBUTES}
        for start in range(0, len(markup), BATCH):
            self.address = f"{name} {start}"
            for found in self.page.evaluate(
                "(some) => window.walkFragments(some)", markup[start : start + BATCH]
            ):
                self.views += 1
                for what in (*found["unsafe"], *sorted(set(found["shapes"]) - allowed)):
                    self._tell(what)

    def xml(self, name: str, text: str) -> list[str]:
        """Read an XML document; the fragments of markup in it."""
        self.page.goto("/healthz")
        self.address = name
        self.views += 1
        found = self.page.evaluate("(text) => window.readXML(text)", text)
        for what in _wrong(found):
            self._tell(what)
        return list(found["fragments"])


def _wrong(found: Any) -> Iterator[str]:
    if found["broken"]:
        yield "it is no XML"
    yield from (f"element of {space}" for space in found["foreign"])
    for address in found["addresses"]:
        if not address.startswith(("http://", "https://", "data:image/svg+xml,")):
            yield f"address {address}"
