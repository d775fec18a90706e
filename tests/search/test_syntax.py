"""Query strings → trees. Trees are written as Whoosh writes them."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.search.meaning import MOST_TERMS, Scope
from searchsvc.search.syntax import DEEPEST, LONGEST, Parsed, parse

SCOPE = Scope(ZoneInfo("Asia/Shanghai"), datetime(2024, 11, 8, tzinfo=UTC))
BODY = Scope(SCOPE.zone, SCOPE.now, fields=("body",))


def parsed(q: str) -> Parsed:
    return parse(q, BODY)


def tree(q: str) -> str:
    return str(parsed(q).tree).replace("body:", "")


def relaxed(q: str) -> str:
    return str(parsed(q).relaxed).replace("body:", "")


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("石破茂 特朗普", '("石破茂" AND "特朗普")'),
        ("石破茂\u3000特朗普", '("石破茂" AND "特朗普")'),
        ("石破茂 AND 特朗普", '("石破茂" AND "特朗普")'),
        ("石破茂 OR 特朗普", '("石破茂" OR "特朗普")'),
        ("甲 OR 乙 丙", '("甲" OR ("乙" AND "丙"))'),
        ("(甲 OR 乙) 丙", '(("甲" OR "乙") AND "丙")'),
        ("（甲 OR 乙）丙", '(("甲" OR "乙") AND "丙")'),
        ("甲 -乙", '("甲" ANDNOT "乙")'),
        ("甲 －乙", '("甲" ANDNOT "乙")'),
        ("甲 NOT 乙 丙", '(("甲" AND "丙") ANDNOT "乙")'),
        ("甲 NOT NOT 乙", '("甲" AND "乙")'),
        ("-甲", '(None:* ANDNOT "甲")'),
        ('"五分鐘的電話"', '"五分钟的电话"'),
        ("“五分鐘的電話”", '"五分钟的电话"'),
        ("「五分鐘的電話」", '"五分钟的电话"'),
        ('"a b"c', '("ab" AND "c")'),
        # What is quoted ends with the mark that belongs to the first one, and may have others in it.
        ('"他说“很好”吗"', '"他说"很好"吗"'),
        ("「他說“很好”嗎」", '"他说"很好"吗"'),
        ("“他說「很好」嗎” 甲", '("他说"很好"吗" AND "甲")'),
        ('「"」', '"""'),
        ("『「』", '"""'),
        ('“甲" 乙', '("甲" AND "乙")'),
        ("「甲” 乙", '("甲" AND "乙")'),
        ("“甲“ ”乙”", '("甲" AND "乙")'),
        ("intitle:石破", 'title:"石破"'),
        ("intitle：石破", 'title:"石破"'),
        ('intitle:"石破 茂"', 'title:"石破茂"'),
        ("source:voachinese.com", "source:voachinese.com"),
        ("date:2024-11", "published:[1730390400 TO 1732982400}"),
        ("date:2024-11-01/2024-11-30", "published:[1730390400 TO 1732982400}"),
        ("before:2024-11", "published:[1 TO 1730390400}"),
        ("after:2024-11", "published:[1732982400 TO ]"),
        ("石破，特朗普。", '("石破" AND "特朗普")'),
        ("《三体》", '"三体"'),
        ("G20峰会", '"g20峰会"'),
        ("11月18日", '"11月18日"'),
        ("唐納德·川普", '"唐纳德·川普"'),
        ("COVID-19", '"covid-19"'),
        ("C++", '"c++"'),
        ("vol*", "vol*"),
        ("ｖｏｌ＊", "vol*"),
        ("vo\u00adl*", "vol*"),
        ("vole~", "vole~"),
        ("vole～1", "vole~"),
        ("vole~2", "vole~2"),
        ("甲 ＯＲ 乙", '("甲" OR "乙")'),
        ("甲 ＮＯＴ 乙", '("甲" ANDNOT "乙")'),
        ("甲 \u2212乙", '("甲" ANDNOT "乙")'),
        ("ＩＮＴＩＴＬＥ：石破", 'title:"石破"'),
        ("甲 +乙 +86", '("甲" AND "乙" AND "+86")'),
        ("intitle:(甲 OR 乙) 丙", '((title:"甲" OR title:"乙") AND "丙")'),
        ("intitle:vol*", "title:vol*"),
        ("date:2024/11/7", "published:[1730908800 TO 1730995200}"),
        ("date:2024-11/", "published:[1730390400 TO ]"),
        ("date:2024-11/..", "published:[1730390400 TO ]"),
        ("date:/2024-11", "published:[1 TO 1732982400}"),
        ("date:2024-10/2024-11", "published:[1727712000 TO 1732982400}"),
        ("((((((((甲))))))))", '"甲"'),
        ("石破*", '"石破"'),
        ("12:30", '"12:30"'),
        ("https://a.example/b", '"https://a.example/b"'),
    ],
)
def test_trees(q: str, expected: str) -> None:
    assert tree(q) == expected
    assert parsed(q).warnings == ()


