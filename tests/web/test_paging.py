"""Which pages there are, and which are offered."""

import pytest

from searchsvc.search.results import Asked, Page
from searchsvc.web.paging import last_page, next_page, previous_page, shown_pages


def page(number: int, total: int, size: int = 10) -> Page:
    return Page(Asked("", (), "all", ()), total, (), number, size, 0.0)


@pytest.mark.parametrize(
    ("number", "total", "size", "previous", "following", "last"),
    [
        (1, 0, 10, None, None, 1),
        (1, 10, 10, None, None, 1),
        (1, 11, 10, None, 2, 2),
        (2, 11, 10, 1, None, 2),
        (9, 11, 10, 2, None, 2),
        (1_000, 20_000, 10, 999, None, 1_000),
        # 334 pages of 30 would reach beyond the deepest hit that may be asked for.
        (333, 20_000, 30, 332, None, 333),
    ],
)
def test_neighbours(
    number: int, total: int, size: int, previous: int | None, following: int | None, last: int
) -> None:
    asked = page(number, total, size)
    assert (previous_page(asked), next_page(asked), last_page(asked)) == (previous, following, last)


@pytest.mark.parametrize(
    ("number", "total", "shown"),
    [
        (1, 5, [1]),
        (2, 80, [1, 2, 3, 4, 5, 6, 7, 8]),
        (1, 500, [1, 2, 3, None, 50]),
        (7, 500, [1, None, 5, 6, 7, 8, 9, None, 50]),
        (50, 500, [1, None, 48, 49, 50]),
        (99, 500, [1, None, 48, 49, 50]),
    ],
)
def test_pages_shown(number: int, total: int, shown: list[int | None]) -> None:
    assert list(shown_pages(page(number, total))) == shown
