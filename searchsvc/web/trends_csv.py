"""Trends as a file for a spreadsheet (RFC 4180)."""

import csv
from collections.abc import Iterable
from io import StringIO

from searchsvc.search.trends import Trends
from searchsvc.web.trends import Measure, values_of

# What makes a spreadsheet take a cell for a formula, in either width; a query may begin with it.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
# Without it Excel takes a file for the encoding of the machine it runs on.
BYTE_ORDER_MARK = "\ufeff"


def trends_csv(trends: Trends, measure: Measure) -> str:
    """A row for each bucket: its name, each query's hits in it (or per cent), and all articles of it."""
    file = StringIO()
    file.write(BYTE_ORDER_MARK)
    writer = csv.writer(file)
    writer.writerow(("start", *map(cell, (line.q for line in trends.lines)), "articles"))
    columns = (_numbers(values_of(line, trends, measure), measure) for line in trends.lines)
    writer.writerows(zip(trends.names, *columns, trends.articles, strict=True))
    return file.getvalue()


def cell(text: str) -> str:
    """Text that no spreadsheet computes: a sign that begins a formula gets an apostrophe before it."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def _numbers(values: Iterable[float], measure: Measure) -> Iterable[str]:
    return (f"{value:.4f}" if measure == "share" else str(value) for value in values)
