"""Gunicorn's threaded worker, with our answers to requests that never reach the app, and an end to waiting.

Gunicorn queues whatever its threads cannot take, for as long as it takes, and waits for the rest of a
request without end. Here a bounded number waits, others are told at once to come again, and who does not get
on with sending or reading is cut off.
"""

import selectors
import socket
import time
from functools import partial
from typing import Any

from gunicorn.http.errors import (  # type: ignore[import-untyped]
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.util import write_nonblock  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from searchsvc.web.problems import SENTENCES, Problem
from searchsvc.web.unread import raw_answer, raw_page, wants_page

TOO_LONG = Problem(414, "url_too_long", SENTENCES[414])
HEADERS_TOO_LARGE = Problem(431, "headers_too_large", "The request's headers are too large")
BAD_REQUEST = Problem(400, "bad_request", "This is not a well-formed HTTP request")
BUSY = Problem(
    503,
    "busy",
    "Too many requests are waiting already; Retry-After says when to ask again",
    headers=(("Retry-After", "2"),),
)
# Requests that wait for a thread, for each thread there is: what takes a fraction of a second to get done.
WAITING_PER_THREAD = 8
# How long a request may take to arrive, and one altogether, its answer read to the end.
ARRIVAL_SECONDS, WHOLE_SECONDS = 10.0, 30.0
# What is looked at of a request that is not taken.
PEEKED_BYTES = 4_096
# Who watches over the service is answered even then, after those who wait.
WATCHED = (b"GET /healthz", b"HEAD /healthz")


class Worker(ThreadWorker):  # type: ignore[misc]
    """A ThreadWorker that refuses what it cannot take, and answers what it cannot read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # When a thread took each connection that one has, and whether its request was read.
        self._taken: dict[TConn, tuple[float, bool]] = {}

    def accept(self, listener: socket.socket) -> None:
        """Take a connection, which gets a thread when it has sent something. (Gunicorn gives it one at once,
        to wait for five seconds.)"""
        try:
            client, address = listener.accept()
        except OSError as error:
            self.log.debug("A connection was gone before it was taken: %s", error)
            return
        self.nr_conns += 1
        conn = TConn(self.cfg, client, address, listener.getsockname())
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        readable = partial(self.on_pending_socket_readable, conn)
        self.poller.register(client, selectors.EVENT_READ, readable)

    def enqueue_req(self, conn: TConn) -> None:
        """Hand a connection to a thread, or refuse it where enough are waiting."""
        if self.tpool._work_queue.qsize() >= WAITING_PER_THREAD * self.cfg.threads:
            beginning = _peek(conn.sock)
            if not beginning.startswith(WATCHED):
                self._refuse(conn, beginning)
                return
        super().enqueue_req(conn)

    def _refuse(self, conn: TConn, beginning: bytes) -> None:
        """Answer without a thread, in the main loop: what takes time here is nobody's."""
        self.nr_conns -= 1
        answer = raw_page(BUSY) if wants_page(beginning) else raw_answer(BUSY)
        try:
            conn.sock.setblocking(False)
            conn.sock.send(answer)
            # Bytes that nobody read would make the kernel take back what was sent.
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.recv(PEEKED_BYTES * 4)
        except OSError:
            self.log.debug("The client did not wait for the answer")
        conn.close()

    def handle(self, conn: TConn) -> Any:
        """Handle a request, in a thread, while the main loop looks at the clock."""
        self._taken[conn] = time.monotonic(), False
        try:
            return super().handle(conn)
        finally:
            del self._taken[conn]

    def handle_request(self, req: Any, conn: TConn) -> Any:
        self._taken[conn] = self._taken[conn][0], not _has_body(req)
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """Gunicorn calls this at least once a second: end what should have ended."""
        super().murder_pending()
        now = time.monotonic()
        for conn, (since, is_read) in list(self._taken.items()):
            if now - since > WHOLE_SECONDS:
                _end(conn.sock, socket.SHUT_RDWR)
            elif not is_read and now - since > ARRIVAL_SECONDS:
                # Its thread, which waits for more, is told that no more comes.
                _end(conn.sock, socket.SHUT_RD)

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


def _peek(client: socket.socket) -> bytes:
    """The beginning of what a client has sent, left where it is; nothing if nothing has come yet."""
    try:
        return client.recv(PEEKED_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except OSError:
        return b""


def _has_body(req: Any) -> bool:
    """Whether a request announces more than its headers."""
    return any(name in ("CONTENT-LENGTH", "TRANSFER-ENCODING") for name, _ in req.headers)


def _end(client: socket.socket, how: int) -> None:
    try:
        client.shutdown(how)
    except OSError:
        return
