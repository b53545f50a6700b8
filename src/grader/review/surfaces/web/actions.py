"""Actions: every form ends here, does one thing as the session's reviewer, and goes on.

A form carries the number of the reviewer's last event on the item that it was made for. Where
that has moved on, the action is refused, or, if it is the very same, taken as done: a request
that was sent twice counts once.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from grader.errors import InputError
from grader.review import actions
from grader.review.actions import located
from grader.review.adjudicate import adjudicate, side_by_side
from grader.review.events import Content, Mode
from grader.review.folder import ReviewFolder
from grader.review.item_view import view
from grader.review.items import ReviewItem
from grader.review.sign import sign, take_back
from grader.review.surfaces.web.access import Session, refuse_forged, session_of
from grader.review.surfaces.web.pages import (
    REFUSALS,
    Where,
    begin_if_needed,
    item_of,
    queue_of,
    show_item,
)
from grader.review.surfaces.web.templating import go_to
from grader.rubric.scale import LEVELS, PRESENCES
from grader.text.quotation import Evidence


async def forged(
    session: Annotated[Session, Depends(session_of)], csrf: Annotated[str, Form()] = ""
) -> Session:
    """The session of a form that carries the session's own token."""
    refuse_forged(session, csrf)
    return session


router = APIRouter(default_response_class=RedirectResponse, responses=REFUSALS)
Who = Annotated[Session, Depends(forged)]
Text = Annotated[str, Form(max_length=20_000)]
Quotes = Annotated[list[str], Form(max_length=200)]
Last = Annotated[int, Form(ge=0, le=2**31)]
Act = Literal["accept", "reject", "edit", "keep", "own", "reveal", "comment", "defer", "reopen"]


@router.post("/c/{slug}/begin", status_code=303, response_model=None)
def begin(
    slug: str,
    folder: Where,
    session: Who,
    request: Request,
    mode: Annotated[Mode, Form()] = "assisted",
) -> Response:
    """Begin a review in a mode and go to its first item."""
    offered = request.app.state.review
    actions.begin(folder, session.reviewer, mode=offered.mode or mode, traps=offered.traps)
    return _next(request, slug, folder, session, None)


@router.post("/c/{slug}/i/{key}/{act}", status_code=303, response_model=None)
def act_on_item(
    request: Request,
    slug: str,
    folder: Where,
    key: str,
    act: Act,
    session: Who,
    last: Last,
    level: Annotated[str, Form(max_length=40)] = "",
    shows_more: Annotated[str, Form(max_length=40)] = "",
    presence: Quotes = [],  # noqa: B006 - FastAPI copies it
    rationale: Text = "",
    text: Text = "",
    reason: Text = "",
    keep: Quotes = [],  # noqa: B006
    quote1: Quotes = [],  # noqa: B006
    quote2: Quotes = [],  # noqa: B006
) -> Response:
    """Do one thing with an item, then go to the next one, or stay where there is more to do."""
    me, item = session.reviewer, item_of(folder, key)
    begin_if_needed(request, folder, session)
    given = {
        "level": level,
        "shows_more": shows_more,
        "presence": presence,
        "rationale": rationale,
        "text": text,
    }
    quotes = (*((1, q) for q in quote1), *((2, q) for q in quote2))
    review = folder.reviewed().reviewer(me).item(item.id)
    if review.last != last and act not in ("reveal", "reopen"):
        if _is_done(folder, review.last, act, reason or text):
            return _after(request, slug, folder, item, act, session)
        problem = "This item has changed since the page was loaded. This is how it stands now."
        return show_item(request, slug, folder, item, session, problem, 409)
    try:
        if act == "accept":
            actions.accept(folder, me, item.id)
        elif act == "reject":
            actions.reject(folder, me, item.id, reason)
        elif act == "edit":
            content = _content(folder, item, given, quotes, keep, me)
            actions.edit(folder, me, item.id, content, reason)
        elif act == "keep":
            actions.edit(folder, me, item.id, review.own or Content(), reason)
        elif act == "own":
            content = _content(folder, item, given, quotes, keep, me)
            actions.give_own(folder, me, item.id, content)
        elif act == "comment":
            actions.comment(folder, me, item.id, text)
        else:
            {"reveal": actions.reveal, "defer": actions.defer, "reopen": actions.reopen}[act](
                folder, me, item.id
            )
    except InputError as error:
        problem = f"{error.problem[:1].upper()}{error.problem[1:]}. {error.mend}"
        return show_item(request, slug, folder, item, session, problem, 409)
    return _after(request, slug, folder, item, act, session)


@router.post("/c/{slug}/undo", status_code=303, response_model=None)
def undo(request: Request, slug: str, folder: Where, session: Who) -> Response:
    """Undo this reviewer's last action and show its item."""
    target = actions.last_undoable(folder.events, session.reviewer)
    actions.undo(folder, session.reviewer)
    item = folder.items[target.item] if target and target.item else None
    return go_to("c", slug, "i", item.key) if item else go_to("c", slug)


