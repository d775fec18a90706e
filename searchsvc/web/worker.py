"""Gunicorn's threaded worker, with our answers to requests that never reach the app.

A request line over the limit, a broken header: gunicorn answers those itself, as HTML without the
headers that every answer has. Here they are problem documents like all others.
"""

import json
import socket

from gunicorn.http.errors import (  # type: ignore[import-untyped]
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.util import write_nonblock  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from searchsvc.web.headers import COMMON
from searchsvc.web.problems import SENTENCES, Problem, members

TOO_LONG = Problem(414, "url_too_long", SENTENCES[414])
HEADERS_TOO_LARGE = Problem(431, "headers_too_large", "The request's headers are too large")
BAD_REQUEST = Problem(400, "bad_request", "This is not a well-formed HTTP request")


class Worker(ThreadWorker):  # type: ignore[misc]
    """A ThreadWorker that answers malformed requests as the rest of the service does."""

    def handle_error(self, req: object, client: socket.socket, addr: object, exc: Exception) -> None:
        """Answer a request that could not be read; anything else is gunicorn's to handle."""
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        self.log.info("Malformed request: %s", type(exc).__name__)
        try:
            write_nonblock(client, raw_answer(problem_of_request(exc)))
        except OSError:
            self.log.debug("The client did not wait for the answer")


def problem_of_request(error: Exception) -> Problem:
    """What is wrong with a request that gunicorn could not read."""
    if isinstance(error, LimitRequestLine):
        return TOO_LONG
    return HEADERS_TOO_LARGE if isinstance(error, LimitRequestHeaders) else BAD_REQUEST


def raw_answer(problem: Problem) -> bytes:
    """A problem as the bytes of a whole HTTP answer, after which the connection is closed."""
    body = json.dumps(members(problem), ensure_ascii=False).encode() + b"\n"
    headers = {
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        "Cache-Control": "no-cache",
        **COMMON,
    }
    lines = [
        f"HTTP/1.1 {problem.status} {problem.title}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body
