"""What must be true of an archive after any fault, and after the next ingest."""

import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from whoosh.query import Or

from searchsvc.engine import FIELDS, Plan
from searchsvc.engine.strings import ExactString
from searchsvc.errors import SearchServiceError
from searchsvc.ingest.check import check, repair
from searchsvc.service import Service
from searchsvc.text.fold import fold
from tests.torture import articles
from tests.torture.workloads import BASE, NEW, NEXT, run, service

# Strings that are looked up in the index and by a plain scan.
STRINGS = 12
# What may lie in the folders: all else is litter.
DATA = {"articles.sqlite3", "articles.sqlite3-wal", "articles.sqlite3-shm"}
INDEX = {"CURRENT", "WRITER", "BUILDER"}


def reads(folder: str, before: Sequence[int]) -> list[str]:
    """Searching goes on right after a fault, with all that was acknowledged; nobody has mended anything."""
    opened = service(Path(folder))
    violations = []
    for number in before:
        title, _ = articles.words(number)
        try:
            total = opened.engine.run(Plan(Or([ExactString(name, title) for name in FIELDS]), limit=5)).total
        except SearchServiceError as error:
            return [f"searching right after it: {error}"]
        if total != 1:
            violations.append(f"searching right after it finds article {number} {total} times")
    return violations


def kept(
    folder: str, before: Sequence[int], new: Sequence[int], changed: Sequence[int], done: bool
) -> list[str]:
    """All of it: the next ingest works, and then nothing is lost, torn, doubled or left lying about.

    ``done``: the disturbed command said that it was done, so what it stored must be there.
    """
    with suppress(SystemExit):
        run(folder, ["ingest", "next.jsonl"])
    opened = service(Path(folder))
    return [
        *_articles(opened, before, new, changed, done),
        *(f"check: {finding.text}" for finding in check(opened.store, opened.engine, seed=1)),
        *_strings(opened),
        *_litter(opened),
    ]


def _articles(
    opened: Service, before: Sequence[int], new: Sequence[int], changed: Sequence[int], done: bool
) -> Iterator[str]:
    """Each article is one of those that it may be."""
    found: dict[str | None, tuple[str, str]] = {}
    for article in opened.store.all():
        if article.url in found:
            yield f"{article.url} is there twice"
        found[article.url] = article.title, article.text
    for number in (*before, *new, *NEXT):
        has = found.pop(articles.address(number), None)
        editions = [articles.words(number, 1)] if number in changed else []
        if not (done and number in changed):
            editions.insert(0, articles.words(number))
        if has is None:
            if number not in new or done:
                yield f"article {number} is lost"
        elif has not in editions:
            yield f"article {number} is not what was stored"
    for address in found:
        yield f"{address} was never stored"


def _strings(opened: Service) -> Iterator[str]:
    """Strings cut out of texts find exactly the articles that a plain scan finds."""
    chance = random.Random(7)
    stored = list(opened.store.all())
    folded = {article.id: (fold(article.title), fold(article.text)) for article in stored}
    for _ in range(STRINGS):
        text = chance.choice(stored).text.replace("\n", "").replace("。", "")
        start, length = chance.randrange(len(text) - 4), chance.randint(1, 4)
        string = text[start : start + length]
        scan = {one for one, fields in folded.items() if any(fold(string) in field for field in fields)}
        query = Or([ExactString(name, string) for name in FIELDS])
        index = {hit.id for hit in opened.engine.run(Plan(query, limit=len(stored))).hits}
        if index != scan:
            yield f"{string!r} finds {len(index)} articles, a scan finds {len(scan)}"


def _litter(opened: Service) -> Iterator[str]:
    """Only what is in use lies in the folders."""
    generations = opened.engine.generations
    pointer = generations.pointer()
    names = {name for name in (pointer.current, pointer.previous) if name}
    for folder, allowed in (
        (opened.settings.data_dir, DATA),
        (opened.settings.index_dir, INDEX | names),
        (opened.settings.feeds.parent, None),
    ):
        for path in folder.iterdir():
            odd = (
                path.name.startswith(".") or path.suffix == ".tmp"
                if allowed is None
                else path.name not in allowed
            )
            if odd:
                yield f"{path.name} is left in {folder.name or folder}"
    for name in names:
        yield from _litter_of(generations.path(name))


def _litter_of(folder: Path) -> Iterator[str]:
    from searchsvc.engine import commits
    from searchsvc.engine.generations import Generations

    state = Generations(folder.parent).state(folder.name)
    committed = commits.read(folder, state)
    named = {segment.path(folder).name for segment in committed.segments}
    for path in folder.iterdir():
        if path.name not in named | {"state.json", commits.TOC._filename(commits.NAME, state.toc)}:
            yield f"{path.name} is left in {folder.name}"


def seen(folder: str) -> dict[str, object]:
    """What somebody sees of an archive: what `flask check` finds, all that is stored, what searching gives."""
    opened = service(Path(folder))
    try:
        findings = [finding.text for finding in check(opened.store, opened.engine, seed=1)]
    except SearchServiceError as error:
        findings = [str(error)]
    return {"findings": findings, "stored": _stored(opened), "answers": _answers(opened)}


def repaired(folder: str) -> list[str]:
    """What `flask check` still finds after `flask check --repair`."""
    opened = service(Path(folder))
    repair(check(opened.store, opened.engine, seed=1), opened.store, opened.engine)
    return [finding.text for finding in check(opened.store, opened.engine, seed=1)]


def _stored(opened: Service) -> str:
    """A digest of every row of every table, or what hinders."""
    digest = blake2b()
    try:
        connection = opened.store.connection()
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1"
        ).fetchall()
        for (name,) in tables:
            for row in connection.execute(f"SELECT * FROM {name}"):
                digest.update(repr(row).encode())
    except SearchServiceError as error:
        return str(error)
    return digest.hexdigest()


def _answers(opened: Service) -> list[int] | str:
    """How many articles have each of some titles, or what hinders."""
    try:
        return [
            opened.engine.run(
                Plan(Or([ExactString(name, articles.words(number)[0]) for name in FIELDS]))
            ).total
            for number in (*BASE, *NEW)
        ]
    except SearchServiceError as error:
        return str(error)
