"""Words and names of a run that another place writes otherwise."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.text.fold import fold
from searchsvc.text.make_fold_table import read_table
from searchsvc.variants.find import Variants, load_variants
from searchsvc.variants.tables import Phrase


@pytest.fixture(scope="module")
def variants() -> Variants:
    return load_variants()


def found(variants: Variants, run: str) -> dict[str, tuple[str, ...]]:
    return {run[hit.start : hit.end]: hit.alternatives for hit in variants.find(run)}


@pytest.mark.parametrize(
    ("run", "phrase", "other"),
    [
        ("川普", "川普", "特朗普"),
        ("特朗普", "特朗普", "川普"),
        ("川普總統", "川普", "特朗普"),
        ("和川普见面", "川普", "特朗普"),
        ("唐纳德·特朗普", "特朗普", "川普"),
        ("习近平和普京通话", "普京", "蒲亭"),
        ("蒲亭", "蒲亭", "普丁"),
        ("泽连斯基访美", "泽连斯基", "泽伦斯基"),
        ("密西根州長", "密西根州", "密歇根州"),
        ("洛兴雅人", "洛兴雅", "罗兴亚"),
        ("計程車司機", "計程車", "出租车"),
        ("用U盘", "U盘", "随身碟"),
        ("手机芯片", "芯片", "晶片"),
        ("布殊", "布殊", "布希"),
        ("紐西蘭", "紐西蘭", "新西兰"),
    ],
)
def test_other_forms_are_found(variants: Variants, run: str, phrase: str, other: str) -> None:
    assert other in found(variants, run)[phrase]


@pytest.mark.parametrize(
    "run",
    [
        "多數位置",  # 數位
        "四川普通话",  # 川普
        "软体动物",  # 软体: a phrase that OpenCC leaves whole
        "支持者",  # 支持
        "布什尔核电站",  # 布什
        "发布会",  # 发布
        "库德洛",  # 库德: a name that the table leaves whole
        "哈里斯堡",  # 哈里斯
        "蔡英文莱猪",  # 文莱
        "先进制造",  # 进制
        "部分区域",  # 分区
        "",
        "hello",
    ],
)
def test_no_word_is_cut_in_two(variants: Variants, run: str) -> None:
    assert variants.find(run) == ()


def test_names_and_words_are_told_apart(variants: Variants) -> None:
    hits = variants.find("特朗普谈软件")
    assert [(hit.start, hit.end, hit.kind) for hit in hits] == [(0, 3, "name"), (4, 6, "regional")]


def test_forms_are_shown_as_written_and_searched_folded(variants: Variants) -> None:
    (hit,) = variants.find("软件")
    assert (hit.forms, hit.alternatives) == (("軟體",), ("软体",))


def test_a_phrase_at_the_end_of_a_run_ends_there(variants: Variants) -> None:
    (hit,) = variants.find("微软致电特朗普")
    assert (hit.start, hit.end) == (4, 7)


def test_the_longest_phrase_is_taken() -> None:
    whole = Variants({"台积": Phrase("name", ("甲乙",)), "台积电": Phrase("name", ("丙丁",))})
    assert [hit.alternatives for hit in whole.find("台积电")] == [("丙丁",)]


@given(st.text(st.sampled_from("川普特朗總统新西兰軟件體 U盤·a多数位置"), max_size=30))
def test_spans_are_ordered_apart_and_inside(run: str) -> None:
    hits = load_variants().find(run)
    ends = [0, *(hit.end for hit in hits)]
    assert all(end <= hit.start < hit.end <= len(run) for end, hit in zip(ends, hits, strict=False))
    assert all(fold(run[hit.start : hit.end]) not in hit.alternatives for hit in hits)


@pytest.mark.shared_data
@pytest.mark.parametrize("table", ["TWPhrases", "HKPhrases"])
def test_openccs_phrases_find_each_other(variants: Variants, shared: Path, table: str) -> None:
    rows = read_table(shared / "data" / "opencc" / f"{table}.txt")
    pairs = [(key, value) for key, values in rows for value in values if fold(key) != fold(value)]
    good = [
        pair
        for pair in pairs
        if fold(pair[1]) in found(variants, pair[0]).get(pair[0], ())
        and fold(pair[0]) in found(variants, pair[1]).get(pair[1], ())
    ]
    assert len(good) >= 0.95 * len(pairs), sorted(set(pairs) - set(good))
