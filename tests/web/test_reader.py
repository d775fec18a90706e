"""What a reader chose is kept, and nothing else is."""

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from searchsvc.web.reader import Reader, cookie_of, preferred, read_reader


def accepts(header: str) -> LanguageAccept:
    return parse_accept_header(header, LanguageAccept)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh-Hans"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh-TW,zh;q=0.9", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("en-GB,zh;q=0.5", "en"),
        ("ja,zh-TW;q=0.5", "zh-Hant"),
        ("ja", "zh-Hans"),
        ("en;q=0,zh", "zh-Hans"),
        ("zho", "zh-Hans"),
        ("x" * 5_000, "zh-Hans"),
    ],
)
def test_the_browsers_languages_decide_for_a_new_reader(header: str, language: str) -> None:
    assert preferred(accepts(header)) == language


def test_a_cookie_reads_as_the_reader_it_was_made_of() -> None:
    for reader in (Reader(), Reader("en", "hant-hk", True), Reader("zh-Hant", "hans")):
        assert read_reader(cookie_of(reader), accepts("en")) == reader


@pytest.mark.parametrize(
    "cookie", ["", "x", "language=fr&script=latin&pictures=yes", "%ff=&&&==", "a" * 9_000]
)
def test_a_cookie_that_says_something_else_is_none(cookie: str) -> None:
    assert read_reader(cookie, accepts("zh-TW")) == Reader("zh-Hant")


def test_a_choice_is_kept_and_leads_back(client: FlaskClient) -> None:
    answer = client.post(
        "/preferences",
        data={"language": "en", "script": "hant", "pictures": "on", "next": "/search?q=%E7%9F%B3%E7%A0%B4"},
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/search?q=%E7%9F%B3%E7%A0%B4")
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"))
    page = LexborHTMLParser(client.get("/search?q=石破茂").text)
    (html,) = page.css("html")
    assert html.attributes["lang"] == "en"
    assert "2 articles" in page.css(".summary h1")[0].text()
    assert {node.attributes["lang"] for node in page.css(".hits h2")} == {"zh-Hant"}
    assert "https:" in client.get("/").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "address",
    ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)", "x",
     "http://[", "/a\r\nSet-Cookie: x=1", ""],
)  # fmt: skip
def test_nobody_is_led_elsewhere(client: FlaskClient, address: str) -> None:
    answer = client.post("/preferences", data={"next": address})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_sites_form_changes_nothing(client: FlaskClient, site: str) -> None:
    answer = client.post("/preferences", data={"language": "en"}, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_articles_are_shown_in_the_script_that_was_chosen_and_marks_stay_right(client: FlaskClient) -> None:
    client.post("/preferences", data={"script": "hant"})
    page = LexborHTMLParser(client.get("/search?q=日美关系").text)
    assert {mark.text() for mark in page.css(".passage mark")} == {"日美", "關係"}
    (hit,) = (node for node in page.css(".hits h2 a") if "尋求" in node.text())
    article = LexborHTMLParser(client.get(str(hit.attributes["href"])).text)
    assert article.css_first("h1").text() == "日本首相石破茂尋求會晤特朗普"
    assert "".join(mark.text() for mark in article.css(".text mark")) == "日美關係"
    assert article.css_first(".text").attributes["lang"] == "zh-Hant"


def test_a_script_in_the_address_counts_more_than_the_one_that_was_kept(client: FlaskClient) -> None:
    client.post("/preferences", data={"script": "hant"})
    page = LexborHTMLParser(client.get("/search?q=石破茂寻求&script=original").text)
    assert page.css_first(".hits h2").text() == "日本首相石破茂寻求会晤特朗普"
    assert client.get("/search?q=石破茂&script=latin").status_code == 400


def test_pages_differ_by_reader_and_say_so(client: FlaskClient) -> None:
    assert {"Cookie", "Accept-Language"} <= set(client.get("/").vary)
