"""What comes from the network: mutated feeds, addresses that must not be asked, bodies without an end.

The pieces are those of the tests in ``tests/ingest``; here they are tried by the thousand, and counted.
"""

import gzip
import random
import socket
import tarfile
import time
import tracemalloc
import zlib
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch
from zoneinfo import ZoneInfo

import brotli
import pytest

from searchsvc.errors import FetchFailed, SourceError
from searchsvc.ingest.feed_body import FeedBody
from searchsvc.ingest.fetch import Fetcher
from searchsvc.ingest.parser import Limits, Parser
from tests.conftest import find_shared
from tests.ingest.hostile_feeds import HOSTILE, MB, mutated
from tests.ingest.listener import PUBLIC, Detour, Script, always, answer, serving
from tests.ingest.site import atom, json_feed, rss, running
from tests.ingest.targets import NO_ADDRESSES, SPELLINGS
from tests.ingest.web import lines_of, web_of
from tests.torture.row import Outcome, Row, Trial

ZONE = ZoneInfo("Asia/Shanghai")
# A feed that is well, after so many that are not: it must be read as if nothing had been.
WELL_EVERY = 20


def feeds_to_mutate() -> list[bytes]:
    """Written ones of every kind, and the real ones where they are."""
    shared, real = find_shared(), []
    if shared:
        with tarfile.open(shared / "data" / "feeds.tar.gz") as archive:
            real = [file.read() for file in map(archive.extractfile, archive.getmembers()) if file]
    return [rss("甲", 5), atom("乙"), json_feed("丙"), rss("丁", encoding="gb18030"), *real]


def mutated_feeds(trial: Trial) -> Outcome:
    """Parse feeds with random damage and hostile ones in the child, well ones between them."""
    rng, kinds = random.Random(10_000), feeds_to_mutate()
    bodies = [*HOSTILE.values(), *(mutated(rng.choice(kinds), rng) for _ in range(trial.of(100, 10_000)))]
    violations, read, refused = [], 0, 0
    with Parser(Limits(60, 512 * MB)) as parser:
        for number, body in enumerate(bodies):
            try:
                parser.feed(FeedBody(body), "甲", zone=ZONE)
                read += 1
            except SourceError as error:
                refused += 1
                if not str(error).startswith("甲: "):
                    violations.append(f"body {number}: {error}")
            except Exception as error:
                violations.append(f"body {number}: {error!r}")
            if (
                number % WELL_EVERY == 0
                and len(parser.feed(FeedBody(rss("好")), "好", zone=ZONE).entries) != 3
            ):
                violations.append(f"the feed after body {number} was not read")
        lost = parser.started - 1
    return Outcome(
        f"{len(bodies):,}: {read:,} read, {refused:,} refused with a reason, {lost} children ended",
        tuple(violations),
    )


def forbidden(trial: Trial) -> Outcome:
    """Ask for every address that must not be asked for, directly, by redirect, by a name that turns."""
    violations = []
    with serving(always(answer(b"secret"))) as private:
        hosts = [f"http://{host}:{private.port}/" for host in SPELLINGS.split()]
        direct = hosts + [address.replace("{port}", str(private.port)) for address in NO_ADDRESSES]
        violations += [f"{target!r} was fetched" for target in direct if not _is_refused(target)]
        for target in direct:
            if target.isprintable() and target.isascii():
                violations += _redirected(target)
        with (
            serving(always(answer(status="302 Found", Location="/next"))) as server,
            pytest.MonkeyPatch.context() as patching,
        ):
            Detour(patching, server.port, PUBLIC, "127.0.0.1")
            if not _is_refused("http://news.example/"):
                violations.append("a name that turned private was followed")
        violations += [f"{private.connections} connections were made"] * bool(private.connections)
    return Outcome(f"{len(direct)} targets, {private.connections} connections", tuple(violations))


def _is_refused(target: str) -> bool:
    try:
        Fetcher(5, 1_000_000).fetch(target)
    except FetchFailed:
        return True
    return False


