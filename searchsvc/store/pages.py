"""Which articles' pages were asked for their full text, so that each is asked once."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

from searchsvc.store.database import Database, rows_in


@dataclass(frozen=True, slots=True)
class PageState:
    """The page of an article, by its identity: when it was asked last, and ``failures`` in a row up to now.

    ``digest`` is that of the feed's own text then: another one is another version of the article.
    """

    identity: str
    digest: str
    asked: int
    failures: int = 0


class PageStore(Database):
    """The states of pages in one database."""

    def states(self, identities: Sequence[str]) -> dict[str, PageState]:
        """What is known of the pages of some articles."""
        query = "SELECT identity, digest, asked, failures FROM pages WHERE identity IN"
        return {row[0]: PageState(*row) for row in rows_in(self.connection(), query, identities)}

    def put(self, states: Iterable[PageState]) -> None:
        """Write some states in one transaction."""
        with self.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO pages (identity, digest, asked, failures) VALUES (?, ?, ?, ?)",
                map(astuple, states),
            )
