"""The browser's search bar: what it is told, and what it is answered while somebody types."""

import json
from urllib.parse import quote
from xml.etree import ElementTree

from flask import Flask
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client
from werkzeug.wrappers import Response

from searchsvc.service import Service
from searchsvc.web.app import create_app

SPACE = "{http://a9.com/-/spec/opensearch/1.1/}"


def described(data: bytes) -> dict[tuple[str, str], str]:
    """Templates by their rel and type."""
    urls = ElementTree.fromstring(data).findall(f"{SPACE}Url")
    return {(url.attrib["rel"], url.attrib["type"]): url.attrib["template"] for url in urls}


def test_a_browser_is_told_where_to_search(client: FlaskClient) -> None:
    answer = client.get("/opensearch.xml")
    assert answer.mimetype == "application/opensearchdescription+xml"
    root = ElementTree.fromstring(answer.data)
    assert 0 < len(str(root.findtext(f"{SPACE}ShortName"))) <= 16
    assert 0 < len(str(root.findtext(f"{SPACE}Description"))) <= 1024
    assert str(root.findtext(f"{SPACE}Image")).startswith("data:image/svg+xml,")
    page = LexborHTMLParser(client.get("/nothing").text)
    (head,) = page.css("link[rel=search]")
    assert head.attributes["href"] == "/opensearch.xml"
    assert head.attributes["type"] == answer.mimetype
    assert len(str(head.attributes["title"])) <= 16


def test_every_template_leads_to_what_it_promises(client: FlaskClient) -> None:
    for (_, kind), template in described(client.get("/opensearch.xml").data).items():
        for page, count in (("", ""), ("1", "5")):
            filled = template.replace("{searchTerms}", quote("石破"))
            filled = filled.replace("{startPage?}", page).replace("{count?}", count)
            answer = client.get(filled.removeprefix("http://localhost"))
            assert (answer.status_code, answer.mimetype) == (200, kind)
            assert "{" not in filled


def test_addresses_are_of_the_host_and_the_place_it_is_mounted_at(app: Flask) -> None:
    mounted = Client(DispatcherMiddleware(Response("", 404), {"/news": app}), Response)
    answer = mounted.get("/news/opensearch.xml", base_url="https://archive.example/")
    for template in described(answer.data).values():
        assert template.startswith("https://archive.example/news/")


def test_a_host_that_is_none_is_refused(client: FlaskClient) -> None:
    for host in ('evil"><x', "a b", "a/b", "a:99999999", ""):
        answer = client.get("/opensearch.xml", headers={"Host": host})
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), host
        assert b"evil" not in answer.data


def test_the_description_speaks_the_readers_language(client: FlaskClient) -> None:
    english = client.get("/opensearch.xml", headers={"Accept-Language": "en"})
    assert ElementTree.fromstring(english.data).findtext(f"{SPACE}ShortName") == "News Archive"
    assert set(english.vary) == {"Cookie", "Accept-Language"}


def test_completions_have_the_form_that_browsers_ask_for(client: FlaskClient) -> None:
    answer = client.get("/suggest.json?q=日美 石破")
    assert answer.mimetype == "application/x-suggestions+json"
    typed, completions = json.loads(answer.data)
    assert typed == "日美 石破"
    assert "日美 石破茂" in completions
    assert json.loads(client.get("/suggest.json").data) == ["", []]
    same = client.get("/api/v1/suggest?q=日美 石破").json["suggestions"]
    assert completions == [each["query"] for each in same]


def test_completions_are_not_sent_again_unchanged(client: FlaskClient) -> None:
    tag = client.get("/suggest.json?q=石破").headers["ETag"]
    assert client.get("/suggest.json?q=石破", headers={"If-None-Match": tag}).status_code == 304


def test_wrong_questions_are_named(client: FlaskClient) -> None:
    for query, param, code in (
        ("q=a&limit=3", "limit", "unknown_param"),
        ("q=a&q=b", "q", "repeated_param"),
        ("q=%FF", "q", "bad_encoding"),
        ("q=" + "a" * 2_001, "q", "too_long"),
    ):
        answer = client.get(f"/suggest.json?{query}")
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
        assert (answer.json["param"], answer.json["code"]) == (param, code)
    assert client.get("/opensearch.xml?q=a").json["code"] == "unknown_param"


def test_without_an_index_there_are_no_completions(service: Service) -> None:
    answer = create_app(service).test_client().get("/suggest.json?q=石破")
    assert (answer.status_code, answer.json["code"]) == (503, "no_index")
