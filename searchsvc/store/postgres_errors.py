"""What PostgreSQL says → StoreError, in words, with what to do about it; never the password, nor a text."""

import re

import psycopg

from searchsvc.errors import StoreError
from searchsvc.store.place import PostgresAddress

# What to do, by SQLSTATE: the whole of it, or its class.
ADVICE = {
    "08": "is the server running? The command may be run again",
    "22": "this is a fault of the program; 'flask check' looks for damage",
    "23": "'flask check' looks for damage",
    "25006": "it is a standby, or set to read only; name the primary in SEARCHSVC_DATABASE_URL",
    "28": "user and password in SEARCHSVC_DATABASE_URL must be those of a user of the server (pg_hba.conf)",
    "3D000": "make it: createdb --encoding=UTF8 --template=template0 --owner=USER NAME",
    "3F000": "the user needs a schema to make tables in",
    "42501": "the user in SEARCHSVC_DATABASE_URL must own the database: ALTER DATABASE … OWNER TO …",
    "42P07": "it has tables of another program; make a database for this service alone",
    "53100": "make room on the server's disk, then run the command again",
    "53300": "raise max_connections: each worker takes one for each of its threads",
    "53": "the server is short of memory or other means; see its log",
    "55P03": "another process is writing it; try again later",
    "57": "the server was stopped or is starting; the command may be run again",
    "58": "the server's disk failed; mend that, then run the command again",
    "XX001": "it is damaged; restore it from a backup",
    "XX002": "an index of it is damaged; 'flask check --repair' makes them anew",
}
OTHERWISE = "see the log of the server"
# A server that refuses a connection says why in a sentence only.
REFUSALS = {
    r"password authentication failed|no password supplied|role .* does not exist|pg_hba\.conf": "28",
    r"database .* does not exist": "3D000",
    r"permission denied for database": "42501",
    r"too many (clients|connections)|connection slots": "53300",
    r"starting up|shutting down|recovery mode": "57",
}
UNREACHABLE = "is the server running, and are host and port in SEARCHSVC_DATABASE_URL right?"


def explained(address: PostgresAddress, error: psycopg.Error) -> StoreError:
    """An error of a statement."""
    state = error.sqlstate or ("08" if isinstance(error, psycopg.OperationalError) else "")
    advice = ADVICE.get(state) or ADVICE.get(state[:2], OTHERWISE)
    return _told(address, error.diag.message_primary or str(error), advice)


def refused(address: PostgresAddress, error: psycopg.Error) -> StoreError:
    """An error of connecting."""
    said = str(error)
    state = next((state for words, state in REFUSALS.items() if re.search(words, said)), None)
    return _told(address, said, ADVICE[state] if state else UNREACHABLE)


def _told(address: PostgresAddress, said: str, advice: str) -> StoreError:
    """In one line. What follows the first line of an error may repeat whole articles."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    first = lines[0] if lines else "it could not be asked"
    return StoreError(f"The article database {address}: {first}; {advice}")
