"""Database and index against their checksums and against each other: what is wrong, what to do."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from whoosh.query import Or

from searchsvc.article import Article
from searchsvc.engine import FIELDS, Engine, Plan
from searchsvc.engine.strings import ExactString
from searchsvc.errors import IndexUnavailable, StoreError
from searchsvc.ingest.identify import content_digest
from searchsvc.ingest.index import catch_up, compare, rebuild
from searchsvc.store.articles import ArticleStore
from searchsvc.store.sums import Misfit
from searchsvc.stories.follow import differences, is_up_to_date, tell_anew

# Articles from which a string is cut and searched for. A damaged index fails far more than one.
SAMPLE = 200
# Hits among which the sampled article is looked for; a rarer string is cut when there are more.
MOST_HITS = 10_000

Mend = Literal["indexes", "rows", "stories", "catch up", "rebuild", "none"]

RESTORE = "restore the database from a backup ('flask restore')"
# What SQLite says of an index that does not fit its table.
INDEX_PROBLEM = re.compile(r"missing from index|wrong # of entries in index|non-unique entry in index")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, in words, and what would mend it."""

    text: str
    mend: Mend


def check(store: ArticleStore, engine: Engine, seed: int | None = None) -> list[Finding]:
    """Everything that is wrong; empty when all is well."""
    return [*_database(store), *_stories(store), *_index(store, engine, random.Random(seed))]  # noqa: S311


def repair(findings: list[Finding], store: ArticleStore, engine: Engine) -> list[str]:
    """Mend what can be mended; what was done, in words."""
    mends = {finding.mend for finding in findings}
    done: list[str] = []
    if "indexes" in mends:
        store.mend_indexes()
        done.append("Made the indexes of the article database anew")
    if "rows" in mends:
        rows = _misfits(store)
        store.mend(rows)
        done.append(f"Set {len(rows)} damaged rows of the article database aside")
    if "stories" in mends:
        done.append(f"Told the stories anew; {tell_anew(store):,} articles have another one")
    if "rebuild" in mends:
        generation = rebuild(store, engine)
        done.append(f"Built the index anew from the database: {generation.count:,} articles")
    elif mends & {"catch up", "stories", "rows"}:
        done.append(f"Indexed {catch_up(store, engine):,} articles that the index had missed")
    return done


def _database(store: ArticleStore) -> Iterator[Finding]:
    try:
        problems = store.problems()
        if problems:
            mendable = all(INDEX_PROBLEM.search(problem) for problem in problems)
            what = "'flask check --repair' makes its indexes anew" if mendable else RESTORE
            for problem in problems:
                yield Finding(
                    f"The article database is damaged: {problem}; {what}", "indexes" if mendable else "none"
                )
            return
        rows = _misfits(store)
        damaged = {misfit.key for misfit in rows if misfit.table == "articles"}
        yield from map(_misfit, rows)
        for article in store.all():
            if article.id not in damaged and _damaged(article):
                yield _untrusted(article)
    except StoreError as error:
        yield Finding(str(error), "none")


def _misfits(store: ArticleStore) -> list[Misfit]:
    """The rows that are not what was written.

    PostgreSQL has checksums of its pages, none of rows; an article's own digest is held against its text.
    """
    if store.is_file:
        return store.misfits()
    return [Misfit("articles", each.id) for each in store.all() if each.digest and _damaged(each)]


def _misfit(found: Misfit) -> Finding:
    """What a row that is not what was written means, and what would mend it."""
    what = {"articles": "Article", "versions": "An earlier version of article"}
    if found.table not in what:
        return Finding(
            f"What is kept in the table {found.table} about {found.key} is damaged; "
            "'flask check --repair' sets it aside, and it is learnt anew",
            "rows",
        )
    if found.lost:
        return Finding(
            f"{what[found.table]} {found.key} is lost; {RESTORE}, or ingest its source again after "
            "'flask check --repair'",
            "rows",
        )
    if found.table == "versions":
        return Finding(f"{what[found.table]} {found.key} is not what was stored; {RESTORE}", "none")
    return Finding(
        f"Article {found.key} is not what was stored; {RESTORE}, or let 'flask check --repair' mark it: then "
        "the next ingest of its source writes it anew",
        "rows",
    )


def _untrusted(article: Article) -> Finding:
    """An article whose text is not the one of its digest, as nobody wrote it or as a repair has marked it."""
    marked = "has been marked as damaged" if not article.digest else "is not what was stored"
    return Finding(
        f"Article {article.id} ({article.title[:30]}) {marked}; ingest its source again, or {RESTORE}", "none"
    )


def _damaged(article: Article) -> bool:
    return content_digest(article.title, article.text) != article.digest


def _stories(store: ArticleStore) -> Iterator[Finding]:
    """Stories must be what the articles' texts say; of changes to come an index says enough."""
    try:
        wrong = differences(store) if is_up_to_date(store) else set()
    except StoreError:
        return  # Said already, by what looks at the database.
    if wrong:
        yield Finding(
            f"{len(wrong)} articles tell another story than their texts say, or are kept with the sketch of "
            "another text "
            f"({', '.join(sorted(map(str, wrong))[:3])}…); 'flask check --repair' tells them anew",
            "stories",
        )


def _index(store: ArticleStore, engine: Engine, rng: random.Random) -> Iterator[Finding]:
    try:
        current = engine.current()
        if current is None:
            if store.count():
                yield Finding("There is no index; 'flask reindex' builds it", "rebuild")
            return
        behind = store.change() - current.change
        if behind < 0:
            yield Finding(
                f"The database has lost {-behind} changes that the index has seen; {RESTORE}, or keep what "
                "it has: 'flask reindex' builds the index anew",
                "rebuild",
            )
            return
        if behind:
            yield Finding(
                f"The index is {behind} changes behind the database; 'flask ingest' or "
                "'flask check --repair' brings it up to date",
                "catch up",
            )
            return
        engine.check()
        missing, surplus = compare(store, engine)
        if missing or surplus:
            yield Finding(
                f"The index lacks {len(missing)} articles and has {len(surplus)} that the database does not; "
                "'flask reindex' builds it anew",
                "rebuild",
            )
        yield from _sampled(store, engine, rng)
    except IndexUnavailable as error:
        yield Finding(str(error), "rebuild")
    except StoreError:
        return  # Said already, by what looks at the database.


def _sampled(store: ArticleStore, engine: Engine, rng: random.Random) -> Iterator[Finding]:
    """Strings cut out of articles must find them."""
    ids = list(store.ids())
    lost = [
        article.id
        for article in store.get_many(rng.sample(ids, min(SAMPLE, len(ids)))).values()
        if not _is_found(article, engine, rng)
    ]
    if lost:
        yield Finding(
            f"{len(lost)} of {min(SAMPLE, len(ids))} sampled articles are not found by their own words "
            f"({', '.join(lost[:3])}…); 'flask reindex' builds the index anew",
            "rebuild",
        )


def _is_found(article: Article, engine: Engine, rng: random.Random) -> bool:
    words = [word for word in f"{article.title}\n{article.text}".split() if word]
    word = rng.choice(words)
    for length in (8, 40, 400):
        # From the beginning: a cut in the middle of a Latin word is no string of the text.
        string = word[:length]
        if length < len(word) and string[-1].isalnum() and word[length].isalnum() and string[-1].isascii():
            continue
        query = Or([ExactString(name, string) for name in FIELDS])
        found = engine.run(Plan(query, limit=MOST_HITS))
        if found.total <= MOST_HITS:
            return article.id in {hit.id for hit in found.hits}
    return True
