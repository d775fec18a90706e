"""``POST /preferences``: keeps what the reader chose, and goes back to the page it was chosen on."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, request
from werkzeug.exceptions import Forbidden

from searchsvc.web.context import link, service
from searchsvc.web.reader import COOKIE, YEAR_SECONDS, chosen, cookie_of

blueprint = Blueprint("preferences", __name__)


@blueprint.post("/preferences")
def keep() -> Response:
    """Set the cookie. Only a form of this site may: 403 for one that another site sent."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden
    reader = chosen(request.form, request.accept_languages)
    response = make_response(redirect(_inside(request.form.get("next", "")), 303))
    response.set_cookie(
        COOKIE,
        cookie_of(reader),
        max_age=YEAR_SECONDS,
        secure=request.is_secure or service().settings.public_url.startswith("https:"),
        httponly=True,
        samesite="Lax",
        path=request.root_path or "/",
    )
    return response


def _inside(address: str) -> str:
    """An address within this app, else the front page: a form must not send anybody elsewhere."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return link("/")
    local = not (parts.scheme or parts.netloc) and address.startswith("/") and address.isprintable()
    # A browser reads /\host as //host.
    return address if local and not address.startswith(("//", "/\\")) else link("/")
