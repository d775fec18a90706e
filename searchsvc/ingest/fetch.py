"""The bytes behind one address; the only code that goes out to the network.

In comes an address, out comes the inflated body or a ``SourceError``; ``feeds`` makes sense of it.

Whoever can name an address could make us read services that only this machine reaches. So the
line below resolves each host itself, refuses it if any of its addresses is not public, and
connects to the very address it checked: a name that changes its answer in between gains nothing.
Every redirect is a new visit under the same rules. One budget of time and bytes covers it all.
"""

import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Network, ip_address, ip_network
from typing import Any

import brotli  # type: ignore[import-untyped, unused-ignore]
import httpcore
import httpx

from searchsvc.errors import SourceError

MAX_REDIRECTS = 5
PIECE_BYTES = 65_536  # What one step may inflate to, however small its input.
OVERHEAD_BYTES = 1_000_000  # Headers, chunk sizes and the like, above the cap on the body.
HEADERS = {"User-Agent": "searchsvc/0.1", "Accept": "*/*", "Accept-Encoding": "gzip, br"}
TOO_BIG = "it is larger than allowed; raise the limit if that is expected"
ADVICE = {
    401: "it wants a login, which is not supported",
    403: "it refuses this program; ask its owner or use another source",
    404: "there is no such page; correct the address",
}
THEIRS = (httpx.InvalidURL, httpcore.ProtocolError, zlib.error, brotli.error)
GLOBAL_UNICAST = IPv6Network("2000::/3")
# Reserved in the IANA registries, yet public to Python 3.11: protocol assignments, relays, documentation.
NOT_PUBLIC = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")))
V4_INSIDE = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")  # RFC 4291 mapped, RFC 6052 NAT64


@dataclass(frozen=True)
class Fetched:
    """One body, inflated; ``address`` is where the redirects ended, ``fetched_at`` Unix seconds."""

    data: bytes
    content_type: str | None
    address: str
    fetched_at: int


class _RefusedError(Exception):
    """We will not, or not go on; the text says why and what to do."""


@dataclass
class _Line(httpcore.NetworkBackend):
    """The way out for one whole fetch: only to addresses it has checked, only within its budget."""

    deadline: float
    wire_bytes: int
    max_bytes: int
    allow_private: bool

    def seconds_left(self) -> float:
        if (left := self.deadline - time.monotonic()) > 0:
            return left
        raise TimeoutError

    def connect_tcp(self, host: str, port: int, *_: object, **__: object) -> httpcore.NetworkStream:
        found = _looked_up(host, port, self.seconds_left())
        places = list(dict.fromkeys((family, place) for family, _, _, _, place in found))
        if not self.allow_private and not all(_is_public(*place) for _, place in places):
            raise _RefusedError("it leads to an address that is not public; use a public one")
        failure = OSError("no address")
        for number, (family, place) in enumerate(places):
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:  # Each address gets its share of the time.
                sock.settimeout(self.seconds_left() / (len(places) - number))
                sock.connect(place)
                return _Stream(sock, self)
            except OSError as error:
                sock.close()
                failure = error
        raise failure


def fetch(address: str, *, timeout_seconds: float, max_bytes: int, allow_private: bool = False) -> Fetched:
    """The body at an http or https address, at most ``max_bytes`` long once inflated.

    ``timeout_seconds`` covers all of it; ``allow_private`` lifts the rule on public addresses only.
    """
    line = _Line(time.monotonic() + timeout_seconds, max_bytes + OVERHEAD_BYTES, max_bytes, allow_private)
    place = address
    try:
        for _ in range(MAX_REDIRECTS + 1):
            if isinstance(found := _visit(httpx.URL(place), line), Fetched):
                return found
            place = found
        raise _RefusedError(f"more than {MAX_REDIRECTS} redirects; correct the address")
    except (_RefusedError, OSError, ValueError, *THEIRS) as error:
        via = "" if place == address else f" (redirected to {_shown(place)})"
        raise SourceError(f"Cannot fetch {_shown(address)}{via}: {_reason(error)}.") from error


def _shown(address: str) -> str:
    """The address without a password that may be in it, on one line and not endless."""
    return "".join(c if c.isprintable() else "�" for c in re.sub(r"//[^/?#]*@", "//", address)[:300])


def _reason(error: Exception) -> str:
    match error:
        case _RefusedError():
            return str(error)
        case TimeoutError():
            return "no complete answer within the time allowed; try later, or allow more"
        case socket.gaierror() | UnicodeError():
            return "its host name is not known; check the spelling and the network"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not valid for it ({error.verify_message}); ask its owner"
        case OSError():
            return f"the connection failed ({error.strerror or error}); check the address, or try later"
        case httpcore.ProtocolError() | zlib.error() | brotli.error():
            return f"its answer is damaged or no proper HTTP ({error}); check the address, or try later"
        case _:
            return f"this is not a usable address ({error}); correct it"


