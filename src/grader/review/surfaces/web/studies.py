"""Pages of studies: the matrix of runs by criteria, with filters, and the report.

What a study is, this room doesn't know: whoever starts the server hands the matrix in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from grader.review.surfaces.web.pages import REFUSALS, Who
from grader.review.surfaces.web.templating import page

router = APIRouter(default_response_class=HTMLResponse, responses=REFUSALS)

ALL = ""
Choice = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class Cell:
    """One level of the matrix."""

    level: str
    """In words; '–' where there is none."""
    rank: int | None
    """From 0 at the lowest; None for no level."""
    steps: int
    """How many levels the scale has."""
    anchor: str | None
    """Where its evidence stands in the report."""
    why: str = ""


@dataclass(frozen=True)
class MatrixRow:
    """One run."""

    run: str
    condition: str
    model: str
    task: str
    counts: bool
    why_not: str | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Matrix:
    """The runs of a study by the criteria of one task."""

    id: str
    title: str
    answer: str
    task: str
    criteria: tuple[tuple[str, str], ...]
    """Ids and titles of those shown."""
    rows: tuple[MatrixRow, ...]
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What can be chosen for condition, model, task, criterion and judge."""
    chosen: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Studies:
    """What a server shows of studies."""

    listed: Callable[[], list[tuple[str, str]]]
    """Ids and titles."""
    matrix: Callable[[str, dict[str, str]], Matrix | None]
    """None: no such study, or its levels must not be shown yet."""
    report: Callable[[str], str | None]


@router.get("/studies/{id}")
def matrix(
    request: Request,
    id: str,
    session: Who,
    condition: Choice = ALL,
    model: Choice = ALL,
    task: Choice = ALL,
    criterion: Choice = ALL,
    judge: Choice = ALL,
) -> HTMLResponse:
    """The matrix of a study, filtered."""
    studies = _studies(request)
    chosen = {
        "condition": condition,
        "model": model,
        "task": task,
        "criterion": criterion,
        "judge": judge,
    }
    found = studies.matrix(id, chosen)
    if found is None:
        raise HTTPException(404, "There is no study of that name whose levels can be shown.")
    return page(request, "matrix.html", session, matrix=found)


@router.get("/studies/{id}/report")
def report(request: Request, id: str, session: Who) -> HTMLResponse:
    """The report of a study as it was written."""
    text = _studies(request).report(id)
    if text is None:
        raise HTTPException(404, "There is no study of that name whose report can be shown.")
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return HTMLResponse(
        text, headers={"Content-Security-Policy": f"{policy}; frame-ancestors 'none'; sandbox"}
    )


def _studies(request: Request) -> Studies:
    studies: Studies | None = request.app.state.review.studies
    if studies is None:
        raise HTTPException(404, "This server shows no studies.")
    # Whoever is to judge blind must not see the judge's levels.
    if request.app.state.review.mode == "blind-first":
        raise HTTPException(409, "Reviews go blind here, and a study shows the judge's levels.")
    return studies
