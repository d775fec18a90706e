"""Any search as a feed: what a feed reader makes of it, whatever is in the articles."""

from calendar import timegm
from dataclasses import replace
from io import BytesIO
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import feedparser
import pytest
from flask import Flask
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client
from werkzeug.wrappers import Response

from searchsvc.service import Service
from searchsvc.web.app import create_app
from tests.build import NOW, article, fill
from tests.web.conftest import DAY, ISHIBA_TIME, MARKUP

NAMES = {"atom": "http://www.w3.org/2005/Atom", "opensearch": "http://a9.com/-/spec/opensearch/1.1/"}


def read(client: FlaskClient, query: str) -> Any:
    answer = client.get(f"/search.atom?{query}")
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml"), answer.text
    feed = feedparser.parse(BytesIO(answer.data))
    assert not feed.bozo
    assert feed.version == "atom10"
    return feed


def titles(client: FlaskClient, query: str) -> list[str]:
    return [entry.title for entry in read(client, query).entries]


def links(node: Any) -> dict[tuple[str, str | None], str]:
    return {(link.rel, link.get("type")): link.href for link in node.links}


def test_a_search_is_a_feed_newest_first(client: FlaskClient) -> None:
    assert titles(client, "q=石破茂") == ["石破茂訪美", "日本首相石破茂寻求会晤特朗普"]
    assert titles(client, "q=石破茂&sort=oldest") == ["日本首相石破茂寻求会晤特朗普", "石破茂訪美"]
    assert titles(client, "q=石破茂&source=udn.example&from=2024-12") == ["石破茂訪美"]
    assert titles(client, "q=石破茂寻求&script=hant") == ["日本首相石破茂尋求會晤特朗普"]


def test_an_empty_search_is_the_feed_of_all_articles(client: FlaskClient) -> None:
    feed = read(client, "")
    assert feed.entries[0].title == "石破茂訪美"
    assert (feed.feed.opensearch_totalresults, feed.feed.opensearch_itemsperpage) == ("50", "20")


def test_an_entry_says_all_that_is_known(client: FlaskClient, ishiba: str) -> None:
    (entry,) = read(client, "q=石破茂 特朗普").entries
    assert timegm(entry.published_parsed) == ISHIBA_TIME
    assert timegm(entry.updated_parsed) == NOW
    assert (entry.author, entry.source.title) == ("张三", "美国之声")
    assert [(tag.term, tag.label) for tag in entry.tags] == [("voa.example", "美国之声")]
    found = links(entry)
    assert found["alternate", "text/html"].startswith(f"http://localhost/article/{ishiba}?q=")
    assert found["via", "text/html"] == "https://news.example/日本首相石破茂寻求会晤特朗普"
    assert "<b>石破茂</b>" in entry.summary
    assert entry.summary_detail.type == "text/html"
    assert entry.summary_detail.language == "zh-Hans"
    page = LexborHTMLParser(client.get(found["alternate", "text/html"].removeprefix("http://localhost")).text)
    assert page.css("h1 mark")


def test_what_is_not_known_is_left_out_or_said_by_others(client: FlaskClient) -> None:
    (entry,) = read(client, "q=无日期的文章").entries
    assert "published" not in entry
    assert entry.author == "例报"
    assert timegm(entry.updated_parsed) == NOW


def test_every_element_that_rfc_4287_asks_for_is_there_once(client: FlaskClient) -> None:
    for query in ("q=石破茂", "q=没有的词", "", "q=标记", "q=宽"):
        root = ElementTree.fromstring(client.get(f"/search.atom?{query}").data)
        for node in (root, *root.findall("atom:entry", NAMES)):
            for name in ("id", "title", "updated", "author"):
                assert len(node.findall(f"atom:{name}", NAMES)) == 1, (query, name)
            for person in node.findall("atom:author/atom:name", NAMES):
                assert person.text
            for name in ("updated", "published"):
                for time in node.findall(f"atom:{name}", NAMES):
                    assert len(str(time.text)) == len("2024-11-07T16:49:47Z")
            relations = [(link.get("rel"), link.get("type")) for link in node.findall("atom:link", NAMES)]
            assert len(relations) == len(set(relations))
            UUID(str(node.findtext("atom:id", None, NAMES)).removeprefix("urn:uuid:"))


