"""The bytes behind one address; the only code that goes out to the network.

In comes an address from the settings or from another server's redirect, out come the bytes of the
body, inflated, or a ``SourceError``. What the bytes mean is left to ``feeds``.

Whoever can name an address could make us read services that only this machine reaches. So the
backend below resolves each host itself, refuses it if any of its addresses is not public, and
connects to the very address it checked: a name that changes its answer in between gains nothing.
Every redirect is a new visit under the same rules. One budget of time and bytes covers it all.
"""

import queue
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import brotli  # type: ignore[import-untyped, unused-ignore]
import httpcore
import httpx

from searchsvc.errors import SourceError

MAX_REDIRECTS = 5
PIECE_BYTES = 65_536  # What one step may inflate to, however small its input.
OVERHEAD_BYTES = 1_000_000  # Headers, chunk sizes and the like, above the cap on the body.
HEADERS = {"User-Agent": "searchsvc/0.1", "Accept": "*/*", "Accept-Encoding": "gzip, br", "Connection": "close"}
ADVICE = {
    401: "it wants a login, which is not supported",
    403: "it refuses this program; ask its owner or use another source",
    404: "there is no such page; correct the address",
    410: "the page is gone for good; remove the source",
    429: "it was asked too often; fetch it less often",
}
GLOBAL_UNICAST = IPv6Network("2000::/3")
V4_INSIDE = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")  # RFC 4291 mapped, RFC 6052 NAT64

SockAddr = tuple[Any, ...]


@dataclass(frozen=True)
class Fetched:
    """One body, inflated; ``address`` is where the redirects ended, ``fetched_at`` Unix seconds."""

    data: bytes
    content_type: str | None
    address: str
    fetched_at: int


class _RefusedError(Exception):
    """We will not, or will not go on; the text says why and what to do."""


class _Budget:
    """What a whole fetch may still use: seconds until its deadline, bytes off the wire."""

    def __init__(self, seconds: float, max_bytes: int) -> None:
        self._deadline = time.monotonic() + seconds
        self._wire_bytes = max_bytes + OVERHEAD_BYTES
        self.max_bytes = max_bytes

    def seconds_left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def spend(self, count: int) -> None:
        self._wire_bytes -= count
        if self._wire_bytes < 0:
            raise self.too_big()

    def too_big(self) -> _RefusedError:
        return _RefusedError(f"it is larger than {self.max_bytes} bytes; raise the limit if that is expected")


def fetch(address: str, *, timeout_seconds: float, max_bytes: int, allow_private: bool = False) -> Fetched:
    """The body at an http or https address, at most ``max_bytes`` long once inflated.

    ``timeout_seconds`` covers everything, from the first look-up to the last byte. ``allow_private``
    lifts the rule on public addresses and no other. Raises ``SourceError`` for all that can go wrong.
    """
    budget = _Budget(timeout_seconds, max_bytes)
    place = address
    try:
        for _ in range(MAX_REDIRECTS + 1):
            found = _visit(_checked_url(place), budget, allow_private)
            if isinstance(found, Fetched):
                return found
            place = found
        raise _RefusedError(f"more than {MAX_REDIRECTS} redirects; correct the address")
    except TimeoutError as error:
        reason = f"no complete answer within {timeout_seconds:g} s; try later or allow more time"
        raise _source_error(address, place, reason) from error
    except (_RefusedError, OSError, ValueError, httpx.InvalidURL, *_BROKEN) as error:
        raise _source_error(address, place, _reason(error)) from error


_BROKEN = (httpcore.ProtocolError, httpcore.NetworkError, zlib.error, brotli.error)


def _source_error(address: str, place: str, reason: str) -> SourceError:
    via = "" if place == address else f" (redirected to {_shown(place)})"
    return SourceError(f"Cannot fetch {_shown(address)}{via}: {reason}.")


def _shown(address: str) -> str:
    """The address without a password that may be in it, on one line and not endless."""
    scheme, slashes, rest = address.partition("//")
    host, slash, path = rest.partition("/")
    text = scheme + slashes + host.rpartition("@")[2] + slash + path
    return "".join(c if c.isprintable() else "�" for c in text[:300])


def _reason(error: Exception) -> str:
    match error:
        case _RefusedError():
            return str(error)
        case socket.gaierror() | UnicodeError():
            return "its host name is not known; check the spelling and the network"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not valid for it ({error.verify_message}); ask its owner"
        case OSError():
            return f"the connection failed ({error.strerror or error}); check the address, or try later"
        case httpcore.ProtocolError() | httpcore.NetworkError():
            return f"its answer is not proper HTTP ({error}); check the address, or try later"
        case zlib.error() | brotli.error():
            return "its compressed body is damaged; try later"
        case _:
            return f"this is not a usable address ({error}); correct it"


def _checked_url(address: str) -> httpx.URL:
    url = httpx.URL(address)
    if url.scheme not in ("http", "https"):
        raise _RefusedError("only http and https addresses are fetched; correct the address")
    if not url.host:
        raise _RefusedError("the address names no host; correct it")
    if url.userinfo:
        raise _RefusedError("a name or password in an address is not accepted; remove it")
    return url


