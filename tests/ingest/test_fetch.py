"""Fetching from servers that are well, ill or hostile; all of them on the loopback."""

import gzip
import socket
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import brotli
import pytest

from searchsvc.errors import SourceError
from searchsvc.ingest.fetch import Fetched, Fetcher
from searchsvc.ingest.network import is_public
from tests.ingest.listener import PUBLIC, Detour, Listener, Script, always, answer, path_of, serving
from tests.ingest.targets import NO_ADDRESSES, SPELLINGS


def get(address: str, seconds: float = 5, max_bytes: int = 1_000_000, allow_private: bool = True) -> Fetched:
    return Fetcher(seconds, max_bytes, allow_private).fetch(address)


def refusal(address: str, **options: Any) -> str:
    """The text of the refusal, which names the address and keeps its cause."""
    with pytest.raises(SourceError) as caught:
        get(address, **options)
    assert caught.value.__cause__ is not None
    return str(caught.value)


# What is well


def test_a_body_comes_with_its_type_address_and_time() -> None:
    with serving(always(answer("新闻".encode(), Content_Type="application/rss+xml"))) as server:
        before = int(time.time())
        got = get(f"{server.url}/feed?页=1")
    assert got.data.decode() == "新闻"
    assert got.content_type == "application/rss+xml"
    assert got.address.startswith(f"{server.url}/feed")
    assert before <= got.fetched_at <= time.time()


def test_the_request_says_who_asks_and_carries_no_cookie_or_login() -> None:
    with serving(always(answer(b"x", Set_Cookie="a=b"))) as server:
        get(server.url)
        get(server.url)
    request = server.requests[1].lower()
    assert b"user-agent: searchsvc/0.1\r\n" in request
    assert b"accept-encoding: gzip, br\r\n" in request
    assert b"cookie" not in request
    assert b"authorization" not in request


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(always(answer(b"proxy"))) as proxy, serving(always(answer(b"direct"))) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert get(server.url).data == b"direct"
    assert proxy.connections == 0


BODY = "一条新闻。".encode() * 20_000


def deflated(data: bytes, wbits: int) -> bytes:
    packer = zlib.compressobj(wbits=wbits)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("identity", BODY),
        ("gzip", gzip.compress(BODY)),
        ("X-GZIP", gzip.compress(BODY)),
        ("gzip", gzip.compress(BODY[:90]) + gzip.compress(BODY[90:])),
        ("gzip", gzip.compress(BODY) + b"\0" * 100),
        ("deflate", deflated(BODY, 15)),
        ("deflate", deflated(BODY, -15)),
        ("br", brotli.compress(BODY)),
    ],
)
def test_packed_bodies_are_inflated(coding: str, packed: bytes) -> None:
    with serving(always(answer(packed, Content_Encoding=coding))) as server:
        assert get(server.url).data == BODY


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("br", brotli.compress)])
def test_chunks_of_any_size_are_put_together(coding: str, pack: Callable[[bytes], bytes], size: int) -> None:
    packed = pack(BODY[:6000])
    parts = [packed[i : i + size] for i in range(0, len(packed), size)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    head = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: {coding}\r\n\r\n".encode()
    with serving(always(head + chunks)) as server:
        assert get(server.url).data == BODY[:6000]


def test_a_body_of_exactly_the_cap_passes_and_one_byte_more_does_not() -> None:
    with serving(always(answer(b"x" * 5000))) as server:
        assert len(get(server.url, max_bytes=5000).data) == 5000
        assert "larger" in refusal(server.url, max_bytes=4999)


# Redirects


def stairs(sock: socket.socket, request: bytes) -> None:
    """/3 leads to /2, /1 and /0, which is the bottom."""
    step = int(path_of(request).strip("/"))
    sock.sendall(answer(b"bottom") if step == 0 else answer(status="302 Found", Location=f"/{step - 1}"))


def test_five_redirects_are_followed_and_six_are_not() -> None:
    with serving(stairs) as server:
        got = get(f"{server.url}/5")
        assert (got.data, got.address) == (b"bottom", f"{server.url}/0")
        assert "redirects" in refusal(f"{server.url}/6")


def test_a_redirect_loop_ends() -> None:
    with serving(always(answer(status="301 Moved", Location="/"))) as server:
        assert "redirects" in refusal(server.url)
    assert server.connections == 6


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "data:,x", "http://a:b@127.0.0.1/",
     "http://[::1", "http://127.0.0.1:99999/", "http://:1/"],
)  # fmt: skip
def test_a_redirect_keeps_the_rules_of_a_first_address(location: str) -> None:
    with serving(always(answer(status="302 Found", Location=location))) as server:
        assert server.url in refusal(server.url)
    assert server.connections == 1


