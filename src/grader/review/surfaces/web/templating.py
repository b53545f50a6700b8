"""Making pages: the templates, and what every page knows."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.errors import GraderError
from grader.review.commands import help_lines
from grader.review.surfaces.web.access import COOKIE, Session, session_in
from grader.text.visible import visible


def page(
    request: Request, name: str, session: Session | None, code: int = 200, /, **values: Any
) -> HTMLResponse:
    """One page from its template."""
    text = (
        templates()
        .get_template(name)
        .render(
            session=session,
            single=request.app.state.comparisons.single,
            here=request.url.path,
            help=help_lines("web"),
            **values,
        )
    )
    return HTMLResponse(text, code)


def go_to(*parts: str) -> RedirectResponse:
    """The answer that sends a browser on, after an action too. Names may hold any character."""
    return RedirectResponse("/" + "/".join(quote(part, safe=":") for part in parts), 303)


def told(error: GraderError) -> str:
    """What is wrong and what to do, as sentences of a page that is shown again."""
    problem = f"{error.problem[:1].upper()}{error.problem[1:]}."
    return f"{problem} {error.mend}" if error.mend else problem


def message(
    request: Request, problem: str, mend: str | None = None, *, status: int
) -> HTMLResponse:
    """A page that says why something did not happen."""
    session = session_in(request.app.state, request.cookies.get(COOKIE))
    return page(request, "message.html", session, status, problem=problem, mend=mend, status=status)


@cache
def templates() -> Environment:
    """The templates; every value is escaped, and signs that steer are made visible."""
    environment = Environment(
        loader=PackageLoader("grader.review.surfaces.web", "templates"),
        autoescape=True,
        finalize=_out,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = lambda text: str(text).replace("_", " ")
    return environment


def _out(value: Any) -> Any:
    if isinstance(value, Markup):
        return value
    return escape(visible("" if value is None else str(value)))
