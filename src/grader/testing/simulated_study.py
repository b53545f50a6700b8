"""A simulated study in a folder, with levels by a simulated judge and by simulated people.

Shows every part of a report without any model: no text and no judge's words are made up, only
levels, drawn from a model whose truth is known (`studies`).
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from grader.judge.reply import Outcome
from grader.rubric import Criterion, Rubric
from grader.rubric.scale import THREE_LEVELS, Scale
from grader.study.design import Design as StudyDesign
from grader.study.design import LockState, in_drawn_order, write_design
from grader.study.gold import give_levels, gold_items
from grader.study.levels import LevelLine, write_levels
from grader.study.plan import Contrast, PlannedCondition, PlannedGold, StudyPlan
from grader.study.runs import Run
from grader.study.scales import scale_of
from grader.testing.studies import Design, Numbers, misread, simulate
from grader.version import __version__

JUDGE = "simulated/judge"
SECOND_JUDGE = "simulated/second-judge"
PEOPLE = ("person A", "person B")


@dataclass(frozen=True)
class Made:
    """What is true of a simulated study."""

    folder: Path
    net: float
    """Net shift of the primary contrast in these tasks, by people's levels."""


def write_simulated_study(
    folder: Path,
    design: Design,
    *,
    seed: int,
    gold: int = 0,
    shared: int = 0,
    raised: tuple[float, float] = (0.05, 0.05),
    lowered: tuple[float, float] = (0.05, 0.05),
    repeats: float = 0.0,
    not_applicable: float = 0.0,
    locked: bool = True,
    second_contrast: bool = False,
    second_judge: bool = False,
) -> Made:
    """Write `design.json`, `levels.jsonl` and `gold.jsonl` of a simulated study.

    Args:
        folder: of the study.
        design: tasks, models, runs, criteria, effect.
        seed: same seed, same bytes.
        gold: pairs that the simulated people give levels to.
        shared: of these, pairs given to both.
        raised: how often the judge gives a level too high, by condition.
        lowered: how often too low.
        repeats: share of verdicts that the judge gives twice.
        not_applicable: share of levels that don't apply.
        locked: whether the study counts as locked beforehand.
        second_contrast: add a condition F with half of the effect, and a contrast to it.
        second_judge: let another simulated judge give levels, too.
    """
    rng = np.random.default_rng(seed)
    found = simulate(design, 1, rng)
    truth, levels = found.whole[0], found.levels[0]
    conditions = ["C", "P"]
    if second_contrast:
        half = simulate(replace(design, effect=design.effect / 2), 1, rng)
        truth = np.concatenate([truth, half.whole[0][:, :, 1:]], axis=2)
        levels = np.concatenate([levels, half.levels[0][:, :, 1:]], axis=2)
        conditions.append("F")
    errors = [(*each, each[0])[: len(conditions)] for each in (raised, lowered)]
    judged = np.where(
        np.isnan(levels), np.nan, misread(truth, rng, raised=errors[0], lowered=errors[1])
    )
    plan = _plan(folder.name, design, conditions, gold, shared)
    rubrics = {f"task-{n + 1}": _rubric(n, design.criteria) for n in range(design.tasks)}
    runs = _runs(design, conditions, seed)
    study = StudyDesign(
        grader_version=__version__,
        study_file="study.yaml",
        plan=plan,
        rubrics=rubrics,
        runs=in_drawn_order([run for run, _ in runs], f"simulated {seed}"),
        notes=(
            "No model was asked and no text was written: levels were drawn by "
            "grader.testing.simulated_study.",
        ),
        seed=f"simulated {seed}",
        lock=LockState(locked_at="2026-01-01T00:00:00.000+00:00", author="simulated")
        if locked
        else LockState(),
        afterwards=() if locked else ("the study was not locked",),
        simulated=True,
    )
    write_design(folder, study)
    lines = _lines(study, runs, judged, JUDGE, rng, repeats, not_applicable)
    if second_judge:
        alike = [(share,) * len(conditions) for share in (0.15, 0.1)]
        other = misread(truth, rng, raised=alike[0], lowered=alike[1])
        lines += _lines(study, runs, other, SECOND_JUDGE, rng, 0.0, 0.0)
    write_levels(folder, lines)
    _give_gold(study, folder, runs, truth, rng)
    return Made(folder, float(found.net[0]))


def _plan(id: str, design: Design, conditions: list[str], gold: int, shared: int) -> StudyPlan:
    contrasts = [Contrast(id="treatment", before="C", after="P", primary=True, expects="up")]
    if "F" in conditions:
        contrasts.append(Contrast(id="half-of-it", before="C", after="F"))
    return StudyPlan(
        id=id,
        title="A simulated study",
        description="Levels drawn from a model whose truth is known; no judge and no people.",
        conditions={
            name: PlannedCondition(text=f"simulated condition {name}", runs=f"runs/{name}")
            for name in conditions
        },
        rubrics="rubrics",
        contrasts=tuple(contrasts),
        smallest=0.1,
        runs=design.runs,
        judges=(JUDGE,),
        gold=PlannedGold(pairs=gold, shared=shared) if gold else None,
    )