def test_a_public_server_cannot_send_us_to_a_private_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(always(answer(b"secret"))) as private:
        reply = answer(status="302 Found", Location=private.url)
        with serving(always(reply)) as public:
            detour = Detour(monkeypatch, public.port, PUBLIC, "127.0.0.1")
            assert "not public" in refusal("http://news.example/", allow_private=False)
    assert (public.connections, private.connections) == (1, 0)
    assert detour.connected == [PUBLIC]


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(always(answer(b"real"))) as server:
        detour = Detour(monkeypatch, server.port, PUBLIC, "127.0.0.1")
        assert get("http://news.example/", allow_private=False).data == b"real"
    assert (detour.asked, detour.connected) == (["news.example"], [PUBLIC])
    assert b"host: news.example\r\n" in server.requests[0].lower()


def test_a_name_that_turns_private_is_refused_at_the_next_hop(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(always(answer(status="302 Found", Location="/next"))) as server:
        detour = Detour(monkeypatch, server.port, PUBLIC, "127.0.0.1")
        assert "not public" in refusal("http://news.example/", allow_private=False)
    assert (server.connections, detour.connected) == (1, [PUBLIC])


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    places = [(socket.AF_INET, 1, 6, "", (ip, 80)) for ip in (PUBLIC, "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
    assert "not public" in refusal("http://news.example/", allow_private=False)


# Addresses that are not fetched


@pytest.fixture(scope="module")
def private() -> Iterator[Listener]:
    with serving(always(answer(b"secret"))) as listener:
        yield listener


@pytest.mark.parametrize("host", SPELLINGS.split())
def test_private_hosts_of_any_spelling_are_refused(private: Listener, host: str) -> None:
    text = refusal(f"http://{host}:{private.port}/", allow_private=False)
    assert "connection failed" not in text  # Refused for what it is, not tried in vain.
    assert private.connections == 0


@pytest.mark.parametrize("host", SPELLINGS.split())
def test_a_public_server_cannot_send_us_to_a_private_host_of_any_spelling(
    private: Listener, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    with serving(always(answer(status="301 Moved", Location=f"http://{host}:{private.port}/"))) as public:
        detour = Detour(monkeypatch, public.port, PUBLIC)
        refusal("http://news.example/", allow_private=False)
    assert (public.connections, private.connections, detour.connected) == (1, 0, [PUBLIC])


def test_the_targets_are_many() -> None:
    assert len({*SPELLINGS.split(), *NO_ADDRESSES}) > 90


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "[::ffff:127.0.0.1]", "10.0.0.1"])
def test_private_hosts_are_refused_before_any_handshake(private: Listener, host: str) -> None:
    assert "not public" in refusal(f"https://{host}:{private.port}/", allow_private=False)
    assert private.connections == 0


def test_the_loopback_of_ipv6_is_refused_before_any_connection() -> None:
    with serving(always(answer(b"secret")), host="::1") as server:
        assert get(f"http://[::1]:{server.port}/").data == b"secret"
        assert "not public" in refusal(f"http://[::1]:{server.port}/", allow_private=False)
        assert "not public" in refusal(f"http://localhost:{server.port}/", allow_private=False)
    assert server.connections == 1


@pytest.mark.parametrize("allow_private", [False, True])
@pytest.mark.parametrize(
    "address",
    NO_ADDRESSES,
)  # fmt: skip
def test_what_is_no_plain_http_address_is_refused(
    private: Listener, address: str, allow_private: bool
) -> None:
    text = refusal(address.replace("{port}", str(private.port)), allow_private=allow_private)
    assert text.startswith("Cannot fetch ")
    assert text.isprintable()
    assert "geheim" not in text
    assert private.connections == 0


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        (PUBLIC, True),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::93.184.215.14", True),
        ("64:ff9b::10.0.0.1", False),
        ("2002:5db8:d70e::1", True),
        ("2002:c0a8:1::1", False),
        ("2606:4700::1111", True),
        ("3ffe::1", True),
        ("4000::1", False),
        ("ff0e::1", False),
        ("224.0.0.1", False),
        ("64:ff9b::224.0.0.1", False),
    ],
)
def test_addresses_are_judged_by_what_they_lead_to(ip: str, public: bool) -> None:
    assert is_public(ip) is public


def test_an_address_with_a_zone_is_not_public() -> None:
    assert not is_public("2606:4700::1111", 80, 0, 3)


# What is ill or hostile


def timed_refusal(address: str, **options: Any) -> tuple[str, float]:
    start = time.monotonic()
    text = refusal(address, **options)
    return text, time.monotonic() - start


def drip(sock: socket.socket, opening: bytes, drop: bytes = b"x") -> None:
    sock.sendall(opening)
    for _ in range(200):
        sock.sendall(drop)
        time.sleep(0.05)


@pytest.mark.parametrize(
    "opening",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP", b""],
)
def test_a_slow_drip_ends_at_the_deadline(opening: bytes) -> None:
    with serving(lambda sock, _: drip(sock, opening)) as server:
        text, seconds = timed_refusal(server.url, seconds=0.6)
    assert server.url in text
    assert seconds < 1.6


def test_a_drip_of_empty_gzip_members_or_interim_answers_ends_at_the_deadline() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    for opening, drop in ((head, gzip.compress(b"")), (b"", b"HTTP/1.1 102 Wait\r\n\r\n")):
        with serving(lambda sock, _, opening=opening, drop=drop: drip(sock, opening, drop)) as server:
            text, seconds = timed_refusal(server.url, seconds=0.5)
        assert "time allowed" in text
        assert seconds < 1.5


