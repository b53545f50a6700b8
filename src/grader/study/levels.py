"""The levels of a study: `levels.jsonl`, one answer or failure a line, and tables of them.

Lines are sorted when they are written, so that the same answers give the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field, ValidationError

from grader.errors import RecordError
from grader.files.json_lines import numbered_lines
from grader.files.problems import first_problem
from grader.files.text import read_text, write_atomically
from grader.judge.reply import Outcome
from grader.records import Record, canonical_json
from grader.rubric import Rubric
from grader.study.cells import NOT_APPLICABLE, CellLevels
from grader.study.design import Design
from grader.study.estimate import Numbers
from grader.study.plan import Contrast
from grader.study.runs import Run
from grader.study.scales import ranks_of
from grader.text.quotation import Evidence

LEVELS = "levels.jsonl"
MAX_BYTES = 1_000_000_000


class LevelLine(Record):
    """One judge's answer, or failure, for one criterion on one run."""

    transcript: str
    task: str
    criterion: str
    judge: str
    sample: int = Field(1, ge=1)
    outcome: Outcome
    level: str | None = None
    rationale: str | None = None
    evidence: tuple[Evidence, ...] = ()
    looked_for_in_vain: tuple[str, ...] = ()
    detail: str | None = None
    questions: tuple[str, ...] = ()
    asked_again: Outcome | None = None
    source: Literal["judge", "simulated"] = "judge"

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """Its place in the file."""
        return self.judge, self.task, self.criterion, self.transcript, self.sample


def write_levels(folder: Path, lines: Iterable[LevelLine]) -> None:
    """Write all levels, sorted, whole or not at all. Raises StorageError."""
    text = "".join(
        canonical_json(line.model_dump(mode="json", exclude_defaults=True)) + "\n"
        for line in sorted(lines, key=lambda line: line.key)
    )
    write_atomically(folder / LEVELS, text)


def read_levels(folder: Path) -> list[LevelLine]:
    """The levels of a study, sorted; none where nobody was asked.

    Raises:
        RecordError: a line can't be read, or stands twice.
    """
    path = folder / LEVELS
    if not path.is_file():
        return []
    lines: dict[tuple[str, str, str, str, int], LevelLine] = {}
    for number, text in numbered_lines(read_text(path, limit=MAX_BYTES)):
        try:
            line = LevelLine.model_validate_json(text)
        except ValidationError as error:
            raise RecordError(
                f"this line is no level: {first_problem(error)}",
                place=f"{path}:{number}",
                mend="Run `grader study run` again: answers that came are kept elsewhere.",
            ) from None
        if line.key in lines:
            raise RecordError(
                "this level stands here twice",
                place=f"{path}:{number}",
                mend="Run `grader study run` again: it writes the file anew.",
            )
        lines[line.key] = line
    return [lines[key] for key in sorted(lines)]


@dataclass(frozen=True)
class ContrastTable:
    """The cells of a contrast with the runs behind their rows."""

    cells: tuple[CellLevels, ...]
    before: tuple[tuple[Run, ...], ...]
    after: tuple[tuple[Run, ...], ...]


Ranks = Mapping[tuple[str, str], float]
"""By transcript and criterion: a rank, `NOT_APPLICABLE`, or NaN for a failure."""


def judge_ranks(design: Design, lines: Sequence[LevelLine], judge: str) -> Ranks:
    """The first sample of one judge. Raises RecordError for a level the criterion hasn't."""
    scales = {
        (task, criterion): ranks
        for task, rubric in design.rubrics.items()
        for criterion, ranks in ranks_of(rubric).items()
    }
    return {
        (line.transcript, line.criterion): rank_of(scales, line)
        for line in lines
        if line.judge == judge and line.sample == 1
    }


def rank_of(scales: Mapping[tuple[str, str], Mapping[str, int]], line: LevelLine) -> float:
    """The rank of a line's level. Raises RecordError for a level the criterion hasn't."""
    if line.level is None:
        return math.nan
    ranks = scales.get((line.task, line.criterion), {})
    if line.level in ranks:
        return float(ranks[line.level])
    if line.level == "not_applicable":
        return NOT_APPLICABLE
    raise RecordError(
        f"the criterion {line.criterion!r} of {line.task} has no level {line.level!r}",
        mend="Restore levels.jsonl, or run `grader study run` again.",
    )


def table_of(design: Design, contrast: Contrast, ranks: Ranks) -> ContrastTable:
    """The levels of a contrast, cell by cell, rows in drawn order."""
    cells, befores, afters = [], [], []
    for (task, model), (before, after) in design.cells(contrast).items():
        rubric = design.rubrics[task]
        criteria = tuple(criterion.id for criterion in rubric.criteria)
        cells.append(
            CellLevels(
                model=model,
                task=task,
                criteria=criteria,
                highest=_highest(rubric),
                before=_rows(before, criteria, ranks),
                after=_rows(after, criteria, ranks),
            )
        )
        befores.append(tuple(before))
        afters.append(tuple(after))
    return ContrastTable(tuple(cells), tuple(befores), tuple(afters))


def _highest(rubric: Rubric) -> tuple[int, ...]:
    scales = ranks_of(rubric)
    return tuple(len(scales[criterion.id]) - 1 for criterion in rubric.criteria)


def _rows(runs: Sequence[Run], criteria: Sequence[str], ranks: Ranks) -> Numbers:
    return np.array(
        [
            [ranks.get((run.transcript, criterion), math.nan) for criterion in criteria]
            for run in runs
        ],
        dtype=float,
    ).reshape(len(runs), len(criteria))
