"""Articles into an index of the cluster, many at a time.

The cluster takes what it can: what it turns away because it has too much to do (429) is sent again after
a pause, longer each time. What it refuses for good names the article, and then nothing of the batch counts:
the index stands at the change that it stood at, and whoever comes next writes the batch again.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from opensearchpy.exceptions import OpenSearchException
from opensearchpy.helpers import streaming_bulk

from searchsvc.engine import Document
from searchsvc.engine.opensearch.cluster import ATTEMPT_SECONDS, Cluster
from searchsvc.engine.opensearch.layout import document
from searchsvc.errors import IndexNotWritten

# Articles, and bytes, in one request.
ARTICLES, BYTES = 500, 10_000_000
# What was turned away is sent again so often, after 1, 2, 4… seconds.
RETRIES, LONGEST_PAUSE = 8, 60
# A request of so much may take longer than a search.
REQUEST_SECONDS = 6 * ATTEMPT_SECONDS
# Articles that were refused, named in the message.
NAMED = 3


def write(cluster: Cluster, index: str, documents: Iterable[Document], first: int = 0) -> int:
    """Write articles in place of those with the same ids, numbered from ``first``; how many there were.

    Raises IndexNotWritten that names what was refused, IndexUnavailable.
    """
    written, refused = 0, list[str]()
    try:
        for done, told in _sent(cluster, index, documents, first):
            written += 1
            if not done:
                refused.append(_told(told))
    except OpenSearchException as error:
        raise cluster.explained(error) from error
    if refused:
        raise IndexNotWritten(
            f"The cluster refused {len(refused)} of {written} articles: {'; '.join(refused[:NAMED])}. "
            "They are safe in the database; mend the cluster, then run the command again"
        )
    return written


def _sent(
    cluster: Cluster, index: str, documents: Iterable[Document], first: int
) -> Iterator[tuple[bool, Any]]:
    actions = (
        {"_op_type": "index", "_index": index, "_id": given.id, "_source": document(given, number)}
        for number, given in enumerate(documents, start=first)
    )
    yield from streaming_bulk(
        cluster.client,
        actions,
        chunk_size=ARTICLES,
        max_chunk_bytes=BYTES,
        raise_on_error=False,
        max_retries=RETRIES,
        initial_backoff=1,
        max_backoff=LONGEST_PAUSE,
        request_timeout=REQUEST_SECONDS,
    )


def _told(told: Any) -> str:
    """An article and why it was refused."""
    result = told["index"]
    error = result.get("error", {})
    reason = error.get("reason", error) if isinstance(error, dict) else error
    return f"{result['_id']} ({str(reason)[:200]})"
