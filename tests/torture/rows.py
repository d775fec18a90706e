"""All rows of the battery, in the order in which they are run."""

from tests.torture import queries, slow, workers
from tests.torture.row import Row

ROWS: tuple[Row, ...] = (workers.ROW, queries.ROW, slow.ROW)
