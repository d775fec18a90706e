"""What can be asked: each parameter's name, place and schema, with the bounds it is checked by."""

from dataclasses import dataclass
from typing import Any, get_args

from searchsvc.search.display import ORIGINAL, SCRIPTS
from searchsvc.search.plan import FACETS, FIELD_NAMES, LARGEST_PAGE, LONGEST_QUERY, PAGE_SIZE
from searchsvc.search.results import DEEPEST
from searchsvc.search.trends import MOST_QUERIES
from searchsvc.web.api import MOST_SIMILAR, MOST_SUGGESTIONS, SIMILAR, SUGGESTIONS
from searchsvc.web.form import SORTS
from searchsvc.web.openapi.words import english
from searchsvc.web.trends import Measure

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an address. ``key``: of the message that says what it means.

    ``commas``: several values stand in one, with commas between; else a list is given value by value.
    """

    name: str
    key: str
    schema: Schema
    examples: tuple[Any, ...] = ()
    place: str = "query"
    commas: bool = False
    required: bool = False

    def document(self) -> dict[str, Any]:
        """The parameter object."""
        said: dict[str, Any] = {
            "name": self.name,
            "in": self.place,
            "required": self.required or self.place == "path",
            "description": english(self.key),
            "schema": self.schema,
        }
        if self.place == "query" and not self.required:
            # It counts as not given; that of a cursor begins a walk.
            said["allowEmptyValue"] = True
        if self.schema["type"] == "array":
            said |= {"style": "form", "explode": not self.commas}
        if self.examples:
            said["examples"] = {str(number): {"value": each} for number, each in enumerate(self.examples, 1)}
        return said


def _text(**more: Any) -> Schema:
    return {"type": "string", **more}


def _whole(most: int, default: int) -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": most, "default": default}


def _choice(*values: str, default: str | None = None) -> Schema:
    return _text(enum=list(values)) | ({"default": default} if default else {})


def _several(*values: str) -> Schema:
    return {"type": "array", "items": _choice(*values)}


Q = Parameter("q", "api.param.q", _text(maxLength=LONGEST_QUERY), ("石破茂 特朗普", '"日美關係" -台风', ""))
# Also what people write: 2024年11月7日, 昨天.
DATES = {"format": "date-or-duration"}
SINCE = Parameter(
    "from", "api.param.from", _text(**DATES), ("2024-11-07", "2024-11", "2024", "2024-11-07T16:49:47Z")
)
UNTIL = Parameter("to", "api.param.to", _text(**DATES), ("2024-11-09",))
ZONE = Parameter("tz", "api.param.tz", _text(format="time-zone"), ("Asia/Taipei",))
SOURCE = Parameter("source", "api.param.source", {"type": "array", "items": _text()}, (["voachinese.com"],))
EXCLUDE = Parameter("exclude_source", "api.param.exclude_source", {"type": "array", "items": _text()})
AUTHOR = Parameter("author", "api.param.author", _text(), ("张三",))
SEARCH_IN = Parameter("search_in", "api.param.search_in", _several(*FIELD_NAMES), (["title"],), commas=True)
STORY = Parameter("story", "api.param.story", _text())
VARIANTS = Parameter("variants", "api.param.variants", _choice("on", "off", default="on"))
FOLD = Parameter("fold", "api.param.fold", _choice("on", "off", default="off"))
SORT = Parameter("sort", "api.param.sort", _choice(*SORTS))
SCRIPT = Parameter("script", "api.param.script", _choice(ORIGINAL, *SCRIPTS, default=ORIGINAL))
FACET = Parameter("facets", "api.param.facets", _several(*FACETS), (["source", "timeline"],), commas=True)
PAGE = Parameter("page", "api.param.page", _whole(DEEPEST, 1))
SIZE = Parameter("page_size", "api.param.page_size", _whole(LARGEST_PAGE, PAGE_SIZE))
CURSOR = Parameter("cursor", "api.param.cursor", _text(format="cursor"))
ID = Parameter("id", "api.param.id", _text(pattern="^[0-9a-f]{16}$"), place="path")
TYPED = Parameter("q", "api.param.typed", _text(maxLength=LONGEST_QUERY), ("石破",))
MOST_TYPED = Parameter("limit", "api.param.limit", _whole(MOST_SUGGESTIONS, SUGGESTIONS))
MOST_LIKE = Parameter("limit", "api.param.limit", _whole(MOST_SIMILAR, SIMILAR))

COMPARED = Parameter(
    "q",
    "api.param.compared",
    # One that is empty is no query.
    {"type": "array", "items": {**Q.schema, "pattern": r"\S"}, "minItems": 1, "maxItems": MOST_QUERIES},
    (["特朗普", "川普"],),
    required=True,
)
MEASURE = Parameter("measure", "api.param.measure", _choice(*get_args(Measure), default="count"))
EXACTLY = Parameter("variants", "api.param.variants", _choice("on", "off", default="off"))

CONDITIONS = (SINCE, UNTIL, ZONE, SOURCE, EXCLUDE, AUTHOR, SEARCH_IN)
FILTERS = (Q, *CONDITIONS, STORY, VARIANTS, FOLD)
TRENDS = (COMPARED, *CONDITIONS, EXACTLY, MEASURE)
SEARCH = (*FILTERS, SORT, PAGE, SIZE, SCRIPT, FACET, CURSOR)
FEED = (*FILTERS, SORT, PAGE, SIZE, SCRIPT)