def _rubric(task: int, criteria: int) -> Rubric:
    levels = Scale({level: "simulated" for level in reversed(THREE_LEVELS)})
    return Rubric(
        id=f"task-{task + 1}",
        version=1,
        title=f"Simulated task {task + 1}",
        criteria=tuple(
            Criterion(
                id=f"criterion-{task + 1}-{n + 1}",
                title=f"Simulated criterion {task + 1}.{n + 1}",
                question="Simulated.",
                levels=levels,
            )
            for n in range(criteria)
        ),
    )


def _runs(
    design: Design, conditions: list[str], seed: int
) -> list[tuple[Run, tuple[int, int, int, int]]]:
    """Each run with its place in the array of levels."""
    found = []
    for task in range(design.tasks):
        for model in range(design.models):
            for at, condition in enumerate(conditions):
                for number in range(design.runs):
                    name = f"{condition.lower()}-task-{task + 1}-model-{model + 1}-{number + 1}"
                    run = Run(
                        transcript=hashlib.sha256(f"{seed} {name}".encode()).hexdigest(),
                        id=name,
                        file=f"runs/{condition}/{name}.json",
                        file_sha256=hashlib.sha256(name.encode()).hexdigest(),
                        condition=condition,
                        model=f"simulated-model-{model + 1}",
                        task=f"task-{task + 1}",
                        replicate=number + 1,
                        words=0,
                    )
                    found.append((run, (task, model, at, number)))
    return found


def _lines(
    study: StudyDesign,
    runs: list[tuple[Run, tuple[int, int, int, int]]],
    judged: Numbers,
    judge: str,
    rng: np.random.Generator,
    repeats: float,
    not_applicable: float,
) -> list[LevelLine]:
    lines = []
    for run, place in runs:
        for k, criterion in enumerate(study.rubrics[run.task].criteria):
            rank = judged[(*place, k)]
            level = None if np.isnan(rank) else scale_of(criterion)[int(rank)]
            if level is not None and rng.random() < not_applicable:
                level = "not_applicable"
            outcome: Outcome = "answered" if level is not None else "refused"
            line = LevelLine(
                transcript=run.transcript,
                task=run.task,
                criterion=criterion.id,
                judge=judge,
                outcome=outcome,
                level=level,
                source="simulated",
            )
            lines.append(line)
            if level is not None and rng.random() < repeats:
                again = level
                if level != "not_applicable" and rng.random() < 0.1:
                    again = scale_of(criterion)[int(rng.integers(0, 3))]
                lines.append(line.model_copy(update={"sample": 2, "level": again}))
    return lines


def _give_gold(
    study: StudyDesign,
    folder: Path,
    runs: list[tuple[Run, tuple[int, int, int, int]]],
    truth: Numbers,
    rng: np.random.Generator,
) -> None:
    places = {run.transcript: place for run, place in runs}
    for number, item in enumerate(gold_items(study)):
        for who in range(item.raters):
            levels: dict[str, str | None] = {}
            for k, criterion in enumerate(study.rubrics[item.run.task].criteria):
                rank = int(truth[(*places[item.run.transcript], k)])
                if who and rng.random() < 0.15:
                    rank = int(np.clip(rank + rng.choice([-1, 1]), 0, 2))
                levels[criterion.id] = scale_of(criterion)[rank]
            give_levels(
                folder,
                at=f"2026-01-02T00:{number // 60:02}:{number % 60:02}.000+00:00",
                reviewer=PEOPLE[(number + who) % 2],
                run=item.run,
                levels=levels,
            )


SHIPPED = Design(
    tasks=5, models=2, runs=4, criteria=3, effect=0.6, by_task=0.1, halo=0.5, missing=(0.01, 0.03)
)


def write_shipped_study(folder: Path) -> None:
    """The simulated study that is shipped, without its report."""
    write_simulated_study(
        folder,
        SHIPPED,
        seed=2026,
        gold=16,
        shared=4,
        raised=(0.05, 0.1),
        repeats=0.1,
        not_applicable=0.02,
        second_contrast=True,
        second_judge=True,
    )


def main() -> None:
    """Write the shipped simulated study: `python -m grader.testing.simulated_study FOLDER`."""
    from grader.study.report.writing import report_study

    folder = Path(sys.argv[1])
    write_shipped_study(folder)
    at = datetime(2026, 1, 3, tzinfo=UTC)
    print(report_study(folder, grader_version=__version__, at=at).result.primary().sentence.text)


if __name__ == "__main__":
    main()
