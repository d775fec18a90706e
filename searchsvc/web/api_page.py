"""``/api``: a page to try the interface on, and ``/openapi.json``, which it is made from.

Each operation is a form. It is sent to ``/api/open``, which leads to the address that the form means:
so the page works without a script, and with one shows the answer below the form.
"""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template
from markupsafe import Markup

from searchsvc.errors import QueryError, SearchServiceError
from searchsvc.search.request import Request
from searchsvc.web.context import absolute, link, parameters, say, service
from searchsvc.web.form import make_form
from searchsvc.web.openapi import OPERATIONS, document
from searchsvc.web.openapi.operations import ARCHIVE, PATH, Operation
from searchsvc.web.openapi.parameters import Parameter as Described
from searchsvc.web.parameters import Parameter, check_encoding, refuse_all
from searchsvc.web.revalidate import revalidated
from searchsvc.web.wording import EXAMPLE, worded

OPEN_PATH = "/api/open"
# An empty cursor begins a walk, and an empty field is not sent: this stands for one.
BEGIN = "begin"
BY_ID = {operation.id: operation for operation in OPERATIONS}

blueprint = Blueprint("api_page", __name__)


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter as a field: ``kind`` is text, number, choice, choices or flag; ``value`` is filled in."""

    name: str
    kind: str
    words: Markup
    hints: tuple[str, ...]
    choices: tuple[str, ...]
    value: str
    required: bool
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """An operation as a form: its fields, and the command that asks what is filled in."""

    operation: Operation
    fields: tuple[Field, ...]
    curl: str


@blueprint.get(PATH)
def openapi() -> Response:
    """The OpenAPI document."""
    refuse_all(parameters())
    return revalidated(jsonify(document(link("/"))))


@blueprint.get("/api")
def page() -> Response:
    """The page. Works while there is no index too."""
    newest = _newest_id()
    return make_response(
        render_template(
            "api.html",
            trials=[_trial(each, newest) for each in OPERATIONS if each.tag == ARCHIVE],
            others=[(each, _example(each)) for each in OPERATIONS if each.tag != ARCHIVE],
            begin=BEGIN,
            form=make_form(()),
        )
    )


@blueprint.get(OPEN_PATH)
def open_address() -> Response:
    """Go where a form leads: fields left empty are not asked. Raises QueryError."""
    given = parameters()
    check_encoding(given)
    name = next((each.value for each in given if each.name == "operation"), "")
    operation = BY_ID.get(name)
    if operation is None:
        raise QueryError(f"operation: {name[:40]!r} is not one of {', '.join(BY_ID)}", param="operation")
    path, asked = _address(operation, given)
    return make_response(redirect(link(path, asked), 303))


def _address(operation: Operation, given: tuple[Parameter, ...]) -> tuple[str, tuple[Parameter, ...]]:
    """The path and the parameters that filled fields mean. Raises QueryError for a path with a gap."""
    path, asked = operation.path, list[Parameter]()
    for described in operation.parameters:
        filled = (each.value.strip() for each in given if each.name == described.name)
        values = tuple(value for value in filled if value)
        if described.place != "path":
            asked += (Parameter(described.name, value) for value in _values(described, values))
        elif values:
            path = path.replace(f"{{{described.name}}}", values[0])
        else:
            raise QueryError(f"{described.name}: it is missing", param=described.name)
    return path, tuple(asked)


def _values(described: Described, values: tuple[str, ...]) -> tuple[str, ...]:
    """The values of a parameter as its address wants them."""
    if described.schema["type"] == "array":
        several = tuple(one for value in values for one in value.split())
        return (",".join(several),) if several and described.commas else several
    if described.schema.get("format") == "cursor":
        return tuple("" if value == BEGIN else value for value in values[:1])
    return values[:1]


def _trial(operation: Operation, newest: str) -> Trial:
    fields = tuple(_field(each, _filled(each, newest)) for each in operation.parameters)
    return Trial(operation, fields, _curl(operation, fields))


def _filled(described: Described, newest: str) -> str:
    """What a field has in it at first, so that there is something to see at once."""
    if described.place == "path":
        return newest
    return str(described.examples[0]) if described.name == "q" else ""


def _field(described: Described, value: str) -> Field:
    schema = described.schema
    return Field(
        name=described.name,
        kind=_kind(schema),
        words=worded(described.key, **EXAMPLE),
        hints=tuple(_hints(described)),
        choices=tuple(schema.get("enum") or schema.get("items", {}).get("enum", ())),
        value=value,
        required=described.place == "path",
        schema=schema,
    )


def _kind(schema: dict[str, Any]) -> str:
    if schema["type"] == "array":
        return "choices" if "enum" in schema["items"] else "text"
    if "enum" in schema:
        return "choice"
    return {"integer": "number"}.get(schema["type"], "flag" if schema.get("format") == "cursor" else "text")


def _hints(described: Described) -> Iterator[str]:
    """What else there is to know: whether it must be there, bounds, the default, an example."""
    schema = described.schema
    if described.place == "path":
        yield say("api.required")
    if "maximum" in schema:
        yield say("api.bounds", least=schema["minimum"], most=schema["maximum"])
    if "default" in schema:
        yield say("api.default", value=schema["default"])
    if schema["type"] == "array" and "enum" not in schema["items"]:
        yield say("api.several")
    if described.examples and schema.get("format"):
        yield say("api.example", value=say("list.comma").join(described.examples))


def _curl(operation: Operation, fields: tuple[Field, ...]) -> str:
    """The command that asks what the fields have in them at first."""
    given = tuple(Parameter(field.name, field.value) for field in fields)
    path, asked = _address(operation, given)
    data = (part for each in asked for part in ("--data-urlencode", f"{each.name}={each.value}"))
    return shlex.join(("curl", *(("-G",) if asked else ()), absolute(path), *data))


def _example(operation: Operation) -> str:
    """An address of an operation that has an answer."""
    needed = (each for each in operation.parameters if each.required)
    return link(
        operation.path, tuple(Parameter(each.name, one) for each in needed for one in each.examples[0])
    )


def _newest_id() -> str:
    """The id of an article to look at; one that nobody has where there is none."""
    try:
        hits = service().search.search(Request(page_size="1")).hits
    except SearchServiceError:
        hits = ()
    return hits[0].article.id if hits else "0" * 16
