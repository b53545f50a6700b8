"""Pages over many comparisons: the next one that waits, and pairs by criteria."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from grader.review.item_view import queue
from grader.review.surfaces.web.access import Session, session_of
from grader.review.surfaces.web.comparisons import Summary
from grader.review.surfaces.web.pages import REFUSALS, assignments_of, mine
from grader.review.surfaces.web.templating import go_to, page

router = APIRouter(default_response_class=HTMLResponse, responses=REFUSALS)
Who = Annotated[Session, Depends(session_of)]

_PAGE = 100


@router.get("/next", response_model=None)
def next_one(
    request: Request, session: Who, after: Annotated[str, Query(max_length=300)] = ""
) -> RedirectResponse | HTMLResponse:
    """To the next item that waits for this reviewer, over all comparisons."""
    offered, me = request.app.state.comparisons, session.reviewer
    waiting = [
        s for s in mine(offered.summaries()[0], assignments_of(request), me) if s.slug != after
    ]
    for summary in waiting:
        folder = offered.get(summary.slug)
        if folder is None:
            continue
        reviewed = folder.reviewed()
        if not reviewed.reviewer(me).began:
            return go_to("c", summary.slug)  # how it goes is told or chosen there, before it begins
        at = queue(reviewed, me, request.app.state.review.order, folder.items)
        if at.waiting:
            return go_to("c", summary.slug, "i", at.waiting[0].key)
    return page(request, "nothing.html", session, after=after)


@dataclass(frozen=True)
class Row:
    """One pair in the table of pairs by criteria."""

    summary: Summary
    cells: tuple[str | None, ...]
    """A criterion each: what the viewer may see of it; None where its rubric doesn't have it."""


@router.get("/pairs")
def pairs(
    request: Request,
    session: Who,
    rubric: Annotated[str, Query(max_length=200)] = "",
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> HTMLResponse:
    """Pairs by criteria: one's own decisions, or what holds where one may see it."""
    summaries, unread = request.app.state.comparisons.summaries()
    readable = [s for s in summaries if not s.problem]
    rubrics = sorted({s.rubric for s in readable})
    chosen = rubric if rubric in rubrics else next(iter(rubrics), "")
    found = [s for s in readable if s.rubric == chosen]
    shown = found[start : start + _PAGE]
    # Rubrics of one name may differ in their criteria: a column for each of them.
    criteria = {id: title for s in reversed(shown) for id, title in reversed(s.criteria)}
    columns = tuple(reversed(criteria.items()))
    rows = [
        Row(
            s,
            tuple(
                _cell(s, id, session.reviewer) if id in dict(s.criteria) else None
                for id, _ in columns
            ),
        )
        for s in shown
    ]
    return page(
        request,
        "pairs.html",
        session,
        rubrics=rubrics,
        chosen=chosen,
        criteria=columns,
        rows=rows,
        found=len(found),
        unread=unread,
        start=start,
        step=_PAGE,
    )


_SHIFTS = {"up": "↑", "down": "↓", "same": "="}


def _cell(summary: Summary, criterion: str, reviewer: str) -> str:
    """What a viewer may see: what holds, or their own decisions alone."""
    if summary.signed_by or reviewer in summary.sees:
        control, treatment, shift = summary.held.get(criterion, ("", "", ""))
        return f"{control} → {treatment} {_SHIFTS.get(shift, '')}".rstrip()
    own = summary.own.get(reviewer, {}).get(criterion, ())
    return " | ".join(word or "open" for word in own) or "open"
