"""An article's text and parts as blocks of a page."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from searchsvc.article import Article, Part, PartKind
from searchsvc.text.pictures import Picture
from searchsvc.web.blocks import Block, Marks, blocks
from tests.build import article

NONE = Marks()
KINDS: list[PartKind] = ["heading", "caption", "dateline", "quote", "item", "code"]


def with_parts(text: str, *parts: tuple[PartKind, str]) -> Article:
    """An article of exactly this text, where the given strings are of some kind."""
    found = tuple(Part(kind, text.index(of), text.index(of) + len(of)) for kind, of in parts)
    return replace(article(), text=text, parts=found)


def shown(blocks_: tuple[Block, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [(block.kind, tuple(map(str, block.lines))) for block in blocks_]


def test_each_line_is_a_paragraph_and_empty_lines_are_none() -> None:
    assert shown(blocks(with_parts("一\n\n  二 \n"), NONE)) == [
        ("paragraph", ("一",)),
        ("paragraph", ("二",)),
    ]


def test_a_part_that_covers_a_line_says_what_the_line_is() -> None:
    text = "题图\n标题\n正文有标题二字"
    assert shown(blocks(with_parts(text, ("caption", "题图"), ("heading", "标题")), NONE)) == [
        ("caption", ("题图",)),
        ("heading", ("标题",)),
        ("paragraph", ("正文有标题二字",)),
    ]


def test_items_and_listings_stand_together() -> None:
    text = "一\n二\n三\nif x:\n    y"
    parts: list[tuple[PartKind, str]] = [("item", "一"), ("item", "二"), ("code", "if x:\n    y")]
    assert shown(blocks(with_parts(text, *parts), NONE)) == [
        ("item", ("一", "二")),
        ("paragraph", ("三",)),
        ("code", ("if x:", "    y")),
    ]


def test_a_dateline_is_told_apart_within_its_paragraph() -> None:
    (block,) = blocks(with_parts("华盛顿 — 石破茂说", ("dateline", "华盛顿 —")), Marks([(6, 9)]))
    assert block.lines == (Markup('<span class="dateline">华盛顿 —</span> <mark>石破茂</mark>说'),)


def test_a_dateline_on_its_own_line_runs_into_the_paragraph_after_it() -> None:
    (block,) = blocks(with_parts("华盛顿 —\n石破茂说", ("dateline", "华盛顿 —")), NONE)
    assert block.lines == (Markup('<span class="dateline">华盛顿 —</span> 石破茂说'),)


def test_a_dateline_before_something_else_stays_by_itself() -> None:
    text = "华盛顿 —\n标题"
    assert [
        block.kind for block in blocks(with_parts(text, ("dateline", "华盛顿 —"), ("heading", "标题")), NONE)
    ] == [
        "paragraph",
        "heading",
    ]


def test_tags_open_the_matches_they_belong_to() -> None:
    found = blocks(with_parts("一\n二\n二"), Marks([(2, 3), (4, 5)], {4: '<mark id="m2">'}))
    assert [str(block.lines[0]) for block in found] == ["一", "<mark>二</mark>", '<mark id="m2">二</mark>']


def test_cells_are_parted_by_tabs_and_rows_stand_together() -> None:
    text = "表\n年\t数\n2024\t一二\n完"
    assert shown(blocks(with_parts(text), Marks([(12, 13)]))) == [
        ("paragraph", ("表",)),
        ("row", ("<td>年</td><td>数</td>", "<td>2024</td><td>一<mark>二</mark></td>")),
        ("paragraph", ("完",)),
    ]


def test_a_picture_stands_before_the_line_it_stood_before() -> None:
    places = [Picture(f"https://a.example/{at}", "", at) for at in (0, 2, 3, 5, 99)]
    found = blocks(with_parts("一二\n\n 三四 五"), NONE, places)
    assert [block.picture.place if block.picture else block.kind for block in found] == [
        *(0, "paragraph", 2, "paragraph", 3, 5, 99),
    ]


def test_a_match_over_a_line_break_is_marked_in_both_lines() -> None:
    assert shown(blocks(with_parts("石\n破"), Marks([(0, 3)]))) == [
        ("paragraph", ("<mark>石</mark>",)),
        ("paragraph", ("<mark>破</mark>",)),
    ]


parts_of = st.lists(
    st.builds(
        lambda k, a, b: Part(k, a, a + b), st.sampled_from(KINDS), st.integers(0, 40), st.integers(1, 20)
    )
)


@given(
    st.text("ab<& \t\n石", max_size=40), parts_of, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)))
)
def test_no_parts_or_spans_lose_or_double_a_character(
    text: str, parts: list[Part], spans: list[tuple[int, int]]
) -> None:
    made = blocks(replace(article(), text=text, parts=tuple(parts)), Marks(spans))
    read = "".join(line.striptags() for block in made for line in block.lines)
    assert "".join(read.split()) == "".join(text.split())
