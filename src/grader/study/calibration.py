"""The judge against people on the drawn pairs, and the net shift corrected by people's levels.

Prediction-powered inference (Angelopoulos et al. 2023, "PPI++") with lambda = u / (u + n) for u
unlabelled and n labelled pairs, which no level can move: the judge's mean over all pairs plus
people less judge on the labelled ones. Welch's interval (`scipy.stats.ttest_ind`).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from itertools import product

import numpy as np
from scipy import stats

from grader.records import Record
from grader.study.cells import CellLevels, by_task
from grader.study.estimate import (
    NO_SPREAD,
    Estimate,
    Numbers,
    mean_or_nan,
    nothing,
    t_interval,
)

FEWEST_PAIRS = 8
"""Below so many labelled pairs nothing is corrected."""


class Calibration(Record):
    """What people's levels say of the judge, and of the treatment."""

    labelled: int
    unlabelled: int
    weight: float | None
    """lambda: how much the judge's unlabelled pairs count."""
    these_tasks: Estimate
    tasks_like_these: Estimate
    people: Estimate
    """People alone, on the labelled pairs."""
    judge_on_labelled: Estimate
    lean: Estimate
    """Judge less people on the labelled pairs: above 0 the judge is kinder to the treatment."""
    refused: str | None = None
    """Why nothing is corrected."""


def calibrate(
    cells: Sequence[CellLevels],
    judge: Sequence[Numbers],
    people: Sequence[Numbers],
    *,
    level: float,
) -> Calibration:
    """Correct the judge's net shift by people's levels.

    Args:
        cells: the cells.
        judge: each cell's differences by the judge.
        people: each cell's differences by people; NaN where a pair isn't labelled.
        level: confidence level.
    """
    j = np.concatenate([*judge, np.zeros(0)])
    h = np.concatenate([*people, np.zeros(0)])
    labelled = ~np.isnan(h) & ~np.isnan(j)
    ju, jl, hl = j[np.isnan(h) & ~np.isnan(j)], j[labelled], h[labelled]
    refused = _refusal(judge, people, len(hl))
    if refused:
        none = nothing(refused, source="corrected")
        corrected, over_tasks = none, none
    else:
        corrected = corrected_mean(ju, jl, hl, level=level)
        over_tasks = _over_tasks(cells, judge, people, level)
    return Calibration(
        labelled=len(hl),
        unlabelled=len(ju),
        weight=len(ju) / (len(ju) + len(hl)) if len(hl) else None,
        these_tasks=corrected,
        tasks_like_these=over_tasks,
        people=t_interval(hl, of="pairs", level=level, scope="these tasks", source="people"),
        judge_on_labelled=t_interval(jl, of="pairs", level=level, scope="these tasks"),
        lean=t_interval(jl - hl, of="pairs", level=level, within=(-2, 2)),
        refused=refused,
    )


def corrected_mean(
    ju: Numbers, jl: Numbers, hl: Numbers, *, level: float, jl_other: Numbers | None = None
) -> Estimate:
    """The corrected mean of the pairs with Welch's interval.

    Args:
        ju: the judge on the unlabelled pairs.
        jl: the judge on the labelled pairs.
        hl: people on the labelled pairs.
        level: confidence level.
        jl_other: for bounds: what stands for the judge on the labelled pairs, where missing
            levels lie at the other extreme there.
    """
    if not len(ju):
        return t_interval(hl, of="pairs", level=level, scope="these tasks", source="people")
    weight = len(ju) / (len(ju) + len(hl))
    predicted, rest = weight * ju, weight * (jl if jl_other is None else jl_other) - hl
    value = float(predicted.mean() - rest.mean())
    found = Estimate(
        value=value,
        level=level,
        n=len(ju) + len(hl),
        clusters=len(hl),
        method=f"prediction-powered inference, lambda {weight:.3f}, Welch's interval over pairs",
        scope="these tasks",
        source="corrected",
    )
    if len(hl) < 2 or len(ju) < 2 or max(float(predicted.std()), float(rest.std())) < NO_SPREAD:
        return found.model_copy(update={"reason": "the pairs have no spread"})
    result = stats.ttest_ind(predicted, rest, equal_var=False)
    low, high = (float(bound) for bound in result.confidence_interval(level))
    return found.model_copy(
        update={"low": max(low, -1.0), "high": min(high, 1.0), "p": float(result.pvalue)}
    )


def person_differences(
    before: Sequence[Sequence[float]], after: Sequence[Sequence[float]]
) -> float:
    """One pair's difference by people: mean over criteria, each over all pairs of raters.

    Args:
        before: for each criterion the ranks that people gave the run before; not those that are
            no level.
        after: the same for the run after.
    """
    shifts = [
        np.mean([np.sign(b - a) for a, b in product(one, other)])
        for one, other in zip(before, after, strict=True)
        if one and other
    ]
    return float(np.mean(shifts)) if shifts else math.nan


def homogeneity_p(table: Numbers) -> float | None:
    """p of Bhapkar's test that judge and people give the levels equally often.

    `statsmodels.stats.contingency_tables.SquareTable.homogeneity`.

    Args:
        table: counts, the judge's levels by people's.
    """
    used = np.flatnonzero(table.sum(axis=0) + table.sum(axis=1))
    if len(used) < 2 or table.sum() - np.trace(table) == 0:
        return None
    from statsmodels.stats.contingency_tables import SquareTable

    square = SquareTable(table[np.ix_(used, used)], shift_zeros=False)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # too few differing levels give a singular table
        p = float(square.homogeneity("bhapkar").pvalue)
    return None if math.isnan(p) else p


def _refusal(judge: Sequence[Numbers], people: Sequence[Numbers], pairs: int) -> str | None:
    if not pairs:
        return "no drawn pair was given levels by people"
    if pairs < FEWEST_PAIRS:
        return f"{pairs} labelled pairs; it takes {FEWEST_PAIRS}"
    usable = sum(1 for each in judge if (~np.isnan(each)).any())
    with_gold = sum(1 for each in people if (~np.isnan(each)).any())
    if with_gold < usable / 2:
        return f"only {with_gold} of {usable} cells have a labelled pair; it takes half of them"
    return None


def _over_tasks(
    cells: Sequence[CellLevels], judge: Sequence[Numbers], people: Sequence[Numbers], level: float
) -> Estimate:
    """t over tasks: each task's judge mean plus people less judge on its labelled pairs."""
    means = [float(mean_or_nan(each)) for each in judge]
    gaps = [float(mean_or_nan(h - j)) for j, h in zip(judge, people, strict=True)]
    values = by_task(cells, means) + by_task(cells, gaps)
    without = int(np.isnan(values).sum())
    found = t_interval(
        values,
        of="tasks",
        level=level,
        scope="tasks like these",
        source="corrected",
        method="task means of judge plus (people - judge) on labelled pairs, t over tasks",
    )
    if without and found.value is not None:
        return nothing(
            f"{without} tasks have no labelled pair", scope="tasks like these", source="corrected"
        )
    return found
