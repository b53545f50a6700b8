"""Pages that show: comparisons, a queue, an item, history, disagreements, agreement, writeup."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from grader.errors import InputError
from grader.review import actions
from grader.review.adjudicate import last_on, look, settling_view, side_by_side, unfinished
from grader.review.assignments import Assignments, read_assignments
from grader.review.commands import COMMANDS, Command, fitting, label_of
from grader.review.folder import ReviewFolder
from grader.review.forms import Input, choice, inputs
from grader.review.grid import grid_of
from grader.review.item_view import ItemView, Order, Queue, queue, view
from grader.review.items import ReviewItem, pair_attention, side_names
from grader.review.pace import pace_of
from grader.review.reasons import due_words, reasons_due
from grader.review.reviewed import Reviewed, ReviewerRecord
from grader.review.rules import has_decided_all, sees_all, takes_part
from grader.review.sign import blockers
from grader.review.surfaces.web.access import Session, session_of
from grader.review.surfaces.web.comparisons import Summary
from grader.review.surfaces.web.marked import MarkedTurn, marked
from grader.review.surfaces.web.templating import go_to, page
from grader.text.quotation import Evidence, near_miss
from grader.transcripts.transcript import deliverable

_HTML: dict[str, Any] = {"content": {"text/html": {}}}
REFUSALS: dict[int | str, dict[str, Any]] = {
    303: {"description": "Go on elsewhere; without a session, to the login."},
    400: {"description": "The form can't be read.", **_HTML},
    401: {"description": "No session.", **_HTML},
    403: {"description": "The wrong host, origin or form.", **_HTML},
    404: {"description": "There is no such comparison or item.", **_HTML},
    413: {"description": "The form is too large."},
    415: {"description": "This is no form."},
    409: {"description": "The rules of the review forbid it now.", **_HTML},
    422: {"description": "A field is missing or wrong.", **_HTML},
}

router = APIRouter(default_response_class=HTMLResponse, responses=REFUSALS)
Who = Annotated[Session, Depends(session_of)]

_PAGE = 100
TEXT_COOKIE = "grader_text"
"""How a browser is shown the texts: 'source', or as Markdown."""

Show = Literal["all", "for me", "undecided", "attention", "mine", "signed"]
Back = Literal["", "sign"]
"""Where to go when an item is decided; '': to the next."""


async def comparison(
    request: Request, slug: str, _: Annotated[Session, Depends(session_of)]
) -> ReviewFolder:
    """The comparison of that name. Raises 401 before it looks, without a session, and 404."""
    folder: ReviewFolder | None = request.app.state.comparisons.get(slug)
    if folder is None:
        raise HTTPException(404, "There is no comparison of that name.")
    return folder


Where = Annotated[ReviewFolder, Depends(comparison)]


def item_of(folder: ReviewFolder, key: str) -> ReviewItem:
    """The item of that key. Raises 404."""
    for item in folder.items.values():
        if item.key == key:
            return item
    raise HTTPException(404, "There is no item of that name.")


def queue_of(request: Request, folder: ReviewFolder, session: Session) -> Queue:
    """This reviewer's queue."""
    order: Order = request.app.state.review.order
    return queue(folder.reviewed(), session.reviewer, order, folder.items)


def assignments_of(request: Request) -> Assignments:
    """Who is asked to review what this server offers."""
    offered = request.app.state.comparisons
    return read_assignments(offered.root.parent if offered.single else offered.root)


def mine(summaries: list[Summary], asked: Assignments, reviewer: str) -> list[Summary]:
    """What waits for a reviewer: first what they were asked for, then what they have begun."""
    waiting = [s for s in summaries if s.left(reviewer) and asked.is_for(s.slug, reviewer)]
    return sorted(
        waiting,
        key=lambda s: (reviewer not in asked.of(s.slug), reviewer not in s.decided, s.slug),
    )


