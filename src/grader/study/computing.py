"""Computes the results of a study from its folder alone.

Same design, levels, people's levels and looks: same `results.json`, byte for byte, on any machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import numpy as np

from grader.records import content_hash
from grader.study.calibration import calibrate, corrected_mean
from grader.study.cells import CellLevels, differences
from grader.study.design import Design
from grader.study.effect import (
    cell_shifts,
    criterion_results,
    holm,
    net_shift,
    shift_here,
)
from grader.study.elsewhere import ElsewhereLine, by_run
from grader.study.estimate import Numbers
from grader.study.floor import floor_result
from grader.study.gold import GoldLine, counting_levels, people_differences
from grader.study.judge_against_people import people_result
from grader.study.levels import (
    ContrastTable,
    LevelLine,
    Ranks,
    judge_ranks,
    table_of,
)
from grader.study.looks import Look, alpha_of
from grader.study.met import met_shares
from grader.study.missing import missing_of
from grader.study.plan import Contrast
from grader.study.results import (
    CellCount,
    ContrastResult,
    LeftOut,
    Noise,
    StudyResult,
)
from grader.study.sentence import CHANGE_SHARE, DIRECTION_SHARE, Basis, sentence_of
from grader.study.telling import telling_pairs

LIBRARIES = ("numpy", "scipy", "statsmodels", "krippendorff")


@dataclass(frozen=True)
class Inputs:
    """What results are computed from."""

    design: Design
    levels: Sequence[LevelLine]
    gold: Sequence[GoldLine]
    looks: Sequence[Look]
    grader_version: str
    elsewhere: Sequence[ElsewhereLine] = ()
    """Levels by people from elsewhere."""


def seen_hash(levels: Sequence[LevelLine], gold: Sequence[GoldLine]) -> str:
    """What a look saw: the levels and people's levels."""
    return content_hash(
        [
            [(*line.key, line.outcome, line.level) for line in levels],
            [(line.reviewer, line.transcript, line.criterion, line.level) for line in gold],
        ]
    )


def runs_a_cell(design: Design, lines: Sequence[LevelLine]) -> int:
    """The least number of matched pairs over the cells whose runs were asked about."""
    asked = {line.transcript for line in lines}
    cells = design.cells(design.plan.primary).values()
    return min(
        (min(sum(run.transcript in asked for run in side) for side in both) for both in cells),
        default=0,
    )


def results_of(inputs: Inputs) -> StudyResult:
    """Compute everything."""
    design, lines = inputs.design, inputs.levels
    plan = design.plan
    judges = _judges(design, lines)
    wanted = [
        (run.transcript, criterion.id, judge)
        for judge in judges
        for run in design.counting
        for criterion in design.rubrics[run.task].criteria
    ]
    there = {
        (line.transcript, line.criterion, line.judge): line for line in lines if line.sample == 1
    }
    open_ = sum(1 for key in wanted if key not in there)
    unplanned = sum(not look.planned for look in inputs.looks)
    first_look = inputs.looks[0].at if inputs.looks else None
    gold, late, own_choice = counting_levels(design, inputs.gold, first_look)
    notes = list(design.notes)
    if late:
        notes.append(f"{late} levels were given by people after a report; they count nowhere.")
    if own_choice:
        notes.append(f"{own_choice} levels by people are on runs that were not drawn.")
    contrasts: list[ContrastResult] = []
    for judge in judges or ("nobody",):
        ranks = judge_ranks(design, lines, judge)
        contrasts += _by_judge(inputs, judge, ranks, gold, unplanned)
    return StudyResult(
        id=plan.id,
        title=plan.title,
        simulated=design.simulated,
        partial=bool(open_),
        asked=len(wanted),
        answered=sum(1 for key in wanted if key in there and there[key].outcome == "answered"),
        open=open_,
        lock=design.lock.model_dump(mode="json"),
        afterwards=_afterwards(design, unplanned),
        looks_planned=plan.planned_looks(runs_a_cell(design, lines)),
        looks=len(inputs.looks),
        looks_unplanned=unplanned,
        cells=_cell_counts(design),
        left_out=tuple(
            LeftOut(id=run.id, condition=run.condition, task=run.task, reason=run.why_not or "")
            for run in design.runs
            if not run.counts
        ),
        notes=tuple(notes),
        judges=judges,
        contrasts=tuple(contrasts),
        people=people_result(design, lines, gold, judges) if gold else None,
        elsewhere=people_result(design, lines, by_run(inputs.elsewhere), judges)
        if inputs.elsewhere
        else None,
        noise=tuple(
            _noise(judge, lines)
            for judge in judges
            if any(line.sample > 1 and line.judge == judge for line in lines)
        ),
        rubrics={task: rubric.hash for task, rubric in design.rubrics.items()},
        inputs={
            "design": content_hash(design),
            "seen": seen_hash(lines, inputs.gold),
            "elsewhere": content_hash([line.model_dump() for line in inputs.elsewhere]),
        },
        versions={"grader": inputs.grader_version}
        | {library: version(library) for library in LIBRARIES},
    )


