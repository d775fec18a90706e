"""An article's page, its versions and what stands beside it, read with an HTML parser."""

from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser, LexborNode

from searchsvc.service import Service, open_service
from searchsvc.settings import Settings
from searchsvc.store.articles import Write
from searchsvc.web.app import create_app
from searchsvc.web.results import readable
from tests.build import article
from tests.web.conftest import MARKUP, WIDE
from tests.web.reading import drafts, fill_reading, id_of


@pytest.fixture(scope="module")
def reading(kept_settings: Settings) -> Service:
    """A service with what there is to read. Only for reading."""
    return fill_reading(open_service(kept_settings))


@pytest.fixture(scope="module")
def app(reading: Service) -> Flask:
    return create_app(reading)


def tree(client: FlaskClient, address: str, status: int = 200) -> LexborHTMLParser:
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    return LexborHTMLParser(answer.text)


def one(page: LexborHTMLParser, selector: str) -> LexborNode:
    (found,) = page.css(selector)
    return found


def words(page: LexborHTMLParser, selector: str) -> list[str]:
    return [node.text(strip=True) for node in page.css(selector)]


def href(page: LexborHTMLParser, selector: str) -> str:
    return str(one(page, selector).attributes["href"])


# Marks


def test_marks_are_numbered_and_linked_and_say_why(client: FlaskClient, reading: Service) -> None:
    found = id_of(reading, "班次第3号")
    page = tree(client, f"/article/{found}?q=特朗普 沒有")
    marks = [
        (node.text(), node.attributes["id"], node.attributes.get("class")) for node in page.css(".text mark")
    ]
    assert marks == [
        ("特朗普", "m1", None),
        ("没有", "m2", "script"),
        ("川普", "m3", "variant"),
        ("沒有", "m4", None),
    ]
    links = [str(node.attributes["href"]) for node in page.css(".matches ol a")]
    assert links == ["#m1", "#m2", "#m3", "#m4"]
    assert words(page, ".legend mark") == ["照原样", "另一种字体", "其他说法"]


def test_without_other_forms_only_what_was_typed_is_marked(client: FlaskClient, reading: Service) -> None:
    found = id_of(reading, "班次第3号")
    page = tree(client, f"/article/{found}?q=特朗普&variants=off")
    assert words(page, ".text mark") == ["特朗普"]
    assert not page.css(".legend")


def test_of_many_matches_the_first_ones_and_the_last_are_linked(
    client: FlaskClient, reading: Service
) -> None:
    page = tree(client, f"/article/{id_of(reading, '海星号下水')}?q=明天")
    links = words(page, ".matches ol a")
    assert links == [*map(str, range(1, 13)), "40"]
    assert all(page.css(str(node.attributes["href"])) for node in page.css(".matches ol a"))


def test_a_partial_match_is_marked_as_on_the_page_of_results(client: FlaskClient, reading: Service) -> None:
    results = tree(client, "/search?q=灯塔省电")
    assert "一部分" in one(results, ".notice").text()
    for hit in results.css(".hits li"):
        there = {node.text() for node in hit.css("mark")}
        page = tree(client, str(hit.css_first("h2 a").attributes["href"]))
        assert there <= {node.text() for node in page.css("h1 mark, .text mark")}
        assert there


def test_marks_stay_right_in_another_script(client: FlaskClient, reading: Service) -> None:
    found = id_of(reading, "海湾大桥亮灯")
    page = tree(client, f"/article/{found}?q=大桥 工程师&script=hant")
    assert words(page, ".text mark") == ["大橋", "工程師"]
    assert one(page, ".text").attributes["lang"] == "zh-Hant"


# Script


def test_a_converted_article_says_so_and_leads_to_the_original(client: FlaskClient, reading: Service) -> None:
    found = id_of(reading, "海湾大桥亮灯")
    page = tree(client, f"/article/{found}?q=大桥&script=hant&at=1")
    assert "原文是简体" in one(page, "p.note").text()
    original = href(page, "p.note a")
    assert "script=original" in original
    assert "at=1" in original
    client.post("/preferences", data={"script": "hant", "language": "zh-Hans"})
    back = tree(client, original)
    assert one(back, "h1").text(strip=True) == "海湾大桥亮灯"
    assert "script" not in href(back, "p.note a")
    assert one(tree(client, href(back, "p.note a")), "h1").text(strip=True) == "海灣大橋亮燈"


def test_an_article_in_the_readers_script_says_nothing_of_scripts(
    client: FlaskClient, reading: Service
) -> None:
    assert not tree(client, f"/article/{id_of(reading, '大橋的燈')}?script=hant").css("p.note")
    assert not tree(client, f"/article/{id_of(reading, '海湾大桥亮灯')}").css("p.note")


def test_names_keep_the_language_they_were_written_in(client: FlaskClient, reading: Service) -> None:
    page = tree(client, f"/article/{id_of(reading, '海星号下水')}?script=hant")
    assert {
        one(page, f"article > header {name} bdi").attributes["lang"] for name in (".source", ".author")
    } == {"zh-Hans"}


