"""What goes between the service and the process that parses for it: frames, tasks and answers.

A frame is its length in eight bytes and so many bytes. A task is two: what to do as JSON, and the body.
So is an answer: how it went, and the result, as JSON too: data, and nothing that could be run. The
process that parses has read what anybody may have written, so nothing that it says is believed
unseen: the types are checked, and addresses again.
"""

import json
import re
import socket
import time
from dataclasses import asdict, dataclass
from functools import cache
from typing import Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from searchsvc.ingest.feeds import Feed
from searchsvc.ingest.items import web_address

T = TypeVar("T")

# How the process ends where memory was not enough: there may be none left to say so.
OUT_OF_MEMORY = 77
LENGTH_BYTES = 8
PIECE_BYTES = 1_000_000
LONE_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Task:
    """What to make of a body: a ``feed``, or the article of a ``page`` as markup.

    ``origin`` tells people where it is from; ``zone`` is the name of the zone of times that state none;
    ``fetched_at`` is None for a body that was not fetched.
    """

    kind: Literal["feed", "page"]
    origin: str
    zone: str = "UTC"
    address: str | None = None
    content_type: str | None = None
    fetched_at: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """How a task went. ``refused``: the result is a sentence that says why there is none.

    ``spent``: the process has grown so much that it ends with this answer.
    """

    outcome: Literal["done", "refused"]
    spent: bool = False


class WireError(Exception):
    """The other end said something that makes no sense."""


def send(channel: socket.socket, payload: bytes) -> None:
    """Send one frame."""
    channel.sendall(len(payload).to_bytes(LENGTH_BYTES, "big"))
    channel.sendall(payload)


def receive(channel: socket.socket, most: int | None = None, deadline: float | None = None) -> bytes:
    """The next frame, until a moment of the monotonic clock.

    Raises EOFError when the other end is gone, TimeoutError when time is up, WireError when the frame
    is longer than it may be.
    """
    length = int.from_bytes(_receive(channel, LENGTH_BYTES, deadline), "big")
    if most is not None and length > most:
        raise WireError(f"a frame of {length:,} bytes")
    return bytes(_receive(channel, length, deadline))


def _receive(channel: socket.socket, length: int, deadline: float | None) -> bytearray:
    received = bytearray()
    while len(received) < length:
        if deadline is not None:
            channel.settimeout(max(deadline - time.monotonic(), 1e-6))
        piece = channel.recv(min(length - len(received), PIECE_BYTES))
        if not piece:
            raise EOFError
        received += piece
    return received


def task_bytes(task: Task) -> bytes:
    """A task as it is sent."""
    return json.dumps(asdict(task)).encode()


def task_of(data: bytes) -> Task:
    """The task that was sent."""
    return Task(**json.loads(data))


def head_bytes(head: Head) -> bytes:
    """How it went, as it is sent."""
    return json.dumps(asdict(head)).encode()


def head_of(data: bytes) -> Head:
    """How it went. Raises WireError."""
    return _checked(_heads(), data)


def feed_bytes(feed: Feed) -> bytes:
    """A feed as it is sent. What is no character becomes U+FFFD: JSON in UTF-8 has no place for it."""
    return LONE_SURROGATES.sub("\ufffd", json.dumps(asdict(feed), ensure_ascii=False)).encode()


def feed_of(data: bytes) -> Feed:
    """The feed that was sent. Raises WireError when it is none, or leads elsewhere than to the web."""
    feed = _checked(_feeds(), data)
    if any(entry.url is not None and web_address(entry.url) != entry.url for entry in feed.entries):
        raise WireError("an address that cannot be followed")
    return feed


def _checked(kind: TypeAdapter[T], data: bytes) -> T:
    try:
        return kind.validate_json(data, strict=True)
    except ValidationError as error:
        raise WireError(str(error)) from error


@cache
def _heads() -> TypeAdapter[Head]:
    return TypeAdapter(Head)


@cache
def _feeds() -> TypeAdapter[Feed]:
    return TypeAdapter(Feed)
