"""The strings that a query looks for, as what is shown of a hit marks them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from searchsvc.engine import FIELDS, Field
from searchsvc.search.words import is_particle


@dataclass(frozen=True, slots=True)
class Needle:
    """A string that was asked for, as typed; ``prefix``: a word that begins so.

    ``quiet``: it has to be there, but nobody wants to see it marked (的 in a run of words).
    ``form_of``: the word as typed of which this is another form. ``as_typed``: in no other script.
    ``distance``: words that differ in so many letters are meant too. ``fields``: where it is looked for.
    """

    text: str
    prefix: bool = False
    quiet: bool = False
    form_of: str | None = None
    as_typed: bool = False
    distance: int = 0
    fields: tuple[Field, ...] = FIELDS


def needles_of(words: Sequence[str], fields: tuple[Field, ...]) -> list[Needle]:
    """The words of a run; its particles are quiet, unless there is nothing else in it."""
    telling = not all(map(is_particle, words))
    return [Needle(word.strip(), quiet=telling and is_particle(word), fields=fields) for word in words]


def with_forms(needles: Iterable[Needle], forms: Mapping[str, Sequence[str]]) -> tuple[Needle, ...]:
    """Each needle once, and behind them the other forms of their words."""
    once = dict.fromkeys(needles)
    words = [one for one in once if not (one.prefix or one.as_typed or one.distance)]
    others = [replace(one, text=form, form_of=one.text) for one in words for form in forms.get(one.text, ())]
    return (*once, *dict.fromkeys(others))
