"""Feeds that have only teasers → the same entries with the text of their pages.

In: the items of feeds for which the list says ``fullText``. Out: the items again; of those whose page was
to be asked and has more than the feed, with what the page has. A page is asked once for each version
of an article, and a few times where it fails. An item is never lost over its page, and an article that
was read in full is not made a teaser again.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from searchsvc.article import Article, Entry
from searchsvc.errors import EntryError, SourceError
from searchsvc.ingest.compose import compose
from searchsvc.ingest.crawler import Crawler
from searchsvc.ingest.identify import normalise_url
from searchsvc.ingest.items import Item, Skipped, Unchanged, host_of
from searchsvc.ingest.opml import ListedFeed
from searchsvc.ingest.parser import Parser
from searchsvc.ingest.visits import Answer, Visit, visit_all
from searchsvc.settings import Settings
from searchsvc.store.articles import ArticleStore
from searchsvc.store.pages import PageState, PageStore
from searchsvc.text.clean import clean_html

# Pages of one feed in one round; of a longer feed the others keep the feed's text until it is read again.
MOST_PAGES = 40
# How often a page that fails is asked, each time that its feed is read.
MOST_TRIES = 3
NOT_NOW = "its host wants to be left alone; it is asked again when the feed has something new"
SAME = "its page has the same text as others of this feed, as pages do that ask to log in"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An entry whose page is to be asked: the entry, the article that it is without it, what is known of
    the page, and how many characters of the article are kept, None where it is new.
    """

    entry: Entry
    own: Article
    state: PageState | None
    kept: int | None

    @property
    def address(self) -> str:
        return str(self.entry.url)

    @property
    def is_open(self) -> bool:
        """Whether the page has not been asked yet for this version of the article, or failed a few times."""
        if self.kept is None or self.state is None or self.state.digest != self.own.digest:
            return True
        return 0 < self.state.failures < MOST_TRIES

    def asked(self, now: int, *, failed: bool) -> PageState:
        """What is known of the page after it was asked."""
        same = self.state is not None and self.state.digest == self.own.digest
        before = self.state.failures if self.state and same else 0
        return PageState(self.own.identity, self.own.digest, now, before + 1 if failed else 0)

    def without_page(self) -> Item:
        """The entry as the feed has it, unless more is kept of its article already."""
        return Unchanged(self.entry.origin) if (self.kept or 0) > len(self.own.text) else self.entry

    def with_page(self, markup: str, text: str) -> Item:
        """The entry with what its page has, if that is more than its own."""
        if len(text) > len(self.own.text):
            return replace(self.entry, html=markup, text=None)
        return self.without_page()


@dataclass(frozen=True, slots=True)
class Completed:
    """A feed's items, with full texts where there were any; ``failures`` are pages that gave none, and why.

    ``states`` are to be kept once the items are stored.
    """

    feed: ListedFeed
    items: list[Item]
    states: list[PageState] = field(default_factory=list)
    failures: list[Skipped] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FullText:
    """What it takes to complete feeds."""

    articles: ArticleStore
    pages: PageStore
    parser: Parser
    settings: Settings

    def complete(
        self,
        feeds: Sequence[tuple[ListedFeed, list[Item]]],
        crawler: Crawler,
        *,
        now: int,
        resting: frozenset[str] = frozenset(),
    ) -> Iterator[Completed]:
        """The feeds with their full texts. Hosts that are ``resting`` are not visited."""
        planned = [(feed, self._planned(items, now)) for feed, items in feeds]
        wanted = [item for _, items in planned for item in items if isinstance(item, Wanted)]
        addresses = dict.fromkeys(each.address for each in wanted if host_of(each.address) not in resting)
        visits = [Visit(address, address) for address in addresses]
        found = {
            answer.visit.address: self._read(answer)
            for answer in visit_all(visits, crawler, self.settings.fetch_hosts_at_once)
        }
        for feed, items in planned:
            yield _completed(feed, items, found, now)

    def guard(self, items: list[Item], now: int) -> list[Item]:
        """The items of a feed whose pages are not asked: what another feed's page gave stays as it is."""
        keys = [
            f"url {normalise_url(item.url)}" if isinstance(item, Entry) and item.url else "" for item in items
        ]
        read = self.pages.states(list(filter(None, keys)))
        if not read:
            return items
        shared = [item if key in read else None for item, key in zip(items, keys, strict=True)]
        planned = iter(_first(self._planned([item for item in shared if item], now), 0))
        chosen = [next(planned) if mine else item for item, mine in zip(items, shared, strict=True)]
        return [item for item in chosen if not isinstance(item, Wanted)]

    def _planned(self, items: list[Item], now: int) -> list[Item | Wanted]:
        """The items, those whose pages are to be asked marked as such."""
        own = [self._own(item, now) for item in items]
        articles = [article for article in own if article]
        states = self.pages.states([article.identity for article in articles])
        kept = self.articles.texts([article.id for article in articles])
        planned: list[Item | Wanted] = []
        for item, article in zip(items, own, strict=True):
            if article is None or not isinstance(item, Entry):
                planned.append(item)
                continue
            characters = len(kept[article.id][1]) if article.id in kept else None
            wanted = Wanted(item, article, states.get(article.identity), characters)
            planned.append(wanted if wanted.is_open else Unchanged(item.origin))
        return _first(planned, MOST_PAGES)

    def _own(self, item: Item, now: int) -> Article | None:
        """The article that an item is without its page, if it has one."""
        if not isinstance(item, Entry) or not item.url:
            return None
        try:
            return compose(item, zone=self.settings.timezone, now=now)
        except EntryError:  # It is skipped, and named, when it is to be stored.
            return None

    def _read(self, answer: Answer) -> str | SourceError | None:
        """What a page has, as markup; why it has not; None when it was not asked."""
        if answer.until is not None:
            return None
        if answer.fetched is None:
            return answer.error or SourceError(f"{answer.visit.address}: no answer")
        page = answer.fetched
        try:
            return self.parser.page(page.data, page.address, page.content_type)
        except SourceError as error:
            return error


def _first(items: list[Item | Wanted], most: int) -> list[Item | Wanted]:
    """The items, so many pages of them wanted."""
    chosen: list[Item | Wanted] = []
    for item in items:
        if isinstance(item, Wanted):
            most -= 1
        chosen.append(item.without_page() if isinstance(item, Wanted) and most < 0 else item)
    return chosen


def _completed(
    feed: ListedFeed,
    items: list[Item | Wanted],
    found: dict[str, str | SourceError | None],
    now: int,
) -> Completed:
    """A feed's items with what their pages gave."""
    texts = {
        item.address: clean_html(page, item.address).text
        for item in items
        if isinstance(item, Wanted) and isinstance(page := found.get(item.address), str)
    }
    often = Counter(text for text in texts.values() if text)
    done = Completed(feed, [])
    for item in items:
        if not isinstance(item, Wanted):
            done.items.append(item)
            continue
        page = found.get(item.address)
        text = texts.get(item.address, "")
        reason = _failure(page, repeated=often[text] > 1)
        if reason:
            done.failures.append(Skipped(item.address, reason))
        if page is not None:
            done.states.append(item.asked(now, failed=bool(reason)))
        done.items.append(item.without_page() if reason else item.with_page(str(page), text))
    return done


def _failure(page: str | SourceError | None, *, repeated: bool) -> str | None:
    """Why a page gave no text, or None."""
    if page is None:
        return NOT_NOW
    if isinstance(page, SourceError):
        return str(page)
    return SAME if repeated else None
