"""Stories, measured: which copies of articles are found again, and how quickly articles are grouped.

``python -m bench.duplicates``. The articles are ``articles.jsonl.gz`` of the shared data, as an ingest
keeps them. Each gets two copies, at other addresses of other sources, up to two days before or after:

- one with 5 % of its characters edited;
- one edited likewise and apart, then converted to the other script (OpenCC's s2tw or t2s).

An edit of 5 %: sentences go until half of the 5 % is used up, or none is short enough; then single
characters at random places are taken out, exchanged or put in, a third each, until what was touched is
5 % of the article. ``--characters`` edits single characters only, which does more harm.

All of it goes through the database as in an ingest. Then, of pairs of articles:

- recall: of all pairs of a copy and its original, how many tell one story;
- precision: of all pairs that tell one story, how many are right. Articles of one original are right.
  Of different originals nobody has written down which are the same story; taken as right are those
  whose originals have at least half of their strings of four characters in common, compared exactly
  and without sketches. That is not what a reader would say: ``--show N`` prints N pairs, to be read;
- seconds for 100,000 articles: 20,000 real ones, and 80,000 made of sentences drawn from all of them,
  at the same dates; sketches, groups and database, in one process.
"""

import argparse
import random
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

from opencc import OpenCC

from bench.corpus import shared_data
from searchsvc.article import Article, Entry, Source
from searchsvc.ingest.archive import read_file
from searchsvc.ingest.compose import compose
from searchsvc.store.articles import ArticleStore, Write
from searchsvc.stories.follow import follow
from searchsvc.text.fold import fold

SEED, SHARE, SIZE = 7, 0.05, 100_000
DAYS = 2 * 86_400
SENTENCE = re.compile(r"(?<=[。！？\n])")
# How many characters go and how many come: one taken out, exchanged, put in.
EDITS = ((1, 0), (1, 1), (0, 1))
UNIT = re.compile(r"[a-z0-9]+|[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\U00020000-\U000323ff]")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.duplicates", description=__doc__.split("\n")[0])
    parser.add_argument("--articles", type=int, default=20_000, help="originals (20,000)")
    parser.add_argument("--characters", action="store_true", help="edit single characters only")
    parser.add_argument("--show", type=int, default=0, help="pairs of different articles to print")
    given = parser.parse_args()
    chance = random.Random(SEED)
    originals = load(given.articles)
    print(f"{len(originals):,} articles, two copies each, {SHARE:.0%} edited")
    copies = [copy for original in originals for copy in _copies(original, chance, given.characters)]
    kept, _ = _grouped([*originals, *copies], chance)
    _judge(originals, copies, kept, chance, given.show)
    many = [*originals, *_made(originals, SIZE - len(originals), chance)]
    _, seconds = _grouped(many, chance)
    print(f"{len(many):,} articles grouped in {seconds:.1f} s")


def load(limit: int) -> list[Article]:
    """The shared articles, of each address one."""
    zone = ZoneInfo("Asia/Shanghai")
    with (shared_data() / "articles.jsonl.gz").open("rb") as file:
        entries = [item for item in read_file(file, "shared", zone=zone) if isinstance(item, Entry)]
    found = (compose(entry, zone=zone, now=0) for entry in entries[:limit])
    return list({article.id: article for article in found}.values())


def _copies(article: Article, chance: random.Random, only_characters: bool) -> Iterator[Article]:
    for number in (0, 1):
        title, text = (_edited(each, chance, only_characters) for each in (article.title, article.text))
        if number:
            title, text = (_other_script(article).convert(each) for each in (title, text))
        yield replace(
            article,
            id=f"{article.id}-{number}",
            identity=f"copy {article.id} {number}",
            source=Source(f"copy-{number}.example", f"copy-{number}.example"),
            title=title,
            text=text,
            published=(article.published or 0) + chance.randint(-DAYS, DAYS),
        )


def _edited(text: str, chance: random.Random, only_characters: bool) -> str:
    left = round(len(text) * SHARE)
    if not only_characters:
        text, left = _with_fewer_sentences(text, left, chance)
    characters = list(text)
    for _ in range(left):
        at = chance.randrange(len(characters) or 1)
        gone, come = chance.choice(EDITS)
        characters[at : at + gone] = chance.choice(text) * come
    return "".join(characters)


