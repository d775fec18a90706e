"""A web of some forty hosts on the loopback, with feeds that are well, ill, moved, gone or hostile.

Every host is an address of its own (127.0.7.1 and so on), all on one port, so that what is promised
about hosts can be seen. It keeps what is asked for.
"""

import asyncio
import gzip
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from html import escape
from urllib.parse import unquote

import brotli

HOSTS = 40
BOMB_BYTES = 60_000_000

Behaviour = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Asked:
    """A request as it came, and what it was answered."""

    host: str
    path: str
    headers: dict[str, str]
    status: int = 0


@dataclass(frozen=True)
class SiteFeed:
    """A feed of the site. ``well``: it can be read, be it by a detour; then it has ``items``."""

    name: str
    address: str
    well: bool
    items: int = 0


@dataclass
class Site:
    """The site while it runs."""

    port: int
    feeds: list[SiteFeed] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    pages: dict[tuple[str, str], Behaviour] = field(default_factory=dict)

    def add(
        self, kind: str, behaviour: Behaviour, *, items: int = 0, well: bool = False, host: int | None = None
    ) -> str:
        """A feed of some kind on one of the hosts, in turn unless one is named; its address."""
        number = len(self.feeds)
        name = f"{kind} {number}"
        address = self.page(
            f"/{number}/{kind.replace(' ', '-')}", behaviour, number % HOSTS if host is None else host
        )
        self.feeds.append(SiteFeed(name, address, well, items))
        return address

    def page(self, path: str, behaviour: Behaviour, host: int) -> str:
        """A page that is no feed of the list; its address."""
        name = f"127.0.7.{host + 1}"
        self.pages[name, path] = behaviour
        return f"http://{name}:{self.port}{path}"

    def opml(self) -> str:
        """All feeds as a list."""
        outlines = "".join(
            f'<outline type="rss" text="{escape(feed.name)}" xmlUrl="{escape(feed.address)}"/>'
            for feed in self.feeds
        )
        return f'<opml version="2.0"><head/><body>{outlines}</body></opml>'

    def bodies(self, since: int = 0) -> list[Asked]:
        """The requests that were answered with a whole body of a feed that is well."""
        well = {feed.address for feed in self.feeds if feed.well}
        places = ((each, f"http://{each.host}:{self.port}{each.path}") for each in self.asked[since:])
        return [
            each for each, place in places if each.status == 200 and (place in well or place.endswith(".xml"))
        ]

    def fill(self, real: list[bytes]) -> None:
        """Two hundred feeds: of all kinds, the real ones among them."""
        for data in real[:40]:
            self.add("real", answer(data, etag=True), well=True)
        self._add_ill()
        self._add_well(200 - len(self.feeds))

    def _add_ill(self) -> None:
        late = formatdate(time.time() + 7_200, usegmt=True)
        for _ in range(4):
            self.add("silent", silent)
            self.add("drip", drip)
            self.add("endless", endless)
            self.add("gzip bomb", bomb("gzip", gzip.compress(bytes(BOMB_BYTES))))
            self.add("br bomb", bomb("br", brotli.compress(bytes(BOMB_BYTES), quality=1)))
            self.add("cut short", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + rss("cut", 2)))
            self.add("no http", raw(b"SSH-2.0-OpenSSH_9.6\r\n"))
            self.add("lying gzip", answer(rss("lie", 1), Content_Encoding="gzip"))
            self.add(
                "web page",
                answer("<!doctype html><html><title>新闻</title>".encode(), Content_Type="text/xml"),
            )
            self.add("missing", answer(b"", status="404 Not Found"))
            self.add("broken", answer(b"", status="500 Internal Server Error"))
            self.add("gone", answer(b"", status="410 Gone"))
            self.add("loop", redirect("302 Found", ""))
            self.add("elsewhere", redirect("302 Found", "file:///etc/passwd"))
        for number, (wait, status) in enumerate(
            [("3600", "429 Too Many"), (late, "503 Busy"), ("abc", "429 Too Many")]
        ):
            # Two feeds of a host of their own; the second one need not be asked.
            for _ in range(2):
                self.add("busy", answer(b"", status=status, Retry_After=wait), host=HOSTS + number)

    def _add_well(self, count: int) -> None:
        for number in range(count):
            made = MAKERS[number % len(MAKERS)]
            made(self, f"w{number}")


def item(name: str, number: int) -> str:
    return (
        f"<item><title>{name}的第{number}条新闻</title><link>http://{name}.example/{number}</link>"
        f"<pubDate>Thu, 07 Nov 2024 0{number}:00:00 +0800</pubDate>"
        f"<description>这是{name}第{number}条新闻的正文，写给测试看的。</description></item>"
    )


def rss(name: str, items: int = 3, about: str = "", encoding: str = "utf-8") -> bytes:
    body = "".join(item(name, number) for number in range(1, items + 1))
    text = f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel><title>{name}新闻</title>{about}{body}</channel></rss>'
    return text.encode(encoding)