def test_paging_leads_through_all_hits_and_back(client: FlaskClient) -> None:
    address: str | None = "http://localhost/search.atom?q=经济&page_size=20"
    seen, ids = [], set()
    while address:
        feed = read(client, address.partition("?")[2])
        ids.add(feed.feed.id)
        seen += [entry.title for entry in feed.entries]
        found = {link.rel: link.href for link in feed.feed.links}
        address = found.get("next")
    assert seen == [f"经济快讯第{n}号" for n in range(1, 46)]
    assert len(ids) == 1
    assert found["self"] == found["last"] == "http://localhost/search.atom?q=%E7%BB%8F%E6%B5%8E&page=3"
    assert found["previous"].endswith("&page=2")
    assert found["first"] == "http://localhost/search.atom?q=%E7%BB%8F%E6%B5%8E"
    assert (feed.feed.opensearch_totalresults, feed.feed.opensearch_startindex) == ("45", "41")


def test_the_feed_names_itself_in_one_form_and_the_page_with_the_same_hits(client: FlaskClient) -> None:
    feed = read(client, "page=1&sort=newest&variants=on&q=石破茂&from=").feed
    found = links(feed)
    assert (
        found["self", "application/atom+xml"] == "http://localhost/search.atom?q=%E7%9F%B3%E7%A0%B4%E8%8C%82"
    )
    page = found["alternate", "text/html"].removeprefix("http://localhost")
    assert page.endswith("&sort=newest")
    shown = LexborHTMLParser(client.get(page).text).css(".hits h2")
    assert [node.text() for node in shown] == titles(client, "q=石破茂")
    by_score = links(read(client, "q=石破茂&sort=relevance").feed)
    assert by_score["self", "application/atom+xml"].endswith("&sort=relevance")
    assert "sort" not in by_score["alternate", "text/html"]


def test_the_title_tells_one_feed_from_another(client: FlaskClient) -> None:
    title = read(client, "q=石破茂&from=2024-11&source=voa.example&page_size=5").feed.title
    assert title == "石破茂 · 2024-11– · 来源：美国之声 · 新闻档案"
    english = client.get("/search.atom?q=石破茂", headers={"Accept-Language": "en"})
    assert "石破茂 · News Archive" in english.text
    assert set(english.vary) == {"Cookie", "Accept-Language"}


def test_ids_are_the_same_wherever_the_service_is_mounted(app: Flask, client: FlaskClient) -> None:
    mounted = Client(DispatcherMiddleware(Response("", 404), {"/news": app}), Response)
    answer = mounted.get("/news/search.atom?q=石破茂", base_url="https://archive.example:8443/")
    there, here = feedparser.parse(BytesIO(answer.data)), read(client, "q=石破茂")
    assert [there.feed.id, *(e.id for e in there.entries)] == [here.feed.id, *(e.id for e in here.entries)]
    assert links(there.feed)["self", "application/atom+xml"].startswith(
        "https://archive.example:8443/news/search.atom?q="
    )
    assert there.entries[0].link.startswith("https://archive.example:8443/news/article/")


def test_an_id_is_the_articles_own_whatever_found_it(client: FlaskClient) -> None:
    first, second = read(client, "q=石破茂").entries
    assert [entry.id for entry in read(client, "q=日美關係").entries] == [first.id, second.id]
    assert first.id != second.id
    assert read(client, "q=石破茂").feed.id != read(client, "q=日美關係").feed.id