def test_a_word_is_searched_in_title_and_body_and_counts_more_in_the_title() -> None:
    assert repr(parse("石破茂", SCOPE).tree).count("石破茂") == 2
    assert "boost=3.0" in repr(parse("石破茂", SCOPE).tree)


def test_a_run_of_han_is_its_words_with_nearness_and_can_be_relaxed() -> None:
    assert tree("石破茂特朗普会晤") == (
        '(("石破茂" AND "特朗普" AND "会晤") ANDMAYBE ("石破茂特朗普会晤" OR "茂特" OR "普会"))'
    )
    assert relaxed("石破茂特朗普会晤") == (
        '(("石破茂" OR "特朗普" OR "会晤") ANDMAYBE '
        '("石破" OR "破茂" OR "茂特" OR "特朗" OR "朗普" OR "普会" OR '
        '"石" OR "破" OR "茂" OR "特" OR "朗" OR "普" OR "会" OR "晤"))'
    )


@pytest.mark.parametrize(
    ("q", "needles", "loose"),
    [
        # Words parted by commas or brackets in a run may be missing like any of its words.
        ("石破茂，特朗普", ["石破茂", "特朗普"], ["石破茂", "特朗普"]),
        ("谁写了《三体》", ["谁", "写", "了", "三体"], ["谁", "写", "了", "三体"]),
        # A quoted string within a run is exact at first.
        ("誰說「格物致知」", ["誰", "說", "格物致知"], ["誰", "說", "格物致知"]),
        ("「日本的山」在哪", ["日本的山", "在", "哪"], ["日本", "的", "山", "在", "哪"]),
        # A short mixed run as it stands, then its words.
        ("G20峰会", ["G20峰会"], ["G20", "峰会"]),
        # Apart: each has to be there, and only the run may have less.
        ("石破茂 特朗普会晤", ["石破茂", "特朗普", "会晤"], ["石破茂", "特朗普", "会晤"]),
    ],
)
def test_what_is_looked_for_in_a_run(q: str, needles: list[str], loose: list[str]) -> None:
    found = parsed(q)
    assert [needle.text for needle in found.needles] == needles
    assert [needle.text for needle in found.loose_needles] == loose
    assert found.relaxed is not None


def test_only_runs_are_relaxed_and_what_is_apart_must_be_there() -> None:
    assert relaxed("石破茂，特朗普").startswith('(("石破茂" OR "特朗普") ANDMAYBE ')
    assert relaxed("誰說「格物致知」").startswith('(("说" OR "格物致知") ANDMAYBE ')
    assert relaxed("石破茂 特朗普会晤").startswith('("石破茂" AND (("特朗普" OR "会晤") ANDMAYBE ')
    assert relaxed('"日美 同盟" 特朗普会晤').startswith('("日美同盟" AND (("特朗普" OR "会晤") ANDMAYBE ')
    assert relaxed("source:a.example 特朗普会晤").startswith("(source:a.example AND ((")