def atom(name: str) -> bytes:
    entries = "".join(
        f'<entry><title>{name}第{n}篇</title><id>urn:{name}:{n}</id><link href="http://{name}.example/{n}"/>'
        f"<updated>2024-11-07T0{n}:00:00Z</updated><content type='text'>正文{n}</content></entry>"
        for n in (1, 2, 3)
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>{name}</title>{entries}</feed>'.encode()


def json_feed(name: str) -> bytes:
    items = ",".join(
        f'{{"id":"{n}","url":"http://{name}.example/{n}","title":"{name}第{n}则","content_text":"正文"}}'
        for n in (1, 2, 3)
    )
    return f'{{"version":"https://jsonfeed.org/version/1.1","title":"{name}","items":[{items}]}}'.encode()


# How feeds that are well are served: each a new feed of three items.
MAKERS: list[Callable[[Site, str], object]] = [
    lambda site, name: site.add("etag", answer(rss(name), etag=True), items=3, well=True),
    lambda site, name: site.add("modified", answer(rss(name), modified=True), items=3, well=True),
    lambda site, name: site.add("fresh", answer(rss(name), Cache_Control="public, max-age=7200"), items=3, well=True),
    lambda site, name: site.add("expires", answer(rss(name), Expires=formatdate(time.time() + 9_000, usegmt=True)), items=3, well=True),
    lambda site, name: site.add("ttl", answer(rss(name, about="<ttl>90</ttl>")), items=3, well=True),
    lambda site, name: site.add("gzip", answer(gzip.compress(rss(name)), etag=True, Content_Encoding="gzip"), items=3, well=True),
    lambda site, name: site.add("br", answer(brotli.compress(rss(name)), etag=True, Content_Encoding="br"), items=3, well=True),
    lambda site, name: site.add("gb18030", answer(rss(name, encoding="gb18030"), etag=True, Content_Type="text/xml; charset=utf-8"), items=3, well=True),
    lambda site, name: site.add("atom", answer(atom(name), etag=True), items=3, well=True),
    lambda site, name: site.add("json", answer(json_feed(name), etag=True), items=3, well=True),
    lambda site, name: site.add("detour", redirect("302 Found", site.page(f"/{name}.xml", answer(rss(name), etag=True), len(name) % HOSTS)), items=3, well=True),
    lambda site, name: site.add("moved", redirect("301 Moved", site.page(f"/{name}.xml", answer(rss(name), etag=True), len(site.feeds) % HOSTS)), items=3, well=True),
    lambda site, name: site.add("moved too", redirect("308 Moved", site.page(f"/{name}.xml", answer(rss(name), modified=True), len(site.feeds) % HOSTS)), items=3, well=True),
]  # fmt: skip


def answer(
    body: bytes, status: str = "200 OK", etag: bool = False, modified: bool = False, **headers: str
) -> Behaviour:
    """A plain answer, and 304 for whoever has it already."""
    tag, date = f'"{len(body)}"', "Thu, 07 Nov 2024 08:00:00 GMT"
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    named |= ({"ETag": tag} if etag else {}) | ({"Last-Modified": date} if modified else {})

    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        has = (
            asked.headers.get("if-none-match") == tag
            if etag
            else modified and asked.headers.get("if-modified-since") == date
        )
        line, data = ("304 Not Modified", b"") if has else (status, body)
        asked.status = int(line[:3])
        head = "".join(
            f"{key}: {value}\r\n" for key, value in (named | {"Content-Length": str(len(data))}).items()
        )
        writer.write(f"HTTP/1.1 {line}\r\n{head}Connection: close\r\n\r\n".encode() + data)
        await writer.drain()

    return behave


def redirect(status: str, target: str) -> Behaviour:
    return answer(b"", status=status, Location=target)


def raw(data: bytes) -> Behaviour:
    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return behave


def bomb(coding: str, packed: bytes) -> Behaviour:
    return answer(packed, Content_Encoding=coding)


async def silent(_: Asked, __: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def drip(_: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
    for _ in range(600):
        writer.write(b"<")
        await writer.drain()
        await asyncio.sleep(0.1)


async def endless(_: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n<rss>")
    while True:
        writer.write(b"<item>" * 10_000)
        await writer.drain()


@contextmanager
def running(hosts: int = HOSTS + 3) -> Iterator[Site]:
    """An empty site, serving."""
    with socket.socket() as probe:
        probe.bind(("127.0.7.1", 0))
        site = Site(probe.getsockname()[1])
    loop = asyncio.new_event_loop()
    names = [f"127.0.7.{number + 1}" for number in range(hosts)]

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
            asked = Asked(writer.get_extra_info("sockname")[0], unquote(head[0].split(" ")[1]), headers)
            site.asked.append(asked)
            behave = site.pages.get((asked.host, asked.path), answer(b"", status="404 Not Found"))
            await behave(asked, writer)
        writer.close()

    server = loop.run_until_complete(asyncio.start_server(handle, names, site.port))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.run_until_complete(_end_all())
        loop.close()


async def _end_all() -> None:
    """End the answers that are still under way."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
