"""What the beginning of a word goes on to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.errors import IndexUnavailable
from searchsvc.service import Service
from searchsvc.suggest.complete import Suggestion, complete
from searchsvc.suggest.lookup import Lookup
from searchsvc.text.fold import fold


def texts(q: str, lookup: Lookup, limit: int = 8) -> list[str]:
    return [one.text for one in complete(q, limit, lookup)]


def test_one_character_goes_on_to_words_and_to_names_no_dictionary_has(lookup: Lookup) -> None:
    found = texts("石", lookup)
    assert found[:2] == ["石破茂", "石油"]
    assert not {"石破", "石展览"} & set(found)


def test_a_name_of_the_table_is_a_name_and_counted_exactly(lookup: Lookup) -> None:
    assert complete("特", 8, lookup)[0] == Suggestion("特朗普", "name", 3, "特朗普")


def test_names_that_do_not_occur_are_not_offered(lookup: Lookup) -> None:
    assert texts("普", lookup) == []


def test_the_word_behind_what_is_a_word_already(lookup: Lookup) -> None:
    found = {one.text: (one.kind, one.count) for one in complete("钻石", 8, lookup)}
    assert found["钻石展览"] == ("title", 1)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("国", "国会"), ("國", "國會"), ("石破茂談", "石破茂談渡輪"), ("石破茂谈", "石破茂谈渡轮")],
)
def test_what_is_offered_is_in_the_script_that_was_typed(lookup: Lookup, typed: str, offered: str) -> None:
    found = texts(typed, lookup)
    # 国 is simplified only, so the title that has it in traditional script is converted.
    assert offered in found


def test_letters_go_on_to_whole_words_whatever_their_case(lookup: Lookup) -> None:
    assert texts("lan", lookup)[0] == "Lantern"
    assert texts("ＬＡＮ", lookup)[0] == "Lantern"


@pytest.mark.parametrize(
    ("q", "query"),
    [
        ("渡轮 石", "渡轮 石破茂"),
        ("渡轮　石", "渡轮　石破茂"),
        ("渡轮 -石", "渡轮 -石破茂"),
        ("intitle:石", "intitle:石破茂"),
        ('"石', '"石破茂'),
        ("(石", "(石破茂"),
        ("不见于此石", "不见于此石破茂"),
    ],
)
def test_the_last_word_is_completed_and_the_rest_kept(lookup: Lookup, q: str, query: str) -> None:
    found = complete(q, 1, lookup)
    assert [(one.text, one.query) for one in found] == [("石破茂", query)]


@pytest.mark.parametrize("q", ["", " ", "石 ", "。", "\x00", "\u200b", "\ud800", "石" * 41, "渡轮 -", "龘"])
def test_nothing_goes_on_from_nothing(lookup: Lookup, q: str) -> None:
    assert complete(q, 8, lookup) == ()


def test_the_limit_is_kept(lookup: Lookup) -> None:
    assert [len(complete("石", limit, lookup)) for limit in (1, 2, 3)] == [1, 2, 3]


def test_without_an_index_it_says_so(service: Service) -> None:
    with pytest.raises(IndexUnavailable):
        complete("石", 8, Lookup(service.store, service.engine, service.settings.names))


@settings(max_examples=300)
@given(st.text(alphabet='石破茂特國会lanLA*"()-:. \u3000\ud800\x00·，', max_size=8))
def test_whatever_is_typed_what_is_offered_begins_so_and_occurs(lookup: Lookup, q: str) -> None:
    for one in complete(q, 8, lookup):
        assert one.count == lookup.count(one.text) > 0
        assert one.query.endswith(one.text)
        assert fold(one.query).startswith(fold(q.encode("utf-8", "replace").decode()))
