"""What was found, as JSON: one form for the API and the terminal."""

from datetime import UTC, datetime
from typing import Any

from searchsvc.article import Article
from searchsvc.search.results import Hit, Page


def moment(seconds: int) -> str:
    """A time as RFC 3339 in UTC: ``2024-11-07T16:49:47Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
