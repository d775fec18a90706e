"""The OpenAPI document is valid, and says what the service does: no more and no less."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import TestResponse

from searchsvc.service import Service
from searchsvc.web.app import create_app
from searchsvc.web.openapi import document
from searchsvc.web.openapi.schemas import CODES
from searchsvc.web.parameters import API_ONLY, KNOWN
from searchsvc.web.problems import CODES as HTTP_CODES
from searchsvc.web.problems import UNAVAILABLE
from tests.web.conftest import ROOT

DOCUMENT = json.loads(json.dumps(document("/")))


def closed(schema: Any) -> Any:
    """A schema in which nothing is allowed that it does not name."""
    if isinstance(schema, dict):
        made = {name: closed(each) for name, each in schema.items()}
        if "properties" in made and "additionalProperties" not in made:
            made["additionalProperties"] = False
        return made
    return [closed(each) for each in schema] if isinstance(schema, list) else schema


COMPONENTS = {"components": closed(copy.deepcopy(DOCUMENT["components"]))}


def operation_of(path: str) -> dict[str, Any]:
    for template, methods in DOCUMENT["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            return methods["get"]  # type: ignore[no-any-return]
    raise AssertionError(f"{path} is not in the document")


def conform(answer: TestResponse, path: str) -> None:
    """Fail unless an answer is one that the document has for its address."""
    responses = operation_of(path)["responses"]
    assert str(answer.status_code) in responses, path
    response = responses[str(answer.status_code)]
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    assert set(response.get("headers", ())) <= set(answer.headers.keys())
    if "content" not in response:
        assert not answer.data
        return
    ((mimetype, content),) = response["content"].items()
    assert answer.mimetype == mimetype
    value = json.loads(answer.data) if "json" in mimetype else answer.text
    Draft202012Validator(
        {**closed(content["schema"]), **COMPONENTS}, format_checker=Draft202012Validator.FORMAT_CHECKER
    ).validate(value)


def test_the_document_is_valid(client: FlaskClient) -> None:
    answer = client.get("/openapi.json")
    assert answer.mimetype == "application/json"
    OpenAPIV31SpecValidator(answer.json).validate()  # type: ignore[arg-type]
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    assert answer.json == DOCUMENT
    again = client.get("/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/openapi.json?q=a").status_code == 400


def test_every_schema_and_answer_is_used() -> None:
    text = json.dumps(DOCUMENT)
    for kind in ("schemas", "responses"):
        for name in DOCUMENT["components"][kind]:
            assert f'"#/components/{kind}/{name}"' in text, name


def test_every_address_for_programs_is_in_it(app: Flask) -> None:
    rules = {
        re.sub(r"<(?:\w+:)?(?:article_)?(\w+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
    }
    pages = {"/", "/search", "/article/{id}", "/stats", "/api", "/api/open", "/static/{stamp}/{name}"}
    rules -= {rule for rule in rules if rule.startswith("/article/")}
    assert rules - pages - set(DOCUMENT["paths"]) <= {"/trends", "/metrics"}
    assert set(DOCUMENT["paths"]) <= rules


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/api/v1/search", KNOWN),
        ("/search.atom", KNOWN - API_ONLY),
        ("/api/v1/articles/x", {"id", "script"}),
        ("/api/v1/articles/x/similar", {"id", "limit", "script"}),
        ("/api/v1/suggest", {"q", "limit"}),
        ("/suggest.json", {"q"}),
        ("/api/v1/sources", set()),
        ("/api/v1/stats", set()),
    ],
)
def test_its_parameters_are_those_that_are_taken(client: FlaskClient, path: str, names: set[str]) -> None:
    described = {parameter["name"] for parameter in operation_of(path)["parameters"]}
    assert described == set(names)
    for name in sorted(KNOWN | {"id", "limit", "nothing"}):
        answer = client.get(f"{path}?{name}=")
        refused = answer.mimetype == "application/problem+json" and answer.json["code"] == "unknown_param"
        assert refused == (name not in names - {"id"}), name


def asked() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for parameter in methods["get"].get("parameters", ()):
            if parameter["in"] == "query":
                yield path, parameter


def ask(client: FlaskClient, path: str, ishiba: str, name: str, value: object) -> TestResponse:
    needed = {
        each["name"]: each["examples"]["1"]["value"]
        for each in operation_of(path)["parameters"]
        if each["required"] and each["in"] == "query"
    }
    return client.get(path.replace("{id}", ishiba), query_string=needed | {name: value})


@pytest.mark.parametrize(
    ("path", "parameter"), list(asked()), ids=lambda each: each if isinstance(each, str) else each["name"]
)
def test_every_bound_choice_and_example_is_the_one_that_is_checked(
    client: FlaskClient, ishiba: str, path: str, parameter: dict[str, Any]
) -> None:
    name, schema = parameter["name"], parameter["schema"]
    item = schema.get("items", schema)
    good = [example["value"] for example in parameter.get("examples", {}).values()]
    good += [*item.get("enum", ()), *([schema["default"]] if "default" in schema else ()), ""]
    bad: list[object] = ["no such choice"] if "enum" in item else []
    if schema["type"] == "integer":
        least, most = schema["minimum"], schema["maximum"]
        good += [least, most if name != "page" else most // 20]
        bad += [least - 1, most + 1, "one", "1.5"]
    if "maxLength" in item:
        good.append("长" * (item["maxLength"] // 3))
        bad.append("a" * (item["maxLength"] + 1))
    if "maxItems" in schema:
        good.append(["石"] * schema["minItems"])
        bad.append([f"石{number}" for number in range(schema["maxItems"] + 1)])
    bad += {"date-or-duration": ["2024-13", "soon"], "time-zone": ["Mars"], "cursor": ["x"]}.get(
        schema.get("format"), []
    )
    for value in good:
        shown = ",".join(value) if isinstance(value, list) and not parameter["explode"] else value
        if value == "" and parameter["required"]:
            continue
        answer = ask(client, path, ishiba, name, shown)
        # An address may become too long before a value does.
        assert answer.status_code in (200, 414), (value, answer.text)
        conform(answer, path)
    for value in bad:
        answer = ask(client, path, ishiba, name, value)
        assert (answer.status_code, answer.json["param"]) == (400, name), value
        conform(answer, path)


ADDRESSES = [
    "/api/v1/search?q=石破茂 特朗普&facets=source,timeline",
    "/api/v1/search?q=日美关系中经济消息的无关部分",
    "/api/v1/search?q=经济&page=2&page_size=5&sort=newest&facets=timeline",
    "/api/v1/search?q=经济&cursor=&page_size=7",
    "/api/v1/search?q=没有的词&facets=source,timeline",
    "/api/v1/search?q=石破茂)",
    "/api/v1/search?q=标记&script=hant",
    "/api/v1/search?facets=timeline",
    "/api/v1/search?q=无日期的文章",
    "/api/v1/search?from=2024&to=2023",
    "/api/v1/search?cursor=&page=2",
    "/api/v1/search?page=501",
    "/api/v1/search?q=a&q=b",
    "/api/v1/search?q=%FF",
    "/api/v1/search?cursor=x",
    "/api/v1/search?nothing=1",
    f"/api/v1/search?q={'a' * 9_000}",
    "/api/v1/articles/ISHIBA",
    "/api/v1/articles/ISHIBA?script=hant-hk",
    "/api/v1/articles/ISHIBA/similar?limit=3",
    "/api/v1/articles/0000000000000000",
    "/api/v1/articles/0000000000000000/similar",
    "/api/v1/suggest?q=石破",
    "/api/v1/suggest",
    "/api/v1/sources",
    "/api/v1/sources?q=a",
    "/api/v1/stats",
    "/search.atom?q=石破茂",
    "/search.atom?facets=source",
    "/suggest.json?q=石破",
    "/trends.csv?q=石破茂&q=经济&measure=share",
    "/trends.csv",
    "/opensearch.xml",
    "/openapi.json",
    "/healthz",
    "/readyz",
]


@pytest.mark.parametrize("address", ADDRESSES, ids=[address[:50] for address in ADDRESSES])
def test_real_answers_are_as_it_says(client: FlaskClient, ishiba: str, address: str) -> None:
    address = address.replace("ISHIBA", ishiba)
    answer = client.get(address)
    conform(answer, address.partition("?")[0])
    if "ETag" in answer.headers:
        again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
        conform(again, address.partition("?")[0])


def test_answers_without_an_index_are_as_it_says(service: Service) -> None:
    client = create_app(service).test_client()
    for path in DOCUMENT["paths"]:
        asked = {"q": "石"} if operation_of(path)["operationId"] == "trends" else {}
        answer = client.get(path.replace("{id}", "0" * 16), query_string=asked)
        assert answer.status_code in (200, 404, 503), path
        conform(answer, path.replace("{id}", "0" * 16))


def test_other_methods_and_large_bodies_are_answered_as_it_says(client: FlaskClient) -> None:
    for path in DOCUMENT["paths"]:
        filled = path.replace("{id}", "0" * 16)
        conform(client.post(filled), filled)
        conform(client.get(filled, data=b"x" * 20_000), filled)


def test_every_code_that_is_given_is_named() -> None:
    source = "\n".join(path.read_text() for path in (ROOT / "searchsvc").rglob("*.py"))
    given = set(re.findall(r'\bcode="(\w+)"', source)) | {code for _, code, _ in UNAVAILABLE}
    given |= set(re.findall(r'code="(\w+)" if \w+ else "(\w+)"', source)[0])
    given |= {code for status, code in HTTP_CODES.items() if status != 403} | {
        "bad_value",
        "headers_too_large",
        "busy",
    }
    assert given | {"internal_error"} == set(CODES)


def test_it_says_where_it_is_mounted() -> None:
    assert document("/news/")["servers"] == [{"url": "/news/"}]
