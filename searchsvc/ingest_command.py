"""``flask ingest``: what to read, how it went, and what to do about what failed."""

import json
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from searchsvc.errors import SourceError
from searchsvc.ingest.full_text import FullText
from searchsvc.ingest.items import Failed, Skipped
from searchsvc.ingest.opml import ListedFeed
from searchsvc.ingest.parser import Parser, parser
from searchsvc.ingest.pipeline import ingest
from searchsvc.ingest.report import Report, SourceReport
from searchsvc.ingest.rounds import Result, Round, active_feeds, due_feeds, forgive_outage, keep_moves
from searchsvc.ingest.sources import Sources, read_sources
from searchsvc.present import local_time, moment
from searchsvc.service import Service
from searchsvc.terminal import as_json, dumps, on_terminal, progress

# Reasons listed under the table of what is no feed; --json has them all.
MOST_REASONS = 20
# A feed that fails for so long is most likely dead.
DEAD_SECONDS = 30 * 86_400


@click.command("ingest")
@click.argument("sources", nargs=-1, metavar="[SOURCE]…")
@click.option("--all", "everything", is_flag=True, help="Without SOURCE: every feed, due or not.")
@click.option("--force", is_flag=True, help="Read feeds again that have not changed; implies --all.")
@as_json
def ingest_command(
    service: Service, sources: tuple[str, ...], everything: bool, force: bool, as_json: bool
) -> None:
    """Fetch, parse, store and index SOURCE…: feeds by address or name, files, folders, globs, - for
    standard input.

    Without a source, the feeds of the list that are due. Repeating it changes nothing.
    """
    listed = _listed(service, needed=not sources)
    if not (sources or listed):
        raise click.UsageError(
            f"Name a source, or list feeds in {service.settings.feeds.name} ('flask feeds add ADDRESS')"
        )
    with parser(service.settings) as parsing:
        run = _Run(service, parsing, force, quiet=as_json)
        report = run.read(sources, listed) if sources else run.ask_list(listed, everything or force)
    notes = [
        *forgive_outage(service.feed_states, run.results),
        *keep_moves(service.feed_list, service.feed_states, run.results, run.now),
    ]
    if as_json:
        click.echo(dumps(_document(report, run, notes)))
    else:
        _show(report, run, notes)
    sys.exit(1 if report.failed else 0)


def _listed(service: Service, *, needed: bool) -> list[ListedFeed]:
    """The feeds of the list; a list that is broken hinders nobody who reads a file."""
    try:
        return service.feed_list.feeds()
    except SourceError as error:
        if needed:
            raise
        click.echo(f"note: {error}", err=True)
        return []


class _Run:
    """One ingest: its clock, the feeds it asks, and what it tells while it goes on."""

    def __init__(self, service: Service, parsing: Parser, force: bool, *, quiet: bool) -> None:
        self.service = service
        self._parser = parsing
        self.zone: ZoneInfo = service.settings.timezone
        self.now = int(time.time())
        self.waiting = 0
        self._force = force
        self._quiet = quiet
        self._round: Round | None = None
        self._items: dict[str, int] = {}

    @property
    def results(self) -> list[Result]:
        """What came of each feed."""
        return list(self._round.results.values()) if self._round else []

    def read(self, sources: Sequence[str], listed: Sequence[ListedFeed]) -> Report:
        """Ingest what a person named."""
        found = read_sources(
            sources, zone=self.zone, ask=self._ask, listed=listed, read_xml=self._parser.feed_file
        )
        return self._ingest(found, None)

    def ask_list(self, listed: Sequence[ListedFeed], everything: bool) -> Report:
        """Ingest the feeds of the list: all that are asked at all, or those that are due."""
        active = active_feeds(listed, self.service.feed_states)
        chosen = active if everything else due_feeds(listed, self.service.feed_states, self.now)
        self.waiting = len(active) - len(chosen)
        return self._ingest(self._ask(chosen), len(chosen))

    def _ask(self, feeds: list[ListedFeed]) -> Sources:
        service = self.service
        self._round = Round(
            feeds,
            service.feed_states,
            service.settings,
            self._parser,
            now=self.now,
            full_text=FullText(service.store, service.pages, self._parser, service.settings),
            force=self._force,
        )
        return self._round.sources()

    def _ingest(self, sources: Iterator[tuple[str, Any]], feeds: int | None) -> Report:
        with progress(not self._quiet, "Reading" if feeds is None else "Fetching", feeds) as advance:

            def went_on(report: SourceReport) -> None:
                self._items[report.source] = report.items
                if feeds is None:
                    advance(sum(self._items.values()))

            def finished(report: SourceReport) -> None:
                result = self._round.finished(report) if self._round else None
                if feeds is not None:
                    advance(len(self.results))
                if result and not self._quiet and not on_terminal():
                    click.echo(json.dumps(_result(result), ensure_ascii=False), err=True)

            return ingest(
                sources,
                self.service.store,
                self.service.engine,
                zone=self.zone,
                now=self.now,
                progress=went_on,
                finished=finished,
            )


def _document(report: Report, run: _Run, notes: list[str]) -> dict[str, Any]:
    by_address = {result.feed.address: result for result in run.results}
    sources = [_source(source, by_address.get(source.source)) for source in report.sources]
    return {"sources": sources, "indexed": report.indexed, "not_due": run.waiting, "notes": notes}


