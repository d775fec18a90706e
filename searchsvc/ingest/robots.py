"""robots.txt: which addresses of a site a program may visit by itself, and how fast (RFC 9309).

A feed that somebody put on the list is read for that person, as a browser reads a page: the list is
the permission, and robots.txt is not asked. Whatever this program finds out and visits by itself
asks here first: paths that are guessed, pages whose articles are extracted.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from protego import Protego

from searchsvc.errors import FetchFailed
from searchsvc.ingest.fetch import AGENT, Fetched

# RFC 9309, section 2.5: a parser reads at least so much, and needs no more.
MOST_BYTES = 500_000
NAME = AGENT.partition("/")[0]
FORBID_ALL = "User-agent: *\nDisallow: /"


class Robots:
    """The rules of sites, each read once. Made for one run: rules change."""

    def __init__(self, fetch: Callable[[str], Fetched]) -> None:
        self._fetch = fetch
        self._rules: dict[str, Protego] = {}

    def allows(self, address: str) -> bool:
        """Whether the site lets us visit an address."""
        return bool(self._of(address).can_fetch(address, NAME))

    def pause_seconds(self, address: str) -> float:
        """The pause between two visits that the site asks for; 0 when it does not say."""
        return float(self._of(address).crawl_delay(NAME) or 0)

    def _of(self, address: str) -> Protego:
        parts = urlsplit(address)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._rules:
            self._rules[site] = Protego.parse(self._read(site))
        return self._rules[site]

    def _read(self, site: str) -> str:
        """The rules of a site: none where there is no file, all forbidden where it cannot be had."""
        try:
            return self._fetch(f"{site}/robots.txt").data[:MOST_BYTES].decode("utf-8-sig", "replace")
        except FetchFailed as error:
            missing = error.status is not None and 400 <= error.status < 500 and error.status != 429
            return "" if missing else FORBID_ALL
