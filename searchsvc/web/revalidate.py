"""An answer that stays the same until its content changes: 304 for who has it already."""

from flask import Response, request


def revalidated(response: Response) -> Response:
    """The answer with a tag of its content, or only word that it is still the same."""
    response.add_etag()
    response.make_conditional(request)
    return response
