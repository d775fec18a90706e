"""OpenCC's character tables and Unicode's → ``fold_table.py``, the table that ``fold`` applies.

In: a folder with OpenCC's text tables (STCharacters, TSCharacters, TWVariants, HKVariants), and the
dictionary that queries are cut by (jieba's dict.txt: word, frequency, part of speech).
Out: Python source on standard output; redirect it to ``fold_table.py``. Run once per release of
the tables, never at serving time::

    python -m searchsvc.text.make_fold_table FOLDER DICTIONARY > searchsvc/text/fold_table.py

Three things are written: the pairs of the fold, the characters that tell one script from the other,
and the class of every code point (letter of a word, sign, space, invisible), so that the terms of
an index do not depend on the Unicode version of the Python that reads it.

Two kinds of difference are joined. Writing form (width, case, accents, compatibility forms) comes
from Unicode and touches single code points only. Script comes from OpenCC: the classes are the
connected components of "converts to" over all candidates, because a choice by context (乾 is 干 in
乾燥 but stays 乾 in 乾隆) would make a fragment fold otherwise than the document it was cut from.
"""

import hashlib
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

TABLES = ("STCharacters", "TSCharacters", "TWVariants", "HKVariants")

# One sign, several habits: “” in Beijing is 「」 in Taipei, and a foreign name's dot has four forms.
PUNCTUATION = {
    '"': "“”„‟「」『』〝〞〟﹁﹂﹃﹄«»",
    "'": "‘’‚‛`´",
    "·": "•‧∙⋅・･",
    "…": "⋯",
    "-": "‐‑‒–—―−─━﹘﹣",
    "~": "〜～∼",
    "《": "〈",
    "》": "〉",
    "。": "｡",
    "、": "､",
}
# Letters whose stroke Unicode does not decompose.
STROKED = {"đ": "d", "ø": "o", "ł": "l", "ħ": "h", "ŧ": "t", "ı": "i", "ð": "d"}


def main() -> None:
    """Read the folder named on the command line, print the module."""
    folder, dictionary = map(Path, sys.argv[1:])
    pairs = {name: list(read_table(folder / f"{name}.txt")) for name in TABLES}
    table = close(form_table() | han_table(pairs, frequencies(dictionary)))
    write_module(table, *one_script_only(pairs))