# Facts


def test_source_and_author_lead_to_their_other_articles(client: FlaskClient, reading: Service) -> None:
    page = tree(client, f"/article/{id_of(reading, '海星号下水')}")
    assert len(tree(client, href(page, ".author a")).css(".hits li")) == 1
    assert len(tree(client, href(page, "a.source")).css(".hits li")) > 5


def test_where_it_was_read_is_one_line_to_copy(client: FlaskClient, reading: Service) -> None:
    page = tree(client, f"/article/{id_of(reading, '海星号下水')}")
    assert one(page, "#cited").text() == "《海星号下水》，例报，2024年11月8日，https://news.example/starfish"
    document = client.get(href(page, ".facts a[href^='/api/']")).json
    assert document["title"] == "海星号下水"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://a.example/%E6%96%B0%E9%97%BB?q=1%2B1", "https://a.example/新闻?q=1%2B1"),
        ("https://a.example/%E6%96%B0%20%E9%97%BB", "https://a.example/%E6%96%B0%20%E9%97%BB"),
        ("https://a.example/%E2%80%AE%2F", "https://a.example/%E2%80%AE%2F"),
        ("https://a.example/%FF%E6", "https://a.example/%FF%E6"),
        ("https://a.example/%41", "https://a.example/%41"),
        ("https://a.example/%", "https://a.example/%"),
    ],
)
def test_addresses_are_shown_with_their_letters_and_nothing_else(address: str, shown: str) -> None:
    assert readable(address) == shown


# Pictures


def test_pictures_stand_where_they_stood_for_those_who_allow_them(
    client: FlaskClient, reading: Service
) -> None:
    address = f"/article/{id_of(reading, '海星号下水')}"
    assert not tree(client, address).css("img")
    client.post("/preferences", data={"pictures": "on"})
    page = tree(client, address)
    kinds = [node.attributes.get("class") or node.tag for node in page.css(".text > *")]
    assert kinds == ["p", "picture", "caption", "p", "picture", "p"]
    first = page.css(".text img")[0].attributes
    assert (first["src"], first["alt"]) == ("https://pictures.example/there.svg", "一艘白船")
    assert (first["loading"], first["referrerpolicy"]) == ("lazy", "no-referrer")
    assert not page.css("form.note")


def test_who_does_not_allow_pictures_is_told_how_many_and_can_allow_them(
    client: FlaskClient, reading: Service
) -> None:
    address = f"/article/{id_of(reading, '海星号下水')}"
    form = one(tree(client, address), "form.note")
    assert "2 张图片" in form.text()
    values = {str(node.attributes["name"]): node.attributes["value"] or "" for node in form.css("input")}
    answer = client.post(str(form.attributes["action"]), data=values)
    assert answer.headers["Location"] == address
    assert len(tree(client, address).css(".text img")) == 2


# Versions


def test_an_article_that_was_changed_lists_what_it_said_before(client: FlaskClient, reading: Service) -> None:
    page = tree(client, f"/article/{id_of(reading, '灯塔不关了')}")
    assert one(page, "article > header a[href='#versions']").text() == "改过 2 次"
    assert one(page, "#versions")
    last, first = (node.text() for node in page.css(".versions li"))
    assert "标题原为：灯塔将关闭" in last
    assert "增 1 字、删 1 字" in first
    assert "标题" not in first


def test_an_article_that_was_not_changed_says_nothing_of_versions(
    client: FlaskClient, reading: Service
) -> None:
    assert not tree(client, f"/article/{id_of(reading, '海星号下水')}").css(".versions, [href='#versions']")


def test_a_version_shows_what_became_of_it(client: FlaskClient, reading: Service) -> None:
    article_page = f"/article/{id_of(reading, '灯塔不关了')}"
    newest, oldest = (
        str(node.attributes["href"]) for node in tree(client, article_page).css(".versions li a")
    )
    page = tree(client, oldest)
    assert (words(page, ".text del"), words(page, ".text ins")) == (["五"], ["六"])
    assert words(page, ".text summary") == ["4 段没有改动"]
    assert href(page, "a[rel=next]") == newest
    assert href(page, "a.back") == article_page
    page = tree(client, newest)
    assert one(page, "h1").text() == f"灯塔将关闭不关了{MARKUP}"
    assert words(page, "h1 del, h1 ins") == ["将关闭", f"不关了{MARKUP}"]
    assert MARKUP in one(page, ".compared > .text").text()
    assert href(page, "a[rel=prev]") == oldest
    assert not page.css("script:not([src]), img")


def test_a_version_is_shown_in_the_readers_script(client: FlaskClient, reading: Service) -> None:
    first = drafts()[0]
    page = tree(client, f"/article/{first.id}/versions/{first.digest}?script=hant")
    assert "燈塔" in one(page, "h1").text()
    assert one(page, ".compared > .text").attributes["lang"] == "zh-Hant"


