"""The terminal: ``flask ingest``, ``reindex``, ``search``, ``check``, ``export``, ``stats``, ``feeds``,
``eval``, ``backup``, ``restore``, ``move-database``.

Each command turns arguments into a call and its answer into lines, or into JSON with ``--json``.
Exit status: 0, 1 when something failed, 2 on misuse. An error that a person can mend is one line
on standard error.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask import Flask
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from searchsvc.article import Article
from searchsvc.backup_commands import backup_command, move_command, restore_command
from searchsvc.canary_queries import disappointments, read_canaries
from searchsvc.engine import Generation
from searchsvc.evaluate import Figures, evaluate, read_judged
from searchsvc.feed_commands import feeds
from searchsvc.ingest.check import check as find_problems
from searchsvc.ingest.check import repair as mend
from searchsvc.ingest.index import rebuild, roll_back
from searchsvc.ingest_command import ingest_command
from searchsvc.present import local_time, moment, page_document, stats_document
from searchsvc.search.request import Request
from searchsvc.search.results import Hit, Page, Passage
from searchsvc.service import Service
from searchsvc.stats import take_stats
from searchsvc.stats_lines import show_stats
from searchsvc.terminal import as_json, dumps, progress, stopping_cleanly, with_service


def register(app: Flask, service: Service) -> None:
    """Add the commands to an application."""
    for command in (*COMMANDS, ingest_command, backup_command, restore_command, move_command, feeds):
        app.cli.add_command(with_service(command, service))


@click.command()
@click.option("--rollback", is_flag=True, help="Put the index before this one back in use instead.")
@click.option(
    "--force", is_flag=True, help="Build although the disk seems too small; ask the new one nothing."
)
@as_json
def reindex(service: Service, rollback: bool, force: bool, as_json: bool) -> None:
    """Build a new index from the database beside the one in use, check it, and switch to it.

    The new one must have every article, and give the right answers to strings cut out of articles and to
    the queries in the file of canaries (setting CANARIES).
    """
    began = time.perf_counter()
    if rollback:
        _show_generation(roll_back(service.store, service.engine), time.perf_counter() - began, as_json)
        return
    judge = partial(disappointments, service, read_canaries(service.settings.canaries))
    with stopping_cleanly(), progress(not as_json, "Indexing", service.store.count()) as advance:
        generation = rebuild(service.store, service.engine, advance, judge, force=force)
    _show_generation(generation, time.perf_counter() - began, as_json)


@click.command()
@click.argument("query")
@click.option("--from", "since", metavar="DATE", help="2024, 2024-11, 2024-11-07, P7D, 昨天")
@click.option("--to", "until", metavar="DATE", help="The last day, included.")
@click.option("--source", "sources", multiple=True, help="Only this source; may be repeated.")
@click.option("--sort", help="relevance (default), newest or oldest")
@click.option("--limit", help="Hits to show, 1 to 100 (20).")
@click.option("--variants", metavar="on|off", help="Other forms of names and regional words (on).")
@click.option("--fold", is_flag=True, help="List each story once, however many articles tell it.")
@click.option("--facets", metavar="NAMES", help="With --json: counts of all hits, by source,timeline.")
@as_json
def search(
    service: Service,
    query: str,
    since: str | None,
    until: str | None,
    sources: tuple[str, ...],
    sort: str | None,
    limit: str | None,
    variants: str | None,
    fold: bool,
    facets: str | None,
    as_json: bool,
) -> None:
    """Search for QUERY as the page and the API do."""
    if facets and not as_json:
        raise click.UsageError("--facets are shown with --json only")
    request = Request(
        q=query,
        since=since,
        until=until,
        sources=sources,
        sort=sort,
        page_size=limit,
        variants=variants,
        fold="on" if fold else None,
        facets=facets,
    )
    page = service.search.search(request)
    if as_json:
        click.echo(dumps(page_document(page)))
    else:
        _show_page(page, service.settings.timezone)


@click.command()
@click.option("--repair", is_flag=True, help="Mend what can be mended, and say what was done.")
@as_json
def check(service: Service, repair: bool, as_json: bool) -> None:
    """Check database and index against their checksums and against each other."""
    findings = find_problems(service.store, service.engine)
    done = mend(findings, service.store, service.engine) if repair else []
    left = find_problems(service.store, service.engine) if done else findings
    if as_json:
        problems = [{"problem": finding.text, "mend": finding.mend} for finding in left]
        click.echo(dumps({"problems": problems, "repaired": done}))
    else:
        for line in [*(finding.text for finding in findings), *done]:
            click.echo(line)
        click.echo(
            "All is well" if not left else "1 problem" if len(left) == 1 else f"{len(left)} problems",
            err=bool(left),
        )
    sys.exit(1 if left else 0)


@click.command()
def export(service: Service) -> None:
    """Write all articles to standard output as JSON Lines, which `flask ingest` reads again."""
    for article in service.store.all():
        click.echo(json.dumps(_exported(article), ensure_ascii=False))


@click.command()
@as_json
def stats(service: Service, as_json: bool) -> None:
    """Count articles, sources and days; describe database, index and the last ingest."""
    figures = take_stats(service, time.time())
    if as_json:
        click.echo(dumps(stats_document(figures)))
    else:
        show_stats(figures)


@click.command("eval")
@click.argument(
    "folders",
    nargs=-1,
    required=True,
    metavar="DIR…",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@as_json
def eval_command(service: Service, folders: tuple[Path, ...], as_json: bool) -> None:
    """Measure the search on judged sets: each DIR has docs.jsonl, queries.jsonl and qrels.tsv (or .gz).

    The documents go into an index of their own, for the time of the command; the service's articles
    and index are left alone.
    """
    measured: list[Figures] = []
    for judged in [read_judged(folder) for folder in folders]:
        with progress(not as_json, f"Asking {judged.name}", len(judged.grades)) as advance:
            measured.append(evaluate(judged, service.settings, advance))
    if as_json:
        click.echo(dumps({"sets": [asdict(figures) for figures in measured]}))
    else:
        _show_measured(measured)


COMMANDS = (reindex, search, check, export, stats, eval_command)


def _show_measured(measured: Sequence[Figures]) -> None:
    """A column for each set: a few sets fit any terminal, eleven figures side by side do not."""
    table = Table("")
    for figures in measured:
        table.add_column(escape(figures.name), justify="right")
    rows: dict[str, Callable[[Figures], str]] = {
        "documents": lambda figures: f"{figures.docs:,}",
        "queries": lambda figures: f"{figures.queries:,}",
        "MRR@10": lambda figures: f"{figures.mrr_10:.4f}",
        "nDCG@10": lambda figures: f"{figures.ndcg_10:.4f}",
        "recall@10": lambda figures: f"{figures.recall_10:.4f}",
        "recall@100": lambda figures: f"{figures.recall_100:.4f}",
        "ms, median": lambda figures: f"{figures.p50_ms:.1f}",
        "ms, 95 %": lambda figures: f"{figures.p95_ms:.1f}",
        "all words": lambda figures: f"{figures.all:,}",
        "some words": lambda figures: f"{figures.some:,}",
        "nothing found": lambda figures: f"{figures.none:,}",
    }
    for name, value in rows.items():
        table.add_row(name, *map(value, measured))
    Console().print(table)


def _exported(article: Article) -> dict[str, Any]:
    """An article as a line of an export; read again, it is the same article, with the same id."""
    return {
        "id": article.id if article.url or not article.guid else article.guid,
        "title": article.title,
        "url": article.url,
        "source": article.source.name,
        "source_id": article.source.id,
        "author": article.author,
        "published": moment(article.published) if article.published is not None else None,
        "text": article.text,
        "html": article.html,
    }


def _show_generation(generation: Generation, seconds: float, as_json: bool) -> None:
    if as_json:
        figures = {"generation": generation.name, "articles": generation.count, "seconds": round(seconds, 3)}
        click.echo(dumps(figures))
    else:
        size = f"{generation.bytes / 1e6:.1f} MB"
        click.echo(f"{generation.name}: {generation.count:,} articles, {size}, {seconds:.1f} s")


def _show_page(page: Page, zone: ZoneInfo) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for warning in page.asked.warnings:
        click.echo(f"note: {warning}", err=True)
    if page.asked.matched == "some":
        click.echo("note: no article has all the words; these have some of them", err=True)
    if page.asked.variants:
        forms = "; ".join(f"{word}: {', '.join(forms)}" for word, forms in page.asked.variants.items())
        click.echo(f"note: other forms are found too: {forms}", err=True)
    if page.asked.did_you_mean:
        click.echo(f"note: did you mean: {' | '.join(page.asked.did_you_mean)}", err=True)
    for number, hit in enumerate(page.hits, start=1):
        _show_hit(console, number, hit, zone)
    folded = f" ({page.folded:,} more tell the same stories)" if page.folded else ""
    console.print(f"{page.total:,} found{folded} in {page.took_ms:.1f} ms", style="dim")


def _show_hit(console: Console, number: int, hit: Hit, zone: ZoneInfo) -> None:
    article = hit.article
    title = next(
        (part for part in hit.passages if part.field == "title"), Passage("title", article.title, ())
    )
    when = "no date" if article.published is None else local_time(article.published, zone)
    console.print(Text(f"{number}. ").append_text(_styled(title, "bold")))
    console.print(Text(f"   {article.source.name}  {when}  {article.url or article.id}", style="dim"))
    for passage in hit.passages:
        if passage.field == "text":
            console.print(Text("   ").append_text(_styled(passage, "")))
    if hit.telling > 1:
        console.print(f"   The same story in {hit.telling - 1:,} more", style="dim")


def _styled(passage: Passage, style: str) -> Text:
    """A passage with its matches reversed; control characters were removed when it was stored."""
    text = Text(passage.text, style=style)
    for start, end in passage.spans:
        text.stylize("reverse", start, end)
    return text