@router.post("/c/{slug}/accept-calm", status_code=303, response_model=None)
def accept_calm(slug: str, folder: Where, session: Who) -> Response:
    """Accept what was opened and needs no attention."""
    actions.accept_calm(folder, session.reviewer)
    return go_to("c", slug)


@router.post("/c/{slug}/adjudicate/{key}", status_code=303, response_model=None)
def settle(
    slug: str,
    folder: Where,
    key: str,
    session: Who,
    holds: Annotated[str, Form(min_length=1, max_length=200)],
    level: Annotated[str, Form(max_length=40)] = "",
    rationale: Text = "",
    reason: Text = "",
) -> Response:
    """Settle a disagreement: one reviewer's decision holds, or another level, or nothing."""
    item = item_of(folder, key)
    content: Content | None
    if holds == "reject":
        content = None
    elif holds == "other":
        content = _content(folder, item, {"level": level, "rationale": rationale}, ())
    else:
        reviews = side_by_side(folder.reviewed(), item.id)
        chosen = next((r.decision for r in reviews if r.decision.reviewer == holds), None)
        if chosen is None:
            raise InputError("this decision is not there", mend="Choose one of the decisions.")
        content, reason = chosen.content, reason or (chosen.reason or "")
    adjudicate(folder, session.reviewer, item.id, content, reason)
    return go_to("c", slug, "adjudicate")


@router.post("/c/{slug}/sign", status_code=303, response_model=None)
def sign_it(
    request: Request, slug: str, folder: Where, session: Who, statement: Text = ""
) -> Response:
    """Sign the comparison."""
    sign(folder, session.reviewer, statement)
    request.app.state.review.changed(folder.path)
    return go_to("c", slug, "sign")


@router.post("/c/{slug}/take-back", status_code=303, response_model=None)
def take_it_back(
    request: Request, slug: str, folder: Where, session: Who, reason: Text = ""
) -> Response:
    """Take the signature back."""
    take_back(folder, session.reviewer, reason)
    request.app.state.review.changed(folder.path)
    return go_to("c", slug)


# --- one item -------------------------------------------------------------------------------


def _after(
    request: Request,
    slug: str,
    folder: ReviewFolder,
    item: ReviewItem,
    act: str,
    session: Session,
) -> Response:
    if act in ("own", "reveal", "comment", "reopen"):
        return go_to("c", slug, "i", item.key)
    return _next(request, slug, folder, session, item.id)


def _next(
    request: Request, slug: str, folder: ReviewFolder, session: Session, item: str | None
) -> Response:
    following = queue_of(request, folder, session).after(item)
    if following is None or following.id == item:
        return go_to("c", slug)
    return go_to("c", slug, "i", following.key)


def _is_done(folder: ReviewFolder, last: int, act: str, words: str) -> bool:
    """Whether the reviewer's last event on the item is what this form asks for."""
    if not last:
        return False
    event = folder.events[last - 1]
    names = {"own": "own_level", "keep": "edit"}
    same_words = (event.reason or event.text or "") == words.strip() or act in ("own", "keep")
    return event.action == names.get(act, act) and same_words


def _content(
    folder: ReviewFolder,
    item: ReviewItem,
    given: dict[str, Any],
    quotes: tuple[tuple[int, str], ...],
    keep: list[str] | None = None,
    reviewer: str = "",
) -> Content:
    """What a form says. Raises InputError for a quotation that is not in the text."""
    reviewed = folder.reviewed()
    draft = reviewed.draft
    shown = view(reviewed, reviewer, item) if reviewer else None
    before = shown.evidence if shown else ()
    kept = tuple(each for n, each in enumerate(before, 1) if str(n) in (keep or ()))
    new: tuple[Evidence, ...] = tuple(
        located(draft, text, draft.blind_order[number - 1]) for number, text in quotes if text
    )
    words = (given.get("rationale") or "").strip() or None
    evidence = tuple(dict.fromkeys((*kept, *new)))
    if item.kind == "verdict":
        level = given.get("level")
        return Content(
            level=next((each for each in LEVELS if each == level), None),
            rationale=words,
            evidence=evidence,
        )
    if item.kind == "signature":
        presences = given.get("presence") or []
        return Content(
            presences=tuple(next((p for p in PRESENCES if p == g), None) for g in presences),
            note=words,
            evidence=evidence,
        )
    if item.kind == "contrast":
        said = given.get("shows_more")
        side: Any = {"1": draft.blind_order[0], "2": draft.blind_order[1]}.get(str(said), said)
        if side not in ("control", "treatment", "neither"):
            raise InputError("it is not said which shows more", mend="Choose one, or neither.")
        return Content(shows_more=side, rationale=words, evidence=evidence)
    return Content(text=(given.get("text") or "").strip() or None, evidence=item.drafted.evidence)