def _by_judge(
    inputs: Inputs,
    judge: str,
    ranks: Ranks,
    gold: Mapping[tuple[str, str], Mapping[str, str]],
    unplanned: int,
) -> list[ContrastResult]:
    """All contrasts by one judge; Holm over the secondary ones."""
    design = inputs.design
    tables = [table_of(design, contrast, ranks) for contrast in design.plan.contrasts]
    secondary = [
        (contrast.id, table)
        for contrast, table in zip(design.plan.contrasts, tables, strict=True)
        if not contrast.primary
    ]
    ps = {
        id: p
        for id, table in secondary
        if (p := _claim_p(table.cells, design.seed_number)) is not None
    }
    corrected = dict(zip(ps, holm(list(ps.values())), strict=True))
    return [
        _contrast(
            inputs,
            judge,
            contrast,
            table,
            gold,
            unplanned,
            None if contrast.primary else corrected.get(contrast.id, 1.0),
            max(1, len(secondary)),
        )
        for contrast, table in zip(design.plan.contrasts, tables, strict=True)
    ]


def _contrast(
    inputs: Inputs,
    judge: str,
    contrast: Contrast,
    table: ContrastTable,
    gold: Mapping[tuple[str, str], Mapping[str, str]],
    unplanned: int,
    p_holm: float | None,
    secondaries: int,
) -> ContrastResult:
    design, plan, cells = inputs.design, inputs.design.plan, table.cells
    alpha = alpha_of(plan.alpha, plan.looks)
    people = people_differences(design, contrast, table, gold) if gold else None
    calibration = None
    if people is not None and any((~np.isnan(each)).any() for each in people):
        whole = calibrate(cells, [differences(c) for c in cells], people, level=1 - alpha)
        calibration = whole
    corrected = calibration is not None and calibration.refused is None
    direction = DIRECTION_SHARE * alpha
    level = 1 - direction
    seed = design.seed_number
    these, like = net_shift(cells, level=level, seed=seed)
    floor = floor_result(cells, level=level, seed=seed)
    missing = missing_of(cells, partial(shift_here, level=level))
    shown = (these, like)
    holds, bounds = missing.bounds is None or missing.bounds.excludes_zero, None
    if corrected and calibration and people is not None:
        shown = (calibration.these_tasks, calibration.tasks_like_these)
        if missing.bounds is not None:
            bounds = _corrected_bounds(cells, people, level)
            holds = bounds is not None and (bounds[0] > 0 or bounds[1] < 0)
    basis = Basis(
        before=contrast.before,
        after=contrast.after,
        tasks=len({cell.task for cell in cells}),
        nothing=_nothing(design, contrast, cells, judge),
        afterwards=_afterwards(design, unplanned, contrast),
        these=shown[0],
        like=shown[1],
        alpha=direction,
        excess_p=floor.excess.p,
        excess_alpha=0.0
        if corrected
        else CHANGE_SHARE * alpha / (1 if contrast.primary else secondaries),
        smallest=plan.smallest,
        p_holm=p_holm,
        alone=not corrected,
        missing=missing.count,
        holds=holds,
        floor=floor.before.value,
    )
    return ContrastResult(
        id=contrast.id,
        before=contrast.before,
        after=contrast.after,
        primary=contrast.primary,
        expects=contrast.expects,
        hypothesis=contrast.hypothesis,
        judge=judge,
        alpha=alpha,
        sentence=sentence_of(basis),
        these=these,
        like=like,
        cells=cell_shifts(cells, [differences(cell) for cell in cells]),
        floor=floor,
        criteria=criterion_results(cells, alpha=alpha, level=1 - alpha),
        missing=missing,
        met=met_shares(cells, level),
        calibration=calibration,
        corrected_bounds=bounds,
        p_holm=p_holm,
        telling=telling_pairs(table),
    )


