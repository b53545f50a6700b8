"""The matrix of a study for the browser: runs by the criteria of a task, filtered."""

from __future__ import annotations

from pathlib import Path

from grader.errors import GraderError
from grader.files.text import read_text
from grader.review.surfaces.web.studies import Cell, Matrix, MatrixRow, Studies
from grader.rubric import Criterion
from grader.study.design import DESIGN, STUDIES, Design, read_design
from grader.study.gold import finished, gold_items, read_gold
from grader.study.gold_pages import WebGold
from grader.study.levels import LevelLine, read_levels
from grader.study.report.evidence import anchor
from grader.study.results import RESULTS
from grader.study.runs import Run


def studies_in(outputs: Path) -> Studies:
    """The studies of a folder of outputs, for the server."""
    root = outputs / STUDIES

    def folder(id: str) -> Path | None:
        path = root / id
        known = path.parent == root and (path / DESIGN).is_file() and (path / RESULTS).is_file()
        return path if known else None

    def listed() -> list[tuple[str, str]]:
        found = []
        for path in sorted(root.iterdir()) if root.is_dir() else []:
            try:
                if folder(path.name) is not None:
                    found.append((path.name, read_design(path).plan.title))
            except GraderError:
                continue
        return found

    def matrix(id: str, chosen: dict[str, str]) -> Matrix | None:
        path = folder(id)
        return None if path is None else matrix_of(path, chosen)

    def report(id: str) -> str | None:
        path = folder(id)
        if path is None or not _may_be_shown(path, read_design(path)):
            return None
        return read_text(path / "report.html")

    gold = WebGold(root)
    return Studies(listed, gold.awaiting, gold.next_run, gold.give, matrix, report)


def matrix_of(folder: Path, chosen: dict[str, str]) -> Matrix | None:
    """The matrix; None while people are still giving levels blind.

    Args:
        folder: of the study.
        chosen: condition, model, task, criterion and judge; empty for all of them, or the first
            task and judge.

    Raises:
        RecordError: a file of the folder can't be read.
    """
    design, lines = read_design(folder), read_levels(folder)
    if not _may_be_shown(folder, design):
        return None
    judges = tuple(sorted({line.judge for line in lines}))
    tasks = tuple(design.rubrics)
    task = chosen["task"] if chosen["task"] in tasks else tasks[0]
    judge = chosen["judge"] if chosen["judge"] in judges else next(iter(judges), "")
    levels = {
        (line.transcript, line.criterion): line
        for line in lines
        if line.judge == judge and line.sample == 1
    }
    criteria = [
        criterion
        for criterion in design.rubrics[task].criteria
        if chosen["criterion"] in ("", criterion.id)
    ]
    runs = [
        run
        for run in sorted(design.runs, key=lambda run: (run.condition, run.model, run.id))
        if run.task == task
        and chosen["condition"] in ("", run.condition)
        and chosen["model"] in ("", run.model)
    ]
    return Matrix(
        id=design.plan.id,
        title=design.plan.title,
        answer=_answer(folder),
        task=task,
        criteria=tuple((criterion.id, criterion.title) for criterion in criteria),
        rows=tuple(_row(run, criteria, levels) for run in runs),
        choices={
            "condition": tuple(design.plan.conditions),
            "model": tuple(sorted({run.model for run in design.runs})),
            "task": tasks,
            "criterion": tuple(criterion.id for criterion in design.rubrics[task].criteria),
            "judge": judges,
        },
        chosen={**chosen, "task": task, "judge": judge},
    )


def _row(
    run: Run, criteria: list[Criterion], levels: dict[tuple[str, str], LevelLine]
) -> MatrixRow:
    return MatrixRow(
        run=run.id,
        condition=run.condition,
        model=run.model,
        task=run.task,
        counts=run.counts,
        why_not=run.why_not,
        cells=tuple(
            _cell(run, criterion, levels.get((run.transcript, criterion.id)))
            for criterion in criteria
        ),
    )


def _cell(run: Run, criterion: Criterion, line: LevelLine | None) -> Cell:
    scale = criterion.scale.levels
    if line is None:
        return Cell("not asked", None, len(scale), None)
    there = bool(line.rationale or line.evidence or line.detail)
    return Cell(
        level=(line.level or "–").replace("_", " "),
        rank=scale.index(line.level) if line.level in scale else None,
        steps=len(scale),
        anchor=anchor(run, criterion.id, line.judge, line.sample) if there else None,
        why="" if line.level else line.outcome.replace("_", " "),
    )


def _may_be_shown(folder: Path, design: Design) -> bool:
    """Levels of the judge are shown when nobody is to give levels blind any more."""
    done = finished(design, read_gold(folder))
    return all(len(done.get(each.run.transcript, ())) >= each.raters for each in gold_items(design))


def _answer(folder: Path) -> str:
    import json

    try:
        contrasts = json.loads(read_text(folder / RESULTS))["contrasts"]
        return str(next(each for each in contrasts if each["primary"])["sentence"]["text"])
    except (GraderError, ValueError, LookupError, StopIteration):
        return ""