def read_table(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Each line of an OpenCC text table as (key, candidates)."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            key, _, values = line.partition("\t")
            yield key, values.split()


def form_table() -> dict[str, str]:
    """Width, case, accents, compatibility forms: every code point with a one-code-point plain form."""
    table = {mark: plain for plain, marks in PUNCTUATION.items() for mark in marks}
    for point in range(sys.maxunicode + 1):
        char = chr(point)
        if 0xD800 <= point < 0xE000 or char in table or char in PUNCTUATION:
            continue
        plain = plain_form(char)
        if plain != char:
            table[char] = plain
    return table


def plain_form(char: str) -> str:
    """The plain form of a character: compatible, without accents, lower case; itself if that is longer."""
    for step in (lambda c: unicodedata.normalize("NFKC", c), without_accents, str.casefold, without_accents):
        changed = step(char)
        if len(changed) == 1 and not changed.isspace():
            char = changed
    return STROKED.get(char, char)


def without_accents(char: str) -> str:
    """The base letter of a precomposed Latin or Greek one; kana and hangul keep their marks."""
    base, *marks = list(unicodedata.normalize("NFD", char))
    latin_or_greek = unicodedata.name(base, "").startswith(("LATIN", "GREEK"))
    return base if latin_or_greek and all(map(unicodedata.combining, marks)) else char


def frequencies(path: Path) -> Counter[str]:
    """How often each character is written in the words of a dictionary that have more than one."""
    counts = Counter[str]()
    for line in path.read_text(encoding="utf-8").splitlines():
        word, count, *_ = line.split()
        for char in word if len(word) > 1 else "":
            counts[char] += int(count)
    return counts


def han_table(pairs: dict[str, list[tuple[str, list[str]]]], written: Counter[str]) -> dict[str, str]:
    """Every member of a class of Han variants → the class's representative.

    That is the simplified member which the dictionary writes most, since its words are looked for in
    folded text: were 和 folded to 龢, which is simplified too, nobody would know 和平.
    """
    links = [
        (key, value)
        for rows in pairs.values()
        for key, values in rows
        for value in values
        if len(key) == len(value) == 1
    ]
    traditional = {key for key, values in pairs["TSCharacters"] if values and values[0] != key}
    table = {}
    for members in components(links):
        chosen = max(members, key=lambda char: (char not in traditional, written[char], -ord(char)))
        table.update({member: chosen for member in members if member != chosen})
    return table


def components(links: list[tuple[str, str]]) -> list[list[str]]:
    """The connected components of a graph given by its edges."""
    parent: dict[str, str] = {}

    def root(char: str) -> str:
        parent.setdefault(char, char)
        while parent[char] != char:
            parent[char] = parent[parent[char]]
            char = parent[char]
        return char

    for left, right in links:
        parent[root(left)] = root(right)
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for char in sorted(parent):
        groups[root(char)].append(char)
    return list(groups.values())


def close(table: dict[str, str]) -> dict[str, str]:
    """Follow chains to their end, so that folding twice is folding once."""

    def end(char: str) -> str:
        seen = {char}
        while (following := table.get(char, char)) not in seen:
            seen.add(following)
            char = following
        return char

    closed = {char: end(char) for char in table}
    return {char: last for char, last in closed.items() if last != char}


def one_script_only(pairs: dict[str, list[tuple[str, list[str]]]]) -> tuple[str, str]:
    """Characters that only simplified, and only traditional, writing uses."""
    st = {key: values for key, values in pairs["STCharacters"] if len(key) == 1}
    ts = {key: values for key, values in pairs["TSCharacters"] if len(key) == 1}
    simplified = {key for key, values in st.items() if key not in values and key not in ts}
    traditional = {key for key, values in ts.items() if key not in values and key not in st}
    return "".join(sorted(simplified)), "".join(sorted(traditional))


# Scripts written without spaces between words: there each character is a unit of its own.
UNSPACED = re.compile(
    r"CJK|HIRAGANA|KATAKANA|HANGUL|BOPOMOFO|IDEOGRAPHIC|KANGXI|YI |TANGUT|NUSHU|KHITAN"
    r"|THAI|LAO|KHMER|MYANMAR|TIBETAN"
)
SPACE, INVISIBLE, WORD, SIGN = "SIWX"


def class_runs() -> list[tuple[int, str]]:
    """Runs of code points of one class, as (first code point, class)."""
    runs: list[tuple[int, str]] = []
    for point in range(sys.maxunicode + 1):
        kind = class_of(chr(point))
        if not runs or runs[-1][1] != kind:
            runs.append((point, kind))
    return runs


def class_of(char: str) -> str:
    """What a character is to a term: part of a word, a sign that stands alone, a space, or nothing."""
    category = unicodedata.category(char)
    if category in ("Zs", "Zl", "Zp", "Cc"):
        return SPACE
    # Soft hyphens, joiners, direction marks, accents that follow their letter, variation selectors.
    if category == "Cf" or unicodedata.name(char, "").startswith(("COMBINING", "VARIATION SELECTOR")):
        return INVISIBLE
    if category[0] in "LNM" and not UNSPACED.match(unicodedata.name(char, "CJK")):
        return WORD
    return SIGN


def write_module(table: dict[str, str], simplified: str, traditional: str) -> None:
    """Print the module: parallel strings, which diff well, and a version that is their digest."""
    keys = "".join(sorted(table))
    values = "".join(table[key] for key in keys)
    runs = class_runs()
    digest = hashlib.blake2b(f"{keys}{values}{runs}".encode(), digest_size=6).hexdigest()
    print('"""Generated by ``make_fold_table.py``, see there; Han classes from OpenCC (Apache-2.0)."""\n')
    print(f'VERSION = "{digest}"')
    for name, text in (
        ("FROM", keys),
        ("TO", values),
        ("SIMPLIFIED_ONLY", simplified),
        ("TRADITIONAL_ONLY", traditional),
    ):
        print(f"\n{name} = (")
        for line in wrap_chars(text, 40):
            print(f"    {ascii_where_invisible(line)}")
        print(")")
    print("\nCLASS_STARTS = (")
    for row in range(0, len(runs), 14):
        print("    " + " ".join(f"{start:#x}," for start, _ in runs[row : row + 14]))
    print(")\n\nCLASS_CODES = (")
    for line in wrap_chars("".join(kind for _, kind in runs), 100):
        print(f'    "{line}"')
    print(")")


def wrap_chars(text: str, width: int) -> list[str]:
    """A text in pieces of one width."""
    return [text[start : start + width] for start in range(0, len(text), width)]


def ascii_where_invisible(line: str) -> str:
    """A literal that shows Han as itself and escapes what an editor would hide, join or compose."""
    shown = (char if is_plain_han(char) else ascii(char)[1:-1].replace('"', '\\"') for char in line)
    return '"' + "".join(shown).replace("\\'", "'") + '"'


def is_plain_han(char: str) -> bool:
    """Whether a character is a Han one that stands by itself in an editor."""
    return (
        "\u3400" <= char <= "\u9fff"
        or "\U00020000" <= char <= "\U0002f7ff"
        or "\U00030000" <= char <= "\U000323af"
    )


if __name__ == "__main__":
    main()
