"""What a round keeps of each feed, and what it does with feeds that changed, moved, vanished or died."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from searchsvc.errors import SourceError, StoreError
from searchsvc.ingest.feedlist import FeedList
from searchsvc.ingest.parser import Parser
from searchsvc.search.request import Request
from searchsvc.store.articles import ArticleStore
from searchsvc.store.feeds import FeedState
from tests.ingest.site import Behaviour, Site, SiteFeed, answer, item, redirect, rss, running
from tests.ingest.test_parser import children
from tests.ingest.web import Web, lines_of, web_of

CLOSE = Parser.close
ZONELESS = "<item><title>{}</title><link>http://{}.example/1</link><pubDate>2024-11-07 09:00:00</pubDate><description>正文</description></item>"


@pytest.fixture
def site() -> Iterator[Site]:
    with running(hosts=4) as site:
        yield site


def listed(site: Site, folder: Path, *behaviours: Behaviour) -> Web:
    """A service whose list has feeds of these behaviours: 甲 0, 甲 1, …"""
    for number, behaviour in enumerate(behaviours):
        site.add("甲", behaviour, host=number % 4)
    return web_of(site, folder)


def serve(web: Web, number: int, behaviour: Behaviour) -> None:
    """Let a feed behave otherwise from now on."""
    address = web.site.feeds[number].address
    host, path = address.removeprefix("http://").split(f":{web.site.port}")
    web.site.pages[host, path] = behaviour


def state(web: Web, number: int = 0) -> FeedState:
    return web.service.feed_states.get(web.site.feeds[number].address)


def total(web: Web, q: str) -> int:
    return web.service.search.search(Request(q=q)).total


def later(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + seconds)


def test_items_that_vanish_from_a_feed_stay(site: Site, tmp_path: Path) -> None:
    web = listed(site, tmp_path, answer(rss("w", 3)))
    web.ingest()
    serve(web, 0, answer(rss("w", 1).replace(b"</channel>", f"{item('w', 9)}</channel>".encode())))
    line = web.ingest("--all")["甲 0"]
    assert (line["new"], line["unchanged"], web.service.store.count()) == (1, 1, 4)
    assert total(web, '"w的第2条新闻"') == 1


def test_a_body_without_validators_that_is_the_same_is_not_read_again(site: Site, tmp_path: Path) -> None:
    web = listed(site, tmp_path, answer(rss("w")))
    outcomes = [web.ingest("--all")["甲 0"] for _ in range(2)]
    assert [line["outcome"] for line in outcomes] == ["fetched", "unchanged"]
    assert [line["unchanged"] for line in outcomes] == [0, 0]
    assert web.ingest("--force")["甲 0"]["unchanged"] == 3


def test_force_asks_for_whole_bodies(site: Site, tmp_path: Path) -> None:
    web = listed(site, tmp_path, answer(rss("w"), etag=True))
    web.ingest()
    assert (web.ingest("--all")["甲 0"]["outcome"], web.ingest("--force")["甲 0"]["outcome"]) == (
        "unchanged",
        "fetched",
    )
    assert [each.status for each in site.asked] == [200, 304, 200]


def test_what_a_feed_gave_is_remembered_only_once_it_is_stored(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = listed(site, tmp_path, answer(rss("w"), etag=True))

    def full(*_: object) -> int:
        raise StoreError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(ArticleStore, "put", full)
        assert web.flask("ingest").exit_code == 1
    assert state(web) == FeedState(site.feeds[0].address)
    assert web.ingest()["甲 0"]["new"] == 3
    assert [each.status for each in site.asked] == [200, 200]


@pytest.mark.parametrize("status", ["301 Moved Permanently", "308 Permanent Redirect"])
def test_a_feed_that_moved_for_good_is_asked_where_it_is_now(site: Site, tmp_path: Path, status: str) -> None:
    new = site.page("/new", answer(rss("w"), etag=True), 1)
    web = listed(site, tmp_path, redirect(status, new))
    old = site.feeds[0].address
    said = web.flask("ingest").output
    assert f"{old} moved to {new}" in said
    (feed,) = web.service.feed_list.feeds()
    assert (feed.name, feed.address, feed.moved_from) == ("甲 0", new, old)
    (kept,) = web.service.feed_states.states().values()
    assert (kept.address, kept.moved_from, kept.moved_to, kept.new) == (new, old, None, 3)
    asked = len(site.asked)
    assert web.ingest("--all")["甲 0"]["outcome"] == "unchanged"
    assert [each.path for each in site.asked[asked:]] == ["/new"]


def test_a_feed_that_leads_to_no_feed_has_not_moved(site: Site, tmp_path: Path) -> None:
    """As a login page of a hotel's network does."""
    web = listed(
        site, tmp_path, redirect("301 Moved", site.page("/login", answer(b"<html>log in</html>"), 1))
    )
    web.ingest()
    assert (state(web).moved_to, state(web).failures) == (None, 1)
    assert web.service.feed_list.feeds()[0].address == site.feeds[0].address


