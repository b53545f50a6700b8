"""Coming in and going out: the one-time token, login, logout."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from grader.errors import InputError
from grader.review.accounts import check_password
from grader.review.reviewer import normalised_name
from grader.review.surfaces.web.access import (
    COOKIE,
    HOURS,
    Session,
    Sessions,
    refuse_forged,
    session_in,
    session_of,
)
from grader.review.surfaces.web.templating import page

_HTML: dict[str, Any] = {"content": {"text/html": {}}}
router = APIRouter(
    default_response_class=HTMLResponse,
    responses={
        400: {"description": "The form can't be read.", **_HTML},
        403: {"description": "The wrong host, origin, token or form.", **_HTML},
        413: {"description": "The form is too large."},
        415: {"description": "This is no form."},
    },
)


@router.get("/enter", status_code=303, response_class=RedirectResponse)
def enter(request: Request, token: str = "") -> RedirectResponse:
    """Begin a session with the one-time token of the opened address."""
    sessions = request.app.state.sessions
    if session_in(request.app.state, request.cookies.get(COOKIE)):
        return RedirectResponse("/", 303)
    if not sessions.take_token(token):
        raise HTTPException(
            403, "This address was used already or is not right. Start the server again."
        )
    return _entered(request, request.app.state.review.reviewer)


@router.get("/login")
def login_page(request: Request) -> HTMLResponse:
    """Ask for name and password, where there are accounts."""
    return _login(request)


@router.post(
    "/login",
    response_model=None,
    response_class=RedirectResponse,
    status_code=303,
    responses={
        401: {"description": "Wrong name or password.", **_HTML},
        422: {"description": "A field is missing.", **_HTML},
        429: {"description": "Too many attempts.", **_HTML},
    },
)
async def login(
    request: Request,
    name: Annotated[str, Form(min_length=1, max_length=200)],
    password: Annotated[str, Form(min_length=1, max_length=1000)],
) -> RedirectResponse | HTMLResponse:
    """Begin a session with a reviewer's account."""
    state = request.app.state
    try:
        name = normalised_name(name)
    except InputError:
        return _login(request, "Name or password is wrong.", 401)
    address = request.client.host if request.client else "?"
    if wait_s := max(state.by_name.wait_s(name), state.by_address.wait_s(address)):
        refused = _login(request, f"Too many attempts. Try again in {wait_s} seconds.", 429)
        refused.headers["Retry-After"] = str(wait_s)
        return refused
    # Counted before the slow check, so that many at once don't slip through.
    state.by_name.failed(name)
    state.by_address.failed(address)
    # One at a time and apart from all else: each takes long and much memory, on purpose.
    accounts = state.review.accounts()
    if not await to_thread.run_sync(check_password, accounts, name, password, limiter=state.logins):
        return _login(request, "Name or password is wrong.", 401)
    state.by_name.succeeded(name)
    state.by_address.succeeded(address)
    return _entered(request, name, accounts.hashes[name])


@router.post(
    "/logout",
    response_class=RedirectResponse,
    status_code=303,
    responses={401: {"description": "No session.", **_HTML}},
)
async def logout(
    request: Request,
    session: Annotated[Session, Depends(session_of)],
    csrf: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """End the session."""
    refuse_forged(session, csrf)
    request.app.state.sessions.end(request.cookies.get(COOKIE))
    gone = RedirectResponse("/login", 303)
    gone.delete_cookie(COOKIE)
    return gone


def _login(request: Request, problem: str | None = None, status: int = 200) -> HTMLResponse:
    accounts = bool(request.app.state.review.accounts().hashes)
    return page(request, "login.html", None, status, problem=problem, accounts=accounts)


def _entered(request: Request, reviewer: str, account: str | None = None) -> RedirectResponse:
    answer = RedirectResponse("/", 303)
    sessions: Sessions = request.app.state.sessions
    sessions.end(request.cookies.get(COOKIE))  # who signs in anew leaves the session before
    answer.set_cookie(
        COOKIE,
        sessions.start(reviewer, account),
        max_age=HOURS * 3600,
        httponly=True,
        samesite="strict",
        secure=request.app.state.review.scheme == "https",
    )
    return answer
