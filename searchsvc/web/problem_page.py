"""An error as a page: what to change, and the form as it was filled."""

from flask import Response, make_response, render_template

from searchsvc.web.form import make_form
from searchsvc.web.parameters import Parameter
from searchsvc.web.problems import Problem


def problem_page(problem: Problem, asked: tuple[Parameter, ...] = ()) -> Response:
    """The page of a problem, with its status."""
    form = make_form(asked, problem)
    response = make_response(render_template("problem.html", problem=problem, form=form), problem.status)
    response.headers.extend(problem.headers)
    return response