def _claim_p(cells: Sequence[CellLevels], seed: int) -> float | None:
    these, like = net_shift(cells, level=0.95, seed=seed)
    return these.p if these.interval is not None else like.p


def _corrected_bounds(
    cells: Sequence[CellLevels], people: Sequence[Numbers], level: float
) -> tuple[float, float] | None:
    """The corrected interval with missing levels at their worst, on labelled pairs the reverse."""
    h = np.concatenate(people)
    ends = []
    low, high = (
        np.concatenate([differences(cell.filled(up=up)) for cell in cells]) for up in (False, True)
    )
    for first, second in ((low, high), (high, low)):
        labelled = ~np.isnan(h) & ~np.isnan(first) & ~np.isnan(second)
        rest = np.isnan(h) & ~np.isnan(first)
        ends.append(
            corrected_mean(
                first[rest], first[labelled], h[labelled], level=level, jl_other=second[labelled]
            )
        )
    if ends[0].low is None or ends[1].high is None:
        return None
    return ends[0].low, ends[1].high


def _nothing(
    design: Design, contrast: Contrast, cells: Sequence[CellLevels], judge: str
) -> str | None:
    for name in (contrast.before, contrast.after):
        runs = [run for run in design.runs if run.condition == name]
        if not any(run.counts for run in runs):
            reasons = sorted({run.why_not or "" for run in runs})
            if reasons == ["criteria were drawn from this run"]:
                return f"every run of {name} is one that criteria were drawn from"
            return f"no run of {name} counts ({'; '.join(reasons)})"
    if not cells:
        return f"no task and model has runs of both {contrast.before} and {contrast.after}"
    if judge == "nobody":
        return "no judge was asked yet"
    if all(np.isnan(differences(cell)).all() for cell in cells):
        return "the judge gave no level that could be compared"
    return None


def _afterwards(
    design: Design, unplanned: int, contrast: Contrast | None = None
) -> tuple[str, ...]:
    reasons = list(design.afterwards)
    if unplanned:
        looks = "1 look was" if unplanned == 1 else f"{unplanned} looks were"
        reasons.append(f"{looks} not planned")
    if contrast is not None and contrast.id in design.added_contrasts:
        reasons.append("the contrast was added after the lock")
    return tuple(reasons)


def _judges(design: Design, lines: Sequence[LevelLine]) -> tuple[str, ...]:
    """Planned judges first, in their order."""
    there = {line.judge for line in lines}
    planned = [judge for judge in design.plan.judges if judge in there]
    return (*planned, *sorted(there - set(planned)))


def _cell_counts(design: Design) -> tuple[CellCount, ...]:
    names = tuple(design.plan.conditions)
    cells = sorted({(run.task, run.model) for run in design.runs})

    def count(task: str, model: str, counts: bool) -> dict[str, int]:
        return {
            name: sum(
                (run.task, run.model, run.condition, run.counts) == (task, model, name, counts)
                for run in design.runs
            )
            for name in names
        }

    return tuple(
        CellCount(
            task=task,
            model=model,
            counting=count(task, model, True),
            left_out=count(task, model, False),
        )
        for task, model in cells
    )


def _noise(judge: str, lines: Sequence[LevelLine]) -> Noise:
    levels: dict[tuple[str, str], dict[int, str]] = {}
    for line in lines:
        if line.judge == judge and line.level is not None:
            levels.setdefault((line.transcript, line.criterion), {})[line.sample] = line.level
    repeated = [each for each in levels.values() if 1 in each and 2 in each]
    return Noise(
        judge=judge,
        repeated=len(repeated),
        differed=sum(each[1] != each[2] for each in repeated),
    )
