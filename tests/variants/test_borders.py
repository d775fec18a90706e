"""Where words may begin and end in a folded run."""

from hypothesis import given
from hypothesis import strategies as st

from searchsvc.text.fold import fold
from searchsvc.variants.borders import borders


@given(st.text(max_size=40))
def test_the_ends_are_borders_and_all_are_inside(text: str) -> None:
    folded = fold(text)
    found = borders(folded)
    assert {0, len(folded)} <= found
    assert max(found) == len(folded)


def test_no_border_inside_a_word() -> None:
    assert borders(fold("多數位置")) == {0, 2, 4}


def test_unknown_characters_stay_loose() -> None:
    assert borders("和川普见面") >= {1, 3}


def test_a_word_made_of_two_has_a_joint() -> None:
    assert 2 in borders("手机芯片")
    assert 2 not in borders("发布会")


def test_the_dictionary_is_asked_for_common_characters() -> None:
    assert borders(fold("公司管理层和平发展")) >= {2, 5, 7, 9}
