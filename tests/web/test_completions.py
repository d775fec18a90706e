"""Completions under the box, as somebody types, with keys, a pointer, a finger or an input method."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.web.conftest import PHONE, Visits


@pytest.fixture
def page(visit: Visits) -> Iterator[Page]:
    """A window in which no script may fail."""
    window = visit.window()
    wrong: list[str] = []
    window.on("pageerror", lambda error: wrong.append(str(error)))
    yield window
    assert wrong == []


@pytest.fixture
def asked(page: Page) -> list[str]:
    """What completions were asked for, in order."""
    queries: list[str] = []
    page.on("request", lambda request: "/suggest" in request.url and queries.append(query_of(request.url)))
    return queries


def query_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["q"][0]


def options(page: Page) -> Locator:
    return page.locator(".completions [role=option]")


def type_until_completed(page: Page, text: str) -> None:
    expect(
        page.locator("#q")
    ).to_be_focused()  # It focuses itself, on a busy machine after the page has loaded.
    page.keyboard.type(text)
    expect(options(page).first).to_be_visible()


def test_completions_come_while_typing_with_their_counts_and_are_announced(page: Page) -> None:
    page.goto("/")
    type_until_completed(page, "石")
    expect(options(page)).to_have_text(["石破茂 2 篇", "石破茂訪美 1 篇", "石破茂寻求 1 篇"])
    expect(page.locator("form [role=status]")).to_have_text("3 条建议，用上下键选择")
    box = page.get_by_role("combobox", name="搜索词")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(box).to_have_attribute("aria-controls", "q-list")
    assert options(page).locator("span[lang]").evaluate_all("nodes => nodes.map(node => node.lang)") == [
        "zh", "zh-Hant", "zh-Hans",
    ]  # fmt: skip


def test_traditional_is_completed_in_traditional(page: Page) -> None:
    page.goto("/")
    type_until_completed(page, "石破茂訪")
    expect(options(page).first).to_contain_text("石破茂訪美")


def test_arrows_choose_and_enter_searches_for_what_is_chosen(page: Page) -> None:
    page.goto("/")
    type_until_completed(page, "石")
    box = page.locator("#q")
    for key, chosen in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowUp", 0), ("ArrowUp", None), ("ArrowUp", 2),
                        ("ArrowDown", None), ("ArrowDown", 0)):  # fmt: skip
        page.keyboard.press(key)
        expect(page.locator(".completions [aria-selected=true]")).to_have_count(int(chosen is not None))
        if chosen is not None:
            expect(options(page).nth(chosen)).to_have_attribute("aria-selected", "true")
            expect(box).to_have_attribute("aria-activedescendant", f"q-list-{chosen}")
    expect(box).to_have_value("石")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=%E7%9F%B3%E7%A0%B4%E8%8C%82$"))
    expect(page.locator(".hits li")).to_have_count(2)


def test_enter_searches_for_what_was_typed_when_nothing_is_chosen(page: Page) -> None:
    page.goto("/")
    type_until_completed(page, "石")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=%E7%9F%B3$"))


def test_only_the_last_word_is_completed_and_tab_takes_it_to_go_on(page: Page) -> None:
    page.goto("/")
    type_until_completed(page, "日美 石")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    box = page.locator("#q")
    expect(box).to_have_value("日美 石破茂")
    expect(box).to_be_focused()
    expect(page.locator(".completions")).to_be_hidden()
    page.keyboard.type(" 关系")
    expect(box).to_have_value("日美 石破茂 关系")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="搜索")).to_be_focused()


def test_escape_closes_and_leaves_what_was_typed(page: Page) -> None:
    page.goto("/")
    type_until_completed(page, "石")
    page.keyboard.press("Escape")
    expect(page.locator(".completions")).to_be_hidden()
    expect(page.locator("#q")).to_have_value("石")
    expect(page.locator("#q")).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    expect(options(page).first).to_be_visible()


def test_a_click_searches_and_a_click_elsewhere_closes(page: Page) -> None:
    page.goto("/")
    type_until_completed(page, "石")
    page.locator("h1").click()
    expect(page.locator(".completions")).to_be_hidden()
    page.locator("#q").focus()
    page.keyboard.press("ArrowDown")
    options(page).nth(1).click()
    expect(page.locator("#q")).to_have_value("石破茂訪美")
    expect(page.locator(".hits li")).to_have_count(1)


def test_a_finger_does_what_a_pointer_does(visit: Visits) -> None:
    page = visit.window(has_touch=True, is_mobile=True, viewport=PHONE)
    page.goto("/search?q=经济")
    page.locator("#q").tap()
    page.locator("#q").fill("")
    type_until_completed(page, "石")
    height = options(page).first.bounding_box()
    assert height is not None
    assert height["height"] >= 44
    options(page).first.tap()
    expect(page.locator("#q")).to_have_value("石破茂")
    expect(page.locator(".hits li")).to_have_count(2)


@pytest.mark.parametrize(
    "address", ["/search?q=经济", "/search?q=没有的词", "/search?from=x", "/nothing", "/article/{}"]
)
def test_every_page_completes(page: Page, visit: Visits, address: str) -> None:
    page.goto(address.format(visit.article("石破茂寻求")))
    page.locator("#q").fill("")
    page.locator("#q").focus()
    type_until_completed(page, "石")


def test_nothing_is_asked_while_an_input_method_composes(page: Page, asked: list[str]) -> None:
    page.goto("/")
    keys = page.context.new_cdp_session(page)
    for composed in ("s", "sh", "shi", "shi po"):
        keys.send(
            "Input.imeSetComposition",
            {"text": composed, "selectionStart": len(composed), "selectionEnd": len(composed)},
        )
    expect(page.locator("#q")).to_have_value("shi po")
    keys.send("Input.insertText", {"text": "石破"})
    expect(options(page).first).to_contain_text("石破茂")
    assert asked == ["石破"]
    keys.send("Input.imeSetComposition", {"text": "m", "selectionStart": 1, "selectionEnd": 1})
    expect(page.locator(".completions")).to_be_hidden()


def test_an_outdated_question_is_given_up(page: Page) -> None:
    held: list[Route] = []
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(query_of(request.url)))
    page.route(re.compile("suggest.*q=%E7%9F%B3$"), lambda route: held.append(route))
    page.goto("/")
    with page.expect_request(re.compile("suggest")):
        page.keyboard.type("石")
    type_until_completed(page, "破")
    expect(options(page).first).to_contain_text("石破茂")
    assert failed == ["石"]
    assert len(held) == 1


def test_an_answer_is_asked_for_once(page: Page, asked: list[str]) -> None:
    page.goto("/")
    type_until_completed(page, "石")
    with page.expect_response(re.compile("suggest")):
        page.keyboard.type("破")
    page.keyboard.press("Backspace")
    expect(options(page).nth(2)).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    expect(options(page).nth(2)).to_be_visible()
    assert asked == ["石", "石破"]


def test_fast_typing_asks_once(page: Page, asked: list[str]) -> None:
    page.goto("/")
    # All keys in one moment, as a script can: whatever the machine does meanwhile, no pause lies between.
    page.locator("#q").evaluate("""(box) => {
      for (const sign of "石破茂") {
        box.value += sign;
        box.dispatchEvent(new InputEvent("input", { data: sign }));
      }
    }""")
    expect(options(page).first).to_be_visible()
    assert asked == ["石破茂"]


def test_completions_that_no_longer_fit_go_at_once(page: Page) -> None:
    page.goto("/")
    type_until_completed(page, "石")
    page.route(re.compile("suggest"), lambda route: None)
    page.keyboard.type("x")
    expect(page.locator(".completions")).to_be_hidden()


@pytest.mark.parametrize("failure", ["abort", "500", "nonsense"])
def test_without_an_answer_nothing_happens(page: Page, failure: str) -> None:
    def fail(route: Route) -> None:
        if failure == "abort":
            route.abort()
        elif failure == "500":
            route.fulfill(status=500, body="{}")
        else:
            route.fulfill(status=200, body="<html>", content_type="text/html")

    page.route(re.compile("suggest"), fail)
    page.goto("/")
    expect(page.locator("#q")).to_be_focused()
    with page.expect_event("requestfinished" if failure != "abort" else "requestfailed"):
        page.keyboard.type("石")
    expect(page.locator(".completions")).to_be_hidden()
    page.unroute(re.compile("suggest"))
    type_until_completed(page, "破")


def test_markup_in_a_completion_is_inert(page: Page) -> None:
    evil = {
        "text": "<img src=x onerror=window.broken=1>",
        "query": "<img>",
        "kind": "title",
        "count": 1,
        "script": None,
    }
    page.route(re.compile("suggest"), lambda route: route.fulfill(json={"q": "x", "suggestions": [evil]}))
    page.goto("/")
    type_until_completed(page, "x")
    expect(options(page).first).to_have_text("<img src=x onerror=window.broken=1> 1 篇")
    assert page.evaluate("window.broken === undefined && !document.querySelector('.completions img')")


def test_in_the_middle_of_a_query_nothing_is_completed(page: Page, asked: list[str]) -> None:
    page.goto("/")
    page.keyboard.type("茂")
    page.keyboard.press("Home")
    page.keyboard.type("石")
    page.keyboard.press("End")
    type_until_completed(page, " 石")
    assert "石茂" not in asked


def test_a_slash_goes_to_the_box(page: Page) -> None:
    page.goto("/search?q=石破茂")
    page.keyboard.press("/")
    box = page.locator("#q")
    expect(box).to_be_focused()
    expect(box).to_have_value("石破茂")
    page.keyboard.type("a/b")
    expect(box).to_have_value("a/b")
    page.locator("#from").focus()
    page.keyboard.type("2024/")
    expect(page.locator("#from")).to_have_value("2024/")


def test_a_page_left_with_completions_comes_back_without(page: Page) -> None:
    page.goto("/search?q=石破茂")
    page.locator("#q").fill("")
    page.locator("#q").focus()
    type_until_completed(page, "石")
    page.goto("/")
    page.go_back()
    expect(page.locator(".completions")).to_be_hidden()
