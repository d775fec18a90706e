"""``/trends``: several queries compared over time, as a page and as a file.

By itself every query counts for exactly what it says: with other forms of words 特朗普 and 川普 would be
the same line twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template

from searchsvc.errors import SearchServiceError
from searchsvc.search.trends import MOST_QUERIES, Trends, compare
from searchsvc.web.complaints import answer_to
from searchsvc.web.context import link, parameters, same_page, service, short_link
from searchsvc.web.form import Chip, Form, make_chip, make_form, source_names
from searchsvc.web.parameters import REPEATABLE, Parameter, check_encoding, lenient, placed, replaced, without
from searchsvc.web.problems import Problem
from searchsvc.web.timeline import DATE, dated, ends_asked
from searchsvc.web.times import zone_asked
from searchsvc.web.trends import LineSearch, TrendsView, read_measure, trends_view
from searchsvc.web.trends_csv import trends_csv

NAMES = ("q", "from", "to", "tz", "source", "exclude_source", "author", "search_in", "variants", "measure")
SEVERAL = frozenset({"q", *REPEATABLE})
# Conditions that have no field of their own here.
CARRIED = ("source", "exclude_source", "author", "tz", "search_in")
FEWEST_FIELDS = 2
CSV = "text/csv; charset=utf-8; header=present"

blueprint = Blueprint("trends_page", __name__)


@dataclass(frozen=True, slots=True)
class TrendsForm:
    """The form that would ask for the same trends again. ``rest`` has the fields for dates."""

    queries: tuple[str, ...]
    measure: str
    variants: str
    hidden: tuple[Parameter, ...]
    chips: tuple[Chip, ...]
    rest: Form


@blueprint.get("/trends")
def trends() -> Response:
    """The page; without queries, the form for them; with a problem, what to change."""
    asked = asked_for(parameters())
    try:
        check_encoding(asked)
        found = _compare(asked) if _lines(asked) else None
    except SearchServiceError as error:
        return _page(asked, problem=answer_to(error))
    return _page(asked, found)


@blueprint.get("/trends.csv")
def file() -> Response:
    """The numbers as CSV. Raises QueryError."""
    asked = asked_for(parameters())
    check_encoding(asked)
    response = Response(trends_csv(_compare(asked), read_measure(_value(asked, "measure"))), content_type=CSV)
    response.headers["Content-Disposition"] = 'attachment; filename="trends.csv"'
    return response


def asked_for(given: Iterable[Parameter]) -> tuple[Parameter, ...]:
    """The parameters that mean something to trends, each query and each source once."""
    kept: dict[tuple[str, str], Parameter] = {}
    for each in given:
        if each.name in NAMES and each.value.strip():
            kept.setdefault((each.name, each.value.strip() if each.name in SEVERAL else ""), each)
    return placed(kept.values())


def _compare(asked: tuple[Parameter, ...]) -> Trends:
    read_measure(_value(asked, "measure"))
    return compare(service().search, tuple(map(lenient, _lines(asked))))


def _lines(asked: tuple[Parameter, ...]) -> tuple[tuple[Parameter, ...], ...]:
    """The search of each line, as the parameters of its address."""
    shared = tuple(each for each in asked if each.name not in ("q", "measure", "variants"))
    variants = Parameter("variants", _value(asked, "variants") or "off")
    return tuple(placed(shared, each, variants) for each in asked if each.name == "q")


def _page(
    asked: tuple[Parameter, ...], found: Trends | None = None, problem: Problem | None = None
) -> Response:
    response = make_response(
        render_template(
            "trends.html",
            form=_form(asked, problem),
            problem=problem,
            trends=found,
            view=_view(asked, found) if found and found.names else None,
            csv=link("/trends.csv", asked),
            canonical=link("/trends", asked),
            anytime=same_page(without(asked, "from", "to")),
            other_forms=link("/trends", replaced(asked, "variants", "on")),
        ),
        problem.status if problem else 200,
    )
    response.headers.extend(problem.headers if problem else ())
    return response


def _view(asked: tuple[Parameter, ...], found: Trends) -> TrendsView:
    searches = tuple(
        LineSearch(short_link("/search", line), without(line, "from", "to")) for line in _lines(asked)
    )
    ends = ends_asked(asked, found.names, zone_asked(asked))
    ranged = same_page(dated(without(asked, "from", "to"), DATE, DATE))
    return trends_view(found, searches, ends, read_measure(_value(asked, "measure")), ranged)


def _form(asked: tuple[Parameter, ...], problem: Problem | None) -> TrendsForm:
    rest = make_form(asked, problem)
    hidden = tuple(each for each in asked if each.name in CARRIED)
    names = {} if problem and problem.status >= 500 else source_names(lenient(asked))
    queries = [each.value for each in asked if each.name == "q"]
    # A field more than there are queries, so that one can be added.
    fields = max(len(queries), min(MOST_QUERIES, max(FEWEST_FIELDS, len(queries) + 1)))
    return TrendsForm(
        queries=(*queries, *[""] * (fields - len(queries))),
        measure=_value(asked, "measure") or "count",
        variants=_value(asked, "variants") or "off",
        hidden=hidden,
        chips=tuple(make_chip(asked, each, names, "/trends") for each in hidden),
        rest=rest,
    )


def _value(asked: tuple[Parameter, ...], name: str) -> str | None:
    return next((each.value for each in asked if each.name == name), None)
