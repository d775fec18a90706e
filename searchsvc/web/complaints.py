"""An error → its problem for who asked, and a line in the log for who runs the service.

What is wrong with index or database is wrong for every request: it is said once, again when it is something
else, and every hour while it lasts.
"""

import time

from flask import current_app, request

from searchsvc.errors import SearchServiceError
from searchsvc.web.problems import Problem, problem_of

EXTENSION = "searchsvc-complaint"
AGAIN_SECONDS = 3_600


def answer_to(error: Exception) -> Problem:
    """The problem of an error. What only who runs the service can mend is logged."""
    problem = problem_of(error)
    if problem.status == 500:
        current_app.logger.error("%s %s", request.method, request.path, exc_info=error)
    elif isinstance(error, SearchServiceError) and problem.status == 503 and problem.detail != str(error):
        _complain(str(error))
    return problem


def _complain(sentence: str) -> None:
    before, since = current_app.extensions.get(EXTENSION, ("", 0.0))
    now = time.monotonic()
    if sentence != before or now - since >= AGAIN_SECONDS:
        current_app.extensions[EXTENSION] = sentence, now
        current_app.logger.error("%s", sentence)