@pytest.mark.parametrize(
    "q",
    ["石破茂 岩屋", '"石破茂特朗普会晤"', "石破茂特朗普 -会晤", "石破茂特朗普 OR 会晤", "石破茂", "11月18日"],
)
def test_what_was_asked_with_spaces_quotes_or_operators_is_not_relaxed(q: str) -> None:
    assert parsed(q).relaxed is None


def test_particles_must_be_there_but_are_not_marked_and_do_not_rank() -> None:
    found = parsed("他是谁的朋友")
    assert [needle.text for needle in found.needles if needle.quiet] == ["是", "谁", "的"]
    assert '"的"' in tree("他是谁的朋友")
    assert '"的"' not in relaxed("他是谁的朋友")
    assert [needle.quiet for needle in parsed("的").needles] == [False]
    assert [needle.quiet for needle in parsed("的 朋友").needles] == [False, False]


def test_a_star_alone_is_nothing() -> None:
    assert parsed("*").tree is None


def test_a_pasted_text_costs_no_more_than_a_long_question() -> None:
    article = "".join(chr(0x4E00 + 7 * number) for number in range(LONGEST))
    assert relaxed(article).count(" OR ") < 3 * MOST_TERMS


def test_unwanted_words_are_not_needles() -> None:
    assert [needle.text for needle in parsed('甲 -乙 NOT (丙 OR "丁")').needles] == ["甲"]


@pytest.mark.parametrize(
    ("q", "expected", "warning"),
    [
        ('"甲', '"甲"', "quotation mark"),
        ("(甲", '"甲"', "closed at the end"),
        ("甲)", '"甲"', "left out"),
        ("date:2024-13-45", '"date:2024-13-45"', "date:2024-13-45"),
        ("author:", '"author"', "author:"),
        ("甲\ud800\x00", '"甲"', "Characters"),
        ("()", "None", "nothing to search"),
        ("-", "None", "nothing to search"),
        ("OR", "None", "nothing to search"),
        ("，", "None", "nothing to search"),
        ("甲 OR", '"甲"', "OR with nothing beside it"),
        ("OR 甲", '"甲"', "OR with nothing beside it"),
        ("甲 OR OR 乙", '("甲" OR "乙")', "OR with nothing beside it"),
        ("甲 AND AND 乙", '("甲" AND "乙")', "AND with nothing beside it"),
        ("AND 甲", '"甲"', "AND with nothing beside it"),
        ("甲 NOT", '"甲"', "NOT with nothing beside it"),
        ("甲 - 乙", '("甲" AND "乙")', "- was left out"),
        ("甲 || 乙", '("甲" AND "乙")', "|| was left out"),
        ('甲 ""', '"甲"', '"" was left out'),
        ("甲 ()", '"甲"', "nothing in them"),
        ("甲 *", '"甲"', "* was left out"),
        ("v*l", '"v*l"', "v*l is searched as text"),
        ("*vol", '"vol"', "*vol is searched as text"),
        ("covid-19*", '"covid-19"', "covid-19* is searched as text"),
        ("石破茂~", '"石破茂"', "石破茂~ is searched as text"),
        ("vole~3", '"vole~3"', "vole~3 is searched as text"),
        ('"vole"~2', '("vole" AND "2")', "~2 is searched as text"),
        ("site:a.example", '"site:a.example"', "site: is no operator"),
        ("intitle: 甲", '("intitle" AND "甲")', "intitle: was not understood"),
        ("date:2024-11/2024-10", "published:[1727712000 TO 1732982400}", "the two were exchanged"),
        ("date:/", '"date"', "date:/ was not understood"),
        ("(((((((((甲) OR 乙) 丙)))))))", '(("甲" OR "乙") AND "丙")', "deeper than 8"),
        ("=甲", '"甲"', "=甲 was not understood"),
        (f"{'x' * 41}*", f"{'x' * 40}*", "40 letters"),
        (f"{'x' * 39}~", f'"{"x" * 39}"', "too long for ~"),
    ],
)
def test_what_is_not_understood_is_searched_as_text_with_a_warning(
    q: str, expected: str, warning: str
) -> None:
    assert tree(q) == expected
    assert any(warning in str(each) for each in parsed(q).warnings)


