"""The pages as a browser gets them: read with an HTML parser, not as strings."""

import re

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser, LexborNode

from searchsvc.ingest.index import rebuild
from searchsvc.service import Service
from searchsvc.web import messages
from searchsvc.web.app import create_app
from searchsvc.web.assets import digest, icon
from tests.web.conftest import MARKUP, ROOT

WEB = ROOT / "searchsvc" / "web"


def tree(client: FlaskClient, address: str, status: int = 200) -> LexborHTMLParser:
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    return LexborHTMLParser(answer.text)


def one(page: LexborHTMLParser, selector: str) -> LexborNode:
    (found,) = page.css(selector)
    return found


def words(page: LexborHTMLParser, selector: str) -> list[str]:
    return [node.text(strip=True) for node in page.css(selector)]


def value(page: LexborHTMLParser, selector: str) -> str | None:
    return one(page, selector).attributes.get("value")


def test_the_front_page_has_the_box_and_the_latest_articles(client: FlaskClient) -> None:
    page = tree(client, "/")
    assert "autofocus" in one(page, "input[name=q]").attributes
    assert words(page, ".hits h2")[0] == "石破茂訪美"
    assert len(page.css(".hits li")) == 8
    assert "50" in one(page, ".section small").text()


def test_the_front_page_of_an_empty_archive_says_what_to_do(service: Service) -> None:
    rebuild(service.store, service.engine)
    page = tree(create_app(service).test_client(), "/")
    assert "flask ingest" in one(page, ".notice").text()


def test_a_hit_shows_title_source_local_time_and_marked_passages(client: FlaskClient) -> None:
    page = tree(client, "/search?q=石破茂 特朗普")
    hit = one(page, ".hits li")
    assert [mark.text() for mark in hit.css("h2 mark")] == ["石破茂", "特朗普"]
    assert one(page, ".hits .source").text() == "美国之声"
    time = one(page, ".hits time")
    assert time.text() == "2024年11月8日 00:49"
    assert time.attributes["datetime"] == "2024-11-07T16:49:47Z"
    assert {mark.text() for mark in hit.css(".passage mark")} == {"石破茂", "特朗普"}
    assert "1" in one(page, "h1").text()
    assert "毫秒" in one(page, ".summary").text()


def test_times_are_shown_in_the_zone_that_was_asked_for(client: FlaskClient) -> None:
    page = tree(client, "/search?q=石破茂寻求&tz=America/New_York")
    assert one(page, ".hits time").text() == "2024年11月7日 11:49"


def test_each_text_has_its_own_language(client: FlaskClient) -> None:
    page = tree(client, "/search?q=石破茂&sort=oldest")
    assert [node.attributes["lang"] for node in page.css(".hits h2")] == ["zh-Hans", "zh-Hant"]
    assert {node.attributes["lang"] for node in page.css(".passage")} == {"zh-Hans", "zh-Hant"}


def test_the_form_comes_back_as_it_was_sent(client: FlaskClient) -> None:
    page = tree(
        client, "/search?q=石破 -x&from=2024-11&to=2024-12&source=udn.example&sort=oldest&tz=Asia/Taipei"
    )
    assert value(page, "#q") == "石破 -x"
    assert (value(page, "#from"), value(page, "#to")) == ("2024-11", "2024-12")
    assert value(page, "input[type=hidden][name=source]") == "udn.example"
    assert value(page, "#sort option[selected]") == "oldest"
    assert value(page, "input[type=hidden][name=tz]") == "Asia/Taipei"


def test_several_sources_and_excluded_ones_stay_and_can_be_taken_away(client: FlaskClient) -> None:
    page = tree(client, "/search?q=石破茂&source=udn.example&source=voa.example&exclude_source=a.example")
    assert [node.attributes["value"] for node in page.css(".search input[type=hidden]")] == [
        "udn.example",
        "voa.example",
        "a.example",
    ]
    assert words(page, ".chips li bdi") == ["聯合晚報", "美国之声", "a.example"]
    first = page.css(".chips a")[0].attributes["href"]
    assert first is not None
    assert "udn.example" not in first
    assert "voa.example" in first
    assert len(page.css(".hits li")) == 2


def test_unknown_parameters_and_empty_ones_are_no_errors_on_pages(client: FlaskClient) -> None:
    page = tree(client, "/search?q=石破茂&from=&to=&source=&sort=&utm_source=mail&facets=source")
    assert len(page.css(".hits li")) == 2


