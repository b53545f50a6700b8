"""Actions: every form ends here, does one thing as the session's reviewer, and goes on.

A form carries the number of the last event that its page shows. Under the lock of the review an
action on something that has changed since is refused, with what has changed; the very same action
sent twice counts once.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from grader.errors import InputError
from grader.review import actions
from grader.review.actions import ItemChanged
from grader.review.adjudicate import (
    adjudicate,
    begin_settling,
    next_disputed,
    settling_view,
    side_by_side,
)
from grader.review.commands import COMMANDS, Answers, goes_on, perform
from grader.review.events import Content, Mode
from grader.review.folder import ReviewFolder
from grader.review.forms import content_of, number_of
from grader.review.grid import Cell, grid_of
from grader.review.item_view import ItemView, view
from grader.review.rules import names_are_open
from grader.review.sign import sign, take_back
from grader.review.surfaces.web.access import Session, refuse_forged, session_of
from grader.review.surfaces.web.pages import (
    REFUSALS,
    TEXT_COOKIE,
    Where,
    begin_if_needed,
    item_of,
    queue_of,
    refuse_reviewer,
    show_item,
    show_settling,
)
from grader.review.surfaces.web.templating import go_to, told
from grader.text.quotation import Evidence


async def forged(
    session: Annotated[Session, Depends(session_of)], csrf: Annotated[str, Form()] = ""
) -> Session:
    """The session of a form that carries the session's own token."""
    refuse_forged(session, csrf)
    return session


async def fields_of(request: Request) -> FormData:
    """All fields of the form, whatever its item asks for."""
    return await request.form()


router = APIRouter(default_response_class=RedirectResponse, responses=REFUSALS)
Who = Annotated[Session, Depends(forged)]
Fields = Annotated[FormData, Depends(fields_of)]
Text = Annotated[str, Form(max_length=20_000)]
Last = Annotated[int, Form(ge=0, le=2**31)]

_MOST_QUOTES = 200
_LONGEST = 20_000


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


@router.post("/c/{slug}/i/{key}/source", status_code=303)
def show_source(
    request: Request, slug: str, folder: Where, key: str, session: Who
) -> RedirectResponse:
    """Show the texts as they were written, or again as Markdown shows them."""
    answer = go_to("c", slug, "i", item_of(folder, key).key)
    now = request.cookies.get(TEXT_COOKIE)
    answer.set_cookie(TEXT_COOKIE, "" if now else "source", httponly=True, samesite="strict")
    return answer


@router.post("/c/{slug}/i/{key}/{act}", status_code=303, response_model=None)
def act_on_item(
    request: Request,
    slug: str,
    folder: Where,
    key: str,
    act: str,
    session: Who,
    last: Last,
    fields: Fields,
) -> Response:
    """Do one thing with an item, then go to the next one, or stay where there is more to do."""
    command = COMMANDS.get(act)
    if command is None or command.run is None or not command.on_item or "web" in command.not_on:
        raise HTTPException(404, "There is no such action.")
    me, item = session.reviewer, item_of(folder, key)
    begin_if_needed(request, folder, session)
    shown = view(folder.reviewed(), me, item)
    try:
        answers = _answers(folder, shown, fields, chosen="choice" in command.asks)
        perform(command, folder, me, shown, answers, last=last)
    except InputError as error:
        reviewed = folder.reviewed()
        if item.named and not names_are_open(reviewed.reviewer(me), reviewed, folder.items):
            raise
        return show_item(request, slug, folder, item, session, told(error), 409)
    if not goes_on(command, view(folder.reviewed(), me, item)):
        return go_to("c", slug, "i", item.key)
    if fields.get("back") == "sign":
        return go_to("c", slug, "sign")
    return _next(request, slug, folder, session, item.id)


@router.post("/c/{slug}/grid", status_code=303, response_model=None)
def fill_grid(
    request: Request, slug: str, folder: Where, session: Who, last: Last, fields: Fields
) -> Response:
    """Cells of the grid of signatures; those that are not in the form stay as they are."""
    begin_if_needed(request, folder, session)
    me = session.reviewer
    grid = grid_of(folder.reviewed(), me, folder.items)
    if not grid.rows:
        raise HTTPException(404, "This comparison has no signatures.")
    given: dict[str, list[str | None]] = {}
    changed: set[str] = set()
    for cell in grid.cells:
        typed = fields.get(f"cell-{cell.item.key}-{cell.place}")
        before = cell.now or cell.judge
        chosen = before if typed is None else _cell_value(cell, str(typed))
        if chosen != before or (cell.open and typed is not None):
            changed.add(cell.item.id)
        given.setdefault(cell.item.id, []).append(chosen)
    if not any(f"cell-{c.item.key}-{c.place}" in fields for c in grid.cells):
        raise InputError("the form has no cell of the table", mend="Load the page again.")
    # What was decided or rejected before and isn't changed in the table stays as it is.
    given = {id: values for id, values in given.items() if id in changed}
    actions.set_presences(folder, me, given, last=last)
    first = grid.cells[0].item
    after = grid_of(folder.reviewed(), me, folder.items)
    if after.undecided:
        return go_to("c", slug, "i", first.key)
    return _next(request, slug, folder, session, first.id)


@router.post("/c/{slug}/reasons", status_code=303, response_model=None)
def give_reasons(slug: str, folder: Where, session: Who, last: Last, fields: Fields) -> Response:
    """Reasons for what was decided otherwise than the judge, all at once."""
    values = _values(fields)
    given = {i.id: values.get(f"reason-{i.key}", "") for i in folder.items.values()}
    actions.give_reasons(folder, session.reviewer, given, last=last)
    return go_to("c", slug, "sign")


