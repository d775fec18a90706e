"""Articles and services for tests, in one line each."""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from searchsvc.article import Article, Entry, Source
from searchsvc.ingest.compose import compose
from searchsvc.ingest.index import catch_up
from searchsvc.search.matches import matches, spans_of
from searchsvc.search.needles import Needle
from searchsvc.search.results import Span
from searchsvc.service import Service
from searchsvc.store.articles import Write

ZONE = ZoneInfo("Asia/Shanghai")
# 2024-11-08T00:00:00Z
NOW = 1_731_024_000


def entry(title: str = "标题", text: str = "正文。", **fields: object) -> Entry:
    """An entry as some source gave it; its address is made from its title."""
    values: dict[str, object] = {
        "origin": "test",
        "url": f"https://news.example/{title}",
        "source": Source("news.example", "例报"),
        "stated": NOW,
        "text": text,
    }
    return Entry(title=title, **(values | fields))  # type: ignore[arg-type]


def article(title: str = "标题", text: str = "正文。", **fields: object) -> Article:
    """An article as kept."""
    return compose(entry(title, text, **fields), zone=ZONE, now=NOW)


def fill(service: Service, articles: Iterable[Article]) -> Service:
    """Store articles and index them."""
    service.store.put([Write(each) for each in articles])
    catch_up(service.store, service.engine)
    return service


def spans(text: str, needles: Sequence[Needle]) -> tuple[Span, ...]:
    """The places of a text that match."""
    return spans_of(matches(text, needles))