def _visit(url: httpx.URL, budget: _Budget, allow_private: bool) -> Fetched | str:
    """One request without cookies, proxy or login: the body, or the address we are sent on to."""
    backend = _CheckingBackend(budget, allow_private)
    context = _tls() if url.scheme == "https" else None
    request = httpx.Request("GET", url, headers=HEADERS)
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    with (
        httpcore.ConnectionPool(ssl_context=context, network_backend=backend) as pool,
        pool.stream("GET", target, headers=request.headers.raw) as response,
    ):
        headers = httpx.Headers(response.headers)
        if response.status in (301, 302, 303, 307, 308) and "location" in headers:
            return str(url.join(headers["location"]))
        if response.status != 200:
            advice = ADVICE.get(response.status, "try later, or check the address")
            raise _RefusedError(f"the server answered {response.status}: {advice}")
        data = _body(response.iter_stream(), headers.get("content-encoding", ""), budget)
        return Fetched(data, headers.get("content-type"), str(url), int(time.time()))


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _body(chunks: Iterable[bytes], coding: str, budget: _Budget) -> bytes:
    body = bytearray()
    for piece in _decoder(coding)(chunks):
        budget.seconds_left()
        body += piece
        if len(body) > budget.max_bytes:
            raise budget.too_big()
    return bytes(body)


def _decoder(coding: str) -> Callable[[Iterable[bytes]], Iterator[bytes]]:
    """How to inflate; one coding, since a second one is never asked for and squares a bomb."""
    match coding.strip().lower():
        case "" | "identity":
            return iter
        case "gzip" | "x-gzip" | "deflate":
            return _inflated
        case "br":
            return _unbrotlied
    raise _RefusedError(f"its body is packed as {coding[:40]!r}, which was not asked for; tell its owner")


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """gzip of any number of members, zlib, or the bare deflate that some servers mean by it.

    Yields at least once a member, empty or not, so that the reader sees the clock.
    """
    unpack = None
    for chunk in chunks:
        while chunk:
            if unpack is None or unpack.eof:
                if unpack and chunk[0] != 0x1F:
                    return  # Padding after the last member, as gzip itself ignores.
                unpack = zlib.decompressobj(47 if chunk[0] == 0x1F or chunk[0] & 15 == 8 else -15)
            yield unpack.decompress(chunk, PIECE_BYTES)
            chunk = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
        while unpack and not unpack.eof and (piece := unpack.decompress(b"", PIECE_BYTES)):
            yield piece  # What zlib still held back when its input was used up.
    if unpack and not unpack.eof:
        raise zlib.error("cut short")


def _unbrotlied(chunks: Iterable[bytes]) -> Iterator[bytes]:
    unpack, seen = brotli.Decompressor(), False
    for chunk in chunks:
        seen = True
        yield unpack.process(chunk, output_buffer_limit=PIECE_BYTES)
        while not unpack.can_accept_more_data():
            yield unpack.process(b"", output_buffer_limit=PIECE_BYTES)
    if seen and not unpack.is_finished():
        raise brotli.error("cut short")


class _CheckingBackend(httpcore.NetworkBackend):
    """Connects for httpcore, within the budget, and only to addresses it has looked at."""

    def __init__(self, budget: _Budget, allow_private: bool) -> None:
        self._budget = budget
        self._allow_private = allow_private

    def connect_tcp(self, host: str, port: int, *_: object, **__: object) -> httpcore.NetworkStream:
        places = _resolve(host, port, self._budget.seconds_left())
        if not self._allow_private and not all(_is_public(place) for _, place in places):
            raise _RefusedError("it leads to an address that is not public; use a public one, or allow private ones")
        for number, (family, place) in enumerate(places):
            seconds = self._budget.seconds_left() / (len(places) - number)
            try:
                return _Stream(_connect(family, place, seconds), self._budget)
            except OSError as error:
                failure = error
        raise failure


def _resolve(host: str, port: int, seconds: float) -> list[tuple[int, SockAddr]]:
    """The socket addresses of a host. Look-ups know no timeout, so a thread is left behind instead."""
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:
            answers.put(error)

    threading.Thread(target=look_up, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return list(dict.fromkeys((family, place) for family, _, _, _, place in answer))


def _is_public(place: SockAddr) -> bool:
    """Whether a socket address belongs to the open internet, by the IANA special-purpose registries."""
    scope = place[3] if len(place) == 4 else 0
    return scope == 0 and "%" not in place[0] and _is_public_ip(ip_address(place[0]))


def _is_public_ip(ip: IPv4Address | IPv6Address) -> bool:
    if isinstance(ip, IPv4Address):
        return ip.is_global and not ip.is_multicast
    if any(ip in network for network in V4_INSIDE):
        return _is_public_ip(IPv4Address(int(ip) & 0xFFFFFFFF))
    inside = [ip.sixtofour] if ip.sixtofour else list(ip.teredo or ())
    return ip in GLOBAL_UNICAST and ip.is_global and all(map(_is_public_ip, inside))


def _connect(family: int, place: SockAddr, seconds: float) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect(place)
    except BaseException:
        sock.close()
        raise
    return sock


class _Stream(httpcore.NetworkStream):
    """A socket whose every step waits no longer than the budget's time and counts its bytes."""

    def __init__(self, sock: socket.socket, budget: _Budget) -> None:
        self._sock = sock
        self._budget = budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._sock.settimeout(self._budget.seconds_left())
        data = self._sock.recv(min(max_bytes, PIECE_BYTES))
        self._budget.spend(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._sock.settimeout(self._budget.seconds_left())
        self._sock.sendall(buffer)

    def close(self) -> None:
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "_Stream":
        self._sock.settimeout(self._budget.seconds_left())
        try:
            return _Stream(ssl_context.wrap_socket(self._sock, server_hostname=server_hostname), self._budget)
        except BaseException:
            self.close()
            raise

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401
        return self._sock if info == "socket" else None
