"""A plan in OpenSearch's query DSL.

What matches and what it scores are the same as in ``engine/compounds`` and ``engine/leaves``: a string scores
BM25 as one term would. The cluster is told how often the strings occur in all (it would add up their
terms' instead), and a script sets in how often each occurs in an article, and how long that is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from whoosh.query import (
    And,
    AndMaybe,
    AndNot,
    ConstantScoreQuery,
    DisjunctionMax,
    Every,
    FuzzyTerm,
    Not,
    NullQuery,
    NumericRange,
    Or,
    Prefix,
    Query,
    Require,
    Term,
)

from searchsvc.engine import FIELDS, Plan, Statistics
from searchsvc.engine.opensearch.layout import MARKS, phrase, sendable
from searchsvc.engine.schema import UNKNOWN_TIME
from searchsvc.engine.strings import K1, B, CheckedString, ExactString, NameLike, idf
from searchsvc.text.fold import fold
from searchsvc.text.terms import needle, variants

Clause = dict[str, Any]
# In float, where the other engine has float32: the same numbers make the same order.
BM25 = """
    float tf = (float) (_score / params.terms);
    float norm = (float) (doc[params.length].value * params.slope + params.floor);
    return params.factor * tf / (tf + norm);
"""
NOTHING: Clause = {"match_none": {}}
# A terms query has room for so many.
MOST_TERMS = 65_536


@dataclass(frozen=True, slots=True)
class Translation:
    """How the nodes of one plan's tree are said.

    ``statistics``: what scores depend on; None where nothing is scored. ``right``: for each checked string,
    by its id, the articles that are as asked of those that only their texts can tell.
    """

    frequencies: Mapping[int, int] = field(default_factory=dict)
    statistics: Statistics | None = None
    right: Mapping[int, Sequence[str]] = field(default_factory=dict)

    @property
    def _unscored(self) -> "Translation":
        """The same for clauses that only restrict."""
        return replace(self, statistics=None)

    def clause(self, query: Query, boost: float = 1.0) -> Clause:
        """A node as a clause that matches the same articles and scores the same."""
        return KINDS[type(query)](self, query, boost)

    def text(self, query: ExactString, boost: float) -> Clause:
        contained = containing(query)
        if self.statistics is None or contained is NOTHING:
            return contained
        average = self.statistics.averages[FIELDS.index(query.fieldname)]
        found = idf(self.statistics.documents, self.frequencies[id(query)])
        params = {
            "terms": len(query.parts),
            "length": f"{query.fieldname}_length",
            "slope": K1 * B / average,
            "floor": K1 * (1 - B),
            "factor": found * float(query.boost) * (K1 + 1) * boost,
        }
        return {"script_score": {"query": contained, "script": {"source": BM25, "params": params}}}

    def checked(self, query: CheckedString, boost: float) -> Clause:
        known = self.right.get(id(query), ())
        sure = self.text(query, boost)
        if not query.characters or sure is NOTHING:
            return sure
        right = [has_forms(query)]
        if len(query.text) > 1:
            parts = [known[start : start + MOST_TERMS] for start in range(0, len(known), MOST_TERMS)]
            told = {"bool": {"must_not": has_others(query)}}
            right.append(any_of([told, *({"terms": {"id": list(part)}} for part in parts)]))
        return {"bool": {"must": [sure], "filter": right}}

    def both(self, query: And, boost: float) -> Clause:
        return self._several(query, boost, "must")

    def either(self, query: Or, boost: float) -> Clause:
        return self._several(query, boost, "should")

    def _several(self, query: Any, boost: float, how: str) -> Clause:
        # Whoosh leaves out the boost of a compound with a single part, and so does the other engine.
        own = float(query.boost) if len(query.subqueries) > 1 else 1.0
        parts = [self.clause(part, boost * own) for part in query.subqueries]
        return {"bool": {how: parts}} if parts else NOTHING

    def best(self, query: DisjunctionMax, boost: float) -> Clause:
        own = float(query.boost) if len(query.subqueries) > 1 else 1.0
        parts = [self.clause(part, boost * own) for part in query.subqueries]
        return {"dis_max": {"queries": parts}} if parts else NOTHING

    def rest(self, query: Not, boost: float) -> Clause:
        return constant({"bool": {"must_not": self._unscored.clause(query.query)}}, boost)

    def require(self, query: Require, boost: float) -> Clause:
        return {"bool": {"must": self.clause(query.a, boost), "filter": self._unscored.clause(query.b)}}

    def without(self, query: AndNot, boost: float) -> Clause:
        return {"bool": {"must": self.clause(query.a, boost), "must_not": self._unscored.clause(query.b)}}

    def maybe(self, query: AndMaybe, boost: float) -> Clause:
        return {"bool": {"must": self.clause(query.a, boost), "should": self.clause(query.b, boost)}}

    def constantly(self, query: ConstantScoreQuery, boost: float) -> Clause:
        return constant(self._unscored.clause(query.child), query.score * boost)

    def like(self, query: NameLike, boost: float) -> Clause:
        return constant(named_like(query.fieldname, query.text), query.boost * boost)

    def term(self, query: Term, boost: float) -> Clause:
        return constant({"term": {query.fieldname: query.text}}, query.boost * boost)

    def every(self, query: Every, boost: float) -> Clause:
        if query.fieldname in FIELDS:
            there: Clause = {"range": {f"{query.fieldname}_length": {"gt": 0}}}
        elif query.fieldname == "published":
            there = {"range": {"published": {"gt": UNKNOWN_TIME}}}
        else:
            there = {"match_all": {}}
        return constant(there, query.boost * boost)

    def times(self, query: NumericRange, boost: float) -> Clause:
        bounds: Clause = {"gt": UNKNOWN_TIME}
        if query.start is not None:
            bounds = {"gte": max(query.start + bool(query.startexcl), UNKNOWN_TIME + 1)}
        if query.end is not None:
            bounds["lt"] = query.end + (not query.endexcl)
        return constant({"range": {query.fieldname: bounds}}, query.boost * boost)

    def prefix(self, query: Prefix, boost: float) -> Clause:
        beginning = {"value": MARKS["word"] + query.text, "rewrite": "constant_score"}
        return constant({"prefix": {query.fieldname: beginning}}, query.boost * boost)

    def fuzzy(self, query: FuzzyTerm, boost: float) -> Clause:
        near = {
            "value": MARKS["word"] + query.text,
            "fuzziness": str(query.maxdist),
            "prefix_length": len(MARKS["word"]) + query.prefixlength,
            # Letters in each other's place count twice, as in the other engine; and all words count.
            "transpositions": False,
            "rewrite": "constant_score",
        }
        return constant({"fuzzy": {query.fieldname: near}}, query.boost * boost)

    def nothing(self, query: Query, boost: float) -> Clause:
        return NOTHING


KINDS: dict[type, Callable[[Translation, Any, float], Clause]] = {
    ExactString: Translation.text,
    CheckedString: Translation.checked,
    NameLike: Translation.like,
    Term: Translation.term,
    And: Translation.both,
    Or: Translation.either,
    DisjunctionMax: Translation.best,
    Not: Translation.rest,
    AndNot: Translation.without,
    AndMaybe: Translation.maybe,
    Require: Translation.require,
    ConstantScoreQuery: Translation.constantly,
    NumericRange: Translation.times,
    Prefix: Translation.prefix,
    FuzzyTerm: Translation.fuzzy,
    Every: Translation.every,
    type(NullQuery): Translation.nothing,
}


def constant(clause: Clause, score: float) -> Clause:
    """A clause whose matches all score the same."""
    return {"constant_score": {"filter": clause, "boost": score}}


def any_of(clauses: Sequence[Clause]) -> Clause:
    """What matches any of some clauses."""
    return {"bool": {"should": list(clauses)}}


def is_single(query: ExactString) -> bool:
    """Whether a string is one sign, which has a field of its own."""
    return len(query.parts) == 1 and query.parts[0].kind == "single"


def containing(query: ExactString) -> Clause:
    """The articles that contain a string; a match scores how often, once for each of its terms."""
    if not query.parts:
        return NOTHING
    if is_single(query):
        return {"term": {f"{query.fieldname}_signs": sendable(query.parts[0].text)}}
    return {"match_phrase": {query.fieldname: {"query": phrase(query.needle)}}}


def has_forms(query: CheckedString) -> Clause:
    """The articles in which each character of a string stands as typed, somewhere."""
    field_name = f"{query.fieldname}_forms"
    return {"bool": {"filter": [{"term": {field_name: char}} for char in query.characters]}}


def has_others(query: CheckedString) -> Clause:
    """The articles with another character of some class as well: nobody knows which is in the string."""
    field_name, others = f"{query.fieldname}_forms", set[str]()
    for char in query.characters:
        kept = fold(char)
        others |= {kept, *variants().get(kept, "")} - {char}
    return {"terms": {field_name: sorted(others)}}


def named_like(name: str, part: str) -> Clause:
    """The articles whose source or author has a name that contains a string."""
    wanted = needle(part).text
    if not wanted:
        return NOTHING
    escaped = "".join(f"\\{char}" if char in "\\*?" else char for char in sendable(wanted))
    return {"wildcard": {f"{name}_name": {"value": f"*{escaped}*"}}}


def filters(plan: Plan) -> list[Clause]:
    """What a plan restricts its hits to."""
    given = list[Clause]()
    if plan.since is not None or plan.before is not None:
        bounds: Clause = {"gt": UNKNOWN_TIME}
        if plan.since is not None:
            bounds["gte"] = plan.since
        if plan.before is not None:
            bounds["lt"] = plan.before
        given.append({"range": {"published": bounds}})
    if plan.sources is not None:
        given.append({"terms": {"source": sorted(map(sendable, plan.sources))}})
    if plan.excluded_sources:
        excluded = {"terms": {"source": sorted(map(sendable, plan.excluded_sources))}}
        given.append({"bool": {"must_not": excluded}})
    if plan.author is not None:
        given.append(named_like("author", plan.author))
    if plan.story is not None:
        given.append({"term": {"tells": sendable(plan.story)}})
    return given


def leaves(query: Query) -> Iterator[ExactString]:
    """The strings of a tree, each once, in the order in which both engines count them."""
    seen = set[int]()
    for node in _walk(query):
        if isinstance(node, ExactString) and id(node) not in seen:
            seen.add(id(node))
            yield node


def _walk(query: Query) -> Iterator[Query]:
    yield query
    for part in query.children():
        yield from _walk(part)
