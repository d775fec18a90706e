"""Query strings of every kind of malice, for ``hostile`` to ask and for the tests."""

import random
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote, quote_from_bytes

SEED = 20241107
# Longer ones are refused by their length.
LONGEST = 2_500
FREQUENT = "的一是不了在人有我他这"
WORDS = """
" “ ” 「 」 ( ) （ ） - － NOT OR AND * ~ = ＝ : ： \\ / % & + # ? ; , 。 ， ！ \t \u3000 \u200b intitle:
source:
author: date: before: after: intitle:石破 source:x author:张 date:2024-13 date:P7D date:99999999 date:/
before:昨天 after:2024-02-30 date:2024-01-01/2023 =乾 ="中国" biden~ a* zh* 的 中国 的的的 了 一 是
不 在 有 人 美国总统特朗普 川普 covid-19 G20峰会 11月18日 ٣ İ ß ﬁ 𠮷 🏳️‍🌈 \u202e \u2066 \ufeff e\u0301
'; DROP TABLE articles;--
<script>alert(1)</script> {{7*7}} ../../etc/passwd ${jndi:x} %s %00 None null NaN
"""
PIECES = [*WORDS.split(), "\t", "\n", "\u3000", " "]


def queries(titles: Sequence[str], count: int, seed: int = SEED) -> Iterator[str]:
    """Query strings, percent-encoded. ``titles``: of articles that are there, to cut words from."""
    chance = random.Random(seed)
    makers = _makers(chance, titles)
    for _ in range(count):
        if chance.random() < 0.05:
            yield quote_from_bytes(chance.randbytes(chance.randint(1, 60)))
        else:
            yield quote(chance.choice(makers)()[:LONGEST], safe="")


def _makers(chance: random.Random, titles: Sequence[str]) -> tuple[Callable[[], str], ...]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = sorted({word for title in titles for word in title.split() if word.isascii() and word.isalnum()})
    words = words or ["biden", "trump"]

    def cut(longest: int) -> str:
        title = chance.choice(titles)
        start = chance.randrange(len(title))
        return title[start : start + chance.randint(1, longest)]

    def repeated(separator: str, most: int, part: Callable[[], str]) -> Callable[[], str]:
        return lambda: separator.join(part() for _ in range(chance.randint(1, most)))

    return (
        repeated("", 60, lambda: chr(chance.randrange(1, 0xD800))),
        repeated("", 40, lambda: chance.choice(PIECES)),
        repeated(" ", 80, lambda: chance.choice(PIECES)),
        lambda: chance.choice(titles) * chance.randint(1, 8),
        repeated(" OR ", 90, lambda: chance.choice(titles)[:3]),
        repeated("", 4, lambda: chance.choice(chance.choice(titles))),
        lambda: "(" * chance.randint(1, 300) + chance.choice(titles) + ")" * chance.randint(0, 300),
        repeated(" ", 70, lambda: chance.choice(FREQUENT)),
        repeated(" OR ", 70, lambda: chance.choice(FREQUENT)),
        repeated(" ", 60, lambda: f"{chance.choice(letters)}*"),
        repeated(" OR ", 60, lambda: f"{chance.choice(letters)}*"),
        repeated(" ", 60, lambda: f"{chance.choice(['biden', 'trump', 'a', 'xyzzy'])}~"),
        repeated(" OR ", 60, lambda: f"{chance.choice(words)[:12]}~"),
        lambda: "=" + cut(5),
        repeated(" OR ", 40, lambda: "=" + cut(3)),
        repeated(" ", 40, lambda: f"-{cut(2)}"),
        repeated("", 400, lambda: f'"{cut(2)}"'),
        lambda: chance.choice(titles)[:1] * chance.randint(1, 3_000),
    )
