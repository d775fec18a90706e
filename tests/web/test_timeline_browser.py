"""Choosing a range of time and sources as people do: by mouse, finger and keyboard, and without a script."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, CDPSession, FloatRect, Locator, Page, expect

from bench.service import Served
from tests.web.test_browser import LOW_CONTRAST, PHONE

# 45 days, a hit in each: 24 September to 7 November 2024.
DAYS, FIRST, LAST = 45, "2024-09-24", "2024-11-07"


@pytest.fixture
def page(browser: Browser, server: Served) -> Iterator[Page]:
    """A window in which script errors and refusals of the security policy are kept."""
    context = browser.new_context(base_url=server.url, locale="zh-CN")
    window = context.new_page()
    wrong: list[str] = []
    window.on("pageerror", lambda error: wrong.append(error.message))
    window.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
    yield window
    context.close()
    assert wrong == []


@pytest.fixture
def plain(browser: Browser, server: Served) -> Iterator[Page]:
    """A window without JavaScript."""
    context = browser.new_context(base_url=server.url, locale="zh-CN", java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(browser: Browser, server: Served) -> Iterator[Page]:
    """A phone, with a finger."""
    context = browser.new_context(base_url=server.url, locale="zh-CN", viewport=PHONE, has_touch=True)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def box(node: Locator) -> FloatRect:
    found = node.bounding_box()
    assert found
    return found


def place(page: Page, bucket: int, buckets: int = DAYS) -> tuple[float, float]:
    """The middle of a bucket on the screen."""
    picture = box(page.locator(".picture"))
    return picture["x"] + picture["width"] * (bucket + 0.5) / buckets, picture["y"] + 40


def drag(page: Page, low: int, high: int, buckets: int = DAYS) -> None:
    """Press on one bucket and move to another; without letting go."""
    page.mouse.move(*place(page, low, buckets))
    page.mouse.down()
    page.mouse.move(*place(page, high, buckets), steps=4)


def dates(page: Page) -> tuple[str | None, str | None]:
    asked = parse_qs(urlsplit(page.url).query)
    return asked.get("from", [None])[0], asked.get("to", [None])[0]


def readout(page: Page) -> Locator:
    return page.locator("[data-readout]")


def test_dragging_over_bars_shows_the_range_and_letting_go_goes_there(page: Page) -> None:
    page.goto("/search?q=经济&sort=oldest&page=2")
    before = box(page.locator(".columns"))
    drag(page, 7, 10)
    expect(readout(page)).to_have_text("2024年10月1日 – 2024年10月4日：4 篇")
    assert box(page.locator(".columns")) == before
    page.mouse.up()
    expect(page.locator("h1")).to_have_text("找到 4 篇")
    assert dates(page) == ("2024-10-01", "2024-10-04")
    assert "sort=oldest" in page.url
    assert "page=" not in page.url
    page.get_by_role("link", name="放宽到全部时间").click()
    expect(page.locator("h1")).to_have_text(f"找到 {DAYS} 篇")


def test_dragging_backwards_and_beyond_the_edge_is_dragging_too(page: Page) -> None:
    page.goto("/search?q=经济")
    drag(page, 40, 42)
    page.mouse.move(0, place(page, 0)[1], steps=4)
    page.mouse.up()
    expect(page.locator("h1")).to_have_text("找到 41 篇")
    assert dates(page) == (FIRST, "2024-11-03")


def test_a_drag_is_called_off_by_escape(page: Page) -> None:
    page.goto("/search?q=经济")
    summary = readout(page).text_content() or ""
    drag(page, 7, 10)
    page.keyboard.press("Escape")
    page.mouse.up()
    page.mouse.move(0, 0)
    expect(readout(page)).to_have_text(summary)
    expect(page.locator(".outside").first).to_be_hidden()
    assert dates(page) == (None, None)


def test_the_whole_range_is_no_range(page: Page) -> None:
    page.goto("/search?q=经济")
    drag(page, 0, DAYS - 1)
    page.mouse.up()
    expect(page.locator(".outside").first).to_be_hidden()
    assert dates(page) == (None, None)


def test_a_bar_tells_its_day_and_a_click_narrows_to_it(page: Page) -> None:
    page.goto("/search?q=经济")
    page.mouse.move(*place(page, 7))
    expect(readout(page)).to_have_text("2024年10月1日：1 篇")
    page.mouse.click(*place(page, 7))
    expect(page.locator("h1")).to_have_text("找到 1 篇")
    assert dates(page) == ("2024-10-01", "2024-10-01")


def test_a_day_without_hits_is_not_narrowed_to(page: Page) -> None:
    page.goto("/search?q=石破茂")
    page.mouse.click(*place(page, 15, 31))
    page.mouse.click(*place(page, 30, 31))
    expect(page.locator("h1")).to_have_text("找到 1 篇")
    assert dates(page) == ("2024-12-08", "2024-12-08")


def test_a_range_keeps_the_ends_that_were_asked_for(page: Page) -> None:
    page.goto("/search?q=经济&from=2024-09-24T00:30&to=2024-11-07T12:00")
    drag(page, 0, 2)
    page.mouse.up()
    expect(page.locator("h1")).to_have_text("找到 3 篇")
    assert dates(page)[0] == "2024-09-24T00:30"


def test_a_handle_is_dragged(page: Page) -> None:
    page.goto("/search?q=经济")
    handle = box(page.get_by_role("slider", name="终点"))
    page.mouse.move(handle["x"] + handle["width"] - 4, handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(*place(page, 6), steps=4)
    page.mouse.up()
    expect(page.locator("h1")).to_have_text("找到 7 篇")
    assert dates(page) == (FIRST, "2024-09-30")


def test_the_keyboard_moves_both_ends_and_enter_goes_there(page: Page) -> None:
    page.goto("/search?q=经济")
    low, high = page.get_by_role("slider", name="起点"), page.get_by_role("slider", name="终点")
    low.focus()
    expect(low).to_have_attribute("aria-valuetext", "2024年9月24日")
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(low).to_have_attribute("aria-valuenow", "7")
    expect(low).to_have_attribute("aria-valuetext", "2024年10月1日; 2024年10月1日 – 2024年11月7日：38 篇")
    page.keyboard.press("Tab")
    expect(high).to_be_focused()
    page.keyboard.press("Home")
    # An end stops at the other one.
    expect(high).to_have_attribute("aria-valuenow", "7")
    page.keyboard.press("ArrowUp")
    expect(readout(page)).to_contain_text("2024年10月1日 – 2024年10月2日：2 篇")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("找到 2 篇")
    assert dates(page) == ("2024-10-01", "2024-10-02")


def test_escape_puts_both_ends_back(page: Page) -> None:
    page.goto("/search?q=经济")
    high = page.get_by_role("slider", name="终点")
    high.focus()
    page.keyboard.press("PageDown")
    expect(high).to_have_attribute("aria-valuenow", str(DAYS - 8))
    page.keyboard.press("Escape")
    expect(high).to_have_attribute("aria-valuenow", str(DAYS - 1))
    page.keyboard.press("Enter")
    assert dates(page) == (None, None)


def test_the_timeline_is_two_stops_for_the_keyboard(page: Page) -> None:
    page.goto("/search?q=石破茂")
    page.locator(".ranges a").last.focus()
    stops = []
    for _ in range(3):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.getAttribute('role')"))
    assert stops == ["slider", "slider", None]


def test_going_back_shows_the_timeline_as_it_was(page: Page) -> None:
    page.goto("/search?q=经济")
    drag(page, 7, 10)
    page.mouse.up()
    expect(page.locator("h1")).to_have_text("找到 4 篇")
    page.go_back()
    expect(page.locator("h1")).to_have_text(f"找到 {DAYS} 篇")
    expect(page.locator(".outside").first).to_be_hidden()


def finger(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    session.send(
        "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
    )


def test_a_finger_drags_over_bars(phone: Page) -> None:
    phone.goto("/search?q=经济")
    phone.locator(".chart").scroll_into_view_if_needed()
    session = finger(phone)
    touch(session, "touchStart", place(phone, 7))
    for bucket in (8, 9, 10):
        touch(session, "touchMove", place(phone, bucket))
    expect(readout(phone)).to_have_text("2024年10月1日 – 2024年10月4日：4 篇")
    touch(session, "touchEnd")
    expect(phone.locator("h1")).to_have_text("找到 4 篇")


def test_a_finger_that_moves_up_scrolls_the_page(phone: Page) -> None:
    phone.goto("/search?q=经济")
    x, y = place(phone, 20)
    session = finger(phone)
    touch(session, "touchStart", (x, y))
    for step in range(1, 11):
        touch(session, "touchMove", (x, y - 30 * step))
    touch(session, "touchEnd")
    phone.wait_for_function("window.scrollY > 50")
    expect(phone.locator(".outside").first).to_be_hidden()
    assert dates(phone) == (None, None)


def test_a_tap_on_bars_too_narrow_for_it_narrows_to_their_month(phone: Page) -> None:
    phone.goto("/search?q=经济")
    phone.touchscreen.tap(*place(phone, 20))
    expect(phone.locator("h1")).to_have_text("找到 31 篇")
    assert dates(phone) == ("2024-10", "2024-10")


def test_sources_are_folded_away_on_a_phone_and_open_with_a_tap(phone: Page, plain: Page) -> None:
    plain.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for window in (phone, plain):
        window.goto("/search?q=石破茂")
        expect(window.locator(".sources")).to_be_hidden()
        window.get_by_text("来源（2）").click()
        window.get_by_role("link", name="聯合晚報", exact=True).click()
        expect(window.locator(".hits h2")).to_have_text(["石破茂訪美"])


def test_without_a_script_a_click_narrows_to_a_month_and_then_to_a_day(plain: Page) -> None:
    plain.goto("/search?q=经济")
    plain.mouse.click(*place(plain, 20))
    expect(plain.locator("h1")).to_have_text("找到 31 篇")
    plain.mouse.click(*place(plain, 4, 31))
    expect(plain.locator("h1")).to_have_text("找到 1 篇")
    assert dates(plain) == ("2024-10-05", "2024-10-05")
    plain.get_by_role("link", name="放宽到全部时间").click()
    expect(plain.locator("h1")).to_have_text(f"找到 {DAYS} 篇")


def test_without_a_script_the_keyboard_reaches_every_bar(plain: Page) -> None:
    plain.goto("/search?q=经济")
    plain.locator(".ranges a").last.focus()
    plain.keyboard.press("Tab")
    plain.keyboard.press("Tab")
    plain.keyboard.press("Enter")
    expect(plain.locator("h1")).to_have_text("找到 31 篇")


def test_sources_are_chosen_and_left_out(page: Page, plain: Page) -> None:
    for window in (page, plain):
        window.goto("/search?q=石破茂")
        window.get_by_role("link", name="不要聯合晚報").click()
        expect(window.locator(".hits h2")).to_have_text(["日本首相石破茂寻求会晤特朗普"])
        window.get_by_role("link", name="恢复聯合晚報").click()
        window.get_by_role("link", name="美国之声", exact=True).click()
        window.get_by_role("link", name="聯合晚報", exact=True).click()
        expect(window.locator(".hits li")).to_have_count(2)
        window.locator(".sources").get_by_role("link", name="全部来源").click()
        expect(window).to_have_url(re.compile(r"\?q=[^&]*$"))


def test_queries_are_compared_and_one_is_added(page: Page, plain: Page) -> None:
    for window in (page, plain):
        window.goto("/search?q=石破茂")
        window.get_by_role("link", name="和别的词比一比").click()
        window.get_by_label("词 2").fill("特朗普")
        window.get_by_role("button", name="比较").click()
        expect(window.locator(".legend bdi")).to_have_text(["石破茂", "特朗普"])
        expect(window.locator(".plot .line")).to_have_count(2)
        window.locator(".numbers td a").first.click()
        expect(window.locator("h1")).to_have_text("找到 1 篇")


def test_trends_tell_their_values_and_can_be_narrowed(page: Page) -> None:
    page.goto("/trends?q=石破茂&q=特朗普")
    page.mouse.move(*place(page, 0, 31))
    expect(readout(page)).to_have_text("2024年11月8日 · 石破茂 1 · 特朗普 1")
    drag(page, 3, 30, 31)
    expect(readout(page)).to_have_text("2024年11月11日 – 2024年12月8日 · 石破茂 1 · 特朗普 0")
    page.mouse.up()
    expect(page.locator(".legend span").nth(1)).to_have_text("共 0 篇")
    assert dates(page) == ("2024-11-11", "2024-12-08")


def test_a_mark_on_a_line_leads_to_its_search(page: Page, plain: Page) -> None:
    for window in (page, plain):
        window.goto("/trends?q=石破茂&q=特朗普")
        window.locator(".picture a", has_text="2024年12月8日 · 石破茂 1").click()
        expect(window.locator(".hits h2")).to_have_text(["石破茂訪美"])


ADDRESSES = [
    "/search?q=经济",
    "/search?q=石破茂&source=udn.example",
    "/trends",
    "/trends?q=石破茂&q=今天",
    "/trends?q=x&from=y",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_is_wider_than_a_phone(phone: Page, address: str) -> None:
    phone.goto(address)
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_read_and_lines_be_seen(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for address in ADDRESSES:
        page.goto(address)
        assert page.evaluate(LOW_CONTRAST) == []
    page.goto("/trends?" + "&".join(f"q={q}" for q in ("石破茂", "特朗普", "今天", "经济", "日美", "华盛顿")))
    assert page.evaluate(FAINT_LINES) == []


# Lines whose colour on the page has a contrast under 3, which WCAG wants of graphics.
FAINT_LINES = """() => {
  const parse = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => parse(colour).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const paper = light(getComputedStyle(document.body).backgroundColor);
  return [...document.querySelectorAll(".plot .line")].map(line => light(getComputedStyle(line).stroke))
    .map(ink => (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)).filter(ratio => ratio < 3);
}"""
