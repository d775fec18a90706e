"""Texts that are alike by as much as a test wants."""

import random

from searchsvc.article import Article, Source
from tests.build import NOW, article

# Characters of either script that fold to others, and of no script in particular.
HAN = "中国经济发展会议今天上午在北京举行记者从有关部门了解到这一计划将于明年开始实施并且得到各方支持的问题"
HOUR, DAY = 3_600, 86_400


def prose(seed: int, length: int = 400) -> str:
    """A text that has nothing in common with that of another seed."""
    chance = random.Random(seed)
    sentences, left = [], length
    while left > 0:
        size = min(left, chance.randint(8, 30))
        sentences.append("".join(chance.choice(HAN) for _ in range(size)) + "。")
        left -= size
    return "".join(sentences)


def edited(text: str, share: float, seed: int = 0) -> str:
    """The text with this share of its characters exchanged."""
    chance, characters = random.Random(seed), list(text)
    for place in chance.sample(range(len(text)), round(len(text) * share)):
        characters[place] = chance.choice("甲乙丙丁戊己庚辛壬癸")
    return "".join(characters)


def telling(name: str, text: str, hours: int = 0, **fields: object) -> Article:
    """An article of a source of its own, some hours after the others."""
    source = Source(f"{name}.example", name)
    return article(
        f"{name}报", text, url=f"https://{name}.example/1", source=source, stated=NOW + hours * HOUR, **fields
    )
