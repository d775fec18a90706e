"""Every page, in every state, can be used by people who do not see it, do not see well, or have no mouse."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.service import Served
from searchsvc.text.script import detect
from tests.web.conftest import ROOT, SIZES, Visits
from tests.web.states import STATES, State

AXE = ROOT / "tests" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
# The words differ by language, how they look by size and theme: of the first language all looks are tried, of
# the others the two that have nothing in common.
LOCALES = ("zh-CN", "zh-TW", "en-GB")
LOOKS: tuple[tuple[str, Literal["light", "dark"]], ...] = (
    ("desktop", "light"),
    ("desktop", "dark"),
    ("phone", "light"),
    ("phone", "dark"),
)

every_state = pytest.mark.parametrize("state", STATES, ids=[state.name for state in STATES])


@pytest.fixture(scope="session")
def axe() -> str:
    """The script that looks for faults. Without it these tests fail: nothing is skipped silently."""
    if not AXE.is_file():
        pytest.fail("axe-core is missing; `make test` installs it (sh tests/install_axe.sh)")
    return AXE.read_text()


@dataclass(frozen=True)
class Opened:
    """A page in a state, in a language. Tests of this module share it, and change how it looks."""

    state: State
    locale: str
    page: Page


@pytest.fixture(
    scope="module",
    params=[(state, locale) for state in STATES for locale in LOCALES],
    ids=lambda param: f"{param[0].name}-{param[1]}",
)
def opened(request: pytest.FixtureRequest, browser: Browser, server: Served) -> Iterator[Opened]:
    """Every state in every language, opened once for all tests of it."""
    state, locale = request.param
    visits = Visits(browser, server.url, [])
    yield Opened(state, locale, visits(state, locale=locale))
    visits.close()


def test_every_text_says_its_language(opened: Opened) -> None:
    texts = opened.page.evaluate(TEXTS)
    assert [(text, lang) for text, lang in texts if not speaks(text, lang)] == []
    assert any(detect(text)[0] == "zh" for text, _ in texts)


def test_axe_finds_nothing(opened: Opened, axe: str, keep_picture: Callable[[Page, str], None]) -> None:
    page = opened.page
    page.evaluate(axe)
    for size, scheme in LOOKS if opened.locale == LOCALES[0] else (LOOKS[0], LOOKS[-1]):
        page.set_viewport_size(SIZES[size])
        page.emulate_media(color_scheme=scheme)
        if opened.locale == LOCALES[0]:
            keep_picture(page, f"{opened.state.name}-{size}-{scheme}")
        assert faults(page) == [], (size, scheme)


def test_nothing_is_cut_when_everything_is_larger(opened: Opened) -> None:
    page = opened.page
    for width, percent in ((640, 100), (320, 100), (1280, 200), (640, 200)):
        page.set_viewport_size({"width": width, "height": 450})
        page.evaluate("percent => { document.documentElement.style.fontSize = `${percent}%` }", percent)
        assert page.evaluate(CUT) == [], (width, percent)
        assert page.evaluate("document.documentElement.scrollWidth") == width, percent


def faults(page: Page) -> list[Any]:
    """What axe finds, as rule and element."""
    return list(page.evaluate(FAULTS, RULES))


FAULTS = """async (rules) => {
  const found = await axe.run(document, { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] });
  return found.violations.flatMap((rule) => rule.nodes.map((node) => [rule.id, node.html.slice(0, 200),
    node.failureSummary]));
}"""


@every_state
def test_the_keyboard_reaches_everything_in_the_order_of_the_page(state: State, visit: Visits) -> None:
    page = visit(state, reduced_motion="reduce")
    page.evaluate(TO_THE_TOP)
    reached = 0
    while page.evaluate(NOTE_NEXT):
        page.keyboard.press("Tab")
        assert page.evaluate(WRONG_FOCUS) is None, reached
        reached += 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement === document.body")
    assert reached > 5


def test_menus_are_worked_by_keys(visit: Visits) -> None:
    page = visit(State("results", "/search?q=石破茂"))
    page.locator("details.settings > summary").focus()
    page.keyboard.press("Enter")
    for name in ("language", "script", "pictures"):
        page.keyboard.press("Tab")
        expect(page.locator(f"#{name}")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("details.settings .panel")).to_be_hidden()
    expect(page.locator("details.settings > summary")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    expect(page.locator("details.settings .panel")).to_be_hidden()


@pytest.mark.parametrize("state", [STATES[0], STATES[3], STATES[-1]], ids=lambda state: state.name)
def test_nothing_moves_for_who_does_not_want_it(state: State, visit: Visits) -> None:
    page = visit(state, reduced_motion="reduce")
    assert page.evaluate(MOVES) == []
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVES) == ["HTML"]


def speaks(text: str, lang: str) -> bool:
    """Whether a text can be in a language, as far as its characters tell."""
    language, script = detect(text)
    if script is not None:
        return lang in {"hans": ("zh-Hans",), "hant": ("zh-Hant", "zh-Hant-HK")}[script]
    return language != "zh" or lang.startswith("zh")


TO_THE_TOP = (
    "() => { document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex') }"
)

# Notes the element that Tab must come to now: the next one that can be worked with, in the order of the document.
NOTE_NEXT = """() => {
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
    .filter((one) => one.tabIndex >= 0 && !one.disabled && one.type !== "hidden"
      && one.checkVisibility({ visibilityProperty: true }));
  window.next = all[all.indexOf(document.activeElement) + 1];
  return window.next !== undefined;
}"""

# What is wrong with where the focus is: elsewhere, without a ring around it, or out of sight.
WRONG_FOCUS = """() => {
  const here = document.activeElement;
  if (here !== window.next) return `${here.outerHTML.slice(0, 200)} instead of ${window.next.outerHTML.slice(0, 200)}`;
  const style = getComputedStyle(here);
  const ring = style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2;
  if (!ring || !here.matches(":focus-visible")) return `no ring: ${here.outerHTML}`;
  const { left, top, width, height } = here.getClientRects()[0];
  const seen = document.elementFromPoint(left + width / 2, top + height / 2);
  return here.contains(seen) ? null : `${here.outerHTML} is behind ${seen?.outerHTML}`;
}"""

# Texts that do not fit: beyond the window, clipped, or a field's hint or choice longer than the field.
CUT = """() => {
  const ruler = document.createElement("canvas").getContext("2d");
  const shown = (node) => node.matches("select") ? node.selectedOptions[0].text
    : node.matches("input") ? (node.value ? "" : node.placeholder) : "";
  const cut = [];
  for (const node of document.body.querySelectorAll("*")) {
    if (!node.checkVisibility() || node.closest(".unseen, .skip, option")) continue;
    const style = getComputedStyle(node);
    const clips = style.overflowX !== "visible" && node.scrollWidth > node.clientWidth + 1
      && !node.matches("input, select, pre");
    ruler.font = style.font;
    const room = node.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const tight = shown(node) && ruler.measureText(shown(node)).width > room + 1;
    const beyond = node.getBoundingClientRect().right > innerWidth + 1;
    if (clips || tight || beyond) cut.push([node.outerHTML.slice(0, 120), clips, tight, beyond]);
  }
  return cut;
}"""

# Elements that move by themselves.
MOVES = """() => [...document.querySelectorAll("*")].filter((node) => {
  const style = getComputedStyle(node);
  return style.animationName !== "none" || style.transitionDuration !== "0s" || style.scrollBehavior !== "auto";
}).map((node) => node.nodeName)"""

# Every text on the page with the language that it is said to be in. An answer of the API is shown as it came: it says
# what an article is written in, and of a query's words it does not.
TEXTS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    const parent = walker.currentNode.parentElement;
    if (parent.closest("[data-body]") && !parent.closest("[data-body] [lang]")) continue;
    if (text) found.push([text, parent.closest("[lang]").getAttribute("lang")]);
  }
  return found;
}"""
