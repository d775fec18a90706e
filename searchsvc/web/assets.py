"""The files that pages load: one style sheet and one script, under addresses that change with them.

``/static/<digest>/style.css``: a browser may keep it for a year, and asks for the new address when
a new page names it. Each is several files of ``static/``, one idea in each, joined in a stated order.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from flask import Response
from werkzeug.exceptions import NotFound

from searchsvc.web.context import link

FOLDER = Path(__file__).parent / "static"
YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Bundle:
    """A file as browsers get it: its type, and the files it is made of, in their order."""

    mimetype: str
    folder: str
    parts: tuple[str, ...]


STYLES = "base form complete results timeline sources trends reading versions beside stats api print"
SCRIPTS = "page fields complete shortcut timeline sources matches keys later pictures copy api"
BUNDLES = {
    "style.css": Bundle("text/css", "styles", tuple(STYLES.split())),
    "app.js": Bundle("text/javascript", "scripts", tuple(SCRIPTS.split())),
}


@cache
def content(name: str) -> bytes:
    """A bundle's bytes; files do not change while the service runs. Raises KeyError for no bundle."""
    bundle = BUNDLES[name]
    suffix = Path(name).suffix
    return b"\n".join((FOLDER / bundle.folder / f"{part}{suffix}").read_bytes() for part in bundle.parts)


@cache
def digest(name: str) -> str:
    """A short digest of a bundle."""
    return sha256(content(name)).hexdigest()[:12]


@cache
def icon() -> str:
    """The icon as an address that holds it: one request less for every new reader."""
    return "data:image/svg+xml," + quote((FOLDER / "icon.svg").read_text().strip(), safe="/:=' ")


def asset_link(name: str) -> str:
    """The address of a bundle as it is now."""
    return link(f"/static/{digest(name)}/{name}")


def send(stamp: str, name: str) -> Response:
    """A bundle. Under an outdated digest, as while a new version is rolled out, it is not to be kept."""
    if name not in BUNDLES:
        raise NotFound
    response = Response(content(name), mimetype=BUNDLES[name].mimetype)
    kept = f"public, max-age={YEAR_SECONDS}, immutable" if digest(name) == stamp else "no-cache"
    response.headers["Cache-Control"] = kept
    return response
