"""Marks from spans: what is marked is what the spans say, and text never becomes markup."""

from html.parser import HTMLParser

from hypothesis import example, given
from hypothesis import strategies as st

from searchsvc.search.matches import matches, spans_of
from searchsvc.search.needles import Needle
from searchsvc.web.marking import clipped, marked, tags_of

# Signs that matter to markup, to writing direction, or beyond the BMP.
texts = st.text(
    st.sampled_from("a<>&\"'/=石破𠮷\u202e\u2068\u0301 \n") | st.characters(exclude_categories=["Cs"])
)
span_lists = st.lists(st.tuples(st.integers(-3, 40), st.integers(-3, 40)), max_size=8)


class Reader(HTMLParser):
    """Reads markup back: its text, its tags, and what stands inside <mark>."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=False)
        self.text, self.tags, self.inside = "", set[str](), list[str]()
        self.open = False
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(f"{tag}{attrs or ''}")
        self.open = True
        self.inside.append("")

    def handle_endtag(self, tag: str) -> None:
        self.open = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.open:
            self.inside[-1] += data

    def handle_entityref(self, name: str) -> None:
        self.handle_data({"lt": "<", "gt": ">", "amp": "&"}[name])

    def handle_charref(self, name: str) -> None:
        self.handle_data({"34": '"', "39": "'"}[name])


@given(texts, span_lists)
@example("<b>石破茂</b>", [(1, 4), (3, 6)])
@example("<script>", [(0, 8), (0, 8)])
def test_markup_reads_back_as_the_text_with_only_marks_in_it(text: str, spans: list[tuple[int, int]]) -> None:
    reader = Reader(str(marked(text, spans)))
    assert reader.text == text
    assert reader.tags <= {"mark"}


@given(texts, span_lists)
def test_what_is_marked_is_what_the_spans_say(text: str, spans: list[tuple[int, int]]) -> None:
    reader = Reader(str(marked(text, spans)))
    assert reader.inside == [text[start:end] for start, end in clipped(spans, 0, len(text))]


@given(span_lists, st.integers(0, 20), st.integers(0, 20))
def test_clipped_spans_are_ordered_apart_and_inside(
    spans: list[tuple[int, int]], start: int, end: int
) -> None:
    edges = [edge for span in clipped(spans, start, end) for edge in span]
    assert edges == sorted(edges)
    assert all(low < high for low, high in clipped(spans, start, end))
    assert all(start <= edge <= end for edge in edges)
    wanted = {n for low, high in spans for n in range(low, high) if start <= n < end}
    assert {n for low, high in clipped(spans, start, end) for n in range(low, high)} == wanted


def test_offsets_are_code_points_also_beyond_the_bmp() -> None:
    assert str(marked("𠮷野家", [(1, 3)])) == "𠮷<mark>野家</mark>"


def test_a_stretch_of_the_text_has_only_its_own_marks() -> None:
    assert str(marked("一二三四五", [(0, 2), (3, 5)], 1, 4)) == "<mark>二</mark>三<mark>四</mark>"


def test_tags_say_why_and_number_the_marks() -> None:
    found = matches("特朗普和川普說", [Needle("特朗普"), Needle("川普", form_of="特朗普"), Needle("说")])
    assert str(marked("特朗普和川普說", spans_of(found), tags=tags_of(found))) == (
        '<mark id="m1">特朗普</mark>和<mark id="m2" class="variant">川普</mark>'
        '<mark id="m3" class="script">說</mark>'
    )
    assert tags_of(found, numbered=False)[0] == "<mark>"


def test_what_is_left_of_a_mark_has_no_number_twice() -> None:
    tags = {1: '<mark id="m1">'}
    assert str(marked("一二三", [(1, 3)], 0, 2, tags)) == '一<mark id="m1">二</mark>'
    assert str(marked("一二三", [(1, 3)], 2, 3, tags)) == "<mark>三</mark>"
