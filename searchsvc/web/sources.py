"""The sources of all hits, each with what its links do: choose it, or leave it out.

Counts are those of the search without its choice of sources, so that there is something to add to it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from searchsvc.article import Source, SourceCount
from searchsvc.search.results import Page
from searchsvc.web.context import same_page, service
from searchsvc.web.parameters import EVERYTHING, Parameter, extended, lenient, without

# Sources that are seen at once; the rest is one click away.
SHOWN = 12
# With more than these behind the click there is a box to find one by its name.
FILTERED = 20


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source. ``choose`` and ``exclude`` each do the opposite where it is chosen or excluded already."""

    source: Source
    count: int
    chosen: bool
    excluded: bool
    choose: str
    exclude: str


@dataclass(frozen=True, slots=True)
class SourceView:
    """The rows: those that are chosen or excluded come first. ``anywhere``: the search without a choice."""

    rows: tuple[SourceRow, ...]
    anywhere: str | None

    @property
    def shown(self) -> tuple[SourceRow, ...]:
        return self.rows[: self._cut]

    @property
    def folded(self) -> tuple[SourceRow, ...]:
        return self.rows[self._cut :]

    @property
    def _cut(self) -> int:
        marked = sum(row.chosen or row.excluded for row in self.rows)
        # Nobody should have to open a fold for one source more.
        return len(self.rows) if len(self.rows) <= SHOWN + 1 else max(SHOWN, marked)


def source_view(page: Page, asked: tuple[Parameter, ...]) -> SourceView:
    """The sources of a page of hits, and of those that a choice of sources leaves out."""
    request = lenient(asked)
    chosen, excluded = frozenset(request.sources), frozenset(request.excluded_sources)
    if not chosen | excluded:
        return SourceView(tuple(_rows(page.facets.sources or (), asked)), None)
    there = {each.source.id: each for each in page.facets.sources or ()}
    there |= {each.source.id: each for each in service().search.sources(request)}
    names = service().store.source_names(sorted(chosen | excluded))
    for key in sorted((chosen | excluded) - there.keys()):
        there[key] = SourceCount(Source(key, names.get(key, key)), 0)
    ranked = sorted(there.values(), key=lambda each: (each.source.id not in chosen | excluded, -each.count))
    anywhere = same_page(without(asked, "source", "exclude_source") or EVERYTHING)
    return SourceView(tuple(_rows(ranked, asked)), anywhere)


def _rows(counted: Iterable[SourceCount], asked: tuple[Parameter, ...]) -> Iterator[SourceRow]:
    request = lenient(asked)
    base = same_page(without(asked))
    for each in counted:
        key = each.source.id
        chosen, excluded = key in request.sources, key in request.excluded_sources
        yield SourceRow(
            source=each.source,
            count=each.count,
            chosen=chosen,
            excluded=excluded,
            choose=_toggled(asked, base, Parameter("source", key), chosen or excluded),
            exclude=_toggled(asked, base, Parameter("exclude_source", key), chosen or excluded),
        )


def _toggled(asked: tuple[Parameter, ...], base: str, choice: Parameter, marked: bool) -> str:
    """The search with a choice added, or taken back where it was made already."""
    if not marked:
        return extended(base, choice)
    bare = without(without(asked, "source", value=choice.value), "exclude_source", value=choice.value)
    taken_back = any((each.name, each.value) == (choice.name, choice.value) for each in asked)
    return same_page((bare or EVERYTHING) if taken_back else (*bare, choice))
