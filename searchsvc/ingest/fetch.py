"""The bytes behind one address: one fetch, over redirects, asked for only if they have changed.

In comes an address, out comes the inflated body or a ``FetchFailed``; ``feeds`` makes sense of it.
Every redirect is a new visit under the same rules (``network``), within the same budget.
"""

import re
import socket
import ssl
import time
import zlib
from dataclasses import dataclass, field, replace
from functools import cache

import brotli  # type: ignore[import-untyped, unused-ignore]
import httpcore
import httpx

from searchsvc.errors import FetchFailed
from searchsvc.ingest.freshness import fresh_seconds, retry_at
from searchsvc.ingest.network import Line, RefusedError
from searchsvc.ingest.turns import Turns
from searchsvc.ingest.unpack import ACCEPTED, unpacked
from searchsvc.settings import Settings

AGENT = "searchsvc/0.1"
MAX_REDIRECTS = 5
TEMPORARY, PERMANENT = (302, 303, 307), (301, 308)
ADVICE = {
    401: "it wants a login, which is not supported",
    403: "it refuses this program; ask its owner or use another source",
    404: "there is no such page; correct the address",
    410: "it is gone for good",
    429: "it was asked too often; ask it later",
}
LONGEST_VALIDATOR = 1_000
THEIRS = (httpx.InvalidURL, httpcore.ProtocolError, httpcore.ProxyError, zlib.error, brotli.error)


@dataclass(frozen=True)
class Validators:
    """What an address said of its last body, to be told back: then it sends only another one."""

    address: str
    etag: str | None = None
    modified: str | None = None

    def headers(self, address: str) -> dict[str, str]:
        """The headers of a conditional request, for the address they came from."""
        if address != self.address:
            return {}
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True)
class Fetched:
    """One body, inflated; ``address`` is where the redirects ended, ``fetched_at`` Unix seconds.

    ``unchanged``: the server has no other body than the one it gave these validators for, and
    ``data`` is empty. ``moved_to`` is the address that permanent redirects lead to.
    ``fresh_seconds``: for how long the server says that asking again is in vain.
    """

    data: bytes
    content_type: str | None
    address: str
    fetched_at: int
    unchanged: bool = False
    moved_to: str | None = None
    validators: Validators | None = None
    fresh_seconds: int = 0
    wire_bytes: int = 0


@dataclass(frozen=True)
class _Redirect:
    address: str
    permanent: bool


@dataclass(frozen=True)
class Fetcher:
    """How addresses are fetched: within what limits, by what way, under what name, in whose turn.

    ``timeout_seconds`` covers all of one fetch but the waiting for its turn; ``max_bytes`` is the
    longest body once inflated; ``allow_private`` lifts the rule on public addresses only.
    """

    timeout_seconds: float
    max_bytes: int
    allow_private: bool = False
    agent: str = AGENT
    proxy: str = ""
    turns: Turns = field(default_factory=Turns)

    def fetch(self, address: str, known: Validators | None = None) -> Fetched:
        """The body at an http or https address, or that it is still the ``known`` one."""
        line = self._line()
        place = home = address
        try:
            for _ in range(MAX_REDIRECTS + 1):
                found = self._visit(httpx.URL(place), line, known)
                if isinstance(found, Fetched):
                    moved_to = home if home != address else None
                    return replace(found, moved_to=moved_to, wire_bytes=line.wire_bytes)
                if found.permanent and home == place:
                    home = found.address
                place = found.address
            raise RefusedError(f"more than {MAX_REDIRECTS} redirects; correct the address")
        except (RefusedError, OSError, ValueError, *THEIRS) as error:
            via = "" if place == address else f" (redirected to {shown(place)})"
            answered = error if isinstance(error, RefusedError) else RefusedError("")
            raise FetchFailed(
                f"Cannot fetch {shown(address)}{via}: {_reason(error)}.",
                status=answered.status,
                retry_at=answered.retry_at,
            ) from error

    def _line(self) -> Line:
        proxy = httpx.URL(self.proxy)
        way = (proxy.host, proxy.port or 80) if self.proxy else None
        return Line(time.monotonic() + self.timeout_seconds, self.max_bytes, self.allow_private, way)

    def _visit(self, url: httpx.URL, line: Line, known: Validators | None) -> Fetched | _Redirect:
        """One request without cookies or login: the body, or the address we are sent on to."""
        if url.scheme not in ("http", "https") or not url.host or url.userinfo:
            raise RefusedError("only http and https are fetched, from a host, without a password; correct it")
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        asked = known.headers(str(url)) if known else {}
        named = {"User-Agent": self.agent, "Accept": "*/*", "Accept-Encoding": ACCEPTED}
        headers = httpx.Request("GET", url, headers=named | asked).headers
        with self.turns.at(url.host) as waited:
            line.deadline += waited
            with self._pool(url, line) as pool, pool.stream("GET", target, headers=headers.raw) as response:
                return _answer(response, url, line, conditional=bool(asked))

    def _pool(self, url: httpx.URL, line: Line) -> httpcore.ConnectionPool:
        context = _tls() if url.scheme == "https" else None
        if not self.proxy:
            return httpcore.ConnectionPool(ssl_context=context, network_backend=line)
        line.check(url.raw_host.decode("ascii"), url.port or (443 if context else 80))
        proxy = httpx.Proxy(self.proxy)
        return httpcore.HTTPProxy(
            proxy_url=httpcore.URL(scheme=b"http", host=proxy.url.raw_host, port=proxy.url.port, target=b"/"),
            proxy_auth=proxy.raw_auth,
            ssl_context=context,
            network_backend=line,
        )


