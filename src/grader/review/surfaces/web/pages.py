"""Pages that show: comparisons, a queue, an item, history, disagreements, agreement, writeup."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from grader.review import actions
from grader.review.adjudicate import look
from grader.review.folder import ReviewFolder
from grader.review.item_view import Order, Queue, queue, view
from grader.review.items import ReviewItem, pair_attention, side_names
from grader.review.reviewed import Reviewed
from grader.review.sign import what_is_open
from grader.review.surfaces.web.access import Session, session_of
from grader.review.surfaces.web.comparisons import Summary
from grader.review.surfaces.web.marked import marked
from grader.review.surfaces.web.templating import go_to, page
from grader.text.quotation import near_miss
from grader.transcripts.transcript import deliverable

_HTML: dict[str, Any] = {"content": {"text/html": {}}}
REFUSALS: dict[int | str, dict[str, Any]] = {
    303: {"description": "Go on elsewhere; without a session, to the login."},
    400: {"description": "The form can't be read.", **_HTML},
    401: {"description": "No session.", **_HTML},
    403: {"description": "The wrong host, origin or form.", **_HTML},
    404: {"description": "There is no such comparison or item.", **_HTML},
    409: {"description": "The rules of the review forbid it now.", **_HTML},
    422: {"description": "A field is missing or wrong.", **_HTML},
}

router = APIRouter(default_response_class=HTMLResponse, responses=REFUSALS)
Who = Annotated[Session, Depends(session_of)]

_PAGE = 100
_READING_S = 0.1
"""How long a page of comparisons may wait for files that were not read yet."""
Show = Literal["all", "undecided", "attention", "mine", "disagreement", "signed"]


async def comparison(request: Request, slug: str) -> ReviewFolder:
    """The comparison of that name. Raises 404."""
    folder: ReviewFolder | None = request.app.state.shelf.get(slug)
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


@router.get("/", response_model=None)
def shelf(
    request: Request,
    session: Who,
    show: Show = "all",
    search: str = "",
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> HTMLResponse | RedirectResponse:
    """All comparisons, with how far each review is."""
    books = request.app.state.shelf
    if books.single:
        return go_to("c", books.root.name)
    me = session.reviewer
    every, unread = books.summaries(_READING_S)
    wanted: dict[Show, Callable[[Summary], bool]] = {
        "all": lambda s: True,
        "undecided": lambda s: s.decided.get(me, 0) < s.items and not s.signed_by,
        "attention": lambda s: s.attention > 0,
        "mine": lambda s: me in s.decided,
        "disagreement": lambda s: s.disputed > 0,
        "signed": lambda s: s.signed_by is not None,
    }
    text = search.lower()
    found = [s for s in every if wanted[show](s) and text in f"{s.slug} {s.title}".lower()]
    return page(
        request,
        "shelf.html",
        session,
        summaries=found[start : start + _PAGE],
        found=len(found),
        total=len(every) + unread,
        unread=unread,
        start=start,
        step=_PAGE,
        show=show,
        search=search,
    )


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
        touched = bool(shown.last)
        disputed = item.id in reviewed.disputed and record.item(item.id).adjudicating
        if {
            "all": True,
            "undecided": item.id in waiting,
            "attention": bool(shown.attention),
            "mine": touched,
            "disagreement": disputed,
            "signed": True,
        }[show]:
            told = item.words(shown.decision.content)
            rows.append((item, shown, told if shown.decision.state != "undecided" else None))
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
        pair=() if record.mode == "blind-first" else pair_attention(reviewed.draft),
        first=at.waiting[0].key if at.waiting else None,
        mode=request.app.state.review.mode,
        writeup=_may_read(reviewed, folder, me),
    )


@router.get("/c/{slug}/i/{key}")
def item_page(request: Request, slug: str, folder: Where, key: str, session: Who) -> HTMLResponse:
    """One item laid before the reviewer; it is noted as opened."""
    item = item_of(folder, key)
    begin_if_needed(request, folder, session)
    if folder.reviewed().sign_off is None:
        actions.open_item(folder, session.reviewer, item.id)
    return show_item(request, slug, folder, item, session)


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
) -> HTMLResponse:
    """The page of an item as it is now."""
    reviewed = folder.reviewed()
    at = queue_of(request, folder, session)
    shown = view(reviewed, session.reviewer, item, at.position(item.id))
    draft = reviewed.draft
    names = side_names(draft, blind=not item.named)
    sides = [
        (
            number,
            names[side],
            side == item.side,
            marked(draft.transcript(side), side, shown.evidence),
        )
        for number, side in enumerate(draft.blind_order, 1)
    ]
    before, after = at.before(item.id), at.after(item.id)
    return page(
        request,
        "item.html",
        session,
        status,
        slug=slug,
        item=shown,
        reviewed=reviewed,
        queue=at,
        sides=sides,
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
        told=(item.words(shown.decision.content) if shown.decision.state != "undecided" else None),
        own=item.words(shown.own) if shown.own else None,
        now=shown.decision.content or shown.own or (shown.judge.content if shown.judge else None),
        judge_text=shown.judge.content.text if shown.judge else None,
        before=before.key if before else None,
        after=after.key if after and after.id != item.id else None,
        blind_order=draft.blind_order,
        problem=problem,
    )


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
            folder.items[event.item].words(event.after) if event.item else "",
            event.sequence in undone,
        )
        for event in reversed(mine)
        if event.action != "open" or event.item is None
    ]
    return page(
        request, "history.html", session, slug=slug, rows=rows, target=target, reviewed=reviewed
    )


@router.get("/c/{slug}/adjudicate")
def disagreements(request: Request, slug: str, folder: Where, session: Who) -> HTMLResponse:
    """The items that reviewers decided differently; what they decided is not told here."""
    reviewed = folder.reviewed()
    items = [item for id, item in folder.items.items() if id in reviewed.disputed]
    return page(request, "disagreements.html", session, slug=slug, items=items, reviewed=reviewed)


@router.get("/c/{slug}/adjudicate/{key}")
def settle_page(request: Request, slug: str, folder: Where, key: str, session: Who) -> HTMLResponse:
    """One disagreement, side by side; it is noted that this person has seen it."""
    item = item_of(folder, key)
    reviews = look(folder, session.reviewer, item.id)
    reviewed = folder.reviewed()
    names = side_names(reviewed.draft, blind=not item.named)
    evidence = tuple(dict.fromkeys(q for r in reviews for q in r.decision.evidence))
    return page(
        request,
        "settle.html",
        session,
        slug=slug,
        item=view(reviewed, reviews[0].decision.reviewer or "", item),
        reviews=[
            (r, item.words(r.decision.content),
             item.words(r.own) if r.own else None)
            for r in reviews
        ],
        sides=[
            (n, names[side], side == item.side,
             marked(reviewed.draft.transcript(side), side, evidence))
            for n, side in enumerate(reviewed.draft.blind_order, 1)
        ],
        last=folder.reviewed().reviewer(session.reviewer).item(item.id).last,
        blind_order=reviewed.draft.blind_order,
    )  # fmt: skip


@router.get("/c/{slug}/sign")
def sign_page(request: Request, slug: str, folder: Where, session: Who) -> HTMLResponse:
    """What stands in the way of a signature, and the form for it."""
    reviewed = folder.reviewed()
    record = reviewed.reviewer(session.reviewer)
    owed = [
        item
        for item in folder.items.values()
        if record.item(item.id).decision.state == "rejected"
        and not record.item(item.id).decision.reason
    ]
    return page(
        request,
        "sign.html",
        session,
        slug=slug,
        reviewed=reviewed,
        open=what_is_open(folder, reviewed),
        owed=owed,
    )


@router.get("/c/{slug}/writeup")
def writeup(request: Request, slug: str, folder: Where, session: Who) -> HTMLResponse:
    """The writeup as it stands. It names the sides, so it waits for the blind items."""
    reviewed, render = folder.reviewed(), request.app.state.review.render
    if render is None:
        raise HTTPException(404, "This server renders no writeup.")
    if not _may_read(reviewed, folder, session.reviewer):
        raise HTTPException(409, "The writeup tells names. Decide what is blind first.")
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
    books, compute = request.app.state.shelf, request.app.state.review.agreement
    if compute is None:
        raise HTTPException(404, "This server computes no agreement.")
    # What others decided stays hidden from reviewers until a comparison is signed.
    read, unread = books.summaries(_READING_S)
    found = (books.get(summary.slug) for summary in read if summary.signed_by)
    signed = [folder.reviewed() for folder in found if folder is not None]
    report = compute(signed) if signed else None
    values = {"report": report, "signed": len(signed), "unread": unread}
    return page(request, "agreement.html", session, **values)


def _may_read(reviewed: Reviewed, folder: ReviewFolder, reviewer: str) -> bool:
    return reviewed.sign_off is not None or actions.names_are_open(
        reviewed.reviewer(reviewer), folder.items
    )
