"""``create_app``: wires the doors of the web, and sees to what every answer has in common."""

from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, RequestURITooLarge

from searchsvc.errors import IndexUnavailable
from searchsvc.service import Service
from searchsvc.web import (
    api,
    api_page,
    article_page,
    assets,
    feeds,
    messages,
    opensearch,
    preferences,
    search_pages,
    similar_page,
    stats_page,
    trends_page,
    version_page,
)
from searchsvc.web.complaints import answer_to
from searchsvc.web.context import EXTENSION, link, parameters, reader, say, service
from searchsvc.web.form import LONGEST_TYPED
from searchsvc.web.headers import COMMON, WITH_PICTURES
from searchsvc.web.languages import lang_of
from searchsvc.web.limiting import limit_requests
from searchsvc.web.metrics import metrics
from searchsvc.web.openapi import OPERATIONS
from searchsvc.web.openapi.operations import SERVICE
from searchsvc.web.parameters import known
from searchsvc.web.problem_page import problem_page
from searchsvc.web.problems import Problem, json_answer
from searchsvc.web.reader import SCRIPTS
from searchsvc.web.results import readable
from searchsvc.web.wording import EXAMPLE, word, worded

LONGEST_URL_BYTES = 8_192
# Nothing here takes a body; one this small is not worth an error.
LARGEST_BODY_BYTES = 16_384
# Addresses that programs ask: their errors are documents, not pages.
FOR_PROGRAMS = (
    *(f"{api.PREFIX}/", api_page.OPEN_PATH, "/metrics"),
    *(operation.path for operation in OPERATIONS if operation.tag == SERVICE),
)
# How a machine calls itself, when it looks whether the service is there.
LOOPBACK = ("localhost", "127.0.0.1")
DOORS = (
    api,
    api_page,
    search_pages,
    article_page,
    similar_page,
    version_page,
    trends_page,
    feeds,
    opensearch,
    stats_page,
    preferences,
)
# Private, since what somebody searches for is nobody else's business; to be asked for again, since
# articles arrive. Not no-store: going back to a list of hits should be instant.
FRESH = "private, no-cache"


def create_app(service: Service) -> Flask:
    """The WSGI application around a service. Opens nothing."""
    app = Flask(__name__, static_folder=None)
    app.extensions[EXTENSION] = service
    app.config["TRUSTED_HOSTS"] = trusted_hosts(service.settings.public_url)
    # Werkzeug would lead from //search to /search by the host that the request names. There is no //search.
    app.url_map.merge_slashes = False
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.globals.update(
        t=say,
        link=link,
        asset=assets.asset_link,
        icon=assets.icon,
        reader=reader,
        lang_of=lang_of,
        word=word,
        worded=worded,
        example=EXAMPLE,
        here=_here,
        languages=messages.NAMES,
        scripts=SCRIPTS,
        readable=readable,
        headline=_headline,
        advice=_advice,
        longest=LONGEST_TYPED,
    )
    for door in DOORS:
        app.register_blueprint(door.blueprint)
    app.add_url_rule("/static/<stamp>/<name>", view_func=assets.send)
    app.add_url_rule("/healthz", view_func=health)
    app.add_url_rule("/readyz", view_func=ready)
    app.add_url_rule("/metrics", view_func=metrics)
    app.before_request(_refuse_oversized)
    limit_requests(app, service.settings)
    app.after_request(_add_headers)
    app.register_error_handler(Exception, _answer_error)
    return app


def trusted_hosts(public_url: str) -> list[str] | None:
    """The hosts that are answered: the public one, and this machine's own names; None is any."""
    host = urlsplit(public_url).hostname
    return [host, *LOOPBACK] if host else None


def health() -> Response:
    """200 as long as the process answers at all; a watchdog restarts on anything else."""
    return jsonify(status="ok")


def ready() -> Response:
    """200 when searches can be answered, else 503; a proxy sends no requests here meanwhile."""
    generation = service().engine.current()
    if generation is None:
        raise IndexUnavailable("There is no index yet; 'flask ingest' or 'flask reindex' makes one")
    return jsonify(status="ready", index=generation.name, articles=generation.count)


def _here() -> str:
    """The address that is being answered, to come back to."""
    query = request.query_string.decode("ascii", "replace")
    return link(request.path) + (f"?{query}" if query else "")


def _headline(problem: Problem) -> str:
    return messages.headline(reader().language, problem)


def _advice(problem: Problem) -> str:
    return messages.advice(reader().language, problem)


def _refuse_oversized() -> None:
    if len(request.path.encode()) + len(request.query_string) > LONGEST_URL_BYTES:
        raise RequestURITooLarge
    if (request.content_length or 0) > LARGEST_BODY_BYTES:
        raise RequestEntityTooLarge


def _answer_error(error: Exception) -> Response | HTTPException:
    """Any error, as a document for programs and as a page for people."""
    if isinstance(error, HTTPException) and (error.code or 500) < 400:
        return error  # A redirect is no error.
    problem = answer_to(error)
    if request.path.startswith(FOR_PROGRAMS):
        return json_answer(problem, request.path)
    too_long = problem.status == RequestURITooLarge.code
    return problem_page(problem, () if too_long else known(parameters()))


def _add_headers(response: Response) -> Response:
    for name, value in COMMON.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", FRESH)
    if response.mimetype == "text/html":
        # A page depends on what its reader chose, and on what the browser speaks.
        response.vary.update(("Cookie", "Accept-Language"))
        if reader().pictures:
            response.headers["Content-Security-Policy"] = WITH_PICTURES
    return response
