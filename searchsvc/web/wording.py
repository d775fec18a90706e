"""Words that somebody typed or that an article has, as they stand in a page: kept to themselves, and each in
its own language, also inside a message of the interface."""

from markupsafe import Markup, escape

from searchsvc.web import messages
from searchsvc.web.context import reader
from searchsvc.web.languages import lang_of

WORD = Markup('<bdi lang="{}">{}</bdi>')
# What messages tell of other forms by: the same name here and there.
EXAMPLE = {"one": "特朗普", "other": "川普"}


def word(text: str) -> Markup:
    """A word as markup."""
    return WORD.format(lang_of(text), text)


def worded(key: str, /, **values: object) -> Markup:
    """A message in the reader's language as markup, in which every value that is a string is such a word."""
    words = {name: word(value) if isinstance(value, str) else value for name, value in values.items()}
    return escape(messages.pattern(reader().language, key, values)).format(**messages.shown(words))
