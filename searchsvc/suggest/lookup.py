"""What suggestions are made from: how often a string occurs, and which titles contain it."""

from dataclasses import dataclass, replace
from pathlib import Path

from whoosh.query import Query

from searchsvc.engine import Engine, Plan
from searchsvc.engine.strings import ExactString
from searchsvc.store.articles import ArticleStore


@dataclass(frozen=True, slots=True)
class Lookup:
    """The index, the database, and the table of names in force. Raises what they raise."""

    store: ArticleStore
    engine: Engine
    names: Path

    def count(self, text: str, least: int = 1) -> int:
        """How many articles contain a string, in title or text; 0 where surely fewer than ``least``."""
        return self.engine.count(text, least)

    def count_titles(self, text: str) -> int:
        """How many titles contain a string."""
        return self.engine.run(replace(COUNT, query=ExactString("title", text))).total

    def titles(self, query: Query, limit: int) -> list[str]:
        """The titles of the newest articles that a query finds."""
        return list(self.store.titles(self.newest(query, limit)).values())

    def newest(self, query: Query, limit: int) -> list[str]:
        """The ids of the newest articles that a query finds."""
        found = self.engine.run(Plan(query, order="newest", limit=limit))
        return [hit.id for hit in found.hits]


COUNT = Plan(None, order="newest", limit=0)