def test_the_deadline_covers_all_redirects_together() -> None:
    def slow(sock: socket.socket, request: bytes) -> None:
        time.sleep(0.25)
        stairs(sock, request)

    with serving(slow) as server:
        text, seconds = timed_refusal(f"{server.url}/5", seconds=0.6)
    assert "time allowed" in text
    assert seconds < 1.6


def test_a_silent_tls_server_and_a_silent_resolver_end_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(lambda *_: time.sleep(3)) as server:
        text, seconds = timed_refusal(f"https://127.0.0.1:{server.port}/", seconds=0.5)
    assert "time allowed" in text
    assert seconds < 1.5
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(3))
    text, seconds = timed_refusal("http://news.example/", seconds=0.4)
    assert "time allowed" in text
    assert seconds < 1.4


def test_tls_asks_for_the_host_by_name_and_trusts_nobody_else() -> None:
    with serving(always(b"not TLS at all")) as server:
        text = refusal(f"https://localhost:{server.port}/")
    assert "connection failed" in text
    assert b"localhost" in server.requests[0]  # The server name of the ClientHello goes unencrypted.


def flood(opening: bytes, wave: bytes, sent: list[int]) -> Script:
    def script(sock: socket.socket, _: bytes) -> None:
        sock.sendall(opening)
        for _ in range(20_000):
            sock.sendall(wave)
            sent[0] += len(wave)

    return script


@pytest.mark.parametrize(
    ("opening", "wave"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", b"x" * 10_000),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3\r\nxxx\r\n" * 2000),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 500),
        (b"", b"HTTP/1.1 103 Early\r\n\r\n" * 500),
        (b"HTTP/1.1 200 OK\r\n", b"X-Bomb: " + b"x" * 1000 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Bomb: ", b"x" * 10_000),
        (b"", b"x" * 10_000),
    ],
)
def test_a_flood_is_stopped_at_the_cap(opening: bytes, wave: bytes) -> None:
    sent = [0]
    with serving(flood(opening, wave, sent)) as server:
        text, seconds = timed_refusal(server.url, max_bytes=100_000, seconds=8)
        assert server.url in text
        assert "time allowed" not in text
    assert seconds < 5
    assert sent[0] < 20_000 * len(wave) // 2


BOMB_BYTES = 100_000_000


def gzip_twice(data: bytes) -> bytes:
    return gzip.compress(gzip.compress(data))


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", lambda data: brotli.compress(data, quality=3)),
    ],
)
def test_a_bomb_is_stopped_at_the_cap(coding: str, pack: Callable[[bytes], bytes]) -> None:
    with serving(always(answer(pack(bytes(BOMB_BYTES)), Content_Encoding=coding))) as server:
        tracemalloc.start()
        text, seconds = timed_refusal(server.url, max_bytes=2_000_000)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert "larger" in text
    assert seconds < 3
    assert peak < 2_000_000 * 1.2 + 1_000_000 + 1_000_000  # A bytearray grows by an eighth; then ours.


@pytest.mark.parametrize("coding", ["gzip, gzip", "gzip, br", "zstd", "compress", "sdch"])
def test_codings_that_were_not_asked_for_are_refused(coding: str) -> None:
    with serving(always(answer(gzip_twice(b"x"), Content_Encoding=coding))) as server:
        assert "packed as" in refusal(server.url)


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"\r\n\r\n",
        b"\x00\xff\xfe" * 50,
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        answer(b"not packed", Content_Encoding="gzip"),
        answer(b"not packed", Content_Encoding="br"),
        answer(b"not packed", Content_Encoding="deflate"),
        answer(gzip.compress(BODY)[:-20], Content_Encoding="gzip"),
        answer(brotli.compress(BODY)[:-5], Content_Encoding="br"),
    ],
)
def test_a_malformed_answer_is_a_source_error(reply: bytes) -> None:
    with serving(always(reply)) as server:
        text, seconds = timed_refusal(server.url)
    assert server.url in text
    assert seconds < 2


@pytest.mark.parametrize(
    ("status", "advice"),
    [("404 Not Found", "correct the address"), ("403 Forbidden", "refuses"), ("401 Unauthorized", "login"),
     ("500 Internal Server Error", "later"), ("204 No Content", "check"), ("206 Partial Content", "check"),
     ("304 Not Modified", "check"), ("302 Found", "check"), ("429 Too Many Requests", "later")],
)  # fmt: skip
def test_another_status_says_what_to_do(status: str, advice: str) -> None:
    with serving(always(answer(status=status))) as server:
        text = refusal(f"{server.url}/feed")
    assert f"{server.url}/feed" in text
    assert status[:3] in text
    assert advice in text


def test_a_closed_port_and_an_unknown_name_say_so() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        text = refusal(address)
    assert address in text
    assert "connection failed" in text
    assert "host name is not known" in refusal("http://nothing.invalid/", allow_private=False)
