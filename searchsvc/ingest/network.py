"""The way out to the network: only to addresses that were checked, only within a budget.

Whoever can name an address could make us read services that only this machine reaches. So the line
below resolves each host itself, refuses it if any of its addresses is not public, and connects to
the very address it checked: a name that changes its answer in between gains nothing. One budget of
time and bytes covers everything that is read through it.
"""

import socket
import ssl
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Network, ip_address, ip_network
from typing import Any

import httpcore

PIECE_BYTES = 65_536  # What one step may read, or inflate to, however small its input.
OVERHEAD_BYTES = 1_000_000  # Headers, chunk sizes and the like, above the cap on the body.
TOO_BIG = "it is larger than allowed; raise the limit if that is expected"
NOT_PUBLIC = "it leads to an address that is not public; use a public one"
GLOBAL_UNICAST = IPv6Network("2000::/3")
# Reserved in the IANA registries, yet public to Python 3.11: protocol assignments, relays, documentation.
RESERVED = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")))
V4_INSIDE = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")  # RFC 4291 mapped, RFC 6052 NAT64


class RefusedError(Exception):
    """We will not, or not go on; the text says why and what to do.

    ``status`` and ``retry_at`` are what a server answered, where one did.
    """

    def __init__(self, reason: str, status: int | None = None, retry_at: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_at = retry_at


@dataclass
class Line(httpcore.NetworkBackend):
    """The way out for one whole fetch. ``proxy`` is the one host and port that need not be public."""

    deadline: float
    max_bytes: int
    allow_private: bool
    proxy: tuple[str, int] | None = None
    wire_bytes: int = 0

    def seconds_left(self) -> float:
        if (left := self.deadline - time.monotonic()) > 0:
            return left
        raise TimeoutError

    def count(self, received: int) -> None:
        """Count what came in, and refuse what is beyond the cap."""
        self.wire_bytes += received
        if self.wire_bytes > self.max_bytes + OVERHEAD_BYTES:
            raise RefusedError(TOO_BIG)

    def check(self, host: str, port: int) -> None:
        """Refuse a host that a proxy is to be asked for, if we know it to be private ourselves.

        A name that only the proxy can resolve is the proxy's to refuse.
        """
        try:
            self._places(host, port, self.allow_private)
        except (socket.gaierror, UnicodeError):
            return

    def connect_tcp(self, host: str, port: int, *_: object, **__: object) -> httpcore.NetworkStream:
        places = self._places(host, port, self.allow_private or (host, port) == self.proxy)
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

    def _places(self, host: str, port: int, allow_private: bool) -> list[tuple[int, Any]]:
        """The socket addresses of a host, all of them checked."""
        found = _looked_up(host, port, self.seconds_left())
        places = list(dict.fromkeys((family, place) for family, _, _, _, place in found))
        if not allow_private and not all(is_public(*place) for _, place in places):
            raise RefusedError(NOT_PUBLIC)
        return places


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


def is_public(host: str | IPv4Address, port: int = 0, flow: int = 0, scope: int = 0) -> bool:
    """Whether a socket address is on the open internet, by the IANA special-purpose registries."""
    ip = ip_address(host)
    if any(ip in network for network in RESERVED if network.version == ip.version):
        return False
    if isinstance(ip, IPv4Address):
        return ip.is_global and not ip.is_multicast
    if any(ip in network for network in V4_INSIDE):
        return is_public(IPv4Address(int(ip) & 0xFFFFFFFF))
    usual = ip in GLOBAL_UNICAST and ip.is_global and scope == 0  # No Teredo address is global.
    return usual and (ip.sixtofour is None or is_public(ip.sixtofour))


@dataclass(eq=False)
class _Stream(httpcore.NetworkStream):
    """A socket whose every step waits no longer than the line's time and counts its bytes."""

    sock: socket.socket
    line: Line

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.sock.settimeout(self.line.seconds_left())
        data = self.sock.recv(min(max_bytes, PIECE_BYTES))
        self.line.count(len(data))
        return data

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