def test_paging_leads_through_all_hits(client: FlaskClient) -> None:
    address: str | None = "/search?q=经济&sort=newest"
    seen: list[str] = []
    while address:
        page = tree(client, address)
        seen += words(page, ".hits h2")
        link = page.css_first("a[rel=next]")
        address = link.attributes["href"] if link else None
    assert seen == [f"经济快讯第{n}号" for n in range(1, 46)]
    assert one(page, ".pages [aria-current=page]").text() == "3"
    assert one(page, ".hits").attributes["start"] == "41"


def test_a_page_beyond_the_last_leads_back(client: FlaskClient) -> None:
    page = tree(client, "/search?q=经济&page=40")
    assert one(page, "a[rel=prev]").attributes["href"] == "/search?q=%E7%BB%8F%E6%B5%8E&page=3"
    assert one(page, ".notice a").attributes["href"] == "/search?q=%E7%BB%8F%E6%B5%8E"


def test_nothing_found_helps(client: FlaskClient) -> None:
    page = tree(client, "/search?q=石破茂 經濟&from=2024-12&source=udn.example")
    ways = [(node.text(strip=True), str(node.attributes["href"])) for node in page.css(".none li a")]
    # Neither other dates nor other sources have both words; 經濟 alone is not there in December.
    assert [text for text, _ in ways] == ["少用一个词，只搜：石破茂"]
    assert words(page, ".none small") == ["共 1 篇"]
    assert len(tree(client, ways[0][1]).css(".hits li")) == 1


def test_dates_and_sources_are_given_up_where_that_finds_something(client: FlaskClient) -> None:
    page = tree(client, "/search?q=石破茂&from=2024-11-01&to=2024-11-30&source=udn.example")
    ways = [(node.text(strip=True), str(node.attributes["href"])) for node in page.css(".none li a")]
    assert [text for text, _ in ways] == ["去掉日期，搜索所有时间", "搜索全部来源"]
    assert all("from=" not in href for text, href in ways if "日期" in text)
    assert all(tree(client, href).css(".hits li") for _, href in ways)


def test_partial_matches_are_called_so(client: FlaskClient) -> None:
    page = tree(client, "/search?q=经济关系")
    assert "一部分" in one(page, ".notice").text()
    assert page.css(".hits li")


@pytest.mark.usefixtures("enough_time")
@pytest.mark.parametrize(("q", "meant"), [("经计快讯", "经济快讯"), ("石破茂 经计快讯", None)])
def test_what_may_have_been_meant_is_a_link_above_the_rest(
    client: FlaskClient, q: str, meant: str | None
) -> None:
    page = tree(client, f"/search?q={q}&sort=oldest&from=2024")
    assert words(page, ".meant a") == ([meant] if meant else [])
    if meant:
        address = str(one(page, ".meant a").attributes["href"])
        assert address.endswith("&from=2024&sort=oldest")
        assert value(tree(client, address), "#q") == meant


def test_warnings_are_shown(client: FlaskClient) -> None:
    assert words(tree(client, "/search?q=石破茂)"), ".notice li")


@pytest.mark.parametrize(
    ("query", "field", "held"),
    [
        ("q=石破&from=2024-13-45", "#from", "2024-13-45"),
        ("q=石破&to=never", "#to", "never"),
        ("q=石破&from=2025&to=2024", "#from", "2025"),
        ("q=%FF%FE", "#q", "��"),
        ("q=" + "长" * 800, "#q", "长" * 800),
    ],
)
def test_a_wrong_field_is_named_and_the_form_still_filled(
    client: FlaskClient, query: str, field: str, held: str
) -> None:
    if query.endswith("长"):  # As long as the box lets one type: taken, not refused.
        assert value(tree(client, f"/search?{query}"), field) == held
        return
    page = tree(client, f"/search?{query}", 400)
    wrong = one(page, field).attributes
    assert (wrong["value"], wrong["aria-invalid"]) == (held, "true")
    assert "autofocus" in wrong
    assert "problem" in str(wrong["aria-describedby"])
    assert one(page, "#problem").text()


@pytest.mark.parametrize(
    "query", ["page_size=0", "page=x", "tz=Nowhere", "sort=best", "search_in=x", "page=9999"]
)
def test_every_other_wrong_value_is_a_whole_page_too(client: FlaskClient, query: str) -> None:
    page = tree(client, f"/search?q=石破&{query}", 400)
    assert value(page, "#q") == "石破"
    assert one(page, "#problem").text() != messages.table("zh-Hans")["error.other"]


def test_a_page_that_is_not_there_offers_the_box(client: FlaskClient) -> None:
    for address in ("/nothing", "/article/nothing", "/search/"):
        assert one(tree(client, address, 404), "input[name=q]")


