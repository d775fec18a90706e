"""From a request to hits: which articles come first, and when some of the words are enough."""

from dataclasses import replace

import pytest

from searchsvc.errors import QueryError
from searchsvc.search.request import Request
from searchsvc.search.results import Page
from searchsvc.service import Service
from tests.build import NOW, article, fill

FILLER = "天气晴朗，市民出游。" * 5


def titles(page: Page) -> list[str]:
    return [hit.article.title for hit in page.hits]


@pytest.fixture
def filled(service: Service) -> Service:
    articles = {
        "相邻": f"日美关系是今天的话题。{FILLER}",
        "分开": f"日美两国的代表谈到了许多，也包括关系。{FILLER}",
        "峰会": f"G20的领导人到齐了，峰会明天开始。{FILLER}",
        "石桥": f"石桥修好了，村民都来看。{FILLER}",
        "格物": f"这位学者一生讲格物，也讲致知。{FILLER}",
    }
    return fill(service, [article(title, text) for title, text in articles.items()])


def ask(service: Service, q: str) -> Page:
    return service.search.search(Request(q=q))


def test_words_of_a_run_that_stand_together_come_first(filled: Service) -> None:
    page = ask(filled, "日美关系")
    assert (titles(page), page.asked.matched) == (["相邻", "分开"], "all")


def test_when_nothing_has_all_words_the_best_partial_matches_come_and_it_is_said(filled: Service) -> None:
    page = ask(filled, "石桥是哪位设计师修好的，花了多少钱？")
    assert (titles(page)[0], page.asked.matched) == ("石桥", "some")
    marked = [part.text[start:end] for part in page.hits[0].passages for start, end in part.spans]
    assert "石桥" in marked
    assert "的" not in marked


def test_a_name_that_is_cut_wrongly_finds_its_article(filled: Service) -> None:
    fill(filled, [article("人物", f"黄华麒，1961年生于台南。{FILLER}")])
    for q, cut in (("黄华麒是哪个大学毕业的？", "黄华麒是"), ("黃華麒是哪個大學畢業的？", "黃華麒是")):
        page = ask(filled, q)
        assert cut in page.asked.terms
        assert (titles(page), page.asked.matched) == (["人物"], "some")


def test_words_apart_must_all_appear(filled: Service) -> None:
    assert titles(ask(filled, "石桥 设计师")) == []
    assert titles(ask(filled, "石桥 设计师修好的")) == ["石桥"]


def test_a_quoted_part_of_a_question_is_exact_as_long_as_there_is_such_an_article(filled: Service) -> None:
    assert titles(ask(filled, "谁讲「格物致知」")) == ["格物"]
    assert ask(filled, "谁讲「格物致知」").asked.matched == "some"
    assert titles(ask(filled, "谁讲 「格物致知」")) == []


def test_a_mixed_string_is_exact_as_long_as_there_is_such_an_article(filled: Service) -> None:
    page = ask(filled, "G20峰会")
    assert (titles(page), page.asked.matched, page.asked.terms) == (["峰会"], "some", ("G20", "峰会"))
    fill(filled, [article("又一次", "G20 峰会开完了。")])
    page = ask(filled, "G20峰会")
    assert (titles(page), page.asked.matched, page.asked.terms) == (["又一次"], "all", ("G20峰会",))


def test_both_scripts_of_a_question_find_the_same(filled: Service) -> None:
    one, other = ask(filled, "日美兩國的關係和農村管理"), ask(filled, "日美两国的关系和农村管理")
    assert titles(one) == titles(other)
    assert [hit.score for hit in one.hits] == [hit.score for hit in other.hits]


def test_without_a_word_to_be_relevant_to_the_newest_come_first(service: Service) -> None:
    order = [3, 1, 4, 0, 2]
    fill(service, [article(f"第{day}日", FILLER, stated=NOW + day * 86_400) for day in order])
    for q in ("date:2024", "source:news.example", "-没有", "after:2023 -石桥", ""):
        assert titles(ask(service, q)) == [f"第{day}日" for day in range(4, -1, -1)], q


@pytest.fixture
def across(service: Service) -> Service:
    articles = {
        "特朗普胜选": f"特朗普赢得选举。{FILLER}",
        "川普勝選": f"川普贏得選舉。{FILLER}",
        "软件业": f"这里的软件公司很多。{FILLER}",
        "軟體業": f"這裡的軟體公司很多。{FILLER}",
        "多數位置": f"多數位置已經售出。{FILLER}",
        "数字": f"数字经济发展。{FILLER}",
    }
    return fill(service, [article(title, text) for title, text in articles.items()])


@pytest.mark.parametrize("q", ["川普", "特朗普", "川普選舉", "特朗普 贏得"])
def test_other_forms_of_a_name_are_found_and_told(across: Service, q: str) -> None:
    page = ask(across, q)
    assert set(titles(page)) == {"特朗普胜选", "川普勝選"}
    other = {"川": ("特朗普",), "特": ("川普",)}[q[0]]
    assert list(page.asked.variants.values()) == [other]
    assert page.asked.terms[0] in ("川普", "特朗普")


def test_other_forms_are_marked_and_come_after_what_was_typed(across: Service) -> None:
    first, second = ask(across, "川普").hits
    assert (first.article.title, second.article.title) == ("川普勝選", "特朗普胜选")
    shown = [(part.text[slice(*part.spans[0])], part.whys[0]) for part in second.passages if part.spans]
    assert shown == [("特朗普", "variant"), ("特朗普", "variant")]
    assert {why for part in first.passages for why in part.whys} == {"typed"}


