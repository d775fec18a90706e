"""Answers to requests that the app does not get: bytes of a whole HTTP answer, for programs and people.

They need nothing of the app: they are given where it has no time, or where there is no request to speak of.
"""

import json
import re
from html import escape

from searchsvc.web.headers import COMMON
from searchsvc.web.messages import LANGUAGES, advice
from searchsvc.web.problems import Problem, members

# What a browser asks for when it opens a page. Programs ask these addresses whatever they accept.
PAGE_WANTED = re.compile(rb"^accept:[^\r\n]*text/html", re.IGNORECASE | re.MULTILINE)
FOR_PROGRAMS = re.compile(rb"^\S+ /(api/|openapi|metrics|readyz|healthz|search\.atom)")
PAGE = """<!doctype html>
<html lang="zh-Hans"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
{sentences}
</html>
"""


def wants_page(beginning: bytes) -> bool:
    """Whether a request, of which this is the beginning, is a person's."""
    return bool(PAGE_WANTED.search(beginning)) and not FOR_PROGRAMS.search(beginning)


def raw_answer(problem: Problem) -> bytes:
    """A problem as application/problem+json."""
    return _raw(problem, "application/problem+json", json.dumps(members(problem), ensure_ascii=False) + "\n")


def raw_page(problem: Problem) -> bytes:
    """A problem as a page, in all languages: nobody has read which one is wanted."""
    sentences = "\n".join(
        f'<p lang="{language}">{escape(advice(language, problem))}</p>' for language in LANGUAGES
    )
    return _raw(problem, "text/html; charset=utf-8", PAGE.format(title=problem.status, sentences=sentences))


def _raw(problem: Problem, kind: str, body: str) -> bytes:
    content = body.encode()
    headers = {
        "Content-Type": kind,
        "Content-Length": str(len(content)),
        "Connection": "close",
        "Cache-Control": "no-cache",
        **COMMON,
        **dict(problem.headers),
    }
    lines = [
        f"HTTP/1.1 {problem.status} {problem.title}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join((*lines, "", "")).encode("latin-1") + content