def _source(source: SourceReport, result: Result | None) -> dict[str, Any]:
    counts = {
        "source": source.source,
        "new": source.new,
        "updated": source.updated,
        "unchanged": source.unchanged,
        "skipped": _reasons(source.skipped),
        "failed": _reasons(source.failed),
    }
    if not result:
        return counts
    return counts | {"feed": _result(result), "page_failures": _reasons(result.page_failures)}


def _reasons(items: Sequence[Skipped | Failed]) -> list[dict[str, str]]:
    return [{"item": item.origin, "reason": item.reason} for item in items]


def _result(result: Result) -> dict[str, Any]:
    """What came of a feed, as a line of a log has it."""
    state = result.after
    times = {
        "due": state.due,
        "last_success": state.succeeded,
        "failing_since": state.failing_since,
        "retired": state.retired,
    }
    return {
        "feed": result.feed.name,
        "address": result.feed.address,
        "outcome": result.outcome,
        "new": result.new,
        "updated": result.updated,
        "unchanged": result.unchanged,
        "skipped": result.skipped,
        "bytes": result.bytes,
        "pages": result.pages,
        "pages_failed": len(result.page_failures),
        "seconds": round(result.seconds, 3),
        "error": state.error,
        "failures": state.failures,
        **{name: None if seconds is None else moment(seconds) for name, seconds in times.items()},
    }


def _show(report: Report, run: _Run, notes: list[str]) -> None:
    names = {result.feed.address: result.feed.name for result in run.results}
    rows = [source for source in report.sources if source.items or source.source not in names]
    if rows:
        Console().print(_table(rows, names))
    for line in (*_lines(run), *notes):
        click.echo(line)
    click.echo(f"{report.indexed:,} articles indexed")
    for result in run.results:
        if result.outcome in ("failed", "gone"):
            click.echo(_failure(result, run.zone, run.now), err=True)
    _show_pages(run.results)
    _show_reasons(report, set(names))


def _table(sources: Sequence[SourceReport], names: dict[str, str]) -> Table:
    table = Table("source")
    for column in ("new", "updated", "unchanged", "skipped", "failed"):
        table.add_column(column, justify="right")
    rows = [(s.new, s.updated, s.unchanged, len(s.skipped), len(s.failed)) for s in sources]
    for source, counts in zip(sources, rows, strict=True):
        name = names.get(source.source, source.source)
        table.add_row(escape(name), *(f"{count:,}" for count in counts))
    if len(rows) > 1:
        table.add_row("total", *(f"{sum(column):,}" for column in zip(*rows, strict=True)), style="bold")
    return table


def _lines(run: _Run) -> Iterator[str]:
    """How the feeds did, in a line or two."""
    results = run.results
    count = {outcome: sum(result.outcome == outcome for result in results) for outcome in OUTCOMES}
    if results:
        said = [f"{count[outcome]} {words}" for outcome, words in OUTCOMES.items() if count[outcome]]
        size = sum(result.bytes for result in results) / 1e6
        yield f"{len(results)} feeds asked: {', '.join(said)}; {size:.1f} MB"
    if run.waiting:
        yield f"{run.waiting} feeds are not due yet; --all asks them now"


OUTCOMES = {
    "fetched": "with a new body",
    "unchanged": "unchanged",
    "failed": "failed",
    "gone": "gone for good",
    "put off": "put off, as their hosts want",
}


def _failure(result: Result, zone: ZoneInfo, now: int) -> str:
    """A feed that failed: why, since when, and what to do."""
    state, named = result.after, shlex.quote(result.feed.name)
    since = local_time(state.failing_since or now, zone)
    last = f"last success {local_time(state.succeeded, zone)}" if state.succeeded else "it never answered"
    times = "" if state.failures == 1 else f"{state.failures} times in a row since {since}, {last}. "
    if result.outcome == "gone":
        then = f"It is not asked again: `flask feeds remove {named}`, or `flask feeds resume {named}` to try"
    else:
        then = f"Asked again from {local_time(state.due or now, zone)}"
        if now - (state.failing_since or now) > DEAD_SECONDS:
            then += f"; if it is dead, `flask feeds remove {named}`"
    return f"failed: {result.feed.name}: {(state.error or '').rstrip('.')}. {times}{then}"


def _show_pages(results: Sequence[Result]) -> None:
    """Pages that gave no full text; their items are kept with the text of the feed."""
    lines = [
        f"page: {result.feed.name}: {page.reason}" for result in results for page in result.page_failures
    ]
    _show_first(lines)
    if lines:
        click.echo(f"{len(lines)} articles are kept with the text of their feed only", err=True)


def _show_reasons(report: Report, feeds: set[str]) -> None:
    """What failed besides feeds, and what was skipped."""
    lines = [
        f"{kind}: {item.origin}: {item.reason.removeprefix(item.origin).lstrip(': ')}"
        for source in report.sources
        for kind, items in (("failed", source.failed), ("skipped", source.skipped))
        for item in items
        if not (kind == "failed" and source.source in feeds)
    ]
    _show_first(lines)


def _show_first(lines: Sequence[str]) -> None:
    for line in lines[:MOST_REASONS]:
        click.echo(line, err=True)
    if len(lines) > MOST_REASONS:
        click.echo(f"… and {len(lines) - MOST_REASONS} more; --json lists them all", err=True)
