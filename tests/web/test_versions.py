"""What is shown of an article that was changed."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from searchsvc.store.articles import EarlierVersion
from searchsvc.web.versions import Shown, Stretch, chain, compared, compared_line
from tests.build import NOW, article

texts = st.text("石破<b>&\"'\n\u202e𠮷 ", max_size=30)


def plain(text: str) -> Shown:
    return Shown(text, text)


def lines(stretches: list[Stretch]) -> list[tuple[bool, list[str]]]:
    return [(stretch.folded, [str(line) for line in stretch.lines]) for stretch in stretches]


def earlier(text: str, at: int) -> EarlierVersion:
    return EarlierVersion(f"digest of {text}", "标题", text, at)


def test_versions_are_a_chain_that_ends_with_the_article() -> None:
    now = replace(article(text="丙"), retrieved=NOW)
    found = chain(now, [earlier("甲", NOW - 2), earlier("乙", NOW - 1)])
    assert [each.text for each in found] == ["甲", "乙", "丙"]


def test_a_version_that_says_what_the_next_one_says_is_none() -> None:
    now = replace(article(text="乙"), retrieved=NOW)
    found = chain(now, [earlier("甲", NOW - 3), earlier("乙", NOW - 2), earlier("乙", NOW - 1)])
    assert [each.text for each in found] == ["甲", "乙"]


def test_an_article_that_went_back_has_the_same_wording_twice() -> None:
    now = replace(article(text="甲"), retrieved=NOW)
    assert [each.text for each in chain(now, [earlier("甲", NOW - 2), earlier("乙", NOW - 1)])] == [
        "甲",
        "乙",
        "甲",
    ]


def test_what_is_gone_and_what_is_new_is_marked_in_its_paragraph() -> None:
    assert lines(compared(plain("五月开。\n完。"), plain("六月开。\n完。"))) == [
        (False, ["<del>五</del><ins>六</ins>月开。", "完。"])
    ]


def test_paragraphs_far_from_a_change_are_folded_away() -> None:
    old = "一。\n二。\n三。\n四。\n五。"
    assert lines(compared(plain(old), plain(old.replace("一", "壹")))) == [
        (False, ["<del>一</del><ins>壹</ins>。", "二。"]),
        (True, ["三。", "四。", "五。"]),
    ]
    assert [stretch.folded for stretch in compared(plain("一\n二\n三"), plain("壹\n二\n三"))] == [
        False,
        False,
    ]


def test_a_paragraph_that_came_is_one_and_one_that_was_only_parted_says_so() -> None:
    assert lines(compared(plain("一。\n三。"), plain("一。\n二。\n三。"))) == [
        (False, ["一。", "<ins>二。</ins>", "三。"])
    ]
    assert lines(compared(plain("一。二。"), plain("一。\n二。"))) == [(False, ["一。<ins>¶</ins>", "二。"])]
    assert lines(compared(plain("一。\n二。"), plain("一。二。"))) == [(False, ["一。<del>¶</del>", "二。"])]


def test_it_is_shown_in_the_readers_script_where_it_is_compared_in_its_own() -> None:
    old, new = Shown("钟在后面", "鐘在後面"), Shown("钟在里面", "鐘在裡面")
    assert str(compared_line(old, new)) == "鐘在<del>後</del><ins>裡</ins>面"


@given(texts, texts)
def test_whatever_the_texts_are_only_insertions_and_deletions_are_markup(old: str, new: str) -> None:
    found = compared(plain(old), plain(new))
    shown = LexborHTMLParser("".join(f"<p>{line}</p>" for stretch in found for line in stretch.lines))
    body = shown.body
    assert body is not None
    assert {node.tag for node in body.css("*")} <= {"body", "p", "ins", "del"}
    for gone in shown.css("del"):
        gone.decompose()
    kept = "".join(body.text().replace("¶", "").split())
    assert kept == "".join(new.split())
