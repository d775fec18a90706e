"""/trends as a page and as a file: the numbers of the picture, the table and the searches agree."""

import csv
import io
import re

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from searchsvc.web.trends_csv import cell
from tests.web.conftest import MARKUP
from tests.web.test_pages import one, tree, value, words


def total(client: FlaskClient, address: str) -> str:
    return re.sub(r"\D", "", one(tree(client, address), ".summary h1").text())


def table(page: LexborHTMLParser) -> list[list[str]]:
    return [[cell.text(strip=True) for cell in row.css("th, td")] for row in page.css(".numbers tr")]


def sheet(client: FlaskClient, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_two_queries_are_lines_a_table_and_a_legend(client: FlaskClient) -> None:
    page = tree(client, "/trends?q=石破茂&q=特朗普")
    assert len(page.css(".plot .line")) == 2
    assert words(page, ".legend bdi") == ["石破茂", "特朗普"]
    assert words(page, ".legend span") == ["共 2 篇", "共 1 篇"]
    assert table(page) == [["日", "石破茂", "特朗普"], ["2024-11-08", "1", "1"], ["2024-12-08", "1", "0"]]
    assert one(page, "head title").text().startswith("石破茂、特朗普 · 趋势")


def test_every_number_and_every_mark_leads_to_the_search_that_has_it(client: FlaskClient) -> None:
    page = tree(client, "/trends?q=石破茂&q=今天&from=2024-11&source=voa.example&source=news.example")
    numbers = page.css(".numbers td a")
    assert [total(client, str(node.attributes["href"])) for node in numbers] == words(page, ".numbers td a")
    marks = page.css(".picture a")
    assert len(marks) == len(numbers)
    for mark in marks:
        assert total(client, str(mark.attributes["href"])) == mark.css_first("title").text().split()[-1]


def test_numbers_at_the_ends_do_not_lead_beyond_the_dates(client: FlaskClient) -> None:
    page = tree(client, "/trends?q=石破茂&q=特朗普&from=2024-11-07T16:00Z&to=2024-12-08T12:00")
    hrefs = [str(node.attributes["href"]) for node in page.css(".numbers td a")]
    assert hrefs[0].endswith("&from=2024-11-08&to=2024-11-08")
    assert hrefs[-1].endswith("&from=2024-12-08&to=2024-12-08T12%3A00")


def test_the_legend_leads_to_all_hits_of_a_query(client: FlaskClient) -> None:
    page = tree(client, "/trends?q=石破茂&q=特朗普&from=2024-11&to=2024-11")
    hrefs = [str(node.attributes["href"]) for node in page.css(".legend a")]
    assert hrefs[0] == "/search?q=石破茂&from=2024-11&to=2024-11&variants=off"
    assert [total(client, href) for href in hrefs] == ["1", "1"]


def test_a_query_counts_for_what_it_says_unless_other_forms_are_asked_for(client: FlaskClient) -> None:
    page = tree(client, "/trends?q=特朗普&q=川普")
    assert words(page, ".legend span") == ["共 1 篇", "共 0 篇"]
    assert "特朗普不算川普" in one(page, ".summary p").text()
    other = tree(client, str(one(page, ".summary p a").attributes["href"]))
    assert words(other, ".legend span") == ["共 1 篇", "共 1 篇"]
    assert value(other, "#variants option[selected]") == "on"


def test_shares_are_per_cent_of_all_articles(client: FlaskClient) -> None:
    page = tree(client, "/trends?q=石破茂&q=今天&from=2024-11-07&to=2024-12&measure=share")
    # The one article of 7 November says today.
    assert table(page)[1] == ["2024-11-07", "0%", "100%"]
    assert value(page, "#measure option[selected]") == "share"
    assert one(page, ".chart").attributes["data-articles"]
    assert "百分比" in one(page, "[data-readout]").text()


def test_lines_are_told_apart_without_their_colours(client: FlaskClient) -> None:
    page = tree(client, "/trends?q=石破茂&q=特朗普&q=今天&q=经济&q=日美&q=华盛顿")
    marks = [node.attributes["href"] for node in page.css(".legend use")]
    assert len(set(marks)) == len(marks) == 6
    assert all(page.css(f"defs {mark}") for mark in marks)


def test_the_form_comes_back_filled_with_room_for_one_more(client: FlaskClient) -> None:
    page = tree(
        client, "/trends?q=石破茂&q=特朗普&from=2024&tz=Asia/Taipei&source=voa.example&search_in=title"
    )
    assert [node.attributes["value"] for node in page.css(".queries input")] == ["石破茂", "特朗普", ""]
    assert value(page, "#from") == "2024"
    hidden = {node.attributes["name"]: node.attributes["value"] for node in page.css("input[type=hidden]")}
    assert hidden["source"] == "voa.example"
    assert hidden["tz"] == "Asia/Taipei"
    assert hidden["search_in"] == "title"
    assert words(page, ".chips li bdi") == ["Asia/Taipei", "美国之声", "标题"]
    chip = str(page.css(".chips a")[1].attributes["href"])
    assert chip.startswith("/trends?")
    assert len(tree(client, chip).css(".legend li")) == 2


def test_without_a_query_there_is_the_form_and_an_example(client: FlaskClient) -> None:
    for address in ("/trends", "/trends?q=&q=+", "/trends?from=2024"):
        page = tree(client, address)
        assert len(page.css(".queries input")) == 2
        example = str(one(page, ".none a").attributes["href"])
        assert len(tree(client, example).css(".legend li")) == 2


def test_one_query_is_shown_and_asks_for_another_one(client: FlaskClient) -> None:
    page = tree(client, "/trends?q=石破茂&q=石破茂")
    assert "再填一个" in one(page, ".notice").text()
    assert len(page.css(".plot .line")) == 1


def test_nothing_found_says_so(client: FlaskClient) -> None:
    page = tree(client, "/trends?q=没有的&q=也没有")
    assert one(page, ".none p").text()
    assert not page.css(".chart")


@pytest.mark.parametrize(
    ("query", "param", "words_of_advice"),
    [
        ("&".join(f"q={n}" for n in "一二三四五六七"), "q", "六个词"),
        ("q=石破&q=特朗普&from=2024-13", "from", "日期没有看懂"),
        ("q=石破&q=特朗普&to=never", "to", "日期没有看懂"),
        ("q=石破&q=特朗普&from=2025&to=2024", "from", "对调"),
        ("q=石破&q=特朗普&measure=best", "measure", "measure"),
        ("q=石破&q=特朗普&variants=maybe", "variants", "variants"),
        ("q=石破&q=特朗普&tz=Nowhere", None, "时区"),
        ("q=" + "a" * 2_001, "q", "太长"),
        ("q=石破&q=%FF%FE", "q", "UTF-8"),
    ],
)
def test_a_wrong_value_is_told_and_the_form_still_filled(
    client: FlaskClient, query: str, param: str | None, words_of_advice: str
) -> None:
    page = tree(client, f"/trends?{query}", 400)
    assert words_of_advice in one(page, "#problem").text()
    assert len(page.css(".queries input")) >= query.count("q=")
    if param:
        assert page.css(f"[name={param}][aria-invalid=true]")
    assert client.get(f"/trends.csv?{query}").status_code == 400


def test_the_file_has_the_numbers_of_the_page(client: FlaskClient) -> None:
    address = str(one(tree(client, "/trends?q=石破茂&q=特朗普&from=2024"), "a[download]").attributes["href"])
    answer = client.get(address)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="trends.csv"'
    assert answer.data.startswith(b"\xef\xbb\xbfstart,")
    assert answer.data.count(b"\r\n") == 32
    found = sheet(client, address)
    assert found[0] == ["start", "石破茂", "特朗普", "articles"]
    assert found[1] == ["2024-11-08", "1", "1", "2"]
    assert found[-1] == ["2024-12-08", "1", "0", "1"]


def test_the_file_has_shares_when_they_are_asked_for(client: FlaskClient) -> None:
    assert sheet(client, "/trends.csv?q=石破茂&q=今天&from=2024-11-08&measure=share")[1] == [
        "2024-11-08",
        "50.0000",
        "0.0000",
        "2",
    ]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "－", "\t", "\r", " ="])
