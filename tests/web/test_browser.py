"""What a person does, in a real browser against a real server."""

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.service import Served
from tests.web.conftest import CHROMIUM_ARGS, MARKUP, PHONE, Visits


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def page(request: pytest.FixtureRequest, browser: Browser, server: Served) -> Iterator[Page]:
    """A browser window on the service, with JavaScript and without it."""
    context = browser.new_context(base_url=server.url, locale="zh-CN", java_script_enabled=request.param)
    yield context.new_page()
    context.close()


@pytest.fixture
def watched(browser: Browser, server: Served) -> Iterator[Page]:
    """A window in which everything asked for elsewhere and every script error is kept."""
    context = browser.new_context(base_url=server.url, locale="zh-CN")
    window = context.new_page()
    foreign: list[str] = []
    wrong: list[str] = []
    window.on("request", lambda asked: asked.url.startswith(server.url) or foreign.append(asked.url))
    window.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
    window.on("dialog", lambda dialog: wrong.append(dialog.message))
    yield window
    context.close()
    assert (foreign, wrong) == ([], [])


def test_a_person_searches_reads_and_goes_back(page: Page) -> None:
    page.goto("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("石破")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=%E7%9F%B3%E7%A0%B4"))
    expect(page.locator("h1")).to_have_text("找到 2 篇")
    expect(page.locator(".hits h2 mark").first).to_have_text("石破")
    page.get_by_role("link", name="日本首相石破茂寻求会晤特朗普").click()
    expect(page.locator("h1 mark")).to_have_text("石破")
    expect(page.locator(".text mark").first).to_have_text("石破")
    page.get_by_role("link", name="返回搜索结果").click()
    expect(page.locator(".hits li")).to_have_count(2)
    expect(page.locator("#q")).to_have_value("石破")


def test_dates_and_sources_narrow(page: Page) -> None:
    page.goto("/search?q=石破茂")
    page.get_by_label("从", exact=True).fill("2024-12")
    page.get_by_role("button", name="搜索").click()
    expect(page.locator(".hits h2")).to_have_text(["石破茂訪美"])
    page.get_by_label("从", exact=True).fill("2024-11-08")
    page.get_by_label("到", exact=True).fill("2024-11-08")
    page.get_by_role("button", name="搜索").click()
    expect(page.locator(".hits h2")).to_have_text(["日本首相石破茂寻求会晤特朗普"])
    page.goto("/search?q=石破茂&from=2024-11-08&to=2024-11-08&source=udn.example")
    expect(page.locator("h1")).to_contain_text("没有找到")
    page.get_by_role("link", name="去掉日期").click()
    expect(page.locator(".hits h2")).to_have_text(["石破茂訪美"])


def test_a_wrong_date_is_where_the_cursor_is(page: Page) -> None:
    page.goto("/search?q=石破茂&from=2024-13-45")
    field = page.get_by_label("从", exact=True)
    expect(field).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("日期没有看懂")
    field.fill("2024-12")
    page.keyboard.press("Enter")
    expect(page.locator(".hits li")).to_have_count(1)


def test_nothing_found_helps(page: Page) -> None:
    page.goto("/search?q=石破茂 岩屋")
    expect(page.locator("h1")).to_have_text("没有找到 石破茂 岩屋")
    page.get_by_role("link", name=re.compile("只搜：石破茂$")).click()
    expect(page.locator(".hits li")).to_have_count(2)


def test_pages_are_turned_there_and_back(page: Page) -> None:
    page.goto("/search?q=经济&sort=newest")
    page.get_by_role("link", name="下一页").click()
    expect(page.locator(".hits h2").first).to_have_text("经济快讯第21号")
    page.get_by_role("link", name="第 3 页").click()
    expect(page.locator(".hits li")).to_have_count(5)
    page.get_by_role("link", name="上一页").click()
    page.go_back()
    expect(page.locator(".hits li")).to_have_count(5)


def test_going_back_finds_the_list_as_it_was_left(page: Page) -> None:
    page.goto("/search?q=经济&sort=newest")
    page.locator(".hits h2 a").nth(15).click()
    expect(page.locator("article h1")).to_contain_text("经济快讯第16号")
    page.go_back()
    expect(page.locator("#q")).to_have_value("经济")
    expect(page.locator("#sort")).to_have_value("newest")
    expect(page.locator(".hits h2 a").nth(15)).to_be_in_viewport()


def test_going_back_is_instant_and_keeps_what_was_typed(server: Served, browser: Browser) -> None:
    chromium = browser.browser_type.launch(
        executable_path=shutil.which("chromium"),
        args=CHROMIUM_ARGS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    page = chromium.new_page(base_url=server.url, locale="zh-CN")
    page.goto("/search?q=经济&sort=newest")
    page.evaluate("addEventListener('pageshow', (event) => { window.kept = event.persisted })")
    page.locator("#q").fill("石破茂 还没搜")
    page.locator(".hits h2 a").nth(15).click()
    expect(page.locator("article h1")).to_contain_text("经济快讯第16号")
    page.go_back(wait_until="commit")
    expect(page.locator("#q")).to_have_value("石破茂 还没搜")
    assert page.evaluate("window.kept")
    expect(page.locator(".hits h2 a").nth(15)).to_be_in_viewport()
    chromium.close()


def choose(page: Page, **choices: str) -> None:
    """Choose in the menu of settings, in whatever language it is."""
    page.locator("details.settings > summary").click()
    for name, value in choices.items():
        page.locator(f".settings #{name}").select_option(value)
    page.locator(".settings button").click()


def test_script_and_language_are_chosen_and_stay_chosen(page: Page) -> None:
    page.goto("/search?q=石破茂&sort=oldest")
    titles = page.locator(".hits h2")
    expect(titles).to_have_text(["日本首相石破茂寻求会晤特朗普", "石破茂訪美"])
    choose(page, script="hant")
    expect(page).to_have_url(re.compile("sort=oldest"))
    expect(titles).to_have_text(["日本首相石破茂尋求會晤特朗普", "石破茂訪美"])
    expect(titles.first).to_have_attribute("lang", "zh-Hant")
    expect(titles.first.locator("mark")).to_have_text("石破茂")
    titles.first.locator("a").click()
    expect(page.locator("article h1")).to_have_text("日本首相石破茂尋求會晤特朗普")
    choose(page, language="en", script="hans")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("article h1")).to_have_text("日本首相石破茂寻求会晤特朗普")
    page.goto("/search?q=石破茂&sort=oldest")
    expect(titles).to_have_text(["日本首相石破茂寻求会晤特朗普", "石破茂访美"])
    expect(page.locator(".summary h1")).to_have_text("2 articles")
    choose(page, language="zh-Hant", script="")
    expect(titles).to_have_text(["日本首相石破茂寻求会晤特朗普", "石破茂訪美"])
    expect(page.get_by_role("button", name="搜尋")).to_be_visible()


