"""The one form of a search's address: what is the same search has the same address.

In: names and values of parameters. Out: the order they stand in, and each value as it is written there.
Defaults go unsaid, so an address says only what somebody chose.
"""

# As the form sends its fields, then what travels along, then where in the hits one is.
ORDER = (
    *("q", "from", "to", "search_in", "sort"),
    *("source", "exclude_source", "author", "story", "variants", "fold", "script", "tz"),
    *("facets", "page_size", "page", "cursor"),
)
RANKS = {name: rank for rank, name in enumerate(ORDER)}
# That of ``sort`` is the page's or the feed's own.
DEFAULTS = {"variants": "on", "fold": "off", "search_in": "title,content", "page": "1", "page_size": "20"}
NUMBERS = frozenset({"page", "page_size"})
LONGEST_NUMBER = 12


def rank(name: str) -> int:
    """Where a parameter stands; unknown ones behind all others."""
    return RANKS.get(name, len(ORDER))


def written(name: str, value: str) -> str:
    """A value in its one form; empty for the default. What cannot be meant stays as it is, to be told."""
    plain = value.strip()
    if name in NUMBERS:
        number = read_whole(plain)
        plain = plain if number is None else str(number)
    elif name == "search_in":
        # Each field once, the title first: both of them are the default.
        plain = ",".join(sorted({field.strip() for field in plain.split(",")}, reverse=True))
    return "" if plain == DEFAULTS.get(name) else plain


def read_whole(text: str) -> int | None:
    """The number that some digits write; None for anything else."""
    # isdecimal() alone would take ٣; a bound on the length keeps int() cheap.
    return int(text) if text.isascii() and text.isdecimal() and len(text) < LONGEST_NUMBER else None
