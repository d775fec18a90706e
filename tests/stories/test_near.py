"""Which articles are near each other, and which of those tell one story."""

import numpy as np
import pytest

from searchsvc.stories.near import MOST_EDGES, WINDOW_SECONDS, Stories, stories_of, touched
from searchsvc.stories.sketch import sketch
from tests.stories.build import edited, prose


def told(*texts: str, at: list[int] | None = None) -> Stories:
    """The stories of texts at some seconds, ascending; all at once if none are given."""
    moments = np.array(at or [0] * len(texts), np.int64)
    return stories_of(np.array([sketch(text) for text in texts]), moments)


def together(one: str, other: str, seconds: int = 0) -> bool:
    stories = told(one, other, at=[0, seconds]).stories.tolist()
    assert stories in ([0, 0], [0, 1])
    return stories == [0, 0]


@pytest.mark.parametrize(("share", "is_one"), [(0, True), (0.05, True), (0.3, False)])
def test_a_text_with_few_edits_tells_the_same_story(share: float, is_one: bool) -> None:
    for seed in range(20):
        text, other = prose(seed), edited(prose(seed), share, seed)
        assert together(text, other) == together(other, text) == is_one


def test_other_texts_tell_other_stories() -> None:
    assert told(*map(prose, range(30))).stories.tolist() == list(range(30))


def test_the_same_text_later_is_another_story() -> None:
    assert together(prose(1), prose(1), WINDOW_SECONDS)
    assert not together(prose(1), prose(1), WINDOW_SECONDS + 1)


def test_short_texts_must_be_the_same_and_very_short_ones_say_nothing() -> None:
    short = prose(1, 30)
    assert together(short, short)
    assert not together(short, short[:-4] + "甲乙丙。")
    assert not together("今日图片", "今日图片")


def test_reports_by_form_with_other_numbers_are_other_stories() -> None:
    def report(day: int) -> str:
        figures = "、".join(str(day * 1000 + number * 37) for number in range(1, 13))
        return f"{prose(1)}今天的数字是{figures}。"

    assert together(report(1), report(1))
    assert not together(report(1), report(2))


def test_a_chain_of_rewritings_does_not_join_its_ends() -> None:
    """Each takes over two thirds of the one before; six of them later nothing of the first is left."""
    parts = [prose(seed, 100) for seed in range(24)]
    chain = ["".join(parts[start : start + 12]) for start in range(0, 13, 2)]
    found = told(*chain)
    assert set(found.components.tolist()) == {0}
    assert found.stories[0] != found.stories[-1]
    # The sixth after the first of a story has nothing of it.
    assert all(number - first < 6 for number, first in enumerate(found.stories.tolist()))


def test_a_report_that_is_repeated_every_day_is_not_one_story_of_a_month() -> None:
    days = [day * 86_400 for day in range(12)]
    found = told(*[edited(prose(1), 0.02, day) for day in range(12)], at=days)
    assert set(found.components.tolist()) == {0}
    for story in set(found.stories.tolist()):
        members = np.flatnonzero(found.stories == story)
        assert days[members[-1]] - days[members[0]] <= WINDOW_SECONDS


def test_what_is_alike_a_thousand_times_is_one_story() -> None:
    count = MOST_EDGES * 20
    found = told(*[prose(1)] * count, at=list(range(count)))
    assert set(found.stories.tolist()) == {0}


def test_touched_are_the_new_ones_with_neighbours_and_these() -> None:
    texts = [prose(1), prose(2), edited(prose(1), 0.02), prose(3), edited(prose(3), 0.02)]
    sketches, moments = np.array([sketch(text) for text in texts]), np.zeros(5, np.int64)
    for new, expected in (([0], [0, 2]), ([2], [0, 2]), ([1], []), ([1, 3, 4], [3, 4]), ([], [])):
        mask = np.isin(np.arange(5), new)
        assert np.flatnonzero(touched(sketches, moments, mask)).tolist() == expected


def test_no_articles_have_no_stories() -> None:
    found = stories_of(np.zeros((0, 160), np.uint16), np.zeros(0, np.int64))
    assert (len(found.stories), len(found.components)) == (0, 0)
