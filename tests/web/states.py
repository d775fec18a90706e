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


def choose_range(page: Page) -> None:
    """Move an end of the timeline with the keyboard."""
    page.get_by_role("slider").first.press("PageUp")
    expect(page.locator(".readout.live")).to_be_visible()


def open_sources(page: Page) -> None:
    """Unfold the sources, as one does on a phone."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".fold summary").click()
    expect(page.locator(".sources")).to_be_visible()


def read_on(page: Page) -> None:
    """Wait until what is similar to an article is there."""
    expect(page.locator(".room li").first).to_be_visible()


def read_on_alone(page: Page) -> None:
    """Wait until it is known that nothing is similar: the link to ask for it is gone."""
    expect(page.locator(".room a")).to_have_count(0)


def open_numbers(page: Page) -> None:
    """Open the table beside a picture."""
    page.locator("details.numbers > summary").first.click()
    expect(page.locator("details.numbers table").first).to_be_visible()


def try_first(page: Page) -> None:
    """Ask what the first form has in it."""
    page.locator("[data-trial] button").first.click()
    expect(page.locator("[data-answer]").first).to_be_visible()


@dataclass(frozen=True)
class State:
    """A page in a state. ``{ishiba}`` or ``{harbour}`` in the address is an article's id; ``reader`` is the cookie."""

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
    State("results-meant", "/search?q=经计快讯"),
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
    State("results-range", "/search?q=经济&from=2024-10&to=2024-11-05", choose_range),
    State("results-sources", "/search?q=经济 OR 石破茂&source=voa.example&exclude_source=udn.example", open_sources),
    State("results-story", "/search?q=候鸟"),
    State("results-folded", "/search?q=候鸟&fold=on"),
    State("results-of-story", "/search?story={harbour}"),
    State("results-undated", "/search?q=今天 OR 无日期"),
    State("trends", "/trends"),
    State("trends-lines", "/trends?q=石破茂&q=特朗普&q=今天&source=voa.example&source=news.example"),
    State("trends-share", "/trends?q=经济&q=今天&measure=share&variants=on"),
    State("trends-one", "/trends?q=石破茂)"),
    State("trends-none", "/trends?q=岩屋&q=没有的"),
    State("error-trends", "/trends?q=石破茂&q=特朗普&from=2024-13-45"),
    State("error-400", "/search?q=石破茂&from=2024-13-45"),
    State("error-404", "/nothing"),
    State("article", "/article/{ishiba}", read_on),
    State("article-marked", "/article/{ishiba}?q=石破茂 日美关系", read_on),
    State("article-among-hits", "/article/{ishiba}?q=石破茂 川普&sort=oldest&at=1", read_on),
    State("article-traditional", "/article/{ishiba}?q=石破茂", read_on, reader="script=hant"),
    State("article-pictures", "/article/{ishiba}", read_on, reader="pictures=on"),
    State("article-story", "/article/{harbour}?q=候鸟", read_on_alone),
    State("article-similar", "/article/{ishiba}/similar"),
    State("article-version", "/article/{ishiba}/versions/0123456789abcdef0123456789abcdef"),
    State("stats", "/stats"),
    State("stats-numbers", "/stats", open_numbers),
    State("api", "/api"),
    State("api-answer", "/api", try_first),
)  # fmt: skip
