"""The application, and in each answer which worker gave it: ``gunicorn tests.torture.named:app``."""

import os

from flask import Response

from wsgi import app

WORKER = "X-Worker"


@app.after_request
def name_worker(response: Response) -> Response:
    """Add the number of this process."""
    response.headers[WORKER] = str(os.getpid())
    return response
