"""``flask feeds``: the feed list, for people: what there is and how it does, add, remove, try one."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from searchsvc.errors import SourceError
from searchsvc.feed_test_command import test_feed
from searchsvc.ingest.discover import Found, discover
from searchsvc.ingest.feeds import Feed
from searchsvc.ingest.fetch import fetcher, shown
from searchsvc.ingest.items import host_of
from searchsvc.ingest.opml import ListedFeed, zone_of
from searchsvc.ingest.parser import parser
from searchsvc.ingest.preview import preview
from searchsvc.ingest.schedule import address_of, standing
from searchsvc.present import local_time, moment
from searchsvc.service import Service
from searchsvc.store.feeds import FeedState
from searchsvc.terminal import as_json, dumps

LONGEST_NAME = 100
COLUMNS = ("state", "last success", "next due", "items", "last error")


@click.group()
def feeds() -> None:
    """The list of feeds that `flask ingest` reads."""


feeds.add_command(test_feed)


@feeds.command("list")
@as_json
def list_feeds(service: Service, as_json: bool) -> None:
    """Show every feed: how it does, when it answered last, when it is asked again."""
    states = service.feed_states.states()
    rows = [(feed, states[feed.address]) for feed in service.feed_list.feeds()]
    if as_json:
        click.echo(dumps([_document(feed, state) for feed, state in rows]))
        return
    zone = service.settings.timezone
    table = Table("name", Column("address", overflow="fold"), *COLUMNS)
    for feed, state in rows:
        times = (
            local_time(time, zone) if time else "-" for time in (state.succeeded, _next_due(feed, state))
        )
        cells = (feed.name, feed.address, standing(feed, state), *times, str(state.items))
        table.add_row(*map(escape, (*cells, _trouble(feed, state))))
    Console().print(table) if rows else click.echo(f"{service.settings.feeds.name} lists no feeds")


@feeds.command()
@click.argument("address")
@click.option("--name", help="What to call it; its own title otherwise.")
@click.option("--folder", default="", help="The folder to put it in: 新闻, 新闻/台湾.")
@click.option("--zone", metavar="ZONE", help="The zone of times in it that state none: Asia/Taipei.")
@click.option(
    "--full-text", is_flag=True, help="It has teasers only; its articles are wanted from their pages."
)
def add(
    service: Service, address: str, name: str | None, folder: str, zone: str | None, full_text: bool
) -> None:
    """Add the feed at ADDRESS, or the one that the site at ADDRESS names."""
    own = _zone(zone or "")
    found = _found(service, address, own or service.settings.timezone)
    called = (name or found.feed.title or host_of(found.address) or found.address)[:LONGEST_NAME]
    service.feed_list.add(
        ListedFeed(
            name=" ".join(called.split()),
            address=found.address,
            folder=folder,
            zone=own,
            full_text=full_text,
        )
    )
    _wake(service, found.address)
    listed = service.feed_list.find(found.address)
    click.echo(f"Added {listed.name}: {listed.address}, {_summary(service, found.feed)}")
    for other in found.others:
        click.echo(f"The site also names {other}")


@feeds.command("set")
@click.argument("named", metavar="NAME|ADDRESS")
@click.option("--zone", metavar="ZONE", help="The zone of times in it that state none; '' for the usual one.")
@click.option(
    "--full-text/--no-full-text", default=None, help="Whether its articles are fetched from their pages."
)
def set_feed(service: Service, named: str, zone: str | None, full_text: bool | None) -> None:
    """Say in which zone a feed's times are, and whether it has teasers only."""
    if zone is None and full_text is None:
        raise click.UsageError("Say what to set: --zone ZONE, --full-text, --no-full-text")
    feed = service.feed_list.find(named)
    own = feed.zone if zone is None else _zone(zone)
    whole = feed.full_text if full_text is None else full_text
    service.feed_list.describe(feed.address, zone=own, full_text=whole)
    pages = "its articles are fetched from their pages" if whole else "its own text is kept"
    click.echo(f"{feed.name}: times without a zone are of {own or service.settings.timezone}, {pages}")


