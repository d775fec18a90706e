"""Lines over time: a round scale, paths and marks that agree with it."""

import pytest

from searchsvc.web.lines import ABOVE_PX, PLOT_PX, line_path, marked, place_percent, place_px, top_of


@pytest.mark.parametrize(
    ("greatest", "top"),
    [
        (0, 2),
        (1, 2),
        (3, 4),
        (9, 10),
        (10, 10),
        (11, 12),
        (13, 16),
        (248, 300),
        (1_001, 1_200),
        (0.031, 0.04),
    ],
)
def test_the_top_is_the_next_round_number_and_so_is_its_half(greatest: float, top: float) -> None:
    assert top_of(greatest) == pytest.approx(top)


def test_the_top_is_never_below_what_is_shown() -> None:
    for greatest in range(1, 5_000):
        assert greatest <= top_of(greatest) <= 2 * greatest + 1
        assert top_of(greatest) / 2 == int(top_of(greatest) / 2)


def test_a_line_goes_through_the_middle_of_each_bucket() -> None:
    assert line_path((0, 5, 10), 10) == "M0.5 100 1.5 50 2.5 0"


def test_marks_lie_on_their_line() -> None:
    assert [place_percent(place, 4) for place in range(4)] == [12.5, 37.5, 62.5, 87.5]
    assert place_px(10, 10) == ABOVE_PX
    assert place_px(0, 10) == ABOVE_PX + PLOT_PX


def test_few_points_are_all_marked_many_ones_at_different_places_for_each_line() -> None:
    assert list(marked(31, 1, 2)) == list(range(31))
    first, second = list(marked(144, 0, 2)), list(marked(144, 1, 2))
    assert len(first) == len(second) == 12
    assert not set(first) & set(second)
