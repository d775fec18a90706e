"""Every address: what can be asked there and which answers there are."""

from dataclasses import dataclass
from typing import Any

from searchsvc.web.api import PREFIX
from searchsvc.web.feeds import ATOM
from searchsvc.web.feeds import PATH as FEED_PATH
from searchsvc.web.openapi.parameters import (
    FEED,
    ID,
    MOST_LIKE,
    MOST_TYPED,
    SCRIPT,
    SEARCH,
    TRENDS,
    TYPED,
    Parameter,
)
from searchsvc.web.openapi.schemas import ref
from searchsvc.web.openapi.words import english
from searchsvc.web.opensearch import DESCRIPTION, SUGGEST_PATH, SUGGESTIONS_JSON
from searchsvc.web.opensearch import PATH as OPENSEARCH_PATH

PATH = "/openapi.json"
JSON, PROBLEM = "application/json", "application/problem+json"
# Where the archive is asked, and where programs are told of the service.
ARCHIVE, SERVICE = "archive", "service"


@dataclass(frozen=True, slots=True)
class Operation:
    """What GET does at an address. ``schema``: the answer's name among the schemas; None is text.

    ``kept``: the answer has an ETag. ``fails``: the names of its problems. ``leads``: where in the answer
    the id of an article stands that other operations can be asked with.
    """

    id: str
    path: str
    schema: str | None
    parameters: tuple[Parameter, ...] = ()
    mimetype: str = JSON
    kept: bool = True
    fails: tuple[str, ...] = ("BadRequest", "Unavailable")
    tag: str = ARCHIVE
    leads: str | None = None

    @property
    def summary(self) -> str:
        """The key of the message that says what it does."""
        return f"api.op.{self.id}"


FOUND = ("BadRequest", "NotFound", "Unavailable")
OPERATIONS = (
    Operation("search", f"{PREFIX}/search", "SearchAnswer", SEARCH, kept=False, leads="/articles/0/id"),
    Operation("article", f"{PREFIX}/articles/{{id}}", "Article", (ID, SCRIPT), fails=FOUND, leads="/id"),
    Operation(
        "similar",
        f"{PREFIX}/articles/{{id}}/similar",
        "SimilarArticles",
        (ID, MOST_LIKE, SCRIPT),
        fails=FOUND,
    ),
    Operation("suggest", f"{PREFIX}/suggest", "Suggestions", (TYPED, MOST_TYPED)),
    Operation("sources", f"{PREFIX}/sources", "Sources"),
    Operation("stats", f"{PREFIX}/stats", "Stats"),
    Operation("feed", FEED_PATH, None, FEED, mimetype=ATOM, tag=SERVICE),
    Operation("trends", "/trends.csv", None, TRENDS, mimetype="text/csv", kept=False, tag=SERVICE),
    Operation(
        "suggestions", SUGGEST_PATH, "BrowserSuggestions", (TYPED,), mimetype=SUGGESTIONS_JSON, tag=SERVICE
    ),
    Operation("opensearch", OPENSEARCH_PATH, None, mimetype=DESCRIPTION, fails=("BadRequest",), tag=SERVICE),
    Operation("openapi", PATH, None, fails=("BadRequest",), tag=SERVICE),
    Operation("health", "/healthz", "Health", kept=False, fails=(), tag=SERVICE),
    Operation("ready", "/readyz", "Readiness", kept=False, fails=("Unavailable",), tag=SERVICE),
)


def _problem(words: str, **headers: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": words, "content": {PROBLEM: {"schema": ref("Problem")}}}
    if headers:
        answer["headers"] = {
            name.replace("_", "-"): {"description": said, "schema": {"type": "string"}}
            for name, said in headers.items()
        }
    return answer


ANSWERS = {
    "NotModified": {"description": "What the tag in If-None-Match names is still what there is."},
    "BadRequest": _problem("A parameter that cannot be taken: `param` names it, `code` says why."),
    "NotFound": _problem("There is no such article."),
    "MethodNotAllowed": _problem("Only GET and HEAD are for use.", Allow="The methods there are."),
    "BodyTooLarge": _problem("The request has a large body; none is needed."),
    "UrlTooLong": _problem("The address has more than 8,192 bytes; a Han character takes nine."),
    "HeadersTooLarge": _problem("The request's headers are too large."),
    "TooManyRequests": _problem(
        "This address has asked more often than it may, where there is a limit.",
        Retry_After="Seconds to wait.",
    ),
    "InternalError": _problem("Something went wrong in the service."),
    "Unavailable": _problem(
        "There is no index yet, the database cannot be read, or too many requests are waiting.",
        Retry_After="Seconds to wait.",
    ),
}
STATUSES = {"NotModified": "304", "BadRequest": "400", "NotFound": "404", "Unavailable": "503"}
# What can happen at any address.
ALWAYS = {
    "405": "MethodNotAllowed",
    "413": "BodyTooLarge",
    "414": "UrlTooLong",
    "429": "TooManyRequests",
    "431": "HeadersTooLarge",
    "500": "InternalError",
}


def described(operation: Operation) -> dict[str, Any]:
    """The operation object."""
    schema = {"type": "object" if operation.mimetype == JSON else "string"}
    success: dict[str, Any] = {
        "description": english(operation.summary),
        "content": {operation.mimetype: {"schema": ref(operation.schema) if operation.schema else schema}},
    }
    if operation.kept:
        success["headers"] = {"ETag": {"description": "Of these bytes.", "schema": {"type": "string"}}}
    if operation.leads:
        given = {"id": f"$response.body#{operation.leads}"}
        success["links"] = {
            name: {"operationId": name, "parameters": given} for name in ("article", "similar")
        }
    names = (*(("NotModified",) if operation.kept else ()), *operation.fails)
    answers = {STATUSES[name]: name for name in names} | ALWAYS
    return {
        "operationId": operation.id,
        "summary": english(operation.summary),
        "tags": [operation.tag],
        "parameters": [parameter.document() for parameter in operation.parameters],
        "responses": {
            "200": success,
            **{
                status: {"$ref": f"#/components/responses/{name}"} for status, name in sorted(answers.items())
            },
        },
    }
