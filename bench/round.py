"""A round over two hundred feeds on forty loopback hosts, and the one half an hour later: the figures;
what parsing in a child costs; and how many of the targets that must not be fetched were.

``python -m bench.round [FEEDS]``: FEEDS is a folder of real feeds to serve among the written ones.
"""

import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch
from zoneinfo import ZoneInfo

import config
from searchsvc.errors import FetchFailed, SourceError
from searchsvc.ingest.feed_body import FeedBody, ReadFeed, read_feed
from searchsvc.ingest.fetch import Fetcher
from searchsvc.ingest.parser import Limits, Parser
from tests.ingest.listener import always, answer, serving
from tests.ingest.site import rss, running
from tests.ingest.targets import NO_ADDRESSES, SPELLINGS
from tests.ingest.web import DEADLINE_SECONDS, Web, lines_of, web_of

ZONE = ZoneInfo(config.TIMEZONE)


def main() -> None:
    real = [path.read_bytes() for path in sorted(Path(sys.argv[1]).iterdir())] if sys.argv[1:] else []
    with running() as site, TemporaryDirectory() as folder:
        site.fill(real)
        web = web_of(site, Path(folder), FETCH_PAUSE_SECONDS=config.FETCH_PAUSE_SECONDS)
        later = time.time
        limits = f"deadline {DEADLINE_SECONDS:.0f} s, pause {config.FETCH_PAUSE_SECONDS:.0f} s"
        print(f"{len(site.feeds)} feeds, {len(real[:40])} of them real; {limits}")
        run("first round", web)
        with patch("time.time", lambda: later() + 1_900):
            run("half an hour later", web)
        compare_parsing([data for data in real if is_feed(data)] or [rss(f"n{n}", 9) for n in range(40)])
    try_targets()


def is_feed(data: bytes) -> bool:
    try:
        read_feed(FeedBody(data), "feed", zone=ZONE)
    except SourceError:
        return False
    return True


def compare_parsing(feeds: list[bytes]) -> None:
    """What a feed costs in the child that parses, and what here."""
    with Parser(Limits(config.PARSE_TIMEOUT_SECONDS, config.PARSE_MEMORY_MB * 1_000_000)) as parser:
        began = time.perf_counter()
        parser.feed(FeedBody(rss("first", 1)), "feed", zone=ZONE)
        start = time.perf_counter() - began
        ways = {"here": read_feed, "in the child": parser.feed}
        times = {name: min(seconds_of(read, feeds) for _ in range(3)) for name, read in ways.items()}
        size = sum(map(len, feeds)) / len(feeds) / 1_000
        each = ", ".join(f"{seconds / len(feeds) * 1_000:.1f} ms {name}" for name, seconds in times.items())
        print(f"{len(feeds)} feeds of {size:.0f} kB parsed: {each}; a child starts in {start * 1_000:.0f} ms")


def seconds_of(read: ReadFeed, feeds: list[bytes]) -> float:
    began = time.perf_counter()
    for data in feeds:
        read(FeedBody(data), "feed", zone=ZONE)
    return time.perf_counter() - began


def run(title: str, web: Web) -> None:
    asked, began = len(web.site.asked), time.perf_counter()
    result = web.flask("ingest")
    seconds = time.perf_counter() - began
    lines = lines_of(result).values()
    outcomes = Counter(line["outcome"] for line in lines)
    failed = sum(line.startswith("failed: ") for line in result.stderr.splitlines())
    print(f"{title}: {seconds:.1f} s, {len(web.site.asked) - asked} requests")
    print(f"  {', '.join(f'{count} {outcome}' for outcome, count in outcomes.most_common())}")
    print(f"  bodies of feeds that are well: {len(web.site.bodies(asked))}")
    counts = {name: sum(line[name] for line in lines) for name in ("new", "updated")}
    kept = web.service.store.count()
    print(
        f"  new {counts['new']}, updated {counts['updated']}, articles kept {kept}, failures named {failed}"
    )


def try_targets() -> None:
    """Every address that must not be fetched, and how many connections came of it."""
    with serving(always(answer(b"secret"))) as private:
        hosts = [f"http://{host}:{private.port}/" for host in SPELLINGS.split()]
        targets = hosts + [address.replace("{port}", str(private.port)) for address in NO_ADDRESSES]
        refused = sum(is_refused(target) for target in targets)
    print(f"{len(targets)} forbidden targets: {refused} refused, {private.connections} connections")


def is_refused(target: str) -> bool:
    try:
        Fetcher(5, 1_000_000).fetch(target)
    except FetchFailed:
        return True
    return False


if __name__ == "__main__":
    main()
