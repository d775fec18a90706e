"""Sketches: near texts have as many bins in common as they have text, in either script."""

import numpy as np
import opencc
from hypothesis import example, given
from hypothesis import strategies as st

from searchsvc.stories.sketch import NUMBER_BINS, TEXT_BINS, WIDTH, sketch
from searchsvc.text.fold import fold
from tests.stories.build import edited, prose


def agreement(one: str, other: str) -> float:
    left, right = sketch(one)[:TEXT_BINS], sketch(other)[:TEXT_BINS]
    filled = (left != 0) | (right != 0)
    return float(((left == right) & filled).sum() / filled.sum())


def in_common(one: str, other: str) -> float:
    """The Jaccard similarity of two texts of Han characters, by their strings of four."""
    left, right = ({text[at : at + 4] for at in range(len(text) - 3)} for text in (one, other))
    return len(left & right) / len(left | right)


@given(st.text())
@example("00\u0345")
def test_any_text_has_a_sketch_and_its_folded_form_has_the_same(text: str) -> None:
    assert sketch(text).shape == (WIDTH,)
    assert (sketch(text) == sketch(fold(text))).all()


def test_both_scripts_have_one_sketch() -> None:
    text = "这项计划将于明年开始实施，并且得到各方支持；记者从有关部门了解到，会议今天上午举行。" + prose(1)
    for name in ("s2tw", "s2hk", "s2t"):
        assert (sketch(text) == sketch(opencc.OpenCC(name).convert(text))).all()


def test_marks_and_spaces_do_not_count() -> None:
    assert (sketch("今天，北京举行了会议。") == sketch("今天 北京\n举行了\u200b会议")).all()


def test_a_word_of_letters_is_one_unit() -> None:
    assert not sketch("covid vaccine trial")[:TEXT_BINS].any()
    assert sketch("covid vaccine trial results")[:TEXT_BINS].astype(bool).sum() == 1
    assert (sketch("Covid Vaccine trial ｒｅｓｕｌｔｓ") == sketch("covid vaccine TRIAL results")).all()


def test_agreement_estimates_what_texts_have_in_common() -> None:
    errors = []
    for seed in range(40):
        text = prose(seed, 600).replace("。", "")
        other = edited(text, 0.01 * (seed % 20), seed)
        errors.append(agreement(text, other) - in_common(text, other))
    # The standard deviation of one estimate is 0.044 at most, that of their mean a sixth of it.
    assert abs(np.mean(errors)) < 0.03
    assert np.std(errors) < 0.06


def test_numbers_of_two_digits_and_more_are_kept_by_themselves() -> None:
    def numbers(text: str) -> np.ndarray:
        return sketch(text)[TEXT_BINS:]

    assert numbers("报收于6.8087元").astype(bool).sum() == 1
    assert not numbers("5只猫，G20，A股").any()
    assert (numbers("涨２３点") == numbers("跌23点")).all()
    assert len(numbers("")) == NUMBER_BINS
