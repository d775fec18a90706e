"""Text → folded text: one table, one code point to one code point.

Folding joins what a reader takes for the same sign: full width and half, upper case and lower,
accents, quotation marks of either side of the strait, and every class of Han variants. Since each
code point goes to one code point, an offset in folded text is an offset in the original, and a
fragment folds as it does inside its document. Three laws follow, for any text::

    len(fold(text)) == len(text)
    fold(fold(text)) == fold(text)
    fold(left + right) == fold(left) + fold(right)
"""

from functools import cache

from searchsvc.text import fold_table

VERSION = fold_table.VERSION


def fold(text: str) -> str:
    """The text with every variant of a sign replaced by one representative."""
    return text.translate(_table())


@cache
def _table() -> dict[int, int]:
    return str.maketrans(fold_table.FROM, fold_table.TO)
