"""Every page of the service in every state worth looking at: one table, for tests of all of them.

A page that is new gets a row here, one for each state that looks or behaves differently; then axe, the
keyboard, zoom, languages, layout shift and the screenshots see to it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect


def nothing(page: Page) -> None:
    """The page as it opens."""


def open_menu(name: str) -> Callable[[Page], None]:
    """Open a menu of the header, by its class."""

    def act(page: Page) -> None:
        page.locator(f"details.{name} > summary").click()
        expect(page.locator(f"details.{name} .panel")).to_be_visible()

    return act


def type_in_box(text: str) -> Callable[[Page], None]:
    """Type until completions are there, and go to the first of them."""

    def act(page: Page) -> None:
        page.locator("#q").fill("")
        page.locator("#q").press_sequentially(text)
        expect(page.locator(".completions [role=option]").first).to_be_visible()
        page.keyboard.press("ArrowDown")

    return act


@dataclass(frozen=True)
class State:
    """A page in a state. ``{ishiba}`` in the address is an article's id; ``reader`` is the cookie."""

    name: str
    address: str
    act: Callable[[Page], None] = nothing
    reader: str = ""


STATES = (
    State("front", "/"),
    State("front-settings", "/", open_menu("settings")),
    State("front-completions", "/", type_in_box("石")),
    State("results", "/search?q=石破茂"),
    State("results-variants", "/search?q=特朗普 石破茂"),
    State("results-variants-off", "/search?q=特朗普&variants=off"),
    State("results-conditions", "/search?q=石破茂&source=voa.example&source=udn.example&exclude_source=x.example&tz=UTC"),
    State("results-partial", "/search?q=经济关系"),
    State("results-warnings", "/search?q=石破茂)"),
    State("results-page", "/search?q=经济&sort=newest&page=2"),
    State("results-beyond", "/search?q=经济&page=40"),
    State("results-none", "/search?q=石破茂 岩屋&from=2024&source=udn.example"),
    State("results-syntax", "/search?q=石破茂", open_menu("how")),
    State("results-completions", "/search?q=日美", type_in_box("日美 石")),
    State("results-traditional", "/search?q=石破茂", reader="script=hant"),
    State("results-hong-kong", "/search?q=石破茂", reader="script=hant-hk"),
    State("results-pictures", "/search?q=石破茂", reader="pictures=on"),
    State("error-400", "/search?q=石破茂&from=2024-13-45"),
    State("error-404", "/nothing"),
    State("article", "/article/{ishiba}"),
    State("article-marked", "/article/{ishiba}?q=石破茂 日美关系"),
    State("article-traditional", "/article/{ishiba}?q=石破茂", reader="script=hant"),
)  # fmt: skip
