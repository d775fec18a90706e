"""Where the article database is: a file of SQLite's, or an address of a PostgreSQL server.

An address has a password in it: what is shown of it, also by mistake, is the rest.
"""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """``postgresql://user:password@host:port/database``, as libpq has it; ``str``: without the password."""

    url: str = field(repr=False)
    shown: str

    def __str__(self) -> str:
        return self.shown


Place = Path | PostgresAddress


def postgres_address(text: str) -> PostgresAddress:
    """An address that somebody typed. Raises ValueError for one that cannot be used, without repeating it."""
    # Whoever has SQLite need not wait until it is loaded.
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    usable = "it is postgresql://user:password@host/database, with what is special in a password as %40"
    try:
        scheme, parts = urlsplit(text).scheme, conninfo_to_dict(text)
    except (ValueError, ProgrammingError):
        raise ValueError(usable) from None  # The reason repeats what was typed, and the password in it.
    ports = all(port.isdecimal() for port in str(parts.get("port") or 0).split(","))
    if scheme not in ("postgresql", "postgres") or not parts.get("dbname") or not ports:
        raise ValueError(usable)
    user = f"{quote(str(parts['user']))}@" if parts.get("user") else ""
    host, port = str(parts.get("host") or ""), f":{parts['port']}" if parts.get("port") else ""
    # A folder of sockets is no host.
    host = "" if host.startswith("/") else host
    return PostgresAddress(text, f"postgresql://{user}{host}{port}/{parts['dbname']}")
