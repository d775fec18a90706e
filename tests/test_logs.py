"""Logs as JSON: an object a line, whatever is logged."""

import json
import logging
import subprocess
import sys
from pathlib import Path

from searchsvc.logs import JsonLines
from searchsvc.settings import Settings
from tests.web.conftest import environment

ROOT = Path(__file__).parent.parent


def test_a_record_is_one_line_with_its_error() -> None:
    try:
        raise ValueError("两\n行")
    except ValueError:
        record = logging.LogRecord("a.b", logging.ERROR, "x.py", 1, "出错 %s", ("了",), sys.exc_info())
    line = JsonLines().format(record)
    said = json.loads(line)
    assert "\n" not in line
    assert (said["level"], said["logger"], said["message"]) == ("error", "a.b", "出错 了")
    assert said["error"].endswith("ValueError: 两\n行")
    assert said["time"].endswith("+00:00")


def logged(settings: Settings, script: str, **variables: str) -> list[str]:
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(settings, **variables), capture_output=True, text=True, check=False
    )
    return done.stderr.splitlines()


FAULT = "import wsgi; wsgi.app.logger.error('出错'); import logging; logging.getLogger('x').warning('小心')"


def test_the_service_logs_json_when_it_is_set(settings: Settings) -> None:
    lines = [json.loads(line) for line in logged(settings, FAULT, SEARCHSVC_LOG_JSON="1")]
    assert [(line["level"], line["message"]) for line in lines] == [("error", "出错"), ("warning", "小心")]


def test_the_service_logs_plain_lines_otherwise(settings: Settings) -> None:
    assert not any(line.startswith("{") for line in logged(settings, FAULT))


def test_gunicorn_logs_json_when_it_is_set(settings: Settings) -> None:
    script = (
        "import sys; sys.argv = ['gunicorn', '--config', 'gunicorn.conf.py', '--bind', '127.0.0.1:1', 'wsgi:app']\n"
        "from gunicorn.config import Config\n"
        "from gunicorn.app.wsgiapp import WSGIApplication\n"
        "from gunicorn.glogging import Logger\n"
        "Logger(WSGIApplication().cfg).error('起动')\n"
    )
    lines = [json.loads(line) for line in logged(settings, script, SEARCHSVC_LOG_JSON="true")]
    assert [(line["logger"], line["message"]) for line in lines] == [("gunicorn.error", "起动")]
