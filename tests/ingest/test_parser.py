"""The process that parses: what it gives back, what is too much for it, and what is left of it afterwards."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from searchsvc.errors import SourceError
from searchsvc.ingest import wire
from searchsvc.ingest.feed_body import FeedBody, read_feed
from searchsvc.ingest.parser import Limits, Parser
from tests.ingest.hostile_feeds import AFTER, BEFORE, HEAD, HOSTILE, MB, mutated
from tests.ingest.site import atom, json_feed, rss

ROOT = Path(__file__).parents[2]
ZONE = ZoneInfo("Asia/Taipei")
# Ten thousand are promised (tests/torture/network.py); so many are tried each time.
MUTATIONS = 1_000


def parsing(seconds: float = 60, memory_mb: int = 512) -> Parser:
    return Parser(Limits(seconds, memory_mb * MB))


@pytest.fixture
def parser() -> Iterator[Parser]:
    with parsing() as parser:
        yield parser


def read(parser: Parser, data: bytes, **more: object) -> int:
    """How many entries a body has."""
    return len(parser.feed(FeedBody(data, **more), "甲", zone=ZONE).entries)  # type: ignore[arg-type]


def child_of(parser: Parser) -> int:
    """The process id of a parser's child."""
    assert parser._child is not None
    return parser._child._process.pid


def children() -> set[str]:
    """The processes that this one has started and not seen the end of."""
    return set(Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split())


@contextmanager
def struck(parser: Parser, sign: signal.Signals | None = None) -> Iterator[None]:
    """A child that stands still when it is given a feed, and is then reached by a signal if there is one."""
    read(parser, rss("早"))
    pid = child_of(parser)
    os.kill(pid, signal.SIGSTOP)
    if sign is None:
        yield
        return

    def strike() -> None:
        os.kill(pid, sign)
        with suppress(ProcessLookupError):  # Only SIGKILL reaches what stands still.
            os.kill(pid, signal.SIGCONT)

    timer = threading.Timer(0.2, strike)
    timer.start()
    yield
    timer.join()


@pytest.mark.parametrize(
    "data",
    [rss("甲", 5), atom("乙"), json_feed("丙"), rss("丁", encoding="gb18030"), rss("戊").decode().encode("utf-16")],
    ids=["rss", "atom", "json", "gb18030", "utf-16"],
)  # fmt: skip
def test_a_feed_is_the_same_as_if_it_were_parsed_here(parser: Parser, data: bytes) -> None:
    body = FeedBody(data, "http://a.example/feed", "text/xml; charset=utf-8", 1_730_998_187)
    assert parser.feed(body, "甲", zone=ZONE) == read_feed(body, "甲", zone=ZONE)


def test_what_no_encoding_has_a_place_for_comes_through_marked(parser: Parser) -> None:
    (entry,) = parser.feed(
        FeedBody(b'{"version":"https://jsonfeed.org/version/1","items":[{"id":"1","title":"a\\ud800b\\u0000"}]}'),
        "甲",
        zone=ZONE,
    ).entries  # fmt: skip
    assert entry.title == "a\ufffdb\0"


def test_times_without_a_zone_are_of_the_zone_that_is_given(parser: Parser) -> None:
    data = rss("甲", 1).replace(b" +0800", b"")
    stated = [
        parser.feed(FeedBody(data), "甲", zone=ZoneInfo(name)).entries[0].stated
        for name in ("Asia/Taipei", "UTC")
    ]
    assert stated[1] - stated[0] == 8 * 3_600  # type: ignore[operator]


@pytest.mark.parametrize(
    ("data", "said"), [(b"<html>x</html>", "甲: it is a web page, not a feed"), (b"", "甲: it is empty")]
)
def test_what_is_no_feed_is_said_and_the_child_goes_on(parser: Parser, data: bytes, said: str) -> None:
    read(parser, rss("乙"))
    with pytest.raises(SourceError, match=said):
        read(parser, data)
    assert (read(parser, rss("乙")), parser.started) == (3, 1)


