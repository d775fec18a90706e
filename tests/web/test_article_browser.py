"""Reading an article in a real browser: its matches, the hits beside it, pictures, versions."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bench.service import Served, free_port
from searchsvc.service import Service, open_service
from searchsvc.settings import Settings
from tests.build import fill
from tests.web.conftest import serving
from tests.web.reading import drafts, fill_reading, id_of, pictured
from tests.web.test_browser import LOW_CONTRAST, ONLY_OUR_SCRIPT, PHONE, RUNS_FORWARD

PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><rect width="300" height="200"/></svg>'
)
NEWEST = "/search?q=渡轮 加班&sort=newest"


@dataclass
class Pictures:
    """A server of pictures, and what it was asked for: paths and what the browser said of the page."""

    url: str
    asked: list[tuple[str, str | None]] = field(default_factory=list)


@pytest.fixture(scope="module")
def pictures() -> Iterator[Pictures]:
    """A server on loopback that has one picture."""
    served = Pictures("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append((self.path, self.headers.get("Referer")))
            there = self.path == "/there.svg"
            self.send_response(200 if there else 404)
            self.send_header("Content-Type", "image/svg+xml")
            self.end_headers()
            self.wfile.write(PICTURE if there else b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield served
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def reading(kept_settings: Settings, pictures: Pictures) -> Service:
    return fill_reading(open_service(kept_settings), pictures.url)


@pytest.fixture(scope="module")
def server(reading: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(reading.settings, tmp_path_factory.mktemp("log") / "gunicorn.log") as running:
        yield running


def window(browser: Browser, server: Served, **options: object) -> BrowserContext:
    return browser.new_context(base_url=server.url, locale="zh-CN", **options)  # type: ignore[arg-type]


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def page(request: pytest.FixtureRequest, browser: Browser, server: Served) -> Iterator[Page]:
    """A window with JavaScript and one without it."""
    context = window(browser, server, java_script_enabled=request.param)
    yield context.new_page()
    context.close()


@pytest.fixture
def scripted(browser: Browser, server: Served) -> Iterator[Page]:
    """A window with JavaScript, in which nothing may break the policy."""
    context = window(browser, server)
    wrong: list[str] = []
    made = context.new_page()
    made.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
    made.on("pageerror", lambda error: wrong.append(str(error)))
    yield made
    context.close()
    assert wrong == []


def allow_pictures(page: Page) -> None:
    page.context.add_cookies([{"name": "reader", "value": "pictures=on", "url": page.url}])


# The hits beside


def test_from_a_hit_one_reads_on_to_the_next_and_back(page: Page) -> None:
    page.goto(NEWEST)
    page.locator(".hits h2 a").nth(1).click()
    expect(page.locator("h1")).to_have_text("班次第2号")
    expect(page.locator(".standing")).to_have_text("第 2 篇，共 12 篇")
    page.locator(".turns").get_by_role("link", name="下一篇 班次第3号").click()
    expect(page.locator("h1")).to_have_text("班次第3号")
    expect(page.locator(".text mark").first).to_have_text("渡轮")
    page.locator(".place").get_by_role("link", name="上一篇").click()
    page.locator(".place").get_by_role("link", name="上一篇").click()
    expect(page.locator("h1")).to_have_text("班次第1号")
    expect(page.locator(".place").get_by_role("link", name="上一篇")).to_have_count(0)
    page.get_by_role("link", name="返回搜索结果").click()
    expect(page.locator(".hits li")).to_have_count(12)


def test_single_keys_lead_to_the_hits_beside_but_not_while_somebody_types(scripted: Page) -> None:
    scripted.goto(NEWEST)
    scripted.locator(".hits h2 a").nth(4).click()
    expect(scripted.locator("h1")).to_have_text("班次第5号")
    for key, title in (("j", "6"), ("ArrowRight", "7"), ("k", "6"), ("ArrowLeft", "5")):
        scripted.wait_for_load_state()
        scripted.keyboard.press(key)
        expect(scripted.locator("h1")).to_have_text(f"班次第{title}号")
    scripted.locator("#q").focus()
    for key in ("j", "k", "n", "p", "ArrowLeft", "ArrowRight"):
        scripted.keyboard.press(key)
    expect(scripted.locator("#q")).to_have_value(re.compile("[jknp]{4}"))
    expect(scripted.locator("h1")).to_have_text("班次第5号")
    scripted.locator("h1").click()
    scripted.keyboard.press("Control+j")
    scripted.keyboard.press("Alt+j")
    expect(scripted.locator("h1")).to_have_text("班次第5号")


def test_single_keys_can_be_switched_off_for_good(scripted: Page) -> None:
    scripted.goto(NEWEST)
    scripted.locator(".hits h2 a").nth(4).click()
    scripted.get_by_role("button", name="停用快捷键").click()
    scripted.reload()
    scripted.locator("h1").click()
    scripted.keyboard.press("j")
    scripted.keyboard.press("n")
    expect(scripted.locator("h1")).to_have_text("班次第5号")
    expect(scripted.locator("mark.at")).to_have_count(0)
    scripted.get_by_role("button", name="启用快捷键").click()
    scripted.locator("h1").click()
    scripted.keyboard.press("j")
    expect(scripted.locator("h1")).to_have_text("班次第6号")


# Matches


def test_matches_are_gone_through_by_buttons_and_keys(scripted: Page, reading: Service) -> None:
    scripted.goto(f"/article/{id_of(reading, '海星号下水')}?q=明天")
    counter = scripted.locator("[data-counter]")
    scripted.get_by_role("button", name="下一处").click()
    expect(counter).to_have_text("1 / 40")
    scripted.keyboard.press("n")
    expect(counter).to_have_text("2 / 40")
    expect(scripted.locator("#m2")).to_have_class(re.compile("at"))
    expect(scripted.locator("#m2")).to_be_in_viewport()
    scripted.keyboard.press("p")
    scripted.keyboard.press("p")
    expect(counter).to_have_text("40 / 40")
    expect(scripted.locator("#m40")).to_be_in_viewport()
    expect(scripted.locator(".matches")).to_be_in_viewport()
    expect(scripted.locator("mark.at")).to_have_count(1)


def test_without_a_script_links_lead_to_the_matches(
    browser: Browser, server: Served, reading: Service
) -> None:
    context = window(browser, server, java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"/article/{id_of(reading, '海星号下水')}?q=明天")
    expect(plain.get_by_role("button", name="下一处")).to_be_hidden()
    expect(plain.locator(".keys")).to_be_hidden()
    plain.locator(".matches").get_by_role("link", name="40").click()
    expect(plain.locator("#m40")).to_be_in_viewport()
    assert plain.locator("mark:target").inner_text() == "明天"
    context.close()


def test_marks_stay_right_when_the_script_is_switched(page: Page, reading: Service) -> None:
    page.goto(f"/article/{id_of(reading, '海湾大桥亮灯')}?q=大桥 灯")
    expect(page.locator(".text mark")).to_have_text(["大桥", "灯", "灯"])
    page.locator("details.settings > summary").click()
    page.locator("#script").select_option("hant")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("h1")).to_have_text("海灣大橋亮燈")
    expect(page.locator(".text mark")).to_have_text(["大橋", "燈", "燈"])
    page.get_by_role("link", name="看原样").click()
    expect(page.locator(".text mark")).to_have_text(["大桥", "灯", "灯"])
    page.get_by_role("link", name="显示为繁体（台湾）").click()
    expect(page.locator("h1 mark")).to_have_text(["大橋", "燈"])


def test_from_a_match_that_an_address_names_one_goes_on(scripted: Page, reading: Service) -> None:
    scripted.goto(f"/article/{id_of(reading, '海星号下水')}?q=明天#m7")
    expect(scripted.locator("[data-counter]")).to_have_text("7 / 40")
    scripted.keyboard.press("n")
    expect(scripted.locator("[data-counter]")).to_have_text("8 / 40")
    outlined = (
        "[...document.querySelectorAll('mark')].filter(m => getComputedStyle(m).outlineStyle !== 'none')"
    )
    assert scripted.evaluate(f"{outlined}.map(mark => mark.id)") == ["m8"]
    assert scripted.evaluate("location.hash") == "#m8"


# Pictures


def test_no_picture_is_asked_for_until_it_is_allowed(
    page: Page, reading: Service, pictures: Pictures
) -> None:
    pictures.asked.clear()
    page.goto(f"/article/{id_of(reading, '海星号下水')}")
    expect(page.locator("form.note")).to_contain_text("文中有 2 张图片，没有载入。")
    assert page.locator("img").count() == 0
    assert pictures.asked == []
    page.get_by_role("button", name="载入图片").click()
    expect(page.locator("img").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert ("/there.svg", None) in pictures.asked
    assert page.locator("form.note").count() == 0


def test_a_picture_that_is_not_there_leaves_a_sentence(
    scripted: Page, reading: Service, server: Served
) -> None:
    scripted.goto("/")
    allow_pictures(scripted)
    scripted.goto(f"/article/{id_of(reading, '海星号下水')}")
    expect(scripted.locator(".picture").nth(1)).to_have_text("图片已经取不到了")
    expect(scripted.locator("img")).to_have_count(1)
    assert scripted.locator("img").evaluate("node => node.naturalWidth") == 300


def test_a_server_that_is_not_there_leaves_a_sentence_too(
    scripted: Page, service: Service, tmp_path: Path
) -> None:
    kept = pictured(f"http://127.0.0.1:{free_port()}")
    fill(service, [kept])
    with serving(service.settings, tmp_path / "gunicorn.log") as other:
        scripted.goto(f"{other.url}/article/{kept.id}")
        allow_pictures(scripted)
        scripted.reload()
        expect(scripted.locator(".picture")).to_have_text(["图片已经取不到了"] * 2)


def test_pictures_have_their_place_before_they_come(scripted: Page, reading: Service) -> None:
    scripted.goto("/")
    allow_pictures(scripted)
    scripted.add_init_script(SHIFTS)
    scripted.goto(f"/article/{id_of(reading, '海星号下水')}?q=明天")
    scripted.wait_for_load_state("networkidle")
    scripted.mouse.wheel(0, 10_000)
    expect(scripted.get_by_text("没有找到相似的文章").or_(scripted.locator(".room li").first)).to_be_visible()
    assert scripted.evaluate("shifts") == 0


# Versions and what stands beside


def test_one_sees_what_an_article_said_before(page: Page, reading: Service) -> None:
    page.goto(f"/article/{id_of(reading, '灯塔不关了')}")
    page.get_by_role("link", name="改过 2 次").click()
    expect(page.locator("#versions")).to_be_in_viewport()
    page.locator(".versions li a").last.click()
    expect(page.locator(".text del")).to_have_text(["五"])
    expect(page.locator(".text ins")).to_have_text(["六"])
    folded = page.get_by_text("信有三页。").first
    expect(folded).to_be_hidden()
    page.get_by_text("4 段没有改动").click()
    expect(folded).to_be_visible()
    page.locator(".place").get_by_role("link", name="下一版").click()
    expect(page.locator("h1 del")).to_have_text("将关闭")
    page.get_by_role("link", name="回到文章").click()
    expect(page.locator("h1")).to_contain_text("灯塔不关了")


def test_what_is_similar_comes_when_somebody_has_read_so_far(scripted: Page, reading: Service) -> None:
    scripted.set_viewport_size(PHONE)  # type: ignore[arg-type]
    scripted.goto(f"/article/{id_of(reading, '海湾大桥亮灯')}")
    scripted.locator(".room").scroll_into_view_if_needed()
    scripted.locator(".room").get_by_role("link", name="大桥省电").click()
    expect(scripted.locator("h1")).to_have_text("大桥省电")


def test_one_goes_from_one_telling_of_a_story_to_the_other(page: Page, reading: Service) -> None:
    page.goto(f"/article/{id_of(reading, '海湾大桥亮灯')}")
    page.get_by_role("link", name="同一报道另有 1 篇").click()
    expect(page.get_by_role("heading", name="同一报道，别处也有")).to_be_in_viewport()
    page.get_by_role("link", name="大橋的燈").click()
    expect(page.locator("h1")).to_have_text("大橋的燈")


def test_without_a_script_a_link_leads_to_what_is_similar(
    browser: Browser, server: Served, reading: Service
) -> None:
    context = window(browser, server, java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"/article/{id_of(reading, '海湾大桥亮灯')}")
    plain.get_by_role("link", name="看看相似的文章").click()
    expect(plain.get_by_role("link", name="大桥省电")).to_be_visible()
    plain.get_by_role("link", name="海湾大桥亮灯").click()
    expect(plain.locator("h1")).to_have_text("海湾大桥亮灯")
    context.close()


def test_where_it_was_read_is_copied(browser: Browser, server: Served, reading: Service) -> None:
    context = window(browser, server, permissions=["clipboard-read", "clipboard-write"])
    copying = context.new_page()
    copying.goto(f"/article/{id_of(reading, '海星号下水')}")
    copying.get_by_role("button", name="复制").click()
    expect(copying.get_by_role("button", name="已复制")).to_be_visible()
    copied = copying.evaluate("navigator.clipboard.readText()")
    assert copied == "《海星号下水》，例报，2024年11月8日，https://news.example/starfish"
    context.close()


# Bad input, and how it looks


def test_a_hostile_article_keeps_to_itself(scripted: Page, reading: Service) -> None:
    scripted.set_viewport_size(PHONE)  # type: ignore[arg-type]
    scripted.goto("/")
    allow_pictures(scripted)
    first = drafts()[0]
    for address in (
        f"/article/{id_of(reading, '恶意')}?q=恶意",
        f"/article/{id_of(reading, '恶意')}/similar",
        f"/article/{first.id}/versions/{drafts()[1].digest}",
    ):
        scripted.goto(address)
        assert scripted.evaluate(ONLY_OUR_SCRIPT)
        assert scripted.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        for time in scripted.locator("time").all():
            assert time.evaluate(RUNS_FORWARD)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_read_in_both_themes(scripted: Page, reading: Service, scheme: str) -> None:
    scripted.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for address in (
        f"/article/{id_of(reading, '班次第3号')}?q=特朗普 没有&script=hant&at=3",
        f"/article/{id_of(reading, '灯塔不关了')}",
        f"/article/{drafts()[0].id}/versions/{drafts()[1].digest}",
        f"/article/{id_of(reading, '海湾大桥亮灯')}/similar",
    ):
        scripted.goto(address)
        assert scripted.evaluate(LOW_CONTRAST) == [], address


def test_on_paper_there_is_the_article_and_nothing_to_click(scripted: Page, reading: Service) -> None:
    scripted.goto(NEWEST)
    scripted.locator(".hits h2 a").first.click()
    scripted.emulate_media(media="print")
    for shown in ("h1", ".text p", "#cited"):
        expect(scripted.locator(shown).first).to_be_visible()
    for hidden in (".top", ".place", ".matches", ".turns", ".room", ".keys", ".bottom"):
        expect(scripted.locator(hidden).first).to_be_hidden()


# What moves without anybody having clicked or typed, as browsers measure it.
SHIFTS = """window.shifts = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""