def test_a_feed_is_not_sent_again_unchanged(client: FlaskClient) -> None:
    first = client.get("/search.atom?q=石破茂")
    again = client.get("/search.atom?q=石破茂", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/search.atom?q=石破茂").data == first.data


def test_a_feed_is_sent_again_when_an_article_arrives_however_old_it_is(service: Service) -> None:
    fill(service, [article("台风来了")])
    client = create_app(service).test_client()
    tag = client.get("/search.atom?q=台风").headers["ETag"]
    fill(service, [replace(article("台风走了", stated=NOW - 99 * DAY), retrieved=NOW - 99 * DAY)])
    assert client.get("/search.atom?q=台风", headers={"If-None-Match": tag}).status_code == 200


def test_markup_in_an_article_stays_text(client: FlaskClient) -> None:
    answer = client.get("/search.atom?q=标记")
    root = ElementTree.fromstring(answer.data)
    assert root.findtext("atom:entry/atom:title", None, NAMES) == f"标记{MARKUP}"
    summary = LexborHTMLParser(str(root.findtext("atom:entry/atom:summary", None, NAMES)))
    assert f"标记{MARKUP}" in summary.body.text()  # type: ignore[union-attr]
    assert not summary.css("script, img")
    assert {node.tag for node in summary.css("body *")} == {"p", "b"}


def test_no_character_breaks_the_feed(service: Service) -> None:
    every = "".join(map(chr, (*range(0x20), 0x7F, 0x85, 0x2028, 0xFFFE, 0xFFFF, 0x1FFFE, 0x202E))) + "]]>"
    hostile = replace(article("坏字"), title=f"坏字{every}", text=f"坏字{every}", author=f"坏{every}")
    fill(service, [hostile])
    client = create_app(service).test_client()
    for query in ("q=坏字", "q=坏字%00%01%EF%BF%BE&source=%00", "q=%00"):
        read(client, query)
    assert titles(client, "q=坏字")[0].startswith("坏字")


@pytest.mark.parametrize(
    ("query", "param", "code"),
    [
        ("from=2024-13-45", "from", "bad_date"),
        ("page=501", "page", "too_deep"),
        ("q=a&utm_source=x", "utm_source", "unknown_param"),
        ("q=a&facets=source", "facets", "unknown_param"),
        ("q=a&cursor=", "cursor", "unknown_param"),
        ("q=%FF", "q", "bad_encoding"),
        ("sort=best", "sort", "bad_value"),
    ],
)
def test_a_wrong_parameter_is_named(client: FlaskClient, query: str, param: str, code: str) -> None:
    answer = client.get(f"/search.atom?{query}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert (answer.json["param"], answer.json["code"]) == (param, code)
    if code == "unknown_param":
        assert "facets," not in answer.json["detail"]


def test_other_problems_are_documents_too(client: FlaskClient, service: Service) -> None:
    assert client.post("/search.atom").mimetype == "application/problem+json"
    assert client.get("/search.atom?q=a", headers={"Host": 'evil"><x'}).status_code == 400
    empty = create_app(service).test_client().get("/search.atom")
    assert (empty.status_code, empty.json["code"]) == (503, "no_index")


def test_pages_lead_to_their_feed(client: FlaskClient) -> None:
    page = LexborHTMLParser(
        client.get("/search?q=经济&sort=oldest&page=2&source=news.example&page_size=5").text
    )
    (head,) = page.css("link[rel=alternate]")
    assert head.attributes["type"] == "application/atom+xml"
    assert head.attributes["href"] == "/search.atom?q=%E7%BB%8F%E6%B5%8E&source=news.example"
    assert page.css(f"footer a[href='{head.attributes['href']}']")
    front = LexborHTMLParser(client.get("/").text)
    assert [node.attributes["href"] for node in front.css("[href^='/search.atom']")] == ["/search.atom"] * 2


def test_the_feed_is_in_the_script_that_its_reader_chose(client: FlaskClient) -> None:
    client.set_cookie("reader", "script=hant")
    page = LexborHTMLParser(client.get("/search?q=石破茂寻求").text)
    address = str(page.css("link[rel=alternate]")[0].attributes["href"])
    client.delete_cookie("reader")
    assert titles(client, address.partition("?")[2]) == ["日本首相石破茂尋求會晤特朗普"]
