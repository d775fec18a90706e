"""An error → what is answered: a status, a code, a sentence, and the parameter to blame.

One table for every door of the web: the API shows a Problem as RFC 9457 ``application/problem+json``,
the pages show the same one as a page. Only text that was written for people is passed on.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed, TooManyRequests

from searchsvc.errors import (
    BudgetExceeded,
    IndexBusy,
    IndexUnavailable,
    QueryError,
    SearchServiceError,
    SourceError,
    StoreError,
)

# How long to wait when there is no index: building one for some thousand articles takes about so long.
RETRY_AFTER_SECONDS = 30
# An address longer than this is not repeated to the one who sent it.
LONGEST_INSTANCE = 2_000

# Errors that pass: the service cannot answer now and will later. Those that have a sentence here say by
# themselves which file is wrong and what mends it: that is for who runs the service, not for who searches.
UNAVAILABLE: tuple[tuple[type[SearchServiceError], str, str | None], ...] = (
    (IndexUnavailable, "no_index", "Searching is not possible just now; please try again in a moment"),
    (IndexBusy, "index_busy", "The index is being written just now; please try again in a moment"),
    (StoreError, "no_store", "Articles cannot be read just now; please try again in a moment"),
    (BudgetExceeded, "too_costly", None),
    (SourceError, "no_feed_list", "The list of feeds cannot be read just now; please try again in a moment"),
)
CODES = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    414: "url_too_long",
    429: "too_many_requests",
}
SENTENCES = {
    400: "The request cannot be understood",
    403: "This form was sent from another site",
    404: "There is nothing at this address",
    405: "This address is only for reading: use GET",
    413: "Requests to this service need no body; this one is too large to be taken",
    414: "The address is longer than 8,192 bytes; shorten q",
    429: "This address has asked more often than it may; Retry-After says when to ask again",
    500: "Something went wrong in the service; it was written to the log",
}


class NoArticleError(SearchServiceError):
    """No article has the id that was asked for."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as it is answered. ``headers`` go with it, as 405 needs Allow and 503 Retry-After."""

    status: int
    code: str
    detail: str
    param: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase


def problem_of(error: Exception) -> Problem:
    """The answer to an error; one that nobody raised on purpose is a 500 that tells nothing."""
    if isinstance(error, QueryError):
        return Problem(400, error.code, str(error), error.param)
    if isinstance(error, NoArticleError):
        return Problem(404, "not_found", str(error))
    if isinstance(error, HTTPException):
        return _of_http(error)
    for kind, code, sentence in UNAVAILABLE:
        if isinstance(error, kind):
            waiting = (("Retry-After", str(RETRY_AFTER_SECONDS)),)
            return Problem(503, code, sentence or str(error), headers=waiting)
    return Problem(500, "internal_error", SENTENCES[500])


def _of_http(error: HTTPException) -> Problem:
    """Flask's own errors: no such address, no such method, a body or an address too long."""
    status = error.code or 500
    code = CODES.get(status, HTTPStatus(status).phrase.lower().replace(" ", "_"))
    detail = SENTENCES.get(status) or error.description or HTTPStatus(status).phrase
    return Problem(status, code, detail, headers=tuple(_headers(error)))


def _headers(error: HTTPException) -> Iterator[tuple[str, str]]:
    """What a status needs besides: the methods that there are, or when to come again."""
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        yield "Allow", ", ".join(sorted(error.valid_methods))
    if isinstance(error, TooManyRequests) and error.retry_after:
        yield "Retry-After", str(error.retry_after)


def members(problem: Problem, path: str | None = None) -> dict[str, Any]:
    """The members of the problem document; ``path`` is the address it happened at.

    ``type`` is about:blank, which says that the status is all the type there is: ``code`` tells more.
    """
    said: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    if problem.param is not None:
        said["param"] = problem.param
    if path is not None and len(instance := quote(path)) <= LONGEST_INSTANCE:
        said["instance"] = instance
    return said


def json_answer(problem: Problem, path: str | None = None) -> Response:
    """The problem as application/problem+json."""
    body = json.dumps(members(problem, path), ensure_ascii=False) + "\n"
    response = Response(body, problem.status, mimetype="application/problem+json")
    response.headers.extend(problem.headers)
    return response
