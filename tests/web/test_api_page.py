"""The page to try the API on: every operation a form, with a script and without one."""

import shlex
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from searchsvc.service import Service
from searchsvc.web.app import create_app
from searchsvc.web.openapi import OPERATIONS
from searchsvc.web.openapi.operations import ARCHIVE, SERVICE


def tree(client: FlaskClient) -> LexborHTMLParser:
    answer = client.get("/api")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    return LexborHTMLParser(answer.text)


def opened(client: FlaskClient, query: str) -> str:
    answer = client.get(f"/api/open?{query}")
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_every_operation_is_a_form_with_all_its_parameters(client: FlaskClient) -> None:
    page = tree(client)
    operations = [operation for operation in OPERATIONS if operation.tag == ARCHIVE]
    assert [node.attributes["id"] for node in page.css("details.trial")] == [each.id for each in operations]
    for operation in operations:
        fields = page.css(f"#{operation.id} form [name]:not([type=hidden])")
        names = dict.fromkeys(str(field.attributes["name"]) for field in fields)
        assert list(names) == [parameter.name for parameter in operation.parameters]
        for field in page.css(f"#{operation.id} form [id]:not(p)"):
            assert page.css(f"label[for={field.attributes['id']}]")
            assert page.css(f"#{field.attributes['aria-describedby']}")
    others = {node.attributes["href"] for node in page.css(".others a")}
    assert others == {operation.path for operation in OPERATIONS if operation.tag == SERVICE}


def test_what_is_filled_in_at_first_has_an_answer(client: FlaskClient) -> None:
    page = tree(client)
    for form in page.css("[data-trial]"):
        given = {
            str(field.attributes["name"]): str(field.attributes["value"])
            for field in form.css("input[value]:not([type=checkbox])")
        }
        answer = client.get("/api/open", query_string=given, follow_redirects=True)
        assert (answer.status_code, answer.mimetype) == (200, "application/json"), given
    assert client.get("/api/v1/search", query_string={"q": "石破茂 特朗普"}).json["total"] == 1


def test_the_command_asks_what_the_form_asks(client: FlaskClient) -> None:
    page = tree(client)
    command = shlex.split(page.css("#search [data-curl]")[0].text())
    assert command == ["curl", "-G", "http://localhost/api/v1/search", "--data-urlencode", "q=石破茂 特朗普"]
    assert shlex.split(page.css("#stats [data-curl]")[0].text()) == ["curl", "http://localhost/api/v1/stats"]


@pytest.mark.parametrize(
    ("query", "path", "asked"),
    [
        ("operation=search&q=+石破+&from=&sort=", "/api/v1/search", [("q", "石破")]),
        (
            "operation=search&facets=timeline&facets=source&search_in=title",
            "/api/v1/search",
            [("search_in", "title"), ("facets", "timeline,source")],
        ),
        (
            "operation=search&source=a.example++b.example&cursor=begin",
            "/api/v1/search",
            [("source", "a.example"), ("source", "b.example"), ("cursor", "")],
        ),
        ("operation=search&q=a&q=b&nothing=x&page=x", "/api/v1/search", [("q", "a"), ("page", "x")]),
        (
            "operation=similar&id=0123456789abcdef&limit=3",
            "/api/v1/articles/0123456789abcdef/similar",
            [("limit", "3")],
        ),
        ("operation=article&id=//evil.example/?x", "/api/v1/articles///evil.example/%3Fx", []),
        ("operation=article&id=%0D%0ASet-Cookie:x", "/api/v1/articles/Set-Cookie%3Ax", []),
        ("operation=stats", "/api/v1/stats", []),
    ],
)
def test_a_form_leads_to_the_address_it_means(
    client: FlaskClient, query: str, path: str, asked: list[tuple[str, str]]
) -> None:
    address = urlsplit(opened(client, query))
    assert (address.scheme, address.netloc, address.path) == ("", "", path)
    assert parse_qsl(address.query, keep_blank_values=True) == asked


def test_what_leads_nowhere_is_a_document_that_says_so(client: FlaskClient) -> None:
    for query, param in (("", "operation"), ("operation=x", "operation"), ("operation=article&id=+", "id")):
        answer = client.get(f"/api/open?{query}")
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
        assert answer.json["param"] == param
    assert client.get("/api/open?operation=search&q=%FF").json["code"] == "bad_encoding"


def test_the_page_speaks_the_readers_language(client: FlaskClient) -> None:
    english = client.get("/api", headers={"Accept-Language": "en"}).text
    assert "The query, as in the search box" in english
    assert "1 to 100 · default 20" in english


def test_there_is_a_page_while_there_is_no_index(service: Service) -> None:
    page = tree(create_app(service).test_client())
    assert page.css("#article input[name=id]")[0].attributes["value"] == "0" * 16
