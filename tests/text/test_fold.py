"""fold's three laws, on any text and on real ones, and OpenCC's own tables after folding."""

import gzip
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.text import fold_table
from searchsvc.text.fold import fold

texts = st.text(st.characters(codec=None))
# Configurations that convert characters only; those with "p" exchange vocabulary, t2jp is Japanese.
CONVERTERS = ("s2t", "t2s", "s2tw", "tw2s", "s2hk", "hk2s", "t2tw", "t2hk", "tw2t", "hk2t")


@given(texts)
def test_any_text_folds_to_its_own_length(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(texts)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(texts, texts)
def test_a_fragment_folds_as_inside_its_document(left: str, right: str) -> None:
    assert fold(left + right) == fold(left) + fold(right)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("乾清宮", "乾清宫"),
        ("乾燥的干部", "乾燥的幹部"),
        ("五分鐘的電話", "五分钟的电话"),
        ("日美關係", "日美关系"),
        ("著名", "着名"),
        ("臺灣", "台湾"),
        ("裏面", "裡面"),
        ("ＡＢＣ１２３", "abc123"),
        ("Café", "cafe"),
        ("「你好」", "“你好”"),
        ("唐納德‧川普", "唐纳德·川普"),
        ("齾", "𫜰"),
        ("ς", "Σ"),
    ],
)
def test_one_sign_in_its_variants(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("未", "末"), ("か", "が"), ("东", "车"), ("日", "曰"), ("0", "O")]
)
def test_other_signs_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_the_representative_is_the_simplified_form() -> None:
    assert fold("石破茂與習近平會談，蘋果臺灣") == "石破茂与习近平会谈,苹果台湾"


def test_the_table_maps_each_code_point_once() -> None:
    assert len(fold_table.FROM) == len(fold_table.TO) == len(set(fold_table.FROM))


def han() -> Iterator[str]:
    """Every assigned Han character."""
    for point in range(0x3400, 0x323B0):
        if unicodedata.name(chr(point), "").startswith("CJK UNIFIED"):
            yield chr(point)


@pytest.mark.parametrize("name", CONVERTERS)
def test_no_character_leaves_its_class_in_the_installed_opencc(name: str) -> None:
    """A release of OpenCC whose tables disagree with ours is noticed here."""
    converter = opencc.OpenCC(name)
    left = [char for char in han() if fold(converter.convert(char)) != fold(char)]
    assert left == []


def phrase_pairs(shared: Path) -> Iterator[tuple[str, str]]:
    for name in ("STPhrases", "TSPhrases"):
        for line in (shared / "data" / "opencc" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                key, _, values = line.partition("\t")
                yield from ((key, value) for value in values.split())


@pytest.mark.shared_data
def test_no_phrase_pair_of_opencc_differs_after_folding(shared: Path) -> None:
    pairs = list(phrase_pairs(shared))
    assert len(pairs) > 49_000
    assert [pair for pair in pairs if fold(pair[0]) != fold(pair[1])] == []


@pytest.mark.shared_data
@pytest.mark.parametrize("name", CONVERTERS)
def test_no_phrase_leaves_its_class_in_the_installed_opencc(name: str, shared: Path) -> None:
    converter = opencc.OpenCC(name)
    phrases = {text for pair in phrase_pairs(shared) for text in pair}
    assert [text for text in phrases if fold(converter.convert(text)) != fold(text)] == []


@pytest.mark.shared_data
def test_the_laws_hold_on_twenty_thousand_real_articles(shared: Path) -> None:
    with gzip.open(shared / "data" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            text = json.loads(line)["text"]
            folded = fold(text)
            middle = number % (len(text) + 1)
            assert len(folded) == len(text)
            assert fold(folded) == folded
            assert fold(text[:middle]) + fold(text[middle:]) == folded
    assert number == 19_999


def test_a_class_is_represented_as_the_dictionary_writes_it() -> None:
    """Words of a query are looked for in folded text: nobody knows 龢平 or 瞭解."""
    assert fold("龢平瞭解筦理邨莊現像座譚") == "和平了解管理村庄现象座谭"
