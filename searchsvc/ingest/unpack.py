"""The body of an answer, unpacked a piece at a time and never beyond a cap.

In: the chunks as they arrive and the Content-Encoding that the server states. Out: the bytes.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator

import brotli  # type: ignore[import-untyped, unused-ignore]

from searchsvc.ingest.network import PIECE_BYTES, TOO_BIG, RefusedError

ACCEPTED = "gzip, br"


def unpacked(chunks: Iterable[bytes], coding: str, max_bytes: int, tick: Callable[[], object]) -> bytes:
    """The whole body; ``tick`` is called for each piece, and may raise.

    Raises RefusedError for a coding that was never asked for and for a body beyond the cap, zlib.error
    or brotli.error for one that cannot be unpacked.
    """
    unpack = UNPACK.get(coding.strip().lower())
    if not unpack:  # Two codings neither: never asked for, and they square a bomb.
        raise RefusedError(f"its body is packed as {coding[:40]!r}, unasked; tell its owner")
    body = bytearray()
    for piece in unpack(chunks):
        tick()
        body += piece
        if len(body) > max_bytes:
            raise RefusedError(TOO_BIG)
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
