"""What would be taken of a feed, without taking it: its articles, and whether they are whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from statistics import median
from typing import Literal

from searchsvc.article import Article
from searchsvc.errors import EntryError
from searchsvc.ingest.compose import compose
from searchsvc.ingest.feeds import Feed

Fullness = Literal["full text", "teasers", "no articles"]
# Articles run to some hundred characters and more; teasers are cut at 100 to 200, often with a sign.
TEASER_CHARS = 250
CUT = ("…", "...", "[…]", "[...]", "更多", "全文", "閱讀", "阅读")


@dataclass(frozen=True, slots=True)
class Preview:
    """The articles that a feed would give, what would be skipped and why, and how whole they are."""

    articles: tuple[Article, ...]
    skipped: tuple[str, ...]
    fullness: Fullness


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
