"""The parameters of a search → the form that would send them again.

Whatever was asked stays asked: what has no field of its own (a time zone, sources, an author) travels
in hidden fields, and is shown as a chip with a link that takes it away.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from searchsvc.errors import StoreError
from searchsvc.search.request import Request
from searchsvc.web.context import link, say, service
from searchsvc.web.parameters import Parameter, lenient, without
from searchsvc.web.problems import Problem

SORTS = ("relevance", "newest", "oldest")
SEARCHED = ("title,content", "title", "content")
# Parameters without a field of their own.
CARRIED = ("source", "exclude_source", "author", "story", "variants", "fold", "script", "tz", "page_size")
# Of these, what is told elsewhere on the page than by a chip.
UNSAID = ("variants", "fold")
# A name longer than this is no name; a chip stays a chip.
LONGEST_LABEL = 48
# Keeps an address under 8 KB: a Han character takes nine bytes in it.
LONGEST_TYPED = 800


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
    searched: tuple[Option, ...] = ()
    sorts: tuple[Option, ...] = ()
    hidden: tuple[Parameter, ...] = ()
    chips: tuple[Chip, ...] = ()
    problem: Problem | None = None

    def blames(self, param: str) -> bool:
        return self.problem is not None and self.problem.param == param


def make_form(asked: tuple[Parameter, ...], problem: Problem | None = None) -> Form:
    """The form of a search."""
    request = lenient(asked)
    # Where it is the database that fails, sources go by their ids.
    names = {} if problem and problem.status >= 500 else source_names(request)
    hidden = tuple(each for each in asked if each.name in CARRIED)
    return Form(
        q=request.q,
        since=request.since or "",
        until=request.until or "",
        searched=tuple(_searched(request.search_in or "")),
        sorts=tuple(_sorts(request.sort or "", bool(request.q))),
        hidden=hidden,
        chips=tuple(make_chip(asked, each, names) for each in hidden if each.name not in UNSAID),
        problem=problem,
    )


def source_names(request: Request) -> Mapping[str, str]:
    """What the sources, and the article of a story, that were asked for are called, by their ids."""
    asked, store = (*request.sources, *request.excluded_sources), service().store
    try:
        names = store.source_names(asked) if asked else {}
        return names | store.titles([request.story]) if request.story else names
    except StoreError:
        return {}


def _searched(chosen: str) -> Iterator[Option]:
    """The fields to search. The first is what nobody needs to choose."""
    for fields in SEARCHED:
        value = "" if fields == SEARCHED[0] else fields
        yield Option(value, say(f"search_in.{fields}"), value == chosen)


def _sorts(chosen: str, has_words: bool) -> Iterator[Option]:
    """The orders. Without words nothing is relevant, so the choice left open is called differently."""
    yield Option("", say("form.sort.relevance" if has_words else "form.sort.default"))
    for order in SORTS[1:]:
        yield Option(order, say(f"form.sort.{order}"), order == chosen)


def make_chip(
    asked: tuple[Parameter, ...], each: Parameter, names: Mapping[str, str], path: str = "/search"
) -> Chip:
    """The chip of a condition on the page at ``path``; ``names``: what sources are called."""
    shown = names.get(each.value, each.value)
    if each.name == "script" and each.value in ("original", "hans", "hant", "hant-hk"):
        shown = say(f"menu.script.{each.value}")
    if each.name == "search_in" and each.value in SEARCHED:
        shown = say(f"search_in.{each.value}")
    href = link(path, without(asked, each.name, value=each.value))
    return Chip(say(f"chip.{each.name}"), _cut(shown), href)


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_LABEL else name[: LONGEST_LABEL - 1] + "…"
