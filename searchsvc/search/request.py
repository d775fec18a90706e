"""What a door asks, as typed. Search validates it, so that every door answers alike."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """The parameters of a search as the person or program wrote them; None where not given.

    ``since`` and ``until`` are the API's ``from`` and ``to``. An empty ``cursor`` begins a walk.
    ``story`` is the id of any article that tells it.
    """

    q: str = ""
    since: str | None = None
    until: str | None = None
    tz: str | None = None
    sources: tuple[str, ...] = ()
    excluded_sources: tuple[str, ...] = ()
    author: str | None = None
    search_in: str | None = None
    sort: str | None = None
    page: str | None = None
    page_size: str | None = None
    variants: str | None = None
    facets: str | None = None
    script: str | None = None
    cursor: str | None = None
    story: str | None = None
    fold: str | None = None
