"""The safe HTML that is kept of an article → the pictures in it, and where in the text each stands.

Lines of text and pictures are counted alike by the characters before them, spaces left out: those differ
between the markup and the text, nothing else does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from searchsvc.text.display import TAG

ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's address, what its page says it shows, and how many signs of the text stand before it."""

    address: str
    description: str
    place: int


def pictures(html: str) -> Iterator[Picture]:
    """The pictures, in their order."""
    if "<img" not in html:
        return
    place = 0
    for number, piece in enumerate(TAG.split(html)):
        if not number % 2:
            place += signs(unescape(piece))
        elif piece.startswith("<img"):
            attributes = {name: unescape(value) for name, value in ATTRIBUTE.findall(piece)}
            yield Picture(attributes.get("src", ""), attributes.get("alt", ""), place)


def signs(text: str) -> int:
    """How many characters there are, spaces left out."""
    return sum(map(len, text.split()))
