"""The parameters of a search → the form that would send them again.

Whatever was asked stays asked: what has no field of its own (a time zone, excluded sources, several
sources) travels in hidden fields, and is shown as a chip with a link that takes it away.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from searchsvc.article import SourceCount
from searchsvc.web.context import link
from searchsvc.web.messages import ZH_HANS, say
from searchsvc.web.parameters import Parameter, lenient, without
from searchsvc.web.problems import Problem

SORTS = ("relevance", "newest", "oldest")
# Parameters without a field of their own.
CARRIED = ("exclude_source", "search_in", "tz", "page_size")
# A name longer than this is no name; the list of sources stays a list.
LONGEST_LABEL = 48
# Keeps an address under 8 KB: a Han character takes nine bytes in it.
LONGEST_TYPED = 800
# Unicode's isolates, for text that can hold no element: a name cannot turn its neighbours around.
ISOLATE, END_ISOLATE = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a list."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition that has no field, and the address of the same search without it."""

    label: str
    value: str
    href: str


@dataclass(frozen=True, slots=True)
class Form:
    """The search form, filled. ``problem`` is what was wrong with it when it was last sent."""

    q: str = ""
    since: str = ""
    until: str = ""
    sources: tuple[Option, ...] = ()
    sorts: tuple[Option, ...] = ()
    hidden: tuple[Parameter, ...] = ()
    chips: tuple[Chip, ...] = ()
    problem: Problem | None = None

    def blames(self, param: str) -> bool:
        return self.problem is not None and self.problem.param == param


def make_form(
    asked: tuple[Parameter, ...], sources: Sequence[SourceCount], problem: Problem | None = None
) -> Form:
    """The form of a search."""
    request = lenient(asked)
    several = len(request.sources) > 1
    carried = (*CARRIED, "source") if several else CARRIED
    hidden = tuple(each for each in asked if each.name in carried)
    return Form(
        q=request.q,
        since=request.since or "",
        until=request.until or "",
        sources=tuple(_sources(sources, request.sources, several)),
        sorts=tuple(_sorts(request.sort or "", bool(request.q))),
        hidden=hidden,
        chips=tuple(_chip(asked, each, sources) for each in hidden),
        problem=problem,
    )


def _sources(sources: Sequence[SourceCount], chosen: tuple[str, ...], several: bool) -> Iterator[Option]:
    """Every source; with several chosen ones, a list to add one more from."""
    yield Option("", say("form.source.another" if several else "form.source.any"))
    left = [each for each in sources if not (several and each.source.id in chosen)]
    for each in left:
        label = say("form.source.counted", name=_label(each.source.name), count=each.count)
        yield Option(each.source.id, label, each.source.id in chosen)
    if not several and chosen and chosen[0] not in {each.source.id for each in sources}:
        yield Option(chosen[0], say("form.source.unknown", name=_label(chosen[0])), chosen=True)


def _sorts(chosen: str, has_words: bool) -> Iterator[Option]:
    """The orders. Without words nothing is relevant, so the choice left open is called differently."""
    yield Option("", say("form.sort.relevance" if has_words else "form.sort.default"))
    for order in SORTS[1:]:
        yield Option(order, say(f"form.sort.{order}"), order == chosen)


def _chip(asked: tuple[Parameter, ...], each: Parameter, sources: Iterable[SourceCount]) -> Chip:
    names = {counted.source.id: counted.source.name for counted in sources}
    shown = names.get(each.value, each.value)
    if each.name == "search_in":
        shown = ZH_HANS.get(f"search_in.{each.value}", each.value)
    href = link("/search", without(asked, each.name, value=each.value))
    return Chip(say(f"chip.{each.name}"), _cut(shown), href)


def _label(name: str) -> str:
    return f"{ISOLATE}{_cut(name)}{END_ISOLATE}"


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_LABEL else name[: LONGEST_LABEL - 1] + "…"
