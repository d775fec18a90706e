"""All rows of the battery, in the order in which they are run."""

from tests.torture import nightly
from tests.torture.row import Row

ROWS: tuple[Row, ...] = (*nightly.ROWS,)
