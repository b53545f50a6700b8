"""Pages of studies: runs by criteria with filters, the report, and runs for people's levels.

What a study is, this room doesn't know: whoever starts the server hands the matrix in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, Response

from grader.errors import InputError
from grader.review.surfaces.web.actions import Fields
from grader.review.surfaces.web.actions import Who as Signed
from grader.review.surfaces.web.pages import REFUSALS, Who
from grader.review.surfaces.web.templating import go_to, page, told

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
class GoldQuestion:
    """One criterion on the run that is shown."""

    id: str
    title: str
    question: str
    answers: tuple[tuple[str, str], ...]
    """Each answer with its definition, lowest first."""


@dataclass(frozen=True)
class GoldPage:
    """The next drawn run for one person; nothing in it tells its condition."""

    id: str
    transcript: str
    task: str | None
    texts: tuple[str, ...]
    left: int
    total: int
    questions: tuple[GoldQuestion, ...]


@dataclass(frozen=True)
class Studies:
    """What a server shows of studies."""

    listed: Callable[[], list[tuple[str, str]]]
    """Ids and titles."""
    awaiting: Callable[[], list[str]]
    """Ids of studies in which people still give levels."""
    gold: Callable[[str, str], GoldPage | None]
    """The next run of a study for a person; None: nothing is left. Raises InputError where levels
    by people can't be blind any more, KeyError for no such study."""
    give: Callable[[str, str, str, dict[str, str | None]], None]
    """Keep a person's levels on a run, by criterion. Raises InputError for what can't be kept."""
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


@router.get("/studies/{id}/gold")
def gold(request: Request, id: str, session: Who) -> HTMLResponse:
    """The next drawn run for this person, by itself."""
    try:
        shown = _offered(request).gold(id, session.reviewer)
    except KeyError:
        raise HTTPException(404, "There is no study of that name.") from None
    return page(request, "gold.html", session, id=id, shown=shown, problem=None, given={})


@router.post("/studies/{id}/gold", status_code=303, response_model=None)
def give_gold(
    request: Request,
    id: str,
    session: Signed,
    fields: Fields,
    transcript: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Keep the levels of one run and go to the next; what can't be kept is shown again."""
    levels: dict[str, str | None] = {
        name.removeprefix("level:"): str(value) or None
        for name, value in fields.items()
        if name.startswith("level:")
    }
    studies = _offered(request)
    try:
        studies.give(id, session.reviewer, transcript, levels)
    except KeyError:
        raise HTTPException(404, "There is no such study or run.") from None
    except InputError as error:
        shown = studies.gold(id, session.reviewer)
        # What was chosen for another run than the one that comes next is no choice for this one.
        given = levels if shown is not None and shown.transcript == transcript else {}
        values = {"shown": shown, "problem": told(error), "given": given}
        return page(request, "gold.html", session, 409, id=id, **values)
    return go_to("studies", id, "gold")


def _offered(request: Request) -> Studies:
    studies: Studies | None = request.app.state.review.studies
    if studies is None:
        raise HTTPException(404, "This server shows no studies.")
    return studies


def _studies(request: Request) -> Studies:
    studies = _offered(request)
    # Whoever is to judge blind must not see the judge's levels.
    if request.app.state.review.mode not in (None, "assisted"):
        raise HTTPException(409, "Reviews go blind here, and a study shows the judge's levels.")
    return studies