def fetcher(settings: Settings) -> Fetcher:
    """A Fetcher as the settings want it."""
    contact = settings.fetch_contact
    return Fetcher(
        timeout_seconds=settings.fetch_timeout_seconds,
        max_bytes=settings.fetch_max_bytes,
        allow_private=settings.fetch_allow_private,
        agent=f"{AGENT} (+{contact})" if contact else AGENT,
        proxy=settings.fetch_proxy,
        turns=Turns(settings.fetch_pause_seconds),
    )


def shown(address: str) -> str:
    """The address without a password that may be in it, on one line and not endless."""
    return "".join(c if c.isprintable() else "�" for c in re.sub(r"//[^/?#]*@", "//", address)[:300])


@cache
def _tls() -> ssl.SSLContext:
    """Reading the certificates of all authorities takes longer than most feeds."""
    return httpx.create_ssl_context(trust_env=False)


def _answer(
    response: httpcore.Response, url: httpx.URL, line: Line, *, conditional: bool
) -> Fetched | _Redirect:
    headers = httpx.Headers(response.headers)
    status, now = response.status, int(time.time())
    if status in TEMPORARY + PERMANENT and "location" in headers:
        return _Redirect(str(url.join(headers["location"])), status in PERMANENT)
    if status == 304 and conditional:
        data = b""
    elif status == 200:
        coding = headers.get("content-encoding", "")
        data = unpacked(response.iter_stream(), coding, line.max_bytes, line.seconds_left)
    else:
        advice = ADVICE.get(status, "try later, or check the address")
        raise RefusedError(f"the server answered {status}: {advice}", status, retry_at(headers, now))
    return Fetched(
        data,
        headers.get("content-type"),
        str(url),
        now,
        unchanged=status == 304,
        validators=_validators(str(url), headers),
        fresh_seconds=fresh_seconds(headers, now),
    )


def _validators(address: str, headers: httpx.Headers) -> Validators | None:
    """What can be told back, unless it is endless."""
    etag, modified = (headers.get(name, "").strip() for name in ("etag", "last-modified"))
    usable = [value if len(value) <= LONGEST_VALIDATOR else "" for value in (etag, modified)]
    return Validators(address, usable[0] or None, usable[1] or None) if any(usable) else None


def _reason(error: Exception) -> str:
    match error:
        case RefusedError():
            return str(error)
        case TimeoutError():
            return "no complete answer within the time allowed; try later, or allow more"
        case socket.gaierror() | UnicodeError():
            return "its host name is not known; check the spelling and the network"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not valid for it ({error.verify_message}); ask its owner"
        case OSError():
            return f"the connection failed ({error.strerror or error}); check the address, or try later"
        case httpcore.ProxyError():
            return f"the proxy did not let us through ({error}); check the setting FETCH_PROXY"
        case httpcore.ProtocolError() | zlib.error() | brotli.error():
            return f"its answer is damaged or no proper HTTP ({error}); check the address, or try later"
        case _:
            return f"this is not a usable address ({error}); correct it"
