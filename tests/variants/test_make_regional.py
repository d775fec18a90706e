"""OpenCC's pairs → other forms, both ways."""

from searchsvc.variants.make_regional import other_forms


def test_a_pair_goes_both_ways() -> None:
    assert other_forms([("軟件", "軟體")]) == {"軟件": ["軟體"], "軟體": ["軟件"]}


def test_one_phrase_may_have_several_forms() -> None:
    forms = other_forms([("進程", "程序"), ("進程", "行程"), ("程序", "程式")])
    assert forms["進程"] == ["程序", "行程"]
    assert forms["程序"] == ["進程", "程式"]


def test_forms_of_forms_are_not_forms() -> None:
    assert other_forms([("進程", "程序"), ("程序", "程式")])["進程"] == ["程序"]


def test_what_folds_alike_is_no_pair_but_left_whole() -> None:
    assert other_forms([("軟體動物", "軟體動物"), ("臺積電", "台積電")]) == {"軟體動物": [], "臺積電": []}


def test_a_single_character_is_no_form() -> None:
    assert other_forms([("端口", "埠"), ("硅", "矽")]) == {}