def test_limits_are_kept_and_said() -> None:
    for q in (
        "甲" * (LONGEST + 1),
        " ".join("甲乙" for _ in range(MOST_TERMS + 1)),
        "(" * (DEEPEST + 1) + "甲",
    ):
        found = parsed(q)
        assert len(found.needles) <= MOST_TERMS
        assert any(
            str(limit) in " ".join(map(str, found.warnings)) for limit in (LONGEST, MOST_TERMS, DEEPEST)
        )


def test_unwanted_words_count_as_well() -> None:
    found = parsed(" ".join(f"-{chr(0x4E00 + number)}" for number in range(MOST_TERMS + 1)))
    assert str(found.tree).count(" OR ") == MOST_TERMS - 1
    assert "64 words" in str(found.warnings[0])


def test_what_is_asked_for_again_is_looked_for_once() -> None:
    assert tree("甲 甲 乙 甲") == '("甲" AND "乙")'
    assert tree("a* a* b~ b~ 日美关系 日美关系").count("a*") == 1
    assert tree("日美关系 日美关系 b~") == tree("日美关系 b~")
    assert [needle.text for needle in parsed("甲 甲 -乙 乙 a* a*").needles] == ["甲", "乙", "a"]
    assert [needle.text for needle in parsed("-乙 OR 乙").needles] == ["乙"]


def test_words_of_the_title_are_marked_there_only() -> None:
    found = parse("甲 intitle:乙 intitle:(丙 丁*)", SCOPE).needles
    assert [(needle.text, needle.fields) for needle in found] == [
        ("甲", ("title", "body")),
        ("乙", ("title",)),
        ("丙", ("title",)),
        ("丁", ("title",)),
    ]


def test_in_a_short_form_fewer_words_are_looked_for() -> None:
    short = replace(BODY, short=True)
    found = parse(" ".join(chr(0x4E00 + number) for number in range(20)), short)
    assert len(found.needles) == 8
    assert "too long" in str(found.warnings[0])


def test_a_source_is_known_by_its_name_too() -> None:
    called = {"美国之音": ["voachinese.com"], "BBC": ["bbc.com", "bbc.example"]}
    scope = replace(BODY, sources=lambda name: called.get(name, []))
    assert str(parse("source:美国之音", scope).tree) == "source:voachinese.com"
    assert str(parse("source:BBC", scope).tree) == "(source:bbc.com OR source:bbc.example)"
    found = parse("source:无此报", scope)
    assert (str(found.tree), [*map(str, found.warnings)]) == ("source:无此报", ["No source is called 无此报"])


@pytest.mark.parametrize(
    "q",
    ["(" * 400, "NOT " * 100, "-" * 400, '"' * 399, ")" * 400, "OR " * 133, "*" * 400, "(" * 200 + ")" * 200],
)
def test_hostile_repetition_is_understood_as_something(q: str) -> None:
    parsed(q)


PIECES = st.sampled_from(
    [
        *'()"-*=:：“”（）－＝ ',
        "OR",
        "NOT",
        "AND",
        " ",
        "石破茂",
        "intitle:",
        "date:",
        "source:",
        "a",
        "\ud800",
    ]
)


@given(st.text(st.characters(codec=None), max_size=60) | st.lists(PIECES, max_size=40).map("".join))
def test_no_string_raises(q: str) -> None:
    found = parse(q, SCOPE)
    assert len(found.needles) <= MOST_TERMS
    assert str(found.tree) is not None