def test_a_feed_whose_list_cannot_be_written_is_asked_where_it_is_now_all_the_same(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = site.page("/new", answer(rss("w"), etag=True), 1)
    web = listed(site, tmp_path, redirect("301 Moved", new))

    def closed(*_: object) -> set[str]:
        raise SourceError("it cannot be written")

    with monkeypatch.context() as broken:
        broken.setattr(FeedList, "move", closed)
        assert "it cannot be written" in web.flask("ingest").output
    assert state(web).moved_to == new
    asked = len(site.asked)
    assert web.ingest("--all")["甲 0"]["outcome"] == "unchanged"
    assert [each.path for each in site.asked[asked:]] == ["/new"]
    assert web.service.feed_list.feeds()[0].address == new


def test_a_feed_that_moved_onto_another_of_the_list_is_asked_no_more(site: Site, tmp_path: Path) -> None:
    web = listed(site, tmp_path, answer(rss("w"), etag=True))
    site.add("甲", redirect("301 Moved", site.feeds[0].address), host=1)
    web.list_feeds()
    assert "is in the list too" in web.flask("ingest").output
    assert state(web, 1).retired is not None
    assert list(web.ingest("--all")) == ["甲 0"]
    assert web.service.store.count() == 3


def test_a_feed_that_is_gone_is_asked_no_more_until_it_is_resumed(site: Site, tmp_path: Path) -> None:
    web = listed(site, tmp_path, answer(b"", status="410 Gone"))
    first = web.flask("ingest")
    assert (first.exit_code, lines_of(first)["甲 0"]["outcome"]) == (1, "gone")
    assert "flask feeds remove '甲 0'" in first.stderr
    assert web.ingest("--all") == {}
    serve(web, 0, answer(rss("w")))
    assert web.flask("feeds", "resume", "甲 0").exit_code == 0
    assert web.ingest()["甲 0"]["new"] == 3
    assert state(web).retired is None


def test_a_failure_is_told_with_its_reason_its_history_and_what_to_do(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = listed(site, tmp_path, answer(rss("w"), etag=True))
    web.ingest()
    serve(web, 0, answer(b"", status="404 Not Found"))
    first = web.flask("ingest", "--all")
    assert "failed: 甲 0: Cannot fetch" in first.stderr
    assert "404: there is no such page; correct the address. Asked again from" in first.stderr
    later(monkeypatch, 31 * 86_400)
    second = web.flask("ingest")
    assert "2 times in a row since" in second.stderr
    assert "last success" in second.stderr
    assert "if it is dead, `flask feeds remove '甲 0'`" in second.stderr


def test_a_page_that_is_no_feed_leaves_no_validators(site: Site, tmp_path: Path) -> None:
    web = listed(site, tmp_path, answer(b"<html>soon</html>", etag=True))
    web.ingest()
    web.ingest("--all")
    assert [each.status for each in site.asked] == [200, 200]
    assert (state(web).failures, state(web).validated) == (2, None)


def test_a_feed_that_fails_keeps_the_validators_of_its_last_body(site: Site, tmp_path: Path) -> None:
    web = listed(site, tmp_path, answer(rss("w"), etag=True))
    web.ingest()
    serve(web, 0, answer(b"", status="500 Oops"))
    web.ingest("--all")
    serve(web, 0, answer(rss("w"), etag=True))
    assert web.ingest("--all")["甲 0"]["outcome"] == "unchanged"


def test_a_host_that_wants_rest_is_asked_once_and_its_feeds_again_when_it_said(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        site.add("忙", answer(b"", status="429 Too Many", Retry_After="7200"), host=0)
    web = web_of(site, tmp_path)
    result = web.flask("ingest")
    assert [line["outcome"] for line in lines_of(result).values()] == ["failed", "put off", "put off"]
    assert "2 put off, as their hosts want" in result.output
    later(monkeypatch, 7_000)
    assert web.ingest() == {}
    later(monkeypatch, 300)
    assert len(web.ingest()) == 3
    assert len(site.asked) == 2


def unlisted(site: Site, count: int) -> None:
    """Feeds at a port where nobody listens."""
    for number in range(count):
        site.feeds.append(SiteFeed(f"无 {number}", f"http://127.0.7.{number + 1}:1/", well=False))


def test_a_network_that_is_down_is_not_counted_against_the_feeds(site: Site, tmp_path: Path) -> None:
    unlisted(site, 4)
    web = web_of(site, tmp_path)
    for _ in range(2):
        result = web.flask("ingest")
        assert (result.exit_code, len(lines_of(result))) == (1, 4)
        assert "is this machine's network down?" in result.output
    assert {(kept.failures, kept.due) for kept in web.service.feed_states.states().values()} == {(0, None)}


def test_feeds_that_do_not_answer_while_another_does_have_failed(site: Site, tmp_path: Path) -> None:
    unlisted(site, 4)
    site.add("坏", answer(b"", status="404 Not Found"), host=0)
    web = web_of(site, tmp_path)
    assert "network" not in web.flask("ingest").stdout
    assert {kept.failures for kept in web.service.feed_states.states().values()} == {1}


def test_what_a_feed_states_of_its_rhythm_holds(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = listed(site, tmp_path, answer(rss("w", about="<ttl>180</ttl>"), etag=True))
    web.ingest()
    later(monkeypatch, 2 * 3_600)
    assert web.ingest() == {}
    later(monkeypatch, 3_700)
    assert web.ingest()["甲 0"]["outcome"] == "unchanged"
    # What was not sent again still holds.
    later(monkeypatch, 2 * 3_600)
    assert web.ingest() == {}


def test_a_paused_feed_is_asked_only_by_name(site: Site, tmp_path: Path) -> None:
    web = listed(site, tmp_path, answer(rss("w")), answer(rss("v")))
    web.flask("feeds", "pause", "甲 0")
    assert list(web.ingest("--all")) == ["甲 1"]
    assert list(web.ingest("甲 0")) == ["甲 0"]


@pytest.mark.parametrize("by", ["name", "address"])
def test_a_feed_that_is_named_is_asked_now(site: Site, tmp_path: Path, by: str) -> None:
    web = listed(site, tmp_path, answer(rss("w"), etag=True), answer(rss("v")))
    web.ingest()
    lines = web.ingest("甲 0" if by == "name" else site.feeds[0].address)
    assert [line["outcome"] for line in lines.values()] == ["unchanged"]


def test_an_address_that_is_not_in_the_list_is_remembered_too(site: Site, tmp_path: Path) -> None:
    web = listed(site, tmp_path)
    address = site.page("/alone", answer(rss("w"), etag=True), 0)
    assert [next(iter(web.ingest(address).values()))["outcome"] for _ in range(2)] == ["fetched", "unchanged"]
    assert web.service.feed_list.feeds() == []


def test_feeds_and_files_are_read_in_one_command(site: Site, tmp_path: Path) -> None:
    web = listed(site, tmp_path, answer(rss("w")))
    (tmp_path / "other.opml").write_text(site.opml())
    (tmp_path / "a.jsonl").write_text('{"title": "文件里的一篇", "text": "正文"}\n')
    result = web.flask("ingest", str(tmp_path / "a.jsonl"), str(tmp_path / "other.opml"), "--json")
    sources = json.loads(result.stdout)["sources"]
    assert [(source["new"], source.get("feed", {}).get("outcome")) for source in sources] == [
        (1, None),
        (3, "fetched"),
    ]
    assert result.stderr == ""


def test_a_list_that_is_broken_hinders_no_file(site: Site, tmp_path: Path) -> None:
    web = listed(site, tmp_path)
    web.service.settings.feeds.write_text("<opml")
    (tmp_path / "a.jsonl").write_text('{"title": "一", "text": "正文"}\n')
    assert web.flask("ingest", str(tmp_path / "a.jsonl")).exit_code == 0
    result = web.flask("ingest")
    assert (result.exit_code, "feeds.opml" in result.stderr) == (1, True)


def test_times_without_a_zone_are_read_in_the_zone_of_the_feed(site: Site, tmp_path: Path) -> None:
    web = listed(site, tmp_path)
    for name, zone in (("bj", None), ("ldn", "Europe/London")):
        body = f"<rss><channel><title>{name}</title>{ZONELESS.format(name, name)}</channel></rss>".encode()
        feed = site.page(f"/{name}", answer(body), 0)
        assert web.flask("feeds", "add", feed, *(["--zone", zone] if zone else [])).exit_code == 0
    web.ingest()
    hits = {
        hit.article.title: hit.article.published for hit in web.service.search.search(Request(q="正文")).hits
    }
    assert hits["ldn"] - hits["bj"] == 8 * 3_600  # type: ignore[operator]


def test_what_the_list_says_wrong_of_a_feed_is_named_and_the_rest_carries_on(
    site: Site, tmp_path: Path
) -> None:
    web = listed(site, tmp_path, answer(rss("w")), answer(rss("v")))
    text = (
        site.opml()
        .replace("<opml", '<opml xmlns:s="urn:searchsvc:feeds"')
        .replace('text="甲 0"', 'text="甲 0" s:zone="Mars"')
    )
    web.service.settings.feeds.write_text(text)
    result = web.flask("ingest")
    assert (result.exit_code, list(lines_of(result))) == (1, ["甲 1"])
    assert "'Mars' is not a time zone" in result.stderr
    assert web.service.store.count() == 3


def test_counts_of_a_feed_add_up(site: Site, tmp_path: Path) -> None:
    web = listed(site, tmp_path, answer(rss("w"), etag=True))
    web.ingest()
    web.ingest("--all")
    serve(web, 0, answer(b"", status="500 Oops"))
    web.ingest("--all")
    kept = state(web)
    assert (kept.fetches, kept.unmodified, kept.failed, kept.new, kept.updated, kept.items) == (
        3,
        1,
        1,
        3,
        0,
        3,
    )
    assert kept.bytes > 3 * 100
    assert kept.newest == 1_730_919_600  # 2024-11-07T03:00+08:00, the third item's.


def test_an_ingest_that_has_nothing_to_do_says_so(site: Site, tmp_path: Path) -> None:
    web = listed(site, tmp_path, answer(rss("w")))
    web.ingest()
    result = web.flask("ingest")
    assert (result.exit_code, "1 feeds are not due yet; --all asks them now" in result.output) == (0, True)
    document = json.loads(web.flask("ingest", "--json").stdout)
    assert (document["sources"], document["not_due"]) == ([], 1)


def test_a_state_of_long_ago_is_due(site: Site, tmp_path: Path) -> None:
    web = listed(site, tmp_path, answer(rss("w"), etag=True))
    web.ingest()
    web.service.feed_states.put([replace(state(web), due=1)])
    assert web.ingest()["甲 0"]["outcome"] == "unchanged"


# Seven megabytes of which any reader of JSON makes two hundred.
BOMB = b'{"version":"https://jsonfeed.org/version/1.1","items":[' + b"[]," * 2_400_000 + b"[]]}"


def test_a_feed_that_is_too_much_to_parse_is_named_and_the_rest_carries_on(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        site.add("甲", answer(BOMB if number in (3, 11) else rss(f"w{number}")), host=number % 4)
    web = web_of(site, tmp_path, PARSE_MEMORY_MB=128)
    started: list[Parser] = []
    monkeypatch.setattr(Parser, "close", lambda parser: (started.append(parser), CLOSE(parser))[1])
    result = web.flask("ingest")
    assert result.exit_code == 1
    assert (
        result.stderr.count(
            "parsing it takes more than 128 MB, and was given up; raise the setting PARSE_MEMORY_MB"
        )
        >= 2
    )
    outcomes = [line["outcome"] for line in lines_of(result).values()]
    assert (outcomes.count("fetched"), outcomes.count("failed")) == (18, 2)
    assert web.service.store.count() == 18 * 3
    assert {parser.started for parser in started} <= {3}
    assert state(web, 3).failures == 1


def test_no_child_is_left_after_a_round_nor_one_started_where_nothing_is_new(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = listed(site, tmp_path, answer(rss("w"), etag=True))
    before = children()
    web.ingest()
    assert children() == before
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    assert web.ingest("--all")["甲 0"]["outcome"] == "unchanged"


def test_a_file_that_is_a_feed_is_parsed_within_the_limits_too(site: Site, tmp_path: Path) -> None:
    web = web_of(site, tmp_path, PARSE_MEMORY_MB=128)
    (tmp_path / "bomb.xml").write_bytes(rss("x" * 8_000_000, 1))
    (tmp_path / "good.xml").write_bytes(rss("w"))
    result = web.flask("ingest", str(tmp_path / "bomb.xml"), str(tmp_path / "good.xml"))
    assert (result.exit_code, web.service.store.count()) == (1, 3)
    assert "bomb.xml: parsing it takes more than 128 MB" in result.stderr


def test_a_feed_that_is_tested_is_parsed_within_the_limits_too(site: Site, tmp_path: Path) -> None:
    web = listed(site, tmp_path, answer(BOMB))
    web.service.settings.feeds.unlink()
    tight = web_of(site, tmp_path, PARSE_MEMORY_MB=128)
    for command in ("test", "add"):
        tight.service.settings.feeds.unlink(missing_ok=True)
        result = tight.flask("feeds", command, site.feeds[0].address)
        assert (result.exit_code, "takes more than 128 MB" in result.stderr) == (1, True)
