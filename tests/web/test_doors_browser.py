"""What a person does with the API's page, with addresses and with paper, in a real browser."""

import re
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import Visits


def colour(page: Page, selector: str, name: str = "color") -> str:
    return str(page.locator(selector).first.evaluate(f"node => getComputedStyle(node).{name}"))


def test_the_api_answers_below_its_form(visit: Visits) -> None:
    page = visit.window()
    page.goto("/api")
    form = page.locator("#search")
    expect(form.locator("[data-answer]")).to_be_hidden()
    form.get_by_label("q", exact=True).fill('石破茂\'s "日美"')
    form.get_by_label("page_size").fill("5")
    form.get_by_label("timeline").check()
    form.get_by_role("button", name="试一试").click()
    expect(form.locator("[data-status]")).to_have_text(re.compile(r"^200 OK，\d+ 毫秒，[\d.]+ k?B$"))
    expect(form.locator("[data-body]")).to_contain_text('"interval": "day"')
    expect(form.locator("[data-curl]")).to_have_text(
        f"curl -G {visit.url}/api/v1/search --data-urlencode 'q=石破茂'\"'\"'s \"日美\"' "
        "--data-urlencode page_size=5 --data-urlencode facets=timeline"
    )
    assert page.url == f"{visit.url}/api"


def test_an_answer_is_drawn_as_what_it_is(visit: Visits) -> None:
    page = visit.window()
    page.goto("/api")
    form = page.locator("#search")
    form.get_by_label("q", exact=True).fill("日美關係")
    form.get_by_label("page_size").fill("1")
    form.get_by_role("button", name="试一试").click()
    body = form.locator("[data-body]")
    expect(body.locator(".name").first).to_have_text('"total"')
    expect(body.locator("[lang]").first).to_have_attribute("lang", re.compile("zh-Han[st]"))
    text = body.inner_text()
    assert re.search(r'"spans": \[\n\s+\[\d+, \d+\]', text)
    body.get_by_role("link", name="/api/v1/search?").click()
    assert "page=2" in page.url


def test_a_wrong_value_is_answered_there_too(visit: Visits) -> None:
    page = visit.window()
    page.goto("/api#article")
    form = page.locator("#article")
    expect(form.locator("form")).to_be_visible()
    form.get_by_label("id", exact=True).fill("nobody")
    form.get_by_role("button", name="试一试").click()
    expect(form.locator("[data-status]")).to_have_class("bad")
    expect(form.locator("[data-body]")).to_contain_text('"code": "not_found"')


def test_the_command_can_be_copied(visit: Visits) -> None:
    page = visit.window(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/api#stats")
    page.locator("#stats").get_by_role("button", name="复制").click()
    expect(page.locator("#stats").get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"curl {visit.url}/api/v1/stats"


def test_without_a_script_a_form_leads_to_its_answer(visit: Visits) -> None:
    page = visit.window(java_script_enabled=False)
    page.goto("/api")
    page.locator("#search").get_by_label("q", exact=True).fill("石破茂")
    page.locator("#search").get_by_role("button", name="试一试").click()
    assert page.url == f"{visit.url}/api/v1/search?q=%E7%9F%B3%E7%A0%B4%E8%8C%82"
    expect(page.locator("body")).to_contain_text('"total":2')
    page.goto("/api")
    assert page.locator("[data-copy]").first.is_hidden()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_address_says_only_what_was_chosen(visit: Visits, javascript: bool) -> None:
    page = visit.window(java_script_enabled=javascript)
    page.goto("/search?q=石破茂&source=voa.example&source=udn.example")
    page.get_by_label("从", exact=True).fill(" 2024 ")
    page.get_by_role("button", name="搜索", exact=True).click()
    page.wait_for_url("**from=*")
    query = unquote(urlsplit(page.url).query)
    canonical = unquote(str(page.locator("link[rel=canonical]").get_attribute("href")))
    assert canonical == "/search?q=石破茂&from=2024&source=udn.example&source=voa.example"
    if javascript:
        assert f"/search?{query}" == canonical
    else:
        assert "&to=&" in query


def test_results_on_paper_say_what_was_searched_for(visit: Visits) -> None:
    page = visit.window(color_scheme="dark")
    page.goto("/search?q=石破茂&from=2024&source=voa.example")
    expect(page.locator(".paper")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".paper")).to_have_text("新闻档案 · 石破茂 · 2024 – · 来源：美国之声")
    expect(page.locator(".hits h2").first).to_be_visible()
    for hidden in (".top", ".hits .age", ".bottom"):
        expect(page.locator(hidden).first).to_be_hidden()
    assert colour(page, ".hits h2 a") == "rgb(0, 0, 0)"
    assert colour(page, "body", "backgroundColor") == "rgb(255, 255, 255)"
    assert "underline" in colour(page, ".hits mark", "textDecorationLine")


@pytest.mark.parametrize("address", ["/stats", "/api", "/search?q=经济"])
def test_nothing_is_wider_than_the_paper(visit: Visits, address: str) -> None:
    page = visit.window(viewport={"width": 720, "height": 1000}, java_script_enabled=True)
    page.goto(address)
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") == 720
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")


def test_a_day_of_the_picture_leads_to_its_articles(visit: Visits) -> None:
    page = visit.window()
    page.goto("/stats")
    page.locator(".bar-chart svg a").last.click()
    page.wait_for_url("**/search?from=*")
    expect(page.locator(".hits li").first).to_be_visible()
