"""All rows of the battery, in the order in which they are run."""

from tests.torture import (
    chance,
    damage,
    network,
    nightly,
    openapi,
    operations,
    power,
    queries,
    slow,
    workers,
    xss,
)
from tests.torture.row import Row

ROWS: tuple[Row, ...] = (
    operations.KILLED,
    operations.REFUSED,
    chance.CHANCE,
    power.POWER,
    damage.DAMAGE,
    *nightly.ROWS,
    workers.ROW,
    queries.ROW,
    slow.ROW,
    *network.ROWS,
    xss.XSS,
    openapi.OPENAPI,
)