def test_one_child_parses_many_feeds(parser: Parser) -> None:
    assert [read(parser, rss(f"n{number}")) for number in range(50)] == [3] * 50
    assert parser.started == 1


def test_nothing_is_started_before_it_is_needed() -> None:
    before = children()
    with parsing() as parser:
        assert (parser.started, children()) == (0, before)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_feed_is_read_or_named_and_harms_no_other(parser: Parser, name: str) -> None:
    try:
        feed = parser.feed(FeedBody(HOSTILE[name]), "甲", zone=ZONE)
    except SourceError as error:
        assert str(error).startswith("甲: ")
    else:
        texts = [entry.html or entry.text or "" for entry in feed.entries]
        assert sum(map(len, texts)) <= len(HOSTILE[name])
        assert not any("root:" in text for text in texts)
    assert read(parser, rss("乙")) == 3
    assert parser.started <= 2


def test_mutated_feeds_are_read_or_refused_with_a_reason_and_the_child_goes_on(parser: Parser) -> None:
    rng = random.Random(6)
    kinds = (rss("甲", 5), atom("乙"), json_feed("丙"), rss("丁", encoding="gb18030"))
    for number in range(MUTATIONS):
        data = mutated(kinds[number % 4], rng)
        with suppress(SourceError):
            read(parser, data)
    assert (read(parser, rss("乙")), parser.started) == (3, 1)


def test_a_feed_of_a_hundred_megabytes_of_items_is_cut_or_named() -> None:
    data = HEAD + b"<item><title>t</title><link>http://a.example/1</link></item>" * 1_700_000
    with parsing(memory_mb=300) as parser:
        with pytest.raises(SourceError, match=r"甲: parsing it takes more than 300 MB.*PARSE_MEMORY_MB"):
            read(parser, data)
        assert (read(parser, rss("乙")), parser.started) == (3, 2)
    with parsing(memory_mb=1_500) as parser:
        assert read(parser, data) == 5_000


def test_a_feed_that_takes_too_long_is_named_and_the_next_has_another_child() -> None:
    with parsing(seconds=2) as parser:
        with (
            struck(parser),
            pytest.raises(
                SourceError, match=r"甲: it was not parsed within 2 seconds.*PARSE_TIMEOUT_SECONDS"
            ),
        ):
            read(parser, rss("甲"))
        assert (read(parser, rss("乙")), parser.started) == (3, 2)


def test_a_feed_that_takes_for_ever_is_ended_within_the_limit() -> None:
    """300,000 attributes of one element take feedparser more than half a minute."""
    data = BEFORE + b"<a " + b"".join(b"a%d='1' " % number for number in range(1_000_000)) + b"/>" + AFTER
    before = children()
    with parsing(seconds=1) as parser, pytest.raises(SourceError, match="within 1 seconds"):
        read(parser, data)
    assert children() - before == set()


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_a_child_that_ends_while_it_parses_is_named_by_how_and_replaced(
    parser: Parser, sign: signal.Signals
) -> None:
    said = rf"甲: the process that parsed it ended \({sign.name}\)"
    with struck(parser, sign), pytest.raises(SourceError, match=said):
        read(parser, rss("甲"))
    assert (read(parser, rss("乙")), parser.started) == (3, 2)


def test_twenty_feeds_between_hostile_ones_are_all_parsed_by_a_child_more_for_each_that_was_lost() -> None:
    bomb = HEAD + b"<item><title>t</title></item>" * 3_000_000
    read_ones, refused = 0, []
    with parsing(memory_mb=200) as parser:
        for number in range(20):
            if number % 5 == 0:
                with pytest.raises(SourceError) as error:
                    read(parser, bomb)
                refused.append(str(error.value))
            read_ones += read(parser, rss(f"n{number}"))
        assert (read_ones, parser.started) == (60, 5)
    assert all("more than 200 MB" in text for text in refused)