def test_no_cell_is_a_formula(client: FlaskClient, sign: str) -> None:
    assert cell(f"{sign}1+1") == f"'{sign}1+1"
    assert cell(f"1{sign}1") == f"1{sign}1"


def test_a_query_cannot_put_a_formula_or_a_cell_into_the_file(client: FlaskClient) -> None:
    found = sheet(client, '/trends.csv?q=%3DHYPERLINK(1)&q=石破茂",x%0Ay')
    assert found[0] == ["start", "'=HYPERLINK(1)", '石破茂",x\ny', "articles"]


def test_an_error_of_the_file_is_a_document(client: FlaskClient) -> None:
    answer = client.get("/trends.csv")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.get_json()["param"] == "q"


def test_markup_in_a_query_stays_text(client: FlaskClient) -> None:
    page = tree(client, f"/trends?q={MARKUP.replace('&', '%26')}&q=石破茂")
    assert len(page.css("script")) == 1
    assert not page.css("[onerror], img")
    assert page.css(".queries input")[0].attributes["value"] == MARKUP


def test_the_page_is_marked_up_for_people_who_do_not_see_it(client: FlaskClient) -> None:
    for address in ("/trends", "/trends?q=石破茂&q=特朗普", "/trends?q=石破茂&from=x"):
        page = LexborHTMLParser(client.get(address).text)
        assert len(page.css("h1")) == len(page.css("main#main")) == 1
        ids = [str(node.attributes["id"]) for node in page.css("[id]")]
        assert len(ids) == len(set(ids))
        for field in page.css("input:not([type=hidden]), select"):
            assert page.css(f"label[for={field.attributes['id']}]")
        assert not page.css("[style], style")