def test_there_is_no_page_of_a_version_that_there_is_not(client: FlaskClient, reading: Service) -> None:
    first, _, now = drafts()
    other = id_of(reading, "海星号下水")
    for address in (
        f"/article/{first.id}/versions/0",
        f"/article/{first.id}/versions/{now.digest}",
        f"/article/{first.id}/versions/{first.digest[:-1]}",
        f"/article/{other}/versions/{first.digest}",
        f"/article/nobody/versions/{first.digest}",
        f"/article/{first.id}/versions/%00%FF",
        f"/article/{first.id}/versions/",
    ):
        assert one(tree(client, address, 404), "#q")


# Beside


def test_who_else_tells_the_story_is_listed_on_the_page(client: FlaskClient, reading: Service) -> None:
    address = f"/article/{id_of(reading, '海湾大桥亮灯')}"
    page = tree(client, address)
    assert href(page, ".meta a[href^='#story']") == "#story"
    same = page.css("section.beside")[0]
    assert one(page, "#story").text() == "同一报道，别处也有"
    assert [node.text() for node in same.css("li bdi")] == ["大橋的燈", "聯合晚報"]
    assert same.css("li time")
    assert "繁体" in same.text()
    assert [node.attributes.get("lang") for node in same.css("li a bdi")] == ["zh-Hant"]
    assert not same.css("p a")
    assert "大桥的灯" in tree(client, f"{address}?script=hans").css("section.beside")[0].text()
    assert not tree(client, f"/article/{id_of(reading, '大桥省电')}").css("#story")


def test_of_a_story_told_by_many_the_first_are_listed_and_all_can_be(
    client: FlaskClient, reading: Service
) -> None:
    page = tree(client, f"/article/{id_of(reading, '渡轮公司')}")
    same = page.css("section.beside")[0]
    assert len(same.css("li")) == 5
    link = same.css_first("p a")
    assert link.text() == "全部 8 篇"
    listed = tree(client, str(link.attributes["href"]))
    assert len(listed.css(".hits > li")) == 8


def test_similar_articles_tell_other_stories(client: FlaskClient, reading: Service) -> None:
    link = href(tree(client, f"/article/{id_of(reading, '海湾大桥亮灯')}"), ".room a")
    (similar,) = tree(client, link).css("section.beside")
    assert "大桥省电" in similar.text()
    assert "大橋的燈" not in similar.text()


def test_an_article_unlike_all_others_says_so(client: FlaskClient, reading: Service) -> None:
    page = tree(client, f"/article/{id_of(reading, '海星号下水')}/similar")
    assert words(page, "section.beside > p") == ["没有找到相似的文章。"]
    assert tree(client, "/article/nobody/similar", 404)


# Bad input


@pytest.mark.parametrize(
    "hostile",
    ["nothing", "0" * 16, "..", "%00", "%FF", "%ED%A0%80", "%2e%2e", "<script>", "'; DROP TABLE articles;--",
     "x" * 3_000, "灯塔", "%0d%0aSet-Cookie:x=1", "{{7*7}}", "%E2%80%AE"],
)  # fmt: skip
def test_an_article_that_is_not_there_is_a_page_with_the_box(client: FlaskClient, hostile: str) -> None:
    name = hostile if "%" in hostile else quote(hostile, safe="")
    for address in (f"/article/{name}", f"/article/{name}/similar", f"/article/{name}/versions/x"):
        page = tree(client, address, 404)
        assert one(page, "#q")
        assert not page.css("script:not([src])")


def test_without_title_or_text_the_page_says_what_there_is(client: FlaskClient, reading: Service) -> None:
    (found,) = (each.id for each in reading.store.all() if not each.title)
    page = tree(client, f"/article/{found}?q=无文")
    assert one(page, "h1").text(strip=True) == "（无标题）"
    assert "只存下了标题" in one(page, ".text").text()
    assert "（无标题）" in one(page, "#cited").text()


def test_a_hostile_article_is_text_and_nothing_else(client: FlaskClient, reading: Service) -> None:
    client.post("/preferences", data={"pictures": "on"})
    found = id_of(reading, "恶意")
    for script in ("original", "hant"):
        page = tree(client, f"/article/{found}?q=恶意&script={script}")
        assert one(page, "h1").text(strip=True).endswith("W" * 10_000)
        assert f"表{MARKUP}" in one(page, ".text tr").text()
        assert not page.css("script:not([src]), img, iframe, [onerror], [style]")
        assert not [node for node in page.css("[href]") if str(node.attributes["href"]).startswith("java")]
    assert WIDE in one(page, ".author").text()
    assert not page.css(".author a")


def test_an_article_can_be_read_while_there_is_no_index(service: Service) -> None:
    kept = article("没有索引", "渡轮照开。")
    service.store.put([Write(kept)])
    page = tree(create_app(service).test_client(), f"/article/{kept.id}?q=渡轮&at=3")
    assert words(page, ".text mark") == ["渡轮"]
    assert not page.css(".standing")