def test_a_child_that_has_grown_is_replaced_before_the_next_feed() -> None:
    items = b"<item><title>t</title><link>http://a.example/1</link></item>"
    with parsing(memory_mb=128) as parser:
        for _ in range(3):
            read(parser, HEAD + items * 100_000 + b"</channel></rss>")
        assert 1 <= parser.started <= 3
        assert read(parser, rss("乙")) == 3


@pytest.mark.parametrize(
    "said",
    [
        wire.head_bytes(wire.Head("done")) + b"\n",
        b"not JSON",
        b"",
        b'{"outcome": "done", "spent": "yes"}',
        b'{"outcome": "perhaps"}',
    ],
)
def test_how_a_task_went_is_believed_only_in_its_form(said: bytes) -> None:
    if said.startswith(wire.head_bytes(wire.Head("done"))):
        assert wire.head_of(said) == wire.Head("done")
    else:
        with pytest.raises(wire.WireError):
            wire.head_of(said)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [(b'"title": "t"', b'"title": 5'), (b"http://a.example", b"javascript:a"), (b'"entries"', b'"items"'), (b"[", b"{"),
     (b'"fetched": false', b'"fetched": "no"')],
)  # fmt: skip
def test_a_feed_that_is_none_is_not_believed(was: bytes, becomes: bytes) -> None:
    said = wire.feed_bytes(read_feed(FeedBody(BEFORE + b"x" + AFTER), "甲", zone=ZONE))
    assert wire.feed_of(said).entries[0].title == "t"
    assert was in said
    with pytest.raises(wire.WireError):
        wire.feed_of(said.replace(was, becomes))


def test_an_answer_longer_than_the_child_can_hold_is_not_waited_for() -> None:
    ours, theirs = wire.socket.socketpair()
    with ours, theirs:
        theirs.sendall((10**12).to_bytes(8, "big"))
        with pytest.raises(wire.WireError):
            wire.receive(ours, 10**9, time.monotonic() + 60)


def test_the_child_is_gone_once_the_parser_is_closed() -> None:
    before = children()
    with parsing() as parser:
        read(parser, rss("甲"))
        pid = child_of(parser)
        assert children() - before == {str(pid)}
    assert children() - before == set()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@contextmanager
def restored(handler: Any) -> Iterator[None]:
    """What Ctrl-C did before, again."""
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def test_the_child_is_gone_when_the_service_is_interrupted_while_it_waits() -> None:
    before = children()
    # A shell that runs the tests in the background has them ignore it.
    kept = signal.signal(signal.SIGINT, signal.default_int_handler)
    with restored(kept), parsing() as parser, struck(parser), pytest.raises(KeyboardInterrupt):
        threading.Timer(0.3, signal.pthread_kill, (threading.get_ident(), signal.SIGINT)).start()
        read(parser, rss("甲"))
    assert children() - before == set()


def test_the_child_does_not_outlive_a_service_that_is_killed() -> None:
    code = (
        "import os, signal\nfrom tests.ingest.test_parser import *\nparser = parsing()\nread(parser, rss('甲'))\n"
        "print(child_of(parser), flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    pid = int(done.stdout)
    until = time.monotonic() + 60
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_the_child_knows_no_secrets_and_has_no_limits_lifted(
    parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEARCHSVC_FETCH_PROXY", "http://me:pa55word@proxy:1")
    read(parser, rss("甲"))
    place = Path(f"/proc/{child_of(parser)}")
    assert b"pa55word" not in (place / "environ").read_bytes()
    limits = {
        line[:26].strip(): line[26:].split()[:2] for line in (place / "limits").read_text().splitlines()
    }
    assert limits["Max address space"] == [str(512 * MB)] * 2
    assert limits["Max core file size"] == ["0", "0"]
    assert int(limits["Max cpu time"][0]) <= 70


def test_a_process_that_cannot_start_is_said_so(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(SourceError, match="甲: the process that parses feeds could not be started"):
        read(parser, rss("甲"))