@feeds.command()
@click.argument("named", metavar="NAME|ADDRESS")
def remove(service: Service, named: str) -> None:
    """Take a feed off the list; its articles stay."""
    feed = service.feed_list.find(named)
    service.feed_list.remove(feed.address)
    click.echo(f"Removed {feed.name}; its articles stay")


@feeds.command()
@click.argument("named", metavar="NAME|ADDRESS")
def pause(service: Service, named: str) -> None:
    """Ask a feed no more until it is resumed."""
    feed = service.feed_list.find(named)
    service.feed_list.pause(feed.address, paused=True)
    click.echo(f"{feed.name} is paused")


@feeds.command()
@click.argument("named", metavar="NAME|ADDRESS")
def resume(service: Service, named: str) -> None:
    """Ask a feed again that was paused or is gone, from the next ingest on."""
    feed = service.feed_list.find(named)
    if feed.paused:
        service.feed_list.pause(feed.address, paused=False)
    _wake(service, feed.address)
    click.echo(f"{feed.name} is asked from the next ingest on")


@feeds.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_feeds(service: Service, file: Path) -> None:
    """Add the feeds of an OPML FILE, with their folders; nothing is fetched yet."""
    added, known, refused = service.feed_list.merge(file.read_bytes(), str(file))
    click.echo(f"{added} feeds added, {known} were listed already")
    for address in refused:
        click.echo(f"skipped: {address!r} is no http or https address", err=True)


@feeds.command("export")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def export_feeds(service: Service, file: Path | None) -> None:
    """Write the list as OPML 2.0 to FILE, or to standard output."""
    data = service.feed_list.export()
    if file is None:
        click.echo(data.decode(), nl=False)
        return
    try:
        file.write_bytes(data)
    except OSError as error:
        raise SourceError(f"{file}: it cannot be written ({error.strerror})") from error


def _zone(name: str) -> ZoneInfo | None:
    """The zone that somebody typed; None for none."""
    zone = zone_of(name)
    if name and not zone:
        raise click.UsageError(f"{name!r} is not a time zone; one is 'Asia/Taipei'")
    return zone


def _trouble(feed: ListedFeed, state: FeedState) -> str:
    """What is wrong with a feed, without its address, which stands beside it."""
    error = (state.error or "").removeprefix("Cannot fetch ").removeprefix(shown(address_of(state)))
    return feed.problem or error.lstrip(": ")


def _next_due(feed: ListedFeed, state: FeedState) -> int | None:
    return None if feed.paused or state.retired is not None else state.due


def _document(feed: ListedFeed, state: FeedState) -> dict[str, Any]:
    times = {
        "last_fetch": state.fetched,
        "last_success": state.succeeded,
        "next_due": _next_due(feed, state),
        "failing_since": state.failing_since,
        "retired": state.retired,
        "newest": state.newest,
    }
    return {
        "name": feed.name,
        "address": feed.address,
        "folder": feed.folder,
        "zone": str(feed.zone) if feed.zone else None,
        "full_text": feed.full_text,
        "moved_from": feed.moved_from,
        "state": standing(feed, state),
        "error": feed.problem or state.error,
        "failures": state.failures,
        "items": state.items,
        "fetches": state.fetches,
        "bytes": state.bytes,
        "new": state.new,
        "updated": state.updated,
        **{name: None if seconds is None else moment(seconds) for name, seconds in times.items()},
    }


def _found(service: Service, address: str, zone: ZoneInfo) -> Found:
    whole = address if "://" in address else f"https://{address}"
    known = {feed.address: feed for feed in service.feed_list.feeds()}
    if whole in known:
        raise SourceError(f"It is in the list already, as {known[whole].name}")
    with parser(service.settings) as parsing:
        return discover(whole, fetcher(service.settings).fetch, parsing.feed, zone=zone)


def _wake(service: Service, address: str) -> None:
    """Let a feed that is known from before be asked at once."""
    state = service.feed_states.get(address)
    if state.fetched is not None:
        awake = replace(state, due=None, retired=None, failures=0, failing_since=None, error=None)
        service.feed_states.put([awake])


def _summary(service: Service, feed: Feed) -> str:
    seen = preview(feed, zone=service.settings.timezone, now=int(time.time()))
    return f"{len(seen.articles)} articles, {seen.fullness}"
