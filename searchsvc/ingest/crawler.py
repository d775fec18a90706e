"""Visits to pages that nobody put on the list: as robots.txt lets programs, and as slowly as it asks."""

import time
from dataclasses import dataclass, replace

from searchsvc.errors import FetchFailed
from searchsvc.ingest.fetch import Fetched, Fetcher, Validators, shown
from searchsvc.ingest.robots import Robots

# An article's page of more than this is none.
MOST_PAGE_BYTES = 5_000_000
# The longest pause between two visits that a site can ask for: a round has an end.
MOST_PAUSE_SECONDS = 10.0


@dataclass(frozen=True)
class Crawler:
    """Fetches pages by the rules of their sites, through a Fetcher and by its rules."""

    fetcher: Fetcher
    robots: Robots

    def fetch(self, address: str, known: Validators | None = None) -> Fetched:
        """The page at an address. Raises FetchFailed, also where the site does not want us to read it."""
        self._check(address)
        pause = min(self.robots.pause_seconds(address), MOST_PAUSE_SECONDS)
        time.sleep(max(0.0, pause - self.fetcher.turns.pause_seconds))
        fetched = self.fetcher.fetch(address, known)
        if fetched.address != address:
            self._check(fetched.address)
        return fetched

    def _check(self, address: str) -> None:
        if not self.robots.allows(address):
            raise FetchFailed(
                f"Cannot fetch {shown(address)}: robots.txt of its site keeps us out, or cannot be had; "
                "ask its owner, or leave out the full text of this feed."
            )


def crawler(fetcher: Fetcher) -> Crawler:
    """A Crawler for one run, in the turns of a Fetcher."""
    smaller = replace(fetcher, max_bytes=min(fetcher.max_bytes, MOST_PAGE_BYTES))
    return Crawler(smaller, Robots(smaller.fetch))
