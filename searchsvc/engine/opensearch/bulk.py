"""Articles into an index of the cluster, many at a time.

The cluster takes what it can: what it turns away because it has too much to do (429) is sent again after
a pause, longer each time. What it refuses for good names the article, and then nothing of the batch counts:
the index stands at the change that it stood at, and whoever comes next writes the batch again.
"""

import time
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from opensearchpy.exceptions import OpenSearchException
from opensearchpy.helpers import streaming_bulk

from searchsvc.engine import Document
from searchsvc.engine.opensearch.cluster import ATTEMPT_SECONDS, PASSING, Cluster
from searchsvc.engine.opensearch.layout import document
from searchsvc.errors import IndexNotWritten

# Articles, and bytes, in one request.
ARTICLES, BYTES = 500, 10_000_000
# What was turned away is sent again after these pauses, in seconds.
PAUSES = (0.5, 1, 2, 4, 8, 16, 30)
# A request of so much may take longer than a search.
REQUEST_SECONDS = 6 * ATTEMPT_SECONDS
# Articles that were refused, named in the message.
NAMED = 3


def write(cluster: Cluster, index: str, documents: Iterable[Document], first: int = 0) -> int:
    """Write articles in place of those with the same ids, numbered from ``first``; how many there were.

    Raises IndexNotWritten that names what was refused, IndexUnavailable.
    """
    actions = (
        {"_op_type": "index", "_index": index, "_id": given.id, "_source": document(given, number)}
        for number, given in enumerate(documents, start=first)
    )
    written = 0
    while some := list(islice(actions, ARTICLES)):
        _send(cluster, some)
        written += len(some)
    return written


def _send(cluster: Cluster, actions: Sequence[Any]) -> None:
    """Send some articles, and those again that the cluster could not take just then."""
    left = {action["_id"]: action for action in actions}
    for pause in (*PAUSES, None):
        refused = {result["_id"]: result for result in _refused(cluster, list(left.values()))}
        if not refused:
            return
        if pause is None or not all(result["status"] in PASSING for result in refused.values()):
            raise IndexNotWritten(
                f"The cluster refused {len(refused)} of {len(actions)} articles: "
                f"{'; '.join(map(_told, islice(refused.values(), NAMED)))}. They are safe in the database; "
                "mend the cluster, then run the command again"
            )
        left = {key: left[key] for key in refused}
        time.sleep(pause)


def _refused(cluster: Cluster, actions: Sequence[Any]) -> list[Any]:
    """What the cluster did not take of what it was sent."""
    try:
        results = streaming_bulk(
            cluster.client,
            actions,
            chunk_size=ARTICLES,
            max_chunk_bytes=BYTES,
            raise_on_error=False,
            request_timeout=REQUEST_SECONDS,
        )
        return [told["index"] for done, told in results if not done]
    except OpenSearchException as error:
        raise cluster.explained(error) from error


def _told(result: Any) -> str:
    """An article and why it was refused."""
    error = result.get("error", {})
    reason = error.get("reason", error) if isinstance(error, dict) else error
    return f"{result['_id']} ({str(reason)[:200]})"
