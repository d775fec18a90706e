"""Articles to break things with: any number of them, each known from its number and edition alone."""

import json
import random
from pathlib import Path

# Common characters in both scripts; what they say does not matter here, only that it is all found again.
SIMPLIFIED = (
    "国会经济发展记者报道总统选举政府人民银行货币网络电话时间问题东西南北气候变化疫苗医院学校汽车飞机"
)
TRADITIONAL = (
    "國會經濟發展記者報道總統選舉政府人民銀行貨幣網絡電話時間問題東西南北氣候變化疫苗醫院學校汽車飛機"
)
FIRST_DAY = 1_730_000_000


def address(number: int) -> str:
    """Where an article was published."""
    return f"https://news.example/{number}"


def words(number: int, edition: int = 0) -> tuple[str, str]:
    """Title and text of an article, in the simplified script if its number is even."""
    chance = random.Random(f"{number} {edition}")
    alphabet = TRADITIONAL if number % 2 else SIMPLIFIED
    title = "".join(chance.choices(alphabet, k=12))
    paragraphs = ["".join(chance.choices(alphabet, k=60)) + "。" for _ in range(4)]
    return title, "\n".join(paragraphs)


def line(number: int, edition: int = 0) -> str:
    """An article as `flask ingest` reads it."""
    title, text = words(number, edition)
    moment = FIRST_DAY + number * 3_600
    return json.dumps(
        {
            "title": title,
            "url": address(number),
            "source": f"source{number % 3}.example",
            "published": moment,
            "text": text,
        },
        ensure_ascii=False,
    )


def write(path: Path, numbers: range, edition: int = 0) -> Path:
    """A file of articles."""
    path.write_text("".join(line(number, edition) + "\n" for number in numbers))
    return path
