"""A server of one script on the loopback, and a detour that makes it look like a public one."""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

Script = Callable[[socket.socket, bytes], None]


@dataclass
class Listener:
    """A server that counts who connects, keeps what they ask, and answers by a script."""

    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(script: Script, host: str = "127.0.0.1") -> Iterator[Listener]:
    listener = Listener()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            listener.connections += 1
            self.request.settimeout(10)
            request = self.request.recv(65_536)
            listener.requests.append(request)
            with suppress(OSError):  # The client had enough, which is what most tests here are about.
                script(self.request, request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False
        allow_reuse_address = True
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

    with Server((host, 0), Handler) as server:
        listener.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True).start()
        yield listener
        server.shutdown()


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    named = {"Content-Length": str(len(body))} | {k.replace("_", "-"): v for k, v in headers.items()}
    lines = [f"HTTP/1.1 {status}"] + [f"{name}: {value}" for name, value in named.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def always(data: bytes) -> Script:
    return lambda sock, _: sock.sendall(data)


def path_of(request: bytes) -> str:
    return request.split(b" ")[1].decode()


PUBLIC = "93.184.215.14"


class Detour:
    """Answers look-ups from a list, and leads connections to one public address to a listener.

    The look-up and ``connect`` are the two places where the network begins; nothing nearer is real.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, port: int, *answers: str) -> None:
        self.asked: list[str] = []
        self.connected: list[str] = []
        self._answers = list(answers)
        self._port = port
        self._connect, self._look_up = socket.socket.connect, socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self.look_up)
        monkeypatch.setattr(socket.socket, "connect", lambda sock, place: self.connect(sock, place))

    def look_up(self, host: str, port: int, *_: object, **__: object) -> list[Any]:
        self.asked.append(host)
        if not self._answers:  # Whatever else is asked for is what it is.
            return self._look_up(host, port, type=socket.SOCK_STREAM)
        ip = self._answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))]

    def connect(self, sock: socket.socket, place: tuple[str, int]) -> None:
        self.connected.append(place[0])
        self._connect(sock, ("127.0.0.1", self._port) if place[0] == PUBLIC else place)
