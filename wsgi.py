"""The application as a server finds it: Settings → Service → create_app, and the commands."""

import os

from flask.cli import NoAppException

import config
from searchsvc.commands import register
from searchsvc.errors import SettingsError
from searchsvc.logs import log_as_json
from searchsvc.service import open_service
from searchsvc.settings import load_settings
from searchsvc.web.app import create_app

try:
    _service = open_service(load_settings(vars(config), os.environ))
    if _service.settings.log_json:
        log_as_json()
except SettingsError as error:
    # What the flask command shows as a sentence, and what makes gunicorn stop instead of trying again.
    raise NoAppException(str(error)) from error

app = create_app(_service)
register(app, _service)