@router.post("/c/{slug}/undo", status_code=303, response_model=None)
def undo(slug: str, folder: Where, session: Who, last: Last) -> Response:
    """Undo this reviewer's last action and show its item."""
    target = actions.last_undoable(folder.events, session.reviewer)
    actions.undo(folder, session.reviewer, last=last)
    item = folder.items[target.item] if target and target.item else None
    if item and target and target.action == "adjudicate":
        return go_to("c", slug, "adjudicate", item.key)
    return go_to("c", slug, "i", item.key) if item else go_to("c", slug)


@router.post("/c/{slug}/accept-quiet", status_code=303, response_model=None)
def accept_quiet(slug: str, folder: Where, session: Who, last: Last) -> Response:
    """Accept what was opened and needs no attention."""
    actions.accept_quiet(folder, session.reviewer, last=last)
    return go_to("c", slug)


@router.post("/c/{slug}/settle", status_code=303, response_model=None)
def settle(slug: str, folder: Where, session: Who) -> Response:
    """Begin to settle what reviewers decided differently."""
    begin_settling(folder, session.reviewer)
    return go_to("c", slug, "adjudicate")


@router.post("/c/{slug}/adjudicate/{key}", status_code=303, response_model=None)
def settle_item(
    request: Request,
    slug: str,
    folder: Where,
    key: str,
    session: Who,
    fields: Fields,
    last: Last,
    holds: Annotated[Literal["reviewer", "other", "reject"], Form()],
    whose: Annotated[str, Form(max_length=200)] = "",
    reason: Text = "",
) -> Response:
    """Settle a disagreement: one reviewer's decision counts, or another content, or nothing."""
    item = item_of(folder, key)
    refuse_reviewer(folder, session)
    content: Content | None = None
    if holds == "other":
        shown = settling_view(folder.reviewed(), item)
        content = content_of(shown, _values(fields), _quoted(folder, shown, fields))
    elif holds == "reviewer":
        reviews = side_by_side(folder.reviewed(), item.id)
        chosen = next((r.decision for r in reviews if r.decision.reviewer == whose), None)
        if chosen is None:
            raise InputError("this decision is not there", mend="Choose one of the decisions.")
        content, reason = chosen.content, reason or (chosen.reason or "")
    try:
        adjudicate(folder, session.reviewer, item.id, content, reason, last=last)
    except ItemChanged:
        raise
    except InputError as error:
        if item.id not in folder.reviewed().disputed:
            raise
        return show_settling(request, slug, folder, item, session, told(error), 409)
    following = next_disputed(folder.reviewed(), folder.items, item.id)
    return go_to("c", slug, "adjudicate", *([following.key] if following else []))


@router.post("/c/{slug}/sign", status_code=303, response_model=None)
def sign_it(
    request: Request, slug: str, folder: Where, session: Who, last: Last, statement: Text = ""
) -> Response:
    """Sign the comparison."""
    sign(folder, session.reviewer, statement, last=last)
    request.app.state.review.changed(folder.path)
    return go_to("c", slug, "sign")


@router.post("/c/{slug}/take-back", status_code=303, response_model=None)
def take_it_back(
    request: Request, slug: str, folder: Where, session: Who, last: Last, reason: Text = ""
) -> Response:
    """Take the signature back."""
    take_back(folder, session.reviewer, reason, last=last)
    request.app.state.review.changed(folder.path)
    return go_to("c", slug)


# --- one item -------------------------------------------------------------------------------


def _cell_value(cell: Cell, typed: str) -> str | None:
    """What a cell of a form says: the number of an option from 1; None where it is empty."""
    if not typed.strip():
        return None
    number = number_of(cell.field.options, typed)
    if number is None:
        raise InputError(
            f"{cell.item.label}, {cell.field.label}: {typed[:20]!r} is none of the options",
            mend=f"Give a number from 1 to {len(cell.field.options)}; nothing was saved.",
        )
    return cell.field.values[int(number) - 1]


def _next(
    request: Request, slug: str, folder: ReviewFolder, session: Session, item: str | None
) -> Response:
    following = queue_of(request, folder, session).after(item)
    if following is None or following.id == item:
        return go_to("c", slug)
    return go_to("c", slug, "i", following.key)


def _answers(folder: ReviewFolder, shown: ItemView, fields: FormData, *, chosen: bool) -> Answers:
    """What a form gives. Raises InputError for a quotation that is not in the text.

    Where a level was `chosen` by one key, the quotations in view stay, as on every surface.
    """
    values = _values(fields)
    quoted = _quoted(folder, shown, fields) if shown.quotable else shown.evidence
    kept = shown.evidence if chosen else ()
    return Answers(values, tuple(dict.fromkeys((*kept, *quoted))))


def _values(fields: FormData) -> dict[str, str]:
    values = {name: value for name, value in fields.multi_items() if isinstance(value, str)}
    if any(len(value) > _LONGEST for value in values.values()):
        raise InputError(
            f"a text is longer than {_LONGEST} characters", mend="Shorten it; nothing was saved."
        )
    return values


def _quoted(folder: ReviewFolder, shown: ItemView, fields: FormData) -> tuple[Evidence, ...]:
    """The quotations of a form: those of the page that stay, and new ones."""
    draft = folder.reviewed().draft
    kept = set(fields.getlist("keep"))
    found = [each for number, each in enumerate(shown.evidence, 1) if str(number) in kept]
    new = [
        (side, words)
        for number, side in enumerate(draft.blind_order, 1)
        for words in fields.getlist(f"quote{number}")
        if isinstance(words, str) and words.strip()
    ]
    if len(new) > _MOST_QUOTES:
        raise InputError(
            f"there are more than {_MOST_QUOTES} quotations", mend="Give those that matter."
        )
    found += [actions.located(draft, words, side) for side, words in new]
    return tuple(dict.fromkeys(found))
