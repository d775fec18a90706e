"""The table of names as it ships, and tables that users spoil."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchsvc.errors import SettingsError
from searchsvc.text.fold import fold
from searchsvc.text.make_fold_table import read_table
from searchsvc.variants.tables import NAMES, Entry, load, read_names

COUNTED = re.compile(r"(archive|items|drcd|cmrc) (.+)")
PAIR = re.compile(r"(?:MediaWiki zh2(?:TW|HK|CN)|OpenCC (?:TW|HK)Phrases) (.+)>(.+)")
OTHER = re.compile(r"CLDR (?:territory|city) .+|iso-codes 3166-\d .+|page .+")


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return read_names(NAMES)


def test_there_are_names_enough(entries: list[Entry]) -> None:
    assert sum(entry.kind != "other" and len(entry.forms) > 1 for entry in entries) >= 300


def test_every_form_is_two_characters_or_more(entries: list[Entry]) -> None:
    assert all(len(folded) >= 2 for entry in entries for folded in entry.forms)


def test_no_form_is_written_twice(entries: list[Entry]) -> None:
    for entry in entries:
        assert len(entry.forms) == sum(map(len, entry.places)), entry


def test_every_entry_has_evidence_of_a_known_kind(entries: list[Entry]) -> None:
    for entry in entries:
        assert entry.gloss, entry
        for part in entry.evidence.split("; "):
            assert COUNTED.fullmatch(part) or PAIR.fullmatch(part) or OTHER.fullmatch(part), (entry, part)


def test_every_entry_was_seen_twice(entries: list[Entry]) -> None:
    for entry in entries:
        if len(entry.forms) > 1:
            assert len(counts(entry)) + sum(not COUNTED.fullmatch(p) for p in parts(entry)) >= 2, entry


def parts(entry: Entry) -> list[str]:
    return entry.evidence.split("; ")


def counts(entry: Entry) -> list[tuple[str, str, int]]:
    """What an entry's evidence says: corpus, form, how many texts."""
    matches = filter(None, map(COUNTED.fullmatch, parts(entry)))
    return [(m[1], form, int(n)) for m in matches for form, n in re.findall(r"(\S+) (\d+)(?:, |$)", m[2])]


def texts(shared: Path, unpacked: Path, corpus: str) -> list[str]:
    if corpus == "items":
        return [fold(path.read_text("utf-8", "replace")) for path in (unpacked / "archive").iterdir()]
    data = shared / "data"
    if corpus == "archive":
        rows = jsonl(data / "articles.jsonl.gz")
        return [fold(f"{row['title']}\n{row['text'] or ''}") for row in rows]
    folder = {"drcd": "drcd", "cmrc": "cmrc2018"}[corpus]
    return [
        fold(" ".join(map(str, row.values()))) for row in jsonl(data / "judged" / folder / "docs.jsonl.gz")
    ]


def jsonl(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@pytest.mark.shared_data
@pytest.mark.parametrize("corpus", ["archive", "items", "drcd", "cmrc"])
def test_the_counts_hold(entries: list[Entry], shared: Path, unpacked: Path, corpus: str) -> None:
    all_texts = texts(shared, unpacked, corpus)
    # One long string is searched once per form; texts are told apart by a sign that none has.
    joined = "\0".join(all_texts)
    for entry in entries:
        for name, form, stated in counts(entry):
            if name == corpus:
                longer = [other for other in entry.forms if fold(form) in other and fold(form) != other]
                assert count(joined, fold(form), longer) == stated, (entry.line, form)


def count(joined: str, form: str, longer: list[str]) -> int:
    """How many texts have a form that is not part of a longer one."""
    number = place = 0
    while (place := joined.find(form, place)) >= 0:
        end = joined.find("\0", place)
        end = end if end >= 0 else len(joined)
        rest = joined[joined.rfind("\0", 0, place) + 1 : end]
        for other in sorted(longer, key=len, reverse=True):
            rest = rest.replace(other, "\1")
        number += form in rest
        place = end
    return number


@pytest.mark.shared_data
def test_the_pairs_of_opencc_are_there(entries: list[Entry], shared: Path) -> None:
    folder = shared / "data" / "opencc"
    pairs = {
        (table, fold(key), fold(value))
        for table in ("TWPhrases", "HKPhrases")
        for key, values in read_table(folder / f"{table}.txt")
        for value in values
    }
    for entry in entries:
        for part in parts(entry):
            if match := re.fullmatch(r"OpenCC (\w+) (.+)>(.+)", part):
                assert (match[1], fold(match[2]), fold(match[3])) in pairs, (entry.line, part)


def test_a_name_has_the_forms_of_both_tables() -> None:
    assert load()["新西兰"].kind == "name"
    assert load()["新西兰"].forms == ("紐西蘭",)


def test_forms_of_all_places_find_each_other(tmp_path: Path) -> None:
    table = written(tmp_path / "n.tsv", "person\t甲乙\t丙丁/戊己\t庚辛\tsomebody\tarchive 甲乙 1")
    assert load(table)["丙丁"].forms == ("甲乙", "戊己", "庚辛")


def test_a_table_saved_on_windows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "n.tsv"
    path.write_bytes("\ufeff# mine\r\nplace\t甲乙\t丙丁\t-\r\n\r\n".encode())
    assert [entry.places for entry in read_names(path)] == [(("甲乙",), ("丙丁",), ())]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("person 甲乙 丙丁", "line 2: 1 columns parted by tabs"),
        ("persons\t甲乙\t丙丁\t-", "line 2: 'persons' is not one of person"),
        ("person\t-\t-\t-", "line 2: there is no form"),
        ("person\t甲\t丙丁\t-", "line 2: '甲' is not a form"),
        ("person\t甲乙 丙\t丙丁\t-", "line 2: '甲乙 丙' is not a form"),
        ("person\t甲乙\t\t-", "line 2: '' is not a form"),
        ("person\t蘋果\t丙丁\t-", "line 2: '蘋果' stands in line 1 already"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    table = written(tmp_path / "mine.tsv", "other\t苹果\t萍果\t-", line)
    with pytest.raises(SettingsError, match=re.escape(said)) as caught:
        read_names(table)
    assert "mine.tsv" in str(caught.value)


def test_all_bad_lines_are_named_at_once(tmp_path: Path) -> None:
    table = written(tmp_path / "mine.tsv", "x", "person\t甲乙\t丙丁\t-", "y")
    with pytest.raises(SettingsError, match=r"line 1: .*; line 3: "):
        read_names(table)


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.tsv cannot be read"):
        read_names(tmp_path / "none.tsv")
    path = tmp_path / "big5.tsv"
    path.write_bytes("place\t紐西蘭".encode("big5"))
    with pytest.raises(SettingsError, match=r"big5\.tsv is not UTF-8"):
        read_names(path)
