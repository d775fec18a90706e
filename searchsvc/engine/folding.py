"""Of the hits that tell one story, the first in the plan's order; the others fold behind it.

Nothing but the hits that share a story is looked at, a few in a hundred: they are scored, or timed,
and of each story the first is kept, over all segments. What remains is searched like any hits, so
totals and pages are exact.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.evaluation import Node
from searchsvc.engine.reading import Docs
from searchsvc.engine.snapshot import Snapshot

Keys = Callable[[Node, Docs], NDArray[Any]]


def folded(snapshot: Snapshot, nodes: Sequence[Node], keys: Keys) -> list[Docs]:
    """The hits of each segment that stand, ascending. ``keys``: what hits are ordered by, greatest first."""
    stories = [_stories(numbers, node) for numbers, node in zip(snapshot.stories, nodes, strict=True)]
    sharing = [np.flatnonzero(numbers) for numbers in stories]
    numbers = np.concatenate([one[places] for one, places in zip(stories, sharing, strict=True)])
    if not len(numbers):
        return [node.matching for node in nodes]
    hits = [keys(node, node.matching[places]) for node, places in zip(nodes, sharing, strict=True)]
    ordered = np.concatenate(hits)
    # Of equal ones the first document, as on a page.
    order = np.lexsort((np.arange(len(ordered)), -ordered, numbers))
    behind = np.zeros(len(numbers), bool)
    behind[order[1:]] = numbers[order[1:]] == numbers[order[:-1]]
    return list(_without(nodes, sharing, behind))


def _stories(numbers: NDArray[np.int32], node: Node) -> NDArray[np.int32]:
    """The story of each hit of a segment, 0 where it shares none."""
    return numbers[node.leaf.file.columns["story"].ordinals[node.matching]]


def _without(
    nodes: Sequence[Node], sharing: Sequence[NDArray[np.intp]], behind: NDArray[np.bool_]
) -> Iterator[Docs]:
    """The hits of each segment without those behind another; ``behind`` is of all that share a story."""
    start = 0
    for node, places in zip(nodes, sharing, strict=True):
        gone = places[behind[start : start + len(places)]]
        start += len(places)
        yield np.delete(node.matching, gone)
