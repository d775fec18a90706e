"""What the document says in words: the messages of the pages, in English."""

from searchsvc.web.messages import table


def english(key: str) -> str:
    """A message without values."""
    return table("en")[key]
