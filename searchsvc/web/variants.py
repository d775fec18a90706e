"""The other forms of a query's words, as chips: each can be switched off by itself, or all of them.

A word in quotation marks has no other forms, so taking a word's forms away puts it in quotation marks.
"""

from dataclasses import dataclass

from searchsvc.search.results import Page
from searchsvc.web.context import link
from searchsvc.web.parameters import Parameter, lenient, replaced, without


@dataclass(frozen=True, slots=True)
class VariantChip:
    """A word, its other forms, and the address of the same search without these forms."""

    word: str
    forms: tuple[str, ...]
    href: str | None


@dataclass(frozen=True, slots=True)
class VariantChips:
    """All of them; ``off`` switches all off, ``on`` switches them on again where they are off."""

    chips: tuple[VariantChip, ...]
    off: str | None
    on: str | None


def variant_chips(page: Page, asked: tuple[Parameter, ...]) -> VariantChips:
    """The chips of a page of results."""
    if lenient(asked).variants == "off":
        return VariantChips((), None, link("/search", without(asked, "variants")))
    chips = tuple(
        VariantChip(word, forms, _without_forms(word, asked)) for word, forms in page.asked.variants.items()
    )
    off = link("/search", replaced(asked, "variants", "off")) if len(chips) > 1 else None
    return VariantChips(chips, off, None)


def _without_forms(word: str, asked: tuple[Parameter, ...]) -> str | None:
    """The search with a word in quotation marks; all forms off where the word is not to be seen."""
    quoted = lenient(asked).q.replace(word, f'"{word}"')
    if quoted == lenient(asked).q or '"' in lenient(asked).q:
        return link("/search", replaced(asked, "variants", "off"))
    return link("/search", replaced(asked, "q", quoted))
