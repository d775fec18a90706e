"""A round: feeds are asked together, and what is known of each is kept.

In: feeds of a list, or addresses that somebody named. Out: sources for the pipeline, one for each feed
that answered; and a ``Result`` for each. A feed's new state is written only when the pipeline says that
its articles are stored: a round that is killed asks for the same bodies again and loses nothing.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Literal

from searchsvc.errors import FetchFailed, SourceError
from searchsvc.ingest.crawler import crawler
from searchsvc.ingest.feed_body import body_of
from searchsvc.ingest.feedlist import FeedList
from searchsvc.ingest.feeds import Feed
from searchsvc.ingest.fetch import Fetcher, fetcher
from searchsvc.ingest.full_text import Completed, FullText
from searchsvc.ingest.items import Failed, Item, Skipped, host_of
from searchsvc.ingest.opml import ListedFeed
from searchsvc.ingest.parser import Parser
from searchsvc.ingest.report import SourceReport
from searchsvc.ingest.schedule import (
    address_of,
    after_answer,
    after_failure,
    is_due,
    put_off,
    validators_of,
    wants_rest,
)
from searchsvc.ingest.visits import Answer, Visit, visit_all
from searchsvc.settings import Settings
from searchsvc.store.feeds import FeedState, FeedStore

# So many feeds that all fail to answer have something in common, which is us.
FEWEST = 3
# What became of a feed: a new body, the same as before, an error, retired for good, or not asked at all.
Outcome = Literal["fetched", "unchanged", "failed", "gone", "put off"]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one feed, with its state before and after. Counts are those of its articles.

    ``answered``: some server said something, be it that there is no such feed. ``pages`` were asked for
    their full text; ``page_failures`` are those that gave none, and why.
    """

    feed: ListedFeed
    outcome: Outcome
    before: FeedState
    after: FeedState
    answered: bool
    seconds: float = 0.0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    pages: int = 0
    page_failures: tuple[Skipped, ...] = ()

    @property
    def bytes(self) -> int:
        """What came over the wire."""
        return self.after.bytes - self.before.bytes


class Round:
    """One round. ``force``: ask for whole bodies, and read them even if they are the same as before."""

    def __init__(
        self,
        feeds: Sequence[ListedFeed],
        store: FeedStore,
        settings: Settings,
        parser: Parser,
        *,
        now: int,
        full_text: FullText | None = None,
        force: bool = False,
        fetching: Fetcher | None = None,
    ) -> None:
        self.feeds = feeds
        self.results: dict[str, Result] = {}
        self._store = store
        self._settings = settings
        self._parser = parser
        self._full_text = full_text
        self._completed: dict[str, Completed] = {}
        self._now = now
        self._force = force
        self._fetcher = fetching or fetcher(settings)
        self._before = store.states()

    def sources(self) -> Iterator[tuple[str, Iterator[Item]]]:
        """Each feed as it answers, and its items. ``finished`` is to be told when they are stored."""
        for feed in self.feeds:
            if feed.problem:
                yield feed.address, iter([Failed(feed.address, feed.problem)])
        partial: list[tuple[ListedFeed, list[Item]]] = []
        resting: set[str | None] = set()
        asked = {feed.address: feed for feed in self.feeds if not feed.problem}
        visits = [self._visit(feed) for feed in asked.values()]
        for answer in visit_all(visits, self._fetcher, self._settings.fetch_hosts_at_once):
            feed = asked[answer.visit.feed]
            if answer.error and wants_rest(answer.error, self._now):
                resting.add(host_of(address_of(self._state(feed))))
            if feed.full_text and self._full_text:
                # Read now: the pages of all such feeds are asked together.
                partial.append((feed, list(self._items(feed, answer))))
            else:
                yield feed.address, self._items(feed, answer)
        if self._full_text:
            yield from self._complete(self._full_text, partial, frozenset(filter(None, resting)))

    def _complete(
        self, full_text: FullText, partial: list[tuple[ListedFeed, list[Item]]], resting: frozenset[str]
    ) -> Iterator[tuple[str, Iterator[Item]]]:
        """Feeds that have only teasers, and their items with the texts of their pages."""
        pages = crawler(self._fetcher)
        for done in full_text.complete(partial, pages, now=self._now, resting=resting):
            address = done.feed.address
            self._completed[address] = done
            self.results[address] = replace(
                self.results[address], pages=len(done.states), page_failures=tuple(done.failures)
            )
            yield address, iter(done.items)

    def finished(self, report: SourceReport) -> Result | None:
        """Keep what is known of a feed whose articles are stored; None for what is no feed of ours."""
        result = self.results.get(report.source)
        if result is None:
            return None
        new, updated = result.after.new + report.new, result.after.updated + report.updated
        after = replace(result.after, new=new, updated=updated)
        self._store.put([after])
        if self._full_text and (done := self._completed.pop(report.source, None)):
            self._full_text.pages.put(done.states)
        self.results[report.source] = result = replace(
            result,
            after=after,
            new=report.new,
            updated=report.updated,
            unchanged=report.unchanged,
            skipped=len(report.skipped),
            failed=len(report.failed),
        )
        return result

    def _visit(self, feed: ListedFeed) -> Visit:
        state = self._state(feed)
        return Visit(feed.address, address_of(state), None if self._force else validators_of(state))

    def _state(self, feed: ListedFeed) -> FeedState:
        return self._before[feed.address]

    def _items(self, feed: ListedFeed, answer: Answer) -> Iterator[Item]:
        """The items of an answer; what came of the feed is noted before the first is handed on."""
        before = self._state(feed)
        if answer.until is not None:
            self._note(feed, "put off", put_off(before, answer.until, self._now), answer)
            return
        try:
            after, read = self._read(feed, before, answer)
        except SourceError as error:
            after = after_failure(before, error, self._now, random.random())  # noqa: S311 - Spreads, guards nothing.
            self._note(feed, "gone" if after.retired else "failed", after, answer)
            yield Failed(feed.address, str(error))
            return
        self._note(feed, "fetched" if read else "unchanged", after, answer)
        if read:
            items: list[Item] = [*read.entries, *read.skipped]
            if self._full_text and not feed.full_text:
                items = self._full_text.guard(items, self._now)
            yield from items

    def _read(self, feed: ListedFeed, before: FeedState, answer: Answer) -> tuple[FeedState, Feed | None]:
        """The state after an answer, and the feed that it is; None when it is the same as before."""
        fetched = answer.fetched
        if fetched is None:
            raise answer.error or SourceError(f"{feed.address}: no answer")
        digest = blake2b(fetched.data, digest_size=16).hexdigest()
        if fetched.unchanged or (digest == before.digest and not self._force):
            return after_answer(before, fetched, before.rhythm), None
        zone = feed.zone or self._settings.timezone
        read = self._parser.feed(body_of(fetched), feed.address, zone=zone)
        after = after_answer(before, fetched, read.rhythm, digest=digest)
        times = [entry.stated for entry in read.entries if entry.stated and entry.stated <= self._now]
        newest = max(times, default=before.newest)
        return replace(after, items=len(read.entries) + len(read.skipped), newest=newest), read

    def _note(self, feed: ListedFeed, outcome: Outcome, after: FeedState, answer: Answer) -> None:
        failed = isinstance(answer.error, FetchFailed) and answer.error.status is None
        before = self._state(feed)
        self.results[feed.address] = Result(feed, outcome, before, after, not failed, answer.seconds)


