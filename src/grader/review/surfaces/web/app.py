"""The web app for reviewers, put together: what it offers, who may ask, which pages it has.

Nothing here imports the writeup or the statistics: whoever starts the server hands them in.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.requests import cookie_parser
from starlette.routing import Match
from starlette.staticfiles import StaticFiles

from grader.errors import GraderError
from grader.review.accounts import Accounts
from grader.review.events import Mode
from grader.review.item_view import Order
from grader.review.reviewed import Reviewed
from grader.review.surfaces.web import actions, login, many, pages, studies
from grader.review.surfaces.web.access import COOKIE, Attempts, Guard, Sessions, session_in
from grader.review.surfaces.web.comparisons import Comparisons
from grader.review.surfaces.web.templating import message

THREADS = 2
"""Requests worked on at once. They share one processor: with more of them each takes longer, and
the thread that reads and answers has to wait for them all."""


@dataclass(frozen=True)
class WebReview:
    """What a server offers and to whom."""

    root: Path
    """A comparison's folder, or the folder of many."""
    reviewer: str
    """Who enters with the one-time token."""
    hosts: frozenset[str]
    """Values of the Host header that are answered, with the port."""
    scheme: str = "http"
    accounts: Callable[[], Accounts] = Accounts
    mode: Mode | None = None
    """How every review goes; None: each reviewer chooses."""
    order: Order = "attention"
    traps: int = 0
    render: Callable[[Reviewed], str] | None = None
    """The writeup as a page."""
    changed: Callable[[Path], object] = field(default=lambda _: None)
    """Called after a signature was given or taken back, and at the end for what was reviewed."""
    agreement: Callable[[Sequence[Reviewed]], Any] | None = None
    studies: studies.Studies | None = None


def create_app(review: WebReview) -> FastAPI:
    """The app, ready to be served. `app.state.sessions.token` opens the first session."""
    comparisons = Comparisons(review.root)

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = THREADS
        threading.Thread(target=comparisons.read_ahead, daemon=True).start()
        yield
        # Actions don't wait for a writeup; what was reviewed is rendered at the end.
        for path in comparisons.reviewed_since_rendered():
            with suppress(GraderError):
                review.changed(path)

    app = FastAPI(title="grader review", docs_url=None, redoc_url=None, lifespan=running)
    app.state.review = review
    app.state.comparisons = comparisons
    app.state.sessions = Sessions()
    # Several reviewers may come from one address; one name is one person.
    app.state.by_name, app.state.by_address = Attempts(5), Attempts(50)
    app.state.logins, app.state.studies = CapacityLimiter(1), CapacityLimiter(1)
    app.include_router(login.router)
    app.include_router(pages.router)
    app.include_router(many.router)
    app.include_router(actions.router)
    app.include_router(studies.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")

    def signed_in(headers: Headers) -> bool:
        cookies = cookie_parser(headers.get("cookie", ""))
        return session_in(app.state, cookies.get(COOKIE)) is not None

    app.add_middleware(Guard, hosts=review.hosts, scheme=review.scheme, signed_in=signed_in)

    @app.exception_handler(AnyHTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        if error.status_code == 401 and request.method == "GET":
            return RedirectResponse("/login", 303)
        answer = message(request, str(error.detail), status=error.status_code)
        if error.status_code == 405:
            answer.headers["Allow"] = ", ".join(_methods(request))
        return answer

    @app.exception_handler(GraderError)
    def not_possible(request: Request, error: GraderError) -> Response:
        return message(request, error.problem, error.mend, status=409)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> Response:
        return message(request, "This request is not complete.", status=422)

    return app


def _methods(request: Request) -> list[str]:
    """The methods of an address. Routes know of one method each."""
    scopes = [{**request.scope, "method": method} for method in ("GET", "HEAD", "POST")]
    routes = request.app.router.routes
    return [s["method"] for s in scopes if any(r.matches(s)[0] is Match.FULL for r in routes)]
