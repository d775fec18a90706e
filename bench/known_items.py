"""News articles → judged sets of another kind: is the article found from which the query was made?

``python -m bench.known_items FOLDER`` writes four folders for ``flask eval FOLDER/*``. Queries are
what is left of a title or of sentences when words are taken out and, every other time, put in
another order: of a title, of one sentence, of one sentence within a question, and of two sentences
within a question. One article answers each; others may too, so only differences mean something.
"""

import argparse
import gzip
import json
import os
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import rjieba

from bench.corpus import shared_data

COUNT, SEED = 300, 7
KINDS = ("title", "sentence", "question", "long")
# Articles as short as this, and titles of so few words, are too easily alike.
SHORTEST, FEWEST = 200, 6
SENTENCE = re.compile(r"[^。！？!?\n]{18,60}[。！？!?]")
QUESTIONS = (
    "{}是什么时候的事？",
    "为什么{}？",
    "请问{}的原因是什么",
    "{}在哪里举行？",
    "谁说{}？",
    "{}有多少？",
    "{}结果怎么样？",
    "关于{}，各方有什么反应？",
)


def queries(articles: Sequence[dict[str, Any]], chance: random.Random) -> Iterator[tuple[str, str, str]]:
    """Without end: the kind of a query, its text, and the id of the article it was made from."""
    while True:
        article = chance.choice(articles)
        if len(article["text"]) < SHORTEST:
            continue
        words = _words(article["title"])
        if len(words) >= FEWEST:
            yield "title", _mixed(_less(words, 0.3, chance), chance), article["id"]
        sentences = SENTENCE.findall(article["text"])
        if len(sentences) < 3:
            continue
        yield "sentence", _mixed(_less(_words(chance.choice(sentences)), 0.35, chance), chance), article["id"]
        asked = "".join(_less(_words(chance.choice(sentences)), 0.5, chance))
        yield "question", chance.choice(QUESTIONS).format(asked), article["id"]
        two = ["".join(_less(_words(one), 0.6, chance)) for one in chance.sample(sentences, 2)]
        yield "long", chance.choice(QUESTIONS).format("，".join(two)), article["id"]


def _words(text: str) -> list[str]:
    return [word for word in rjieba.cut(text) if any(map(str.isalnum, word))]


def _less(words: list[str], share: float, chance: random.Random) -> list[str]:
    return [word for word in words if chance.random() > share] or words


def _mixed(words: list[str], chance: random.Random) -> str:
    if chance.random() < 0.5:
        chance.shuffle(words)
    return "".join(words)


def write(folder: Path, articles: Sequence[dict[str, Any]], count: int = COUNT) -> None:
    """Write the judged sets; the documents are there once, under four names."""
    found: dict[str, list[tuple[str, str]]] = {kind: [] for kind in KINDS}
    endless = queries(articles, random.Random(SEED))
    while any(len(made) < count for made in found.values()):
        kind, text, article = next(endless)
        found[kind].append((text, article))
    for kind in KINDS:
        (folder / kind).mkdir(parents=True, exist_ok=True)
    docs = folder / KINDS[0] / "docs.jsonl.gz"
    _lines(docs, [{name: article[name] for name in ("id", "title", "text")} for article in articles])
    for kind in KINDS:
        if kind != KINDS[0]:
            (folder / kind / docs.name).unlink(missing_ok=True)
            os.link(docs, folder / kind / docs.name)
        made = [(f"{kind}-{number}", *query) for number, query in enumerate(found[kind][:count])]
        _lines(folder / kind / "queries.jsonl.gz", [{"id": key, "text": text} for key, text, _ in made])
        qrels = "".join(f"{key}\t0\t{article}\t1\n" for key, _, article in made)
        (folder / kind / "qrels.tsv").write_text(qrels)


def _lines(path: Path, values: Sequence[dict[str, Any]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.writelines(json.dumps(value, ensure_ascii=False) + "\n" for value in values)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    with gzip.open(shared_data() / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        articles = list(map(json.loads, lines))
    write(parser.parse_args().folder, articles)
