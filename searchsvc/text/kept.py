"""What is worked out once for a string and kept, if the string is short.

Bounded, for a service runs for months: in number, and in size too, since a thousand strings of 2,000
characters are 20 MB. Long ones are seldom the same anyway.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

LONGEST_KEPT = 64

T = TypeVar("T")


def kept_if_short(most: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Keep what a function of a string gives for its last ``most`` short strings."""

    def decorate(function: Callable[[str], T]) -> Callable[[str], T]:
        kept = lru_cache(maxsize=most)(function)

        @wraps(function)
        def call(text: str) -> T:
            return kept(text) if len(text) <= LONGEST_KEPT else function(text)

        return call

    return decorate