def _with_fewer_sentences(text: str, budget: int, chance: random.Random) -> tuple[str, int]:
    """The text without sentences of up to half of the budget, and what is left of it."""
    sentences = SENTENCE.split(text)
    half = budget // 2
    for at in chance.sample(range(len(sentences)), len(sentences)):
        if 0 < len(sentences[at]) <= half:
            half -= len(sentences[at])
            budget -= len(sentences[at])
            sentences[at] = ""
    return "".join(sentences), budget


def _other_script(article: Article) -> OpenCC:
    return _converter("t2s" if article.script == "hant" else "s2tw")


@cache
def _converter(name: str) -> OpenCC:
    return OpenCC(name)


def _made(articles: Sequence[Article], count: int, chance: random.Random) -> Iterator[Article]:
    """Articles of sentences drawn from all others, as long as others are, at their dates."""
    sentences = [sentence for article in articles for sentence in SENTENCE.split(article.text) if sentence]
    for number in range(count):
        like, text = articles[number % len(articles)], ""
        while len(text) < len(like.text):
            text += chance.choice(sentences)
        yield replace(like, id=f"{like.id}-{number}", identity=f"made {number}", title="", text=text)


def _grouped(articles: Sequence[Article], chance: random.Random) -> tuple[dict[str, str | None], float]:
    """The story of each article, as the database has it, and how long telling them took."""
    order = chance.sample(articles, len(articles))
    with tempfile.TemporaryDirectory() as folder:
        store = ArticleStore(Path(folder) / "articles.sqlite3")
        for start in range(0, len(order), 1_000):
            store.put(Write(article) for article in order[start : start + 1_000])
        began = time.perf_counter()
        follow(store)
        seconds = time.perf_counter() - began
        return {article.id: article.story for article in store.all()}, seconds


def _judge(
    originals: Sequence[Article],
    copies: Sequence[Article],
    kept: dict[str, str | None],
    chance: random.Random,
    show: int,
) -> None:
    """Print recall and precision."""
    found = sum(kept[copy.id] is not None and kept[copy.id] == kept[_family(copy.id)] for copy in copies)
    print(f"recall {found / len(copies):.4f} of {len(copies):,} pairs of a copy and its original")
    stories = defaultdict(list)
    for article, story in kept.items():
        if story:
            stories[story].append(article)
    pairs = [pair for told in stories.values() for pair in combinations(sorted(told), 2)]
    different = [pair for pair in pairs if _family(pair[0]) != _family(pair[1])]
    texts = {article.id: article for article in originals}
    between = {(_family(one), _family(other)) for one, other in different}
    alike = {pair for pair in between if _common(*(texts[each] for each in pair)) >= 0.5}
    wrong = sum((_family(one), _family(other)) not in alike for one, other in different)
    largest = max(map(len, stories.values()))
    print(
        f"precision {1 - wrong / len(pairs):.4f} of {len(pairs):,} pairs; {len(different):,} of them of "
        f"different originals, {wrong:,} with less than half in common; largest story {largest}"
    )
    listed = sorted(between)
    for one, other in chance.sample(listed, min(show, len(listed))):
        _show(texts[one], texts[other])


def _family(article_id: str) -> str:
    return article_id.partition("-")[0]


def _common(one: Article, other: Article) -> float:
    """The Jaccard similarity of two articles by their strings of four units, exactly."""
    left, right = _strings(one), _strings(other)
    return len(left & right) / max(1, len(left | right))


def _strings(article: Article) -> set[tuple[str, ...]]:
    units = UNIT.findall(fold(f"{article.title}\n{article.text}"))
    return set(zip(*(units[start:] for start in range(4)), strict=False))


def _show(one: Article, other: Article) -> None:
    hours = abs((one.published or 0) - (other.published or 0)) / 3600
    print(f"\n{_common(one, other):.2f} in common, {hours:.0f} hours apart")
    for article in (one, other):
        text = article.text.replace("\n", " ")
        print(f"  {article.source.name} | {article.title[:50]} | {text[:90]} … {text[-40:]}")


if __name__ == "__main__":
    main()
