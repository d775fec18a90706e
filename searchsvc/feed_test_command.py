"""``flask feeds test``: what a feed would give, and its articles' pages, without taking anything."""

import sys
import time
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from searchsvc.errors import SourceError
from searchsvc.ingest.crawler import crawler
from searchsvc.ingest.feed_body import body_of
from searchsvc.ingest.feeds import Feed
from searchsvc.ingest.fetch import fetcher
from searchsvc.ingest.opml import ListedFeed
from searchsvc.ingest.parser import parser
from searchsvc.ingest.preview import PagePreview, Preview, preview, preview_pages
from searchsvc.present import local_time, moment
from searchsvc.service import Service
from searchsvc.terminal import as_json, dumps


@click.command("test")
@click.argument("named", metavar="NAME|ADDRESS")
@click.option("--full-text", is_flag=True, help="Also fetch the pages of its first articles.")
@as_json
def test_feed(service: Service, named: str, full_text: bool, as_json: bool) -> None:
    """Fetch and parse a feed, and show what would be taken; nothing is stored."""
    listed = _listed(service, named)
    zone = listed.zone or service.settings.timezone
    fetching = fetcher(service.settings)
    with parser(service.settings) as parsing:
        fetched = fetching.fetch(listed.address)
        feed = parsing.feed(body_of(fetched), listed.address, zone=zone)
        seen = preview(feed, zone=zone, now=int(time.time()))
        wanted = full_text or listed.full_text
        pages = preview_pages(seen, crawler(fetching), parsing) if wanted else ()
    if as_json:
        click.echo(dumps(_preview_document(listed, feed, seen, pages, zone)))
    else:
        _show_preview(feed, seen, zone, service.settings.timezone)
        _show_pages(pages)
    sys.exit(0 if seen.articles else 1)


def _listed(service: Service, named: str) -> ListedFeed:
    """A feed of the list, or an address that is not in it."""
    try:
        return service.feed_list.find(named)
    except SourceError:
        if "://" in named:
            return ListedFeed(named, named)
        raise


def _preview_document(
    listed: ListedFeed, feed: Feed, seen: Preview, pages: tuple[PagePreview, ...], zone: ZoneInfo
) -> dict[str, Any]:
    return {
        "address": listed.address,
        "title": feed.title,
        "zone": str(zone),
        "fullness": seen.fullness,
        "least_interval_seconds": feed.rhythm.every,
        "articles": [
            {
                "title": article.title,
                "url": article.url,
                "published_at": None if article.published is None else moment(article.published),
                "published_from": article.published_from,
                "characters": len(article.text),
            }
            for article in seen.articles
        ],
        "pages": [{"url": page.url, "characters": page.characters, "error": page.problem} for page in pages],
        "skipped": list(seen.skipped),
    }


def _show_preview(feed: Feed, seen: Preview, zone: ZoneInfo, here: ZoneInfo) -> None:
    table = Table("title", "published", "from", "characters")
    for article in seen.articles:
        when = "-" if article.published is None else local_time(article.published, here)
        table.add_row(escape(article.title), when, article.published_from or "-", f"{len(article.text):,}")
    Console().print(table)
    every = f", asked every {feed.rhythm.every // 60} minutes at most" if feed.rhythm.every else ""
    click.echo(f"{feed.title or 'No title'}: {len(seen.articles)} articles, {seen.fullness}{every}")
    click.echo(f"Times without a zone are read as {zone}")
    for reason in seen.skipped:
        click.echo(f"skipped: {reason}", err=True)


def _show_pages(pages: tuple[PagePreview, ...]) -> None:
    for page in pages:
        more = "which is more" if page.characters > page.own else "so the feed's text stays"
        said = page.problem or f"{page.characters:,} characters, {more}"
        click.echo(f"page of {page.title}: {said}")