def test_why_a_place_matched_tells_the_scripts_apart(across: Service) -> None:
    whys = {hit.article.title: hit.passages[0].whys for hit in ask(across, "胜选").hits}
    assert whys == {"特朗普胜选": ("typed",), "川普勝選": ("script",)}


def test_other_forms_can_be_switched_off_and_are_not_meant_in_quotes(across: Service) -> None:
    assert titles(ask(across, '"川普"')) == ["川普勝選"]
    off = across.search.search(Request(q="川普", variants="off"))
    assert (titles(off), off.asked.variants) == (["川普勝選"], {})
    assert set(titles(ask(across, "选举 -川普"))) == set()


def test_a_form_that_is_typed_itself_is_meant_as_it_stands(across: Service) -> None:
    fill(across, [article("两种写法", "有人写川普，有人写特朗普。")])
    for q, wanted in (
        ("川普 -特朗普", {"川普勝選"}),
        ("特朗普 -川普", {"特朗普胜选"}),
        ("川普 特朗普", {"两种写法"}),
        ('特朗普 "川普"', {"两种写法"}),
        ("川普 OR 特朗普", {"川普勝選", "特朗普胜选", "两种写法"}),
    ):
        page = ask(across, q)
        assert (set(titles(page)), page.asked.variants) == (wanted, {}), q


def test_other_forms_never_cut_a_word_in_two(across: Service) -> None:
    page = ask(across, "多數位置")
    assert (titles(page), page.asked.variants) == (["多數位置"], {})
    assert set(titles(ask(across, "軟體"))) == {"软件业", "軟體業"}


def test_authors_are_found_by_a_part_of_their_name_in_either_script(service: Service) -> None:
    articles = [
        replace(article("甲", FILLER), author="張三丰"),
        replace(article("乙", FILLER), author="李四、John Smith"),
        article("丙", FILLER),
    ]
    fill(service, articles)
    for q, author, wanted in (
        ("author:张三", None, {"甲"}),
        ("天气 author:smith", None, {"乙"}),
        ('author:"john smith"', None, {"乙"}),
        ("天气 -author:张三", None, {"乙", "丙"}),
        ("天气", "三丰", {"甲"}),
        ("", "李四", {"乙"}),
        ("天气", "王五", set()),
    ):
        assert set(titles(service.search.search(Request(q=q, author=author)))) == wanted
    with pytest.raises(QueryError, match="has no letter in it"):
        service.search.search(Request(author=" \u200b"))


def test_an_equals_sign_means_this_script_and_no_other(service: Service) -> None:
    articles = {
        "乾隆": f"乾隆皇帝住在乾清宮。{FILLER}",
        "干燥": f"天气干燥，注意防火。{FILLER}",
        "乾燥": f"天氣乾燥，乾 燥得很。{FILLER}",
        "Ｗｉｄｅ": f"Donald trump 干杯。{FILLER}",
        "㍿": f"例㍿發表新車。{FILLER}",
        "株式会社": f"例㍿と株式会社。後發表，后发表。{FILLER}",
    }
    fill(service, [article(title, text) for title, text in articles.items()])
    for q, wanted in (
        ("=乾", {"乾隆", "乾燥"}),
        ("＝干", {"干燥", "Ｗｉｄｅ"}),
        ("=乾燥", {"乾燥"}),
        ('="乾清宮"', {"乾隆"}),
        ('="乾清宫"', set()),
        ("天气 =干燥", {"干燥"}),
        ("天气 -=干", {"乾隆", "乾燥", "㍿", "株式会社"}),
        ("=干 OR =隆", {"乾隆", "干燥", "Ｗｉｄｅ"}),
        ("=Trump", {"Ｗｉｄｅ"}),
        ("=wide", {"Ｗｉｄｅ"}),
        ('="㍿"', {"㍿", "株式会社"}),
        ("intitle:=乾", {"乾隆", "乾燥"}),
        ("intitle:=干", {"干燥"}),
        ("=发", {"株式会社"}),
        ("=發", {"㍿", "株式会社"}),
        ("=后發", set()),
        ("=后发", {"株式会社"}),
        ("=後發", {"株式会社"}),
        ("=", {"乾隆", "干燥", "乾燥", "Ｗｉｄｅ", "㍿", "株式会社"}),
    ):
        assert set(titles(ask(service, q))) == wanted, q
    page = ask(service, "=乾")
    marked = {part.text[start:end] for hit in page.hits for part in hit.passages for start, end in part.spans}
    assert (marked, page.asked.terms) == ({"乾"}, ("=乾",))


def test_a_tilde_means_words_like_this_one(service: Service) -> None:
    words = ("Biden", "Bidens", "Boden", "Trudeau", "Trudaeu", "Trumpet")
    fill(service, [article(f"{word} 说", FILLER) for word in words])
    assert set(titles(ask(service, "biden~"))) == {"Biden 说", "Bidens 说", "Boden 说"}
    assert set(titles(ask(service, "Trudeau～"))) == {"Trudeau 说", "Trudaeu 说"}
    page = ask(service, "tramp~")
    assert (titles(page), page.asked.terms) == ([], ("tramp~",))
    assert [hit.passages[0].spans for hit in ask(service, "bidan~").hits] == [((0, 5),)]
