"""Every page, in every state, can be used by people who do not see it, do not see well, or have no mouse."""

from collections.abc import Callable
from typing import Any, Literal

import pytest
from playwright.sync_api import Page

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
every_language = pytest.mark.parametrize("locale", LOCALES)


@pytest.fixture(scope="session")
def axe() -> str:
    """The script that looks for faults. Without it these tests fail: nothing is skipped silently."""
    if not AXE.is_file():
        pytest.fail("axe-core is missing; `make test` installs it (sh tests/install_axe.sh)")
    return AXE.read_text()


@every_state
@every_language
def test_axe_finds_nothing(
    state: State, locale: str, axe: str, visit: Visits, keep_picture: Callable[[Page, str], None]
) -> None:
    page = visit(state, locale=locale)
    page.evaluate(axe)
    for size, scheme in LOOKS if locale == LOCALES[0] else (LOOKS[0], LOOKS[-1]):
        page.set_viewport_size(SIZES[size])
        page.emulate_media(color_scheme=scheme)
        if locale == LOCALES[0]:
            keep_picture(page, f"{state.name}-{size}-{scheme}")
        assert faults(page) == [], (size, scheme)


def faults(page: Page) -> list[Any]:
    """What axe finds, as rule and element."""
    return list(page.evaluate(FAULTS, RULES))


FAULTS = """async (rules) => {
  const found = await axe.run(document, { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] });
  return found.violations.flatMap((rule) => rule.nodes.map((node) => [rule.id, node.html.slice(0, 200),
    node.failureSummary]));
}"""
