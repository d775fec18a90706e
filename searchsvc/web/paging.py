"""A page of a search → which other pages there are."""

from collections.abc import Iterator

from searchsvc.search.results import DEEPEST, Page

# Pages shown on each side of the one that is open.
AROUND = 2


def last_page(page: Page) -> int:
    """The last page that can be asked for: there are no hits, or no way, beyond it."""
    return max(1, min(-(-page.total // page.size), DEEPEST // page.size))


def previous_page(page: Page) -> int | None:
    """The page before; the last one, for somebody who is beyond it."""
    return None if page.number == 1 else min(page.number - 1, last_page(page))


def next_page(page: Page) -> int | None:
    """The page after, if it can be reached."""
    return page.number + 1 if page.number < last_page(page) else None


def shown_pages(page: Page) -> Iterator[int | None]:
    """Page numbers to offer: the first, those around the open one, the last; None where some lack."""
    last = last_page(page)
    before = 0
    for number in range(1, last + 1) if last < 9 else sorted(_chosen(page.number, last)):
        if number > before + 1:
            yield None
        yield number
        before = number


def _chosen(number: int, last: int) -> set[int]:
    here = min(number, last)
    around = range(max(1, here - AROUND), min(last, here + AROUND) + 1)
    return {1, *around, last}
