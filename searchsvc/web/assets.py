"""The files that pages load: one style sheet, one icon, under addresses that change with them.

``/static/<digest>/style.css``: a browser may keep it for a year, and asks for the new address when
a new page names it.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Response, send_from_directory

from searchsvc.web.context import link

FOLDER = Path(__file__).parent / "static"
YEAR_SECONDS = 365 * 24 * 3600


@cache
def digest(name: str) -> str:
    """A short digest of a file; files do not change while the service runs."""
    return sha256((FOLDER / name).read_bytes()).hexdigest()[:12]


def asset_link(name: str) -> str:
    """The address of a file as it is now."""
    return link(f"/static/{digest(name)}/{name}")


def send(stamp: str, name: str) -> Response:
    """A file. Under an outdated digest, as while a new version is rolled out, it is not to be kept."""
    response = send_from_directory(FOLDER, name, max_age=YEAR_SECONDS)
    if digest(name) == stamp:
        response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"
    return response