def test_menus_open_and_close(page: Page) -> None:
    page.goto("/")
    summary = page.locator("details.how > summary")
    summary.click()
    expect(page.locator(".how .panel")).to_contain_text("五分钟的电话")
    expect(page.locator(".how .panel")).to_be_visible()
    summary.click()
    expect(page.locator(".how .panel")).to_be_hidden()


def test_a_person_with_a_phone_searches_reads_and_goes_back(visit: Visits) -> None:
    page = visit.window(viewport=PHONE, is_mobile=True, has_touch=True)
    page.goto("/")
    page.locator("#q").tap()
    page.keyboard.type("石破茂")
    page.get_by_role("button", name="搜索").tap()
    expect(page.locator("h1")).to_have_text("找到 2 篇")
    page.locator(".hits h2 a").first.tap()
    expect(page.locator("article h1 mark")).to_have_text("石破茂")
    page.locator("details.settings > summary").tap()
    expect(page.locator(".settings button")).to_be_in_viewport()
    page.touchscreen.tap(PHONE["width"] / 2, PHONE["height"] - 20)
    expect(page.locator(".settings button")).to_be_hidden()
    page.go_back()
    expect(page.locator(".hits li")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_the_keyboard_alone_gets_to_the_article(page: Page) -> None:
    page.goto("/search?q=石破茂寻求")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到搜索结果")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("article h1")).to_contain_text("石破茂")


def test_markup_in_articles_is_inert(watched: Page) -> None:
    for address in (
        "/",
        "/search?q=标记",
        "/search?q=" + MARKUP.replace("&", "%26"),
        "/search?from=<script>",
    ):
        watched.goto(address)
        assert watched.evaluate(ONLY_OUR_SCRIPT)
        assert watched.locator("img, iframe, object").count() == 0
    watched.goto("/search?q=标记")
    watched.locator(".hits h2 a").click()
    expect(watched.locator("h1")).to_have_text(f"标记{MARKUP}")
    assert watched.evaluate(ONLY_OUR_SCRIPT)


def test_no_picture_is_loaded_and_nothing_from_elsewhere(watched: Page) -> None:
    watched.goto("/search?q=石破茂寻求")
    watched.locator(".hits h2 a").click()
    expect(watched.get_by_text("pictures.example")).to_be_visible()
    assert watched.locator("img").count() == 0


@pytest.mark.parametrize(
    "address", ["/", "/search?q=石破茂", "/search?q=经济&sort=newest", "/search?q=" + "长" * 800]
)
def test_nothing_is_wider_than_a_phone(watched: Page, address: str) -> None:
    watched.set_viewport_size(PHONE)
    watched.goto(address)
    assert watched.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_a_title_without_a_break_or_turned_around_keeps_to_itself(watched: Page) -> None:
    watched.set_viewport_size(PHONE)
    watched.goto("/search?q=宽&source=turned.example")
    assert watched.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert watched.locator("time").evaluate(RUNS_FORWARD)
    watched.locator(".hits h2 a").click()
    assert watched.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    for time in watched.locator("time").all():
        assert time.evaluate(RUNS_FORWARD)


def test_colours_follow_the_system_and_can_be_read(watched: Page) -> None:
    for scheme in ("light", "dark"):
        watched.emulate_media(color_scheme=scheme)
        for address in ("/", "/search?q=石破茂", "/search?from=x", "/search?q=经济&sort=newest"):
            watched.goto(address)
            assert watched.evaluate(LOW_CONTRAST) == [], (scheme, address)


ONLY_OUR_SCRIPT = """window.broken === undefined && document.scripts.length === 1
  && document.scripts[0].src.endsWith("/app.js")"""

# Whether a text's first character stands left of its last one.
RUNS_FORWARD = """node => {
  const at = index => {
    const range = document.createRange();
    range.setStart(node.firstChild, index);
    range.setEnd(node.firstChild, index + 1);
    return range.getBoundingClientRect().left;
  };
  return at(0) < at(node.firstChild.length - 1);
}"""

# Texts whose colour on the nearest background has a contrast under 4.5, as WCAG computes it.
LOW_CONTRAST = """() => {
  const parse = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = node => {
    for (; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const node of document.body.querySelectorAll("*")) {
    const own = [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim());
    if (!own || node.closest("[aria-hidden=true]") || !node.getClientRects().length) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.push([node.tagName, node.className, ratio, node.textContent.slice(0, 20)]);
  }
  return low;
}"""
