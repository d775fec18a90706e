"""``/opensearch.xml``: what a browser needs to search from its own bar (OpenSearch 1.1), and what it asks
while somebody types there, ``/suggest.json``."""

import json
from xml.etree.ElementTree import Element

from flask import Blueprint, Response, request

from searchsvc.present import suggest_document
from searchsvc.search.plan import check_query
from searchsvc.search.request import Request
from searchsvc.suggest.complete import complete
from searchsvc.web import feeds
from searchsvc.web.api import PREFIX, SUGGESTIONS
from searchsvc.web.assets import icon
from searchsvc.web.context import absolute, lookup, parameters, say
from searchsvc.web.messages import LANGUAGES
from searchsvc.web.parameters import only, refuse_all
from searchsvc.web.xml import add, serialise

PATH, SUGGEST_PATH = "/opensearch.xml", "/suggest.json"
DESCRIPTION, SUGGESTIONS_JSON = "application/opensearchdescription+xml", "application/x-suggestions+json"
WORDS = "q={searchTerms}"
# Browsers put nothing in place of what they do not know, and an empty page is the first one.
PAGED = WORDS + "&page={startPage?}&page_size={count?}"
# rel, type, path, query. Browsers take the first page that they can show.
URLS = (
    ("results", "text/html", "/search", WORDS),
    ("results", feeds.ATOM, feeds.PATH, PAGED),
    ("results", feeds.JSON, f"{PREFIX}/search", PAGED),
    ("suggestions", SUGGESTIONS_JSON, SUGGEST_PATH, WORDS),
    ("self", DESCRIPTION, PATH, ""),
)

blueprint = Blueprint("opensearch", __name__)


@blueprint.get(PATH)
def description() -> Response:
    """How to search here. Raises BadRequest where the request names no host."""
    refuse_all(parameters())
    root = Element("OpenSearchDescription", {"xmlns": "http://a9.com/-/spec/opensearch/1.1/"})
    add(root, "ShortName", say("site"))
    add(root, "Description", say("site.purpose"))
    for name in ("InputEncoding", "OutputEncoding"):
        add(root, name, "UTF-8")
    add(root, "Image", icon(), {"width": "16", "height": "16", "type": "image/svg+xml"})
    for rel, kind, path, query in URLS:
        template = absolute(path) + ("?" + query if query else "")
        add(root, "Url", None, {"rel": rel, "type": kind, "template": template})
    for language in LANGUAGES:
        add(root, "Language", language)
    response = Response(serialise(root), mimetype=DESCRIPTION)
    response.vary.update(("Cookie", "Accept-Language"))
    return _revalidated(response)


@blueprint.get(SUGGEST_PATH)
def suggestions() -> Response:
    """What the last word of a query may go on to, as browsers want it: ``["日美", ["日美关系", …]]``."""
    q = check_query(Request(q=only(parameters(), "q").get("q", "")))
    document = suggest_document(q, complete(q, SUGGESTIONS, lookup()))
    queries = [each["query"] for each in document["suggestions"]]
    body = json.dumps([document["q"], queries], ensure_ascii=False) + "\n"
    return _revalidated(Response(body, mimetype=SUGGESTIONS_JSON))


def _revalidated(response: Response) -> Response:
    response.add_etag()
    response.make_conditional(request)
    return response
