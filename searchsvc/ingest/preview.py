"""What would be taken of a feed, without taking it: its articles, and whether they are whole."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from statistics import median
from typing import Literal

from searchsvc.article import Article
from searchsvc.errors import EntryError, SourceError
from searchsvc.ingest.compose import compose
from searchsvc.ingest.crawler import Crawler
from searchsvc.ingest.feeds import Feed
from searchsvc.ingest.parser import Parser
from searchsvc.text.clean import clean_html

Fullness = Literal["full text", "teasers", "no articles"]
# Articles run to some hundred characters and more; teasers are cut at 100 to 200, often with a sign.
TEASER_CHARS = 250
# Pages that are fetched for a look.
MOST_PAGES = 3
CUT = ("…", "...", "[…]", "[...]", "更多", "全文", "閱讀", "阅读")


@dataclass(frozen=True, slots=True)
class Preview:
    """The articles that a feed would give, what would be skipped and why, and how whole they are."""

    articles: tuple[Article, ...]
    skipped: tuple[str, ...]
    fullness: Fullness


@dataclass(frozen=True, slots=True)
class PagePreview:
    """What an article's page would give: characters, where the feed has ``own``; or what is wrong."""

    title: str
    url: str
    own: int
    characters: int = 0
    problem: str | None = None


def preview(feed: Feed, *, zone: tzinfo, now: int) -> Preview:
    """What would become of a feed's entries."""
    articles: list[Article] = []
    skipped = [item.reason for item in feed.skipped]
    for entry in feed.entries:
        try:
            articles.append(compose(entry, zone=zone, now=now))
        except EntryError as error:
            skipped.append(str(error))
    return Preview(tuple(articles), tuple(skipped), fullness(articles))


def fullness(articles: Sequence[Article]) -> Fullness:
    """Whether a feed has whole articles: by their median length, and by how many end in a cut."""
    if not articles:
        return "no articles"
    cut = sum(article.text.rstrip(" 》>»]）)").endswith(CUT) for article in articles)
    short = median(len(article.text) for article in articles) < TEASER_CHARS
    return "teasers" if short or cut * 2 > len(articles) else "full text"


def preview_pages(seen: Preview, crawler: Crawler, parser: Parser) -> tuple[PagePreview, ...]:
    """What the pages of the first articles would give."""
    articles = [article for article in seen.articles if article.url][:MOST_PAGES]
    return tuple(_page(article, str(article.url), crawler, parser) for article in articles)


def _page(article: Article, url: str, crawler: Crawler, parser: Parser) -> PagePreview:
    own = PagePreview(article.title, url, len(article.text))
    try:
        fetched = crawler.fetch(url)
        markup = parser.page(fetched.data, fetched.address, fetched.content_type)
    except SourceError as error:
        return replace(own, problem=str(error))
    return replace(own, characters=len(clean_html(markup, url).text))
