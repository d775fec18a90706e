"""All rows of the battery, in the order in which they are run."""

from tests.torture import chance, nightly, operations, power
from tests.torture.row import Row

ROWS: tuple[Row, ...] = (operations.KILLED, operations.REFUSED, chance.CHANCE, power.POWER, *nightly.ROWS)
