"""One packed posting list, as an object: for Whoosh's matchers, and for terms met one by one."""

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine import reading
from searchsvc.engine.reading import CF, DF, Docs, Rows


class List:
    """Where one term occurs. ``df``: in how many documents; ``cf``: how often in all of them."""

    __slots__ = ("_data", "_row", "cf", "df", "documents")

    def __init__(self, data: NDArray[np.uint8], row: Rows, documents: int) -> None:
        self._data, self._row, self.documents = data, row, documents
        self.df, self.cf = int(row[DF]), int(row[CF])

    def docs(self) -> Docs:
        """The documents, ascending, shape (df,)."""
        docs: Docs = reading.unpacked(self._data, self._row, self.documents)
        return docs

    def freqs(self) -> NDArray[np.int32]:
        """How often it occurs in each, shape (df,)."""
        freqs: NDArray[np.int32] = reading.frequencies(self._data, self._row)
        return freqs

    def places(self) -> NDArray[np.int32]:
        """Every place, document after document, shape (cf,)."""
        places: NDArray[np.int32] = reading.places(self._data, self._row)
        return places
