"""What is answered: the JSON documents of ``present.py`` and ``problems.py``, as JSON Schema 2020-12."""

from typing import Any, get_args

from searchsvc.article import PartKind, Script, TimeOrigin
from searchsvc.search.results import HighlightField, Interval, Matched, Why
from searchsvc.suggest.complete import Kind

Schema = dict[str, Any]

# Of 400; the others have one or a few each, see docs/api.md.
CODES = (
    *("bad_value", "bad_date", "bad_range", "bad_combination", "bad_cursor", "bad_encoding", "bad_request"),
    *("repeated_param", "too_deep", "too_few", "too_long", "too_many", "unknown_param"),
    *("not_found", "method_not_allowed", "body_too_large", "url_too_long", "headers_too_large"),
    *("too_many_requests", "busy"),
    *("no_index", "no_store", "no_feed_list", "index_busy", "too_costly", "internal_error"),
)

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
INSTANT: Schema = {"type": "string", "format": "date-time"}


def ref(name: str) -> Schema:
    """A schema of SCHEMAS by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(members: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    required = [name for name in members if name not in optional]
    return {"type": "object", "properties": members, "required": required}


def _list(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def _or_null(schema: Schema) -> Schema:
    """The schema, or null where nobody knows or nothing is there."""
    if "$ref" in schema:
        return {"oneOf": [schema, {"type": "null"}]}
    if "enum" in schema:
        schema = {**schema, "enum": [*schema["enum"], None]}
    return {**schema, "type": [schema["type"], "null"]}


def _choice(literal: Any) -> Schema:
    return {"type": "string", "enum": list(get_args(literal))}


def _described(schema: Schema, words: str) -> Schema:
    return {**schema, "description": words}


SPAN = _described(
    _list(COUNT, minItems=2, maxItems=2),
    "Start and end, half-open, in code points of the text it comes with.",
)
# What every article has, wherever it stands.
HEAD: dict[str, Schema] = {
    "id": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
    "url": _described(_or_null(TEXT), "Where it was published."),
    "title": TEXT,
    "source": ref("Source"),
    "author": _or_null(TEXT),
    "published_at": _or_null(INSTANT),
    "script": _described(_or_null(_choice(Script)), "What the original is written in."),
    "image": _or_null(TEXT),
}
SCORE = {"score": _described(NUMBER, "0 where the order is by time.")}
SAME = _described({"type": "boolean"}, "Whether it tells the same story as the article.")
# Null where an article tells its story alone.
STORY: dict[str, Schema] = {
    "id": _described(TEXT, "The id of the earliest article that tells it."),
    "count": _described({"type": "integer", "minimum": 2}, "How many articles tell it, this one included."),
}
OTHERS = _described(_list(_object(HEAD)), "The first of the other articles that tell it.")
COUNTED = {"id": TEXT, "name": TEXT, "count": COUNT}
BUCKETS = _list(ref("Bucket"))

SCHEMAS: dict[str, Schema] = {
    "Problem": _object(
        {
            "type": {"type": "string", "const": "about:blank"},
            "title": TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": _described(TEXT, "What is wrong, for people."),
            "code": _described({"type": "string", "enum": list(CODES)}, "What is wrong, for programs."),
            "param": _described(TEXT, "The parameter to blame."),
            "instance": TEXT,
        },
        optional=("param", "instance"),
    ),
    "Source": _object({"id": TEXT, "name": TEXT}),
    "SourceCount": _object(COUNTED),
    "Sources": _object({"sources": _list(ref("SourceCount"))}),
    "Bucket": _object(
        {
            "start": {"type": "string", "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"},
            "count": COUNT,
        }
    ),
    "Timeline": _object({"interval": _choice(Interval), "buckets": BUCKETS}),
    "Highlight": _object({"field": _choice(HighlightField), "text": TEXT, "spans": _list(SPAN)}),
    "Hit": _object(
        {
            **HEAD,
            **SCORE,
            "highlights": _list(ref("Highlight")),
            "why": _described(
                _list(_choice(Why), uniqueItems=True),
                "Where its marks come from: as typed, the other script, another form of a word.",
            ),
            "same_story": _or_null(_object(STORY)),
        }
    ),
    "Query": _object(
        {
            "raw": TEXT,
            "terms": _list(TEXT),
            "variants": {"type": "object", "additionalProperties": _list(TEXT)},
            "matched": _described(_choice(Matched), "some: no article has all the words, these have some."),
            "warnings": _list(TEXT),
            "did_you_mean": _described(_list(TEXT), "Queries that may have been meant."),
        }
    ),
    "SearchAnswer": _object(
        {
            "total": _described(COUNT, "All hits, exactly; with fold=on, those that are listed."),
            "folded": _described(COUNT, "Hits that are not listed, since another one tells their story."),
            "took_ms": {"type": "number", "minimum": 0},
            "query": ref("Query"),
            "articles": _list(ref("Hit")),
            "facets": _object(
                {"source": _list(ref("SourceCount")), "timeline": ref("Timeline")},
                optional=("source", "timeline"),
            ),
            "next": _described(_or_null(TEXT), "The address of the page behind this one."),
            "previous": _or_null(TEXT),
        }
    ),
    "Part": _object({"kind": _choice(PartKind), "start": COUNT, "end": COUNT}),
    "Article": _object(
        {
            **HEAD,
            "same_story": _or_null(_object({**STORY, "others": OTHERS})),
            "published_from": _described(_or_null(_choice(TimeOrigin)), "How its time is known."),
            "retrieved_at": INSTANT,
            "language": _or_null(TEXT),
            "text": _described(TEXT, "One paragraph a line."),
            "html": _described(TEXT, "Safe to show."),
            "parts": _list(ref("Part")),
        }
    ),
    "SimilarArticles": _object({"articles": _list(_object({**HEAD, **SCORE, "same_story": SAME}))}),
    "Suggestions": _object(
        {
            "q": TEXT,
            "suggestions": _list(
                _object(
                    {
                        "text": TEXT,
                        "kind": _choice(Kind),
                        "count": COUNT,
                        "query": _described(TEXT, "The whole query with it."),
                        "script": _or_null(_choice(Script)),
                    }
                )
            ),
        }
    ),
    "BrowserSuggestions": _described(
        _list({"oneOf": [TEXT, _list(TEXT)]}, minItems=2, maxItems=2), "What was typed, and whole queries."
    ),
    "Index": _object({"generation": TEXT, "articles": COUNT, "bytes": COUNT, "built": INSTANT}),
    "SourceRun": _object(
        {
            "source": TEXT,
            **dict.fromkeys(("new", "updated", "unchanged", "skipped", "failed"), COUNT),
            "reasons": _list(
                _object(
                    {"kind": {"type": "string", "enum": ["skipped", "failed"]}, "item": TEXT, "reason": TEXT}
                )
            ),
        }
    ),
    "Ingest": _object(
        {
            "began": INSTANT,
            "took_ms": COUNT,
            "indexed": COUNT,
            "stopped": _described(_or_null(TEXT), "The error that ended it early."),
            "sources": _list(ref("SourceRun")),
        }
    ),
    "Stats": _object(
        {
            "articles": COUNT,
            "undated": COUNT,
            "earlier_versions": COUNT,
            "first": _or_null(INSTANT),
            "last": _or_null(INSTANT),
            "timezone": _described(TEXT, "The zone of days and months."),
            "days": BUCKETS,
            "months": BUCKETS,
            "sources": _list(
                _object(
                    {
                        **COUNTED,
                        "undated": COUNT,
                        "first": _or_null(INSTANT),
                        "last": _or_null(INSTANT),
                        "trend": _described(
                            _list(COUNT), "Counts in equal stretches from `first` to `last` of the archive."
                        ),
                    }
                )
            ),
            "database_bytes": COUNT,
            "index": _or_null(ref("Index")),
            "last_ingest": _or_null(ref("Ingest")),
            "unfinished_ingest": _described(_or_null(INSTANT), "When one began that has not ended."),
        }
    ),
    "Health": _object({"status": {"type": "string", "const": "ok"}}),
    "Readiness": _object({"status": {"type": "string", "const": "ready"}, "index": TEXT, "articles": COUNT}),
}
