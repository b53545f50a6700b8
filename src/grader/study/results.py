"""The results of a study as records: all that its report says, in `results.json`."""

from __future__ import annotations

import math
from typing import Any, Literal

from grader.records import Record
from grader.rubric.scale import Shift
from grader.study.calibration import Calibration
from grader.study.effect import CellShift, CriterionResult
from grader.study.estimate import Estimate
from grader.study.floor import FloorResult
from grader.study.judge_against_people import PeopleResult
from grader.study.met import Met
from grader.study.missing import Missing
from grader.study.sentence import Sentence
from grader.study.telling import Telling

RESULTS = "results.json"


class CellCount(Record):
    """One cell of the design: how many runs count and how many were left out."""

    task: str
    model: str
    counting: dict[str, int]
    left_out: dict[str, int]


class LeftOut(Record):
    """A run that doesn't count."""

    id: str
    condition: str
    task: str
    reason: str


class ContrastResult(Record):
    """One contrast by one judge."""

    id: str
    before: str
    after: str
    primary: bool
    expects: Shift | None
    hypothesis: str | None
    judge: str
    alpha: float
    """Of this look, for the whole sentence."""
    sentence: Sentence
    these: Estimate
    like: Estimate
    cells: tuple[CellShift, ...]
    floor: FloorResult
    criteria: tuple[CriterionResult, ...]
    missing: Missing
    met: tuple[Met, ...]
    calibration: Calibration | None
    corrected_bounds: tuple[float, float] | None
    """Where levels are missing: the corrected interval with each at its worst."""
    p_holm: float | None
    """Over the secondary contrasts; None for the primary one."""
    telling: tuple[Telling, ...]


class Noise(Record):
    """How often a judge gave another level when asked again."""

    judge: str
    repeated: int
    differed: int


class StudyResult(Record):
    """Everything a report says."""

    schema_version: Literal[1] = 1
    id: str
    title: str
    simulated: bool
    partial: bool
    asked: int
    """Verdicts that the design needs."""
    answered: int
    open: int
    """Not asked yet."""
    lock: dict[str, str | None]
    afterwards: tuple[str, ...]
    looks_planned: tuple[int, ...]
    looks: int
    looks_unplanned: int
    cells: tuple[CellCount, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    judges: tuple[str, ...]
    contrasts: tuple[ContrastResult, ...]
    people: PeopleResult | None
    elsewhere: PeopleResult | None
    """Levels by people from elsewhere: described, never used."""
    noise: tuple[Noise, ...]
    rubrics: dict[str, str]
    """Hash of the rubric of each task."""
    inputs: dict[str, str]
    """Hashes of what the results are computed from."""
    versions: dict[str, str]

    def primary(self) -> ContrastResult:
        """The primary contrast by the first judge."""
        return next(each for each in self.contrasts if each.primary)


NOISE = 1e-12
"""No proportion, difference or bound of a study is as small as this, unless it is 0."""


def _number(value: float) -> float:
    return 0.0 if abs(value) < NOISE else float(f"{value:.9g}")


def plain(value: Any) -> Any:
    """A JSON value whose numbers are the same on every machine: nine significant digits.

    What is smaller than `NOISE` is left over by sums that would be 0, otherwise on each machine.
    """
    if isinstance(value, float):
        return None if math.isnan(value) or math.isinf(value) else _number(value)
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value