@router.get("/", response_model=None)
def comparisons(
    request: Request,
    session: Who,
    show: Show = "all",
    search: str = "",
    rubric: str = "",
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> HTMLResponse | RedirectResponse:
    """All comparisons, with how far this reviewer is. What others decided is not told."""
    offered = request.app.state.comparisons
    if offered.single:
        return go_to("c", offered.root.name)
    me = session.reviewer
    every, unread = offered.summaries()
    assisted = request.app.state.review.mode == "assisted"
    asked = assignments_of(request)
    waiting = mine(every, asked, me)
    wanted: dict[Show, Callable[[Summary], bool]] = {
        "all": lambda s: True,
        "for me": lambda s: s in waiting,
        "undecided": lambda s: s.decided.get(me, 0) < s.items and not s.signed_by,
        "attention": lambda s: bool(s.attention_for(me, assisted)),
        "mine": lambda s: me in s.decided,
        "signed": lambda s: s.signed_by is not None,
    }
    text = search.lower()
    found = [
        s
        for s in (waiting if show == "for me" else every)
        if wanted[show](s) and text in f"{s.slug} {s.title}".lower() and rubric in ("", s.rubric)
    ]
    return page(
        request,
        "comparisons.html",
        session,
        studies=_studies(request),
        awaiting=_awaiting(request),
        summaries=found[start : start + _PAGE],
        assisted=assisted,
        found=len(found),
        total=len(every) + unread,
        unread=unread,
        start=start,
        step=_PAGE,
        show=show,
        search=search,
        rubric=rubric,
        rubrics=sorted({s.rubric for s in every if s.rubric}),
        asked=asked,
        waiting=len(waiting),
        left=sum(s.left(me) for s in waiting),
    )


def _studies(request: Request) -> list[tuple[str, str]]:
    """Studies that may be shown: none where reviews go blind, for they show the judge's levels."""
    review = request.app.state.review
    return review.studies.listed() if review.studies and review.mode in (None, "assisted") else []


def _awaiting(request: Request) -> list[str]:
    """Studies in which people still give levels."""
    studies = request.app.state.review.studies
    return studies.awaiting() if studies else []


@router.get("/c/{slug}")
def overview(
    request: Request, slug: str, folder: Where, session: Who, show: Show = "all"
) -> HTMLResponse:
    """One comparison: the queue of its items and everything that can be done."""
    reviewed, me = folder.reviewed(), session.reviewer
    record = reviewed.reviewer(me)
    at = queue_of(request, folder, session)
    waiting = {item.id for item in at.waiting}
    rows = []
    for item in at.items:
        shown = view(reviewed, me, item, at.position(item.id))
        if {
            "all": True,
            "for me": item.id in waiting,
            "undecided": item.id in waiting,
            "attention": bool(shown.attention),
            "mine": bool(shown.last),
            "signed": True,
        }[show]:
            rows.append((shown, _decided_words(shown)))
    others = sees_all(record, reviewed)
    assisted = record.began and record.mode == "assisted"
    return page(
        request,
        "comparison.html",
        session,
        slug=slug,
        reviewed=reviewed,
        record=record,
        queue=at,
        rows=rows,
        show=show,
        pair=pair_attention(reviewed.draft, named=at.named)
        if assisted or reviewed.sign_off
        else (),
        first=at.waiting[0].key if at.waiting else None,
        mode=request.app.state.review.mode,
        writeup=_may_read(reviewed, record),
        people=[each for each in reviewed.reviewers.values() if others or each.name == me],
        accept_quiet=COMMANDS["accept-quiet"],
        seen=_seen(reviewed, record),
    )


def _seen(reviewed: Reviewed, record: ReviewerRecord) -> int:
    """The number of the last event that a page about the whole comparison shows.

    Others' events count only where they may be known: what they do is in no form before that.
    """
    return reviewed.events if sees_all(record, reviewed) else record.last


def _decided_words(shown: ItemView) -> str | None:
    """A decision in a few words; None without one."""
    decision = shown.decision
    return None if decision.state == "undecided" else shown.words(decision.content)


@router.get("/c/{slug}/i/{key}")
def item_page(
    request: Request, slug: str, folder: Where, key: str, session: Who, back: Back = ""
) -> HTMLResponse:
    """One item shown to the reviewer; it is recorded as opened."""
    item = item_of(folder, key)
    begin_if_needed(request, folder, session)
    if folder.reviewed().sign_off is None:
        actions.open_item(folder, session.reviewer, item.id)
    return show_item(request, slug, folder, item, session, back=back)


def begin_if_needed(request: Request, folder: ReviewFolder, session: Session) -> None:
    """Open the comparison for this reviewer, in the server's mode where it has one."""
    offered = request.app.state.review
    record = folder.reviewed().reviewer(session.reviewer)
    if not record.began and folder.reviewed().sign_off is None:
        actions.begin(folder, session.reviewer, mode=offered.mode, traps=offered.traps)


def show_item(
    request: Request,
    slug: str,
    folder: ReviewFolder,
    item: ReviewItem,
    session: Session,
    problem: str | None = None,
    status: int = 200,
    back: Back = "",
) -> HTMLResponse:
    """The page of an item as it is now, with the card that it is on."""
    reviewed = folder.reviewed()
    at = queue_of(request, folder, session)
    shown = view(reviewed, session.reviewer, item, at.position(item.id))
    draft, me = reviewed.draft, session.reviewer
    before, after = at.before(item.id), at.following(item.id)
    card = [view(reviewed, me, each) for each in at.items if item.card and each.card == item.card]
    return page(
        request,
        "item.html",
        session,
        status,
        slug=slug,
        item=shown,
        reviewed=reviewed,
        queue=at,
        sides=_sides(request, reviewed, item, shown.evidence),
        quotations=[
            (
                number,
                each,
                draft.blind_order.index(each.side) + 1,
                None
                if each.span
                else near_miss(each.quote, deliverable(draft.transcript(each.side))),
            )
            for number, each in enumerate(shown.evidence, 1)
        ],
        decided=_decided_words(shown),
        own=shown.words(shown.own) if shown.own else None,
        before=before.key if before else None,
        after=after.key if after else None,
        buttons=_buttons(shown),
        label_of=label_of,
        forms=_forms(shown),
        choice=choice(shown),
        commands=COMMANDS,
        problem=problem,
        back=back,
        card=card,
        source=_source(request),
        grid=grid_of(reviewed, me, folder.items) if item.kind == "signature" else None,
        seen=_seen(reviewed, reviewed.reviewer(me)),
    )


def _buttons(shown: ItemView) -> list[Command]:
    """The commands that need nothing but their key."""
    return [
        each
        for each in fitting("web", shown)
        if each.run and each.on_item and not inputs(each.asks, shown)
    ]


def _forms(shown: ItemView) -> list[tuple[Command, tuple[Input, ...]]]:
    """The commands that ask for something, with what they ask for."""
    simple = [each.id for each in _buttons(shown)]
    return [
        (each, inputs(each.asks, shown))
        for each in fitting("web", shown)
        if each.run and each.on_item and each.id != "choose" and each.id not in simple
    ]


def _source(request: Request) -> bool:
    """Whether this browser is shown the texts as they were written."""
    return request.cookies.get(TEXT_COOKIE) == "source"


def _sides(
    request: Request, reviewed: Reviewed, item: ReviewItem, evidence: Sequence[Evidence]
) -> list[tuple[int, str, bool, list[MarkedTurn]]]:
    """Both transcripts: number, name, whether the item is about it, its turns with quotations."""
    draft = reviewed.draft
    names = side_names(draft, blind=not item.named)
    return [
        (
            number,
            names[side],
            side == item.side,
            marked(draft.transcript(side), side, evidence, source=_source(request)),
        )
        for number, side in enumerate(draft.blind_order, 1)
    ]


@router.get("/c/{slug}/history")
def history(request: Request, slug: str, folder: Where, session: Who) -> HTMLResponse:
    """What this reviewer did, newest first."""
    reviewed = folder.reviewed()
    mine = [e for e in folder.events if e.reviewer == session.reviewer]
    undone = {e.undoes for e in mine if e.action == "undo"}
    target = actions.last_undoable(folder.events, session.reviewer)
    rows = [
        (
            event,
            folder.items[event.item] if event.item else None,
            folder.items[event.item].words(event.after) if event.item and event.after else "",
            event.sequence in undone,
        )
        for event in reversed(mine)
        if event.action != "open" or event.item is None
    ]
    return page(
        request,
        "history.html",
        session,
        slug=slug,
        rows=rows,
        target=target,
        reviewed=reviewed,
        seen=_seen(reviewed, reviewed.reviewer(session.reviewer)),
    )


@router.get("/c/{slug}/adjudicate")
def disagreements(request: Request, slug: str, folder: Where, session: Who) -> HTMLResponse:
    """The items that reviewers decided differently, for who has begun to settle them."""
    reviewed = folder.reviewed()
    settles = reviewed.reviewer(session.reviewer).settles
    items = [item for id, item in folder.items.items() if id in reviewed.disputed]
    return page(
        request,
        "disagreements.html",
        session,
        slug=slug,
        settles=settles,
        items=items if settles else (),
        unfinished=unfinished(reviewed) if settles else "",
        reviewed=reviewed,
    )


@router.get("/c/{slug}/adjudicate/{key}")
def settle_page(request: Request, slug: str, folder: Where, key: str, session: Who) -> HTMLResponse:
    """One disagreement, side by side; it is recorded that this person has seen it."""
    item = item_of(folder, key)
    refuse_reviewer(folder, session)
    look(folder, session.reviewer, item.id)
    return show_settling(request, slug, folder, item, session)


def refuse_reviewer(folder: ReviewFolder, session: Session) -> None:
    """Raises InputError for whoever has not said that they settle what reviewers decided."""
    if not folder.reviewed().reviewer(session.reviewer).settles:
        raise InputError(
            "what others decided is shown to who settles it",
            mend="Begin to settle on the page of disagreements.",
        )


def show_settling(
    request: Request,
    slug: str,
    folder: ReviewFolder,
    item: ReviewItem,
    session: Session,
    problem: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    """The page on which a disagreement is settled."""
    reviewed = folder.reviewed()
    reviews = side_by_side(reviewed, item.id)
    shown = settling_view(reviewed, item)
    evidence = tuple(dict.fromkeys(q for r in reviews for q in r.decision.evidence))
    return page(
        request,
        "settle.html",
        session,
        status,
        slug=slug,
        problem=problem,
        left=len(reviewed.disputed),
        item=shown,
        reviews=[
            (r, shown.words(r.decision.content), shown.words(r.own) if r.own else None)
            for r in reviews
        ],
        inputs=inputs(("content",), shown),
        choice=choice(shown),
        sides=_sides(request, reviewed, item, evidence),
        reviewed=reviewed,
        last=last_on(folder.events, item.id),
    )


@router.get("/c/{slug}/sign")
def sign_page(request: Request, slug: str, folder: Where, session: Who) -> HTMLResponse:
    """What stands in the way of a signature, and the form for it."""
    reviewed = folder.reviewed()
    record = reviewed.reviewer(session.reviewer)
    due = reasons_due(record, reviewed, folder.items)
    sees = sees_all(record, reviewed)
    part = takes_part(record)
    waiting = blockers(folder, reviewed, session.reviewer) if sees or part else ()
    return page(
        request,
        "sign.html",
        session,
        slug=slug,
        reviewed=reviewed,
        part=part,
        sees=sees,
        unfinished=[
            each.name
            for each in reviewed.reviewers.values()
            if sees and each.began and not has_decided_all(each, reviewed)
        ],
        record=record,
        queue=queue_of(request, folder, session),
        pace=pace_of(record, folder.items),
        blockers=[each for each in waiting if each.why != "no reason" or each.item not in due],
        due=[(item, due_words(record, item)) for item in due],
        seen=_seen(reviewed, record),
    )


@router.get("/c/{slug}/writeup")
def writeup(request: Request, slug: str, folder: Where, session: Who) -> HTMLResponse:
    """The writeup as it is. It tells names and what others decided, so it comes last."""
    reviewed, render = folder.reviewed(), request.app.state.review.render
    if render is None:
        raise HTTPException(404, "This server renders no writeup.")
    if not _may_read(reviewed, reviewed.reviewer(session.reviewer)):
        raise HTTPException(409, "The writeup tells names and decisions. Decide your items first.")
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return HTMLResponse(
        render(reviewed),
        headers={"Content-Security-Policy": f"{policy}; frame-ancestors 'none'; sandbox"},
    )


@router.get("/agreement")
async def agreement(request: Request, session: Who) -> HTMLResponse:
    """How far reviewers agree over all comparisons that are signed."""
    # Computed apart from all else, for it may take long.
    limiter = request.app.state.studies
    return await to_thread.run_sync(_agreement, request, session, limiter=limiter)


def _agreement(request: Request, session: Session) -> HTMLResponse:
    offered, compute = request.app.state.comparisons, request.app.state.review.agreement
    if compute is None:
        raise HTTPException(404, "This server computes no agreement.")
    # What others decided stays hidden from reviewers until a comparison is signed.
    read, unread = offered.summaries()
    found = (offered.get(summary.slug) for summary in read if summary.signed_by)
    signed = [folder.reviewed() for folder in found if folder is not None]
    report = compute(signed) if signed else None
    values = {"report": report, "signed": len(signed), "unread": unread}
    return page(request, "agreement.html", session, **values)


def _may_read(reviewed: Reviewed, record: ReviewerRecord) -> bool:
    return sees_all(record, reviewed) and (bool(record.decided) or reviewed.sign_off is not None)