def test_an_article_to_read(client: FlaskClient, ishiba: str) -> None:
    page = tree(client, f"/article/{ishiba}?q=石破茂 日美關係&from=2024")
    assert [mark.text() for mark in page.css("h1 mark")] == ["石破茂"]
    assert words(page, ".text h2") == ["小标题"]
    assert one(page, ".text .dateline").text() == "华盛顿 —"
    assert "".join(words(page, ".text mark")) == "石破茂日美关系"
    assert [str(node.attributes["id"]) for node in page.css(".text mark")] == ["m1", "m2", "m3"]
    assert one(page, ".text").attributes["lang"] == "zh-Hans"
    assert "张三" in one(page, "article > header .author").text()
    back = str(one(page, "a.back").attributes["href"])
    assert tree(client, back).css(".hits li")


def test_the_original_is_a_link_that_tells_it_nothing(client: FlaskClient, ishiba: str) -> None:
    page = tree(client, f"/article/{ishiba}")
    outward = [node for node in page.css("a") if str(node.attributes["href"]).startswith("http")]
    assert len(outward) == 3
    assert all(node.attributes["rel"] == "noopener noreferrer" for node in outward)


def test_an_article_page_is_not_sent_again_unchanged(client: FlaskClient, ishiba: str) -> None:
    first = client.get(f"/article/{ishiba}")
    again = client.get(f"/article/{ishiba}", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_markup_in_an_article_stays_text(client: FlaskClient) -> None:
    page = tree(client, "/search?q=标记")
    assert one(page, ".hits h2").text() == f"标记{MARKUP}"
    article = tree(client, str(one(page, ".hits h2 a").attributes["href"]))
    assert one(article, "h1").text() == f"标记{MARKUP}"
    assert f"标记{MARKUP}" in one(article, ".text").text()
    for shown in (page, article, tree(client, f"/search?q={MARKUP.replace('&', '%26')}")):
        assert not shown.css("script:not([src]), img, iframe, object, embed, style, base")
        assert len(shown.css("script")) == 1


def test_pages_load_one_style_sheet_and_one_script_from_here(client: FlaskClient, ishiba: str) -> None:
    for address in ("/", "/search?q=石破茂", f"/article/{ishiba}", "/nothing"):
        page = LexborHTMLParser(client.get(address).text)
        loaded = [
            str(node.attributes.get("href") or node.attributes.get("src"))
            for node in page.css("link[rel=stylesheet], link[rel=icon], [src]")
        ]
        assert loaded == [
            f"/static/{digest('style.css')}/style.css",
            f"/static/{digest('app.js')}/app.js",
            icon(),
        ]
        assert icon().startswith("data:image/svg+xml,")
        assert not page.css("[style], [onclick]")


def test_the_style_sheet_is_kept_for_a_year_under_its_own_address_only(client: FlaskClient) -> None:
    current = client.get(f"/static/{digest('style.css')}/style.css")
    assert current.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert current.mimetype == "text/css"
    assert client.get("/static/0/style.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/0/../app.py").status_code == 404


def test_every_page_is_marked_up_for_people_who_do_not_see_it(client: FlaskClient, ishiba: str) -> None:
    for address in ("/", "/search?q=石破茂", "/search?q=没有的词", "/search?from=x", f"/article/{ishiba}"):
        page = LexborHTMLParser(client.get(address).text)
        assert one(page, "html").attributes["lang"] == "zh-Hans"
        assert len(page.css("h1")) == len(page.css("main#main")) == len(page.css("a.skip[href='#main']")) == 1
        ids = [str(node.attributes["id"]) for node in page.css("[id]")]
        assert len(ids) == len(set(ids))
        for field in page.css("input:not([type=hidden]), select"):
            assert page.css(f"label[for={field.attributes['id']}]")
            for described in str(field.attributes.get("aria-describedby") or "").split():
                assert described in ids


def test_every_message_is_used_and_every_used_one_is_there() -> None:
    there = messages.table("zh-Hans").keys()
    files = [path for path in WEB.rglob("*") if path.suffix in (".py", ".html")]
    text = "\n".join(path.read_text() for path in files)
    used = set(re.findall(r"""\b(?:t|say|worded)\(\s*f?["']([\w.,-]+)["']\s*[,)]""", text))
    assert used <= there
    made = (
        "api.op.",
        "stats.chart.",
        "stats.column.",
        "stats.ingest.",
        "chip.",
        "form.sort.",
        "search_in.",
        "error.",
        "time.",
        "menu.script.",
        "why.",
        "article.script.",
        "interval.",
        "trends.measure.long.",
        "warning.",
    )
    unused = {key for key in there if f'"{key}"' not in text and f"'{key}'" not in text}
    assert {key for key in unused if not key.startswith(made)} == set()
