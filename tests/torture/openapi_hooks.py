"""What schemathesis cannot know from the document: our formats, and which values exclude each other."""

from datetime import date
from urllib.parse import unquote_plus

import schemathesis
from hypothesis import strategies as st

from searchsvc.search.plan import PAGE_SIZE
from searchsvc.search.results import DEEPEST

DATES = st.one_of(
    st.dates(date(1990, 1, 1), date(2026, 12, 31)).map(str),
    st.integers(1990, 2026).map(str),
    st.sampled_from(("2024-11", "P7D", "P1M", "2024-11-07T16:49:47Z", "2024-11-07T16:49:47+08:00")),
)
schemathesis.openapi.format("date-or-duration", DATES)
schemathesis.openapi.format(
    "time-zone", st.sampled_from(("Asia/Taipei", "UTC", "Europe/Paris", "America/New_York"))
)
# An empty one begins a walk; others come from answers.
schemathesis.openapi.format("cursor", st.just(""))


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: schemathesis.Case) -> bool:
    """Leave out what OpenAPI has no words for: each of these is 400, and has tests of its own."""
    query = {} if not isinstance(case.query, dict) else case.query
    return not (
        ("cursor" in query and ({"page", "fold"} & query.keys()))
        or _number(query.get("page"), 1) * _number(query.get("page_size"), PAGE_SIZE) > DEEPEST
        or ({"from", "to"} <= query.keys() and query["from"] != query["to"])
        or not _names_somebody(query.get("author", ""))
    )


def _number(value: object, default: int) -> int:
    return int(str(value)) if str(value).isdecimal() and len(str(value)) < 9 else default


def _names_somebody(author: object) -> bool:
    text = unquote_plus(str(author))
    return not text.strip() or any(each.isalnum() for each in text)
