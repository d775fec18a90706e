"""All rows of the battery, in the order in which they are run."""

from tests.torture.openapi import OPENAPI
from tests.torture.row import Row
from tests.torture.xss import XSS

ROWS: tuple[Row, ...] = (XSS, OPENAPI)