def due_feeds(feeds: Sequence[ListedFeed], store: FeedStore, now: int) -> list[ListedFeed]:
    """The feeds that may be asked now."""
    states = store.states()
    return [feed for feed in feeds if not feed.paused and is_due(states[feed.address], now)]


def active_feeds(feeds: Sequence[ListedFeed], store: FeedStore) -> list[ListedFeed]:
    """The feeds that are neither paused nor retired."""
    states = store.states()
    retired = {address for address, state in states.items() if state.retired is not None}
    return [feed for feed in feeds if not feed.paused and feed.address not in retired]


def forgive_outage(store: FeedStore, results: Sequence[Result]) -> list[str]:
    """When nobody answered, it is our own network that is down: nothing is counted against the feeds.

    Otherwise a night without a network would keep all of them waiting for the next day.
    """
    if len(results) < FEWEST or any(result.answered for result in results):
        return []
    store.put([replace(result.before, error=result.after.error) for result in results])
    return [f"None of {len(results)} feeds answered: is this machine's network down? All are asked next time"]


def keep_moves(listed: FeedList, store: FeedStore, results: Sequence[Result], now: int) -> list[str]:
    """Write the addresses of feeds that moved for good into the list. What was done, in sentences.

    A feed whose new address is in the list already is retired: it would be asked twice.
    """
    states = {result.feed.address: result.after for result in results if result.after.moved_to}
    addresses = {feed.address for feed in listed.feeds()} if states else set()
    moves = {old: str(state.moved_to) for old, state in states.items() if old in addresses}
    if not moves:
        return []
    try:
        moved = listed.move(moves)
    except SourceError as error:  # Where they are now is in the state; the round goes on from there.
        return [f"Feeds moved, and the list was left as it is: {error}"]
    said = []
    for old, new in moves.items():
        if old in moved:
            store.rename(states[old], new)
            said.append(f"{old} moved to {new}; the list says so now")
        else:
            reason = f"it moved to {new}, which is in the list too; remove one of them"
            store.put([replace(states[old], retired=now, error=reason)])
            said.append(f"{old}: {reason}")
    return said
