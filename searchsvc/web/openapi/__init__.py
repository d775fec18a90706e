"""The HTTP interface as an OpenAPI 3.1 document: every address, parameter and answer as it is.

``parameters`` says what can be asked, ``schemas`` what is answered, ``operations`` puts them together.
Bounds and lists are the very constants that requests are checked with; tests hold the rest of it
against real answers. What parameters mean is said by the messages of the pages, in English.
"""

from functools import cache
from typing import Any

from searchsvc.web.openapi.operations import ANSWERS, OPERATIONS, described
from searchsvc.web.openapi.schemas import SCHEMAS
from searchsvc.web.openapi.words import english

__all__ = ["OPERATIONS", "document"]

PURPOSE = (
    "Finds articles by words, dates and sources, in simplified and traditional Chinese alike. All addresses "
    "are only for reading. An empty parameter counts as not given; one that an address does not know, or "
    "that stands twice where it may once, is an error. Errors are application/problem+json (RFC 9457) with a "
    "`code`. Offsets are half-open and count code points. Times are UTC."
)


@cache
def document(root: str) -> dict[str, Any]:
    """The document; ``root`` is where the service is mounted. Not to be changed by who gets it."""
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths[operation.path] = {"get": described(operation)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": english("site"),
            "version": "1",
            "summary": english("site.purpose"),
            "description": PURPOSE,
        },
        "servers": [{"url": root}],
        "paths": paths,
        "components": {"schemas": SCHEMAS, "responses": ANSWERS},
    }