def _redirected(target: str) -> list[str]:
    """What a public server sends us to is refused too."""
    with (
        serving(always(answer(status="301 Moved", Location=target))) as public,
        pytest.MonkeyPatch.context() as patching,
    ):
        Detour(patching, public.port, PUBLIC)
        return [] if _is_refused("http://news.example/") else [f"a redirect to {target!r} was followed"]


def without_end(trial: Trial) -> Outcome:
    """Bodies that drip, explode or never end: how far beyond deadline and cap it goes."""
    violations, late, large = [], 0.0, 0
    deadline, cap = 2.0, 2 * MB
    packed = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "br": lambda data: brotli.compress(data, quality=3),
    }
    scripts: dict[str, Script] = {
        "drip of a body": _drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"),
        "drip of a header": _drip(b"HTTP/1.1 200 OK\r\nX-Slow: "),
        "silence": _drip(b"", b""),
        "endless body": _flood(b"HTTP/1.1 200 OK\r\n\r\n"),
        "endless header": _flood(b"HTTP/1.1 200 OK\r\nX-Bomb: "),
    }
    for coding, pack in packed.items():
        scripts[f"{coding} bomb"] = always(answer(pack(bytes(100 * MB)), Content_Encoding=coding))
    for name, script in scripts.items():
        with serving(script) as server:
            tracemalloc.start()
            start = time.monotonic()
            with suppress(FetchFailed):
                Fetcher(deadline, cap, allow_private=True).fetch(server.url)
                violations.append(f"{name}: it was taken for a body")
            late = max(late, time.monotonic() - start - deadline)
            large = max(large, tracemalloc.get_traced_memory()[1] - cap)
            tracemalloc.stop()
    if not trial.quick and late > 1:
        violations.append(f"one went on for {late:.1f} s after the deadline")
    if large > MB:
        violations.append(f"one took {large / MB:.1f} MB beyond the cap")
    return Outcome(
        f"{len(scripts)} kinds: at most {max(late, 0):.2f} s late, {large / MB:.1f} MB beyond the cap",
        tuple(violations),
    )


def _drip(opening: bytes, drop: bytes = b"x") -> Script:
    def script(sock: socket.socket, _: bytes) -> None:
        sock.sendall(opening)
        for _ in range(400):
            sock.sendall(drop)
            time.sleep(0.05)

    return script


def _flood(opening: bytes) -> Script:
    def script(sock: socket.socket, _: bytes) -> None:
        sock.sendall(opening)
        while True:
            sock.sendall(b"x" * 10_000)

    return script


def same_feeds_twice(trial: Trial) -> Outcome:
    """Fetch every feed twice, the second time in full; nothing may come twice."""
    with running() as site:
        site.fill([])
        site.feeds[:] = [feed for feed in site.feeds if feed.well][: trial.of(12, 1_000)]
        web = web_of(site, Path(trial.folder), FETCH_PAUSE_SECONDS=0)
        web.flask("ingest")
        kept = web.service.store.count()
        later = time.time
        with patch("time.time", lambda: later() + 1_900):
            again = lines_of(web.flask("ingest", "--force")).values()
        new = sum(line["new"] for line in again)
        violations = [f"{new} articles came twice"] * bool(new)
        if web.service.store.count() != kept or not kept:
            violations.append(f"{kept} articles became {web.service.store.count()}")
    return Outcome(f"{len(site.feeds)} feeds, {kept} articles, {new} duplicates", tuple(violations))


ROWS = (
    Row(
        "feed-fuzz",
        "feed fuzz: mutations and hostile feeds",
        "10,000, 0 crashes, other feeds unharmed",
        mutated_feeds,
    ),
    Row("ssrf", "SSRF targets, direct, redirected, rebinding", "60 and more, 0 connections", forbidden),
    Row(
        "without-end",
        "slow drip, gzip bomb, endless body",
        "stopped by deadline + 1 s, cap + 1 MB",
        without_end,
    ),
    Row("twice", "the same feeds twice", "0 duplicates", same_feeds_twice),
)