def _visit(url: httpx.URL, line: _Line) -> Fetched | str:
    """One request without cookies, proxy or login: the body, or the address we are sent on to."""
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        raise _RefusedError("only http and https are fetched, from a host, without a password; correct it")
    context = httpx.create_ssl_context(trust_env=False) if url.scheme == "https" else None
    headers = httpx.Request("GET", url, headers=HEADERS).headers
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    with (
        httpcore.ConnectionPool(ssl_context=context, network_backend=line) as pool,
        pool.stream("GET", target, headers=headers.raw) as response,
    ):
        headers = httpx.Headers(response.headers)
        if response.status in (301, 302, 303, 307, 308) and "location" in headers:
            return str(url.join(headers["location"]))
        if response.status != 200:
            advice = ADVICE.get(response.status, "try later, or check the address")
            raise _RefusedError(f"the server answered {response.status}: {advice}")
        data = _body(response.iter_stream(), headers.get("content-encoding", ""), line)
        return Fetched(data, headers.get("content-type"), str(url), int(time.time()))


def _body(chunks: Iterable[bytes], coding: str, line: _Line) -> bytes:
    unpack = UNPACK.get(coding.strip().lower())
    if not unpack:  # Two codings neither: never asked for, and they square a bomb.
        raise _RefusedError(f"its body is packed as {coding[:40]!r}, unasked; tell its owner")
    body = bytearray()
    for piece in unpack(chunks):
        line.seconds_left()
        body += piece
        if len(body) > line.max_bytes:
            raise _RefusedError(TOO_BIG)
    return bytes(body)


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """gzip of any number of members, zlib, or the bare deflate that some servers mean by it."""
    unpack = None
    for chunk in chunks:
        while chunk:
            if not unpack or unpack.eof:
                if unpack and chunk[0] != 0x1F:
                    return  # Padding after the last member, as gzip itself ignores.
                unpack = zlib.decompressobj(47 if chunk[0] == 0x1F or chunk[0] & 15 == 8 else -15)
            yield unpack.decompress(chunk, PIECE_BYTES)  # Even if empty: the reader looks at the clock.
            chunk = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
        while unpack and not unpack.eof and (piece := unpack.decompress(b"", PIECE_BYTES)):
            yield piece  # What zlib still held back when its input was used up.
    if unpack and not unpack.eof:
        raise zlib.error("cut short")


def _unbrotlied(chunks: Iterable[bytes]) -> Iterator[bytes]:
    unpack = brotli.Decompressor()
    for chunk in chunks:
        piece = unpack.process(chunk, output_buffer_limit=PIECE_BYTES)
        while piece or not unpack.can_accept_more_data():
            yield piece
            piece = unpack.process(b"", output_buffer_limit=PIECE_BYTES)
    if not unpack.is_finished():
        raise brotli.error("cut short")


UNPACK: dict[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {"": iter, "br": _unbrotlied}
UNPACK |= {"identity": iter, "gzip": _inflated, "x-gzip": _inflated, "deflate": _inflated}


def _looked_up(host: str, port: int, seconds: float) -> list[Any]:
    """What getaddrinfo says. It knows no timeout, so one that hangs is left behind in its thread."""
    answer: Future[list[Any]] = Future()

    def look_up() -> None:
        try:
            answer.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:
            answer.set_exception(error)

    threading.Thread(target=look_up, daemon=True).start()
    return answer.result(seconds)


def _is_public(host: str | IPv4Address, port: int = 0, flow: int = 0, scope: int = 0) -> bool:
    """Whether a socket address is on the open internet, by the IANA special-purpose registries."""
    ip = ip_address(host)
    if any(ip in network for network in NOT_PUBLIC if network.version == ip.version):
        return False
    if isinstance(ip, IPv4Address):
        return ip.is_global and not ip.is_multicast
    if any(ip in network for network in V4_INSIDE):
        return _is_public(IPv4Address(int(ip) & 0xFFFFFFFF))
    usual = ip in GLOBAL_UNICAST and ip.is_global and scope == 0  # No Teredo address is global.
    return usual and (ip.sixtofour is None or _is_public(ip.sixtofour))


@dataclass(eq=False)
class _Stream(httpcore.NetworkStream):
    """A socket whose every step waits no longer than the line's time and counts its bytes."""

    sock: socket.socket
    line: _Line

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.sock.settimeout(self.line.seconds_left())
        data = self.sock.recv(min(max_bytes, PIECE_BYTES))
        self.line.wire_bytes -= len(data)
        if self.line.wire_bytes >= 0:
            return data
        raise _RefusedError(TOO_BIG)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.sock.settimeout(self.line.seconds_left())
        self.sock.sendall(buffer)

    def close(self) -> None:
        self.sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self.sock.settimeout(self.line.seconds_left())
        self.sock = ssl_context.wrap_socket(self.sock, server_hostname=server_hostname)
        return self
