"""What a design can detect, before anything is asked: power of one-sample t tests.

    these tasks        n = cells x runs pairs with standard deviation s
    tasks like these   n = tasks, standard deviation sqrt(tau² + s² / (models x runs))

Miller 2024, "Adding error bars to evals", with tasks in the place of questions. The power is
computed by `statsmodels.stats.power.TTestPower`.
"""

from __future__ import annotations

import math

from grader.records import Record
from grader.study.swaps import least_p

SPREAD = 0.41
"""Standard deviation of a pair's difference (mean of five criteria) where nothing is known."""

TAUS = (0.0, 0.1)
"""How far the effect may differ from task to task: standard deviations."""

POWER = 0.8
AGREEMENT = 0.7
"""Correlation of a pair's difference by the judge and by people, where nothing is known."""

GOLD = (0, 12, 24, 48)


class Detectable(Record):
    """The least net shift that is found with 80% power."""

    runs: int
    questions: int
    these_tasks: float | None
    """None: one run a cell gives no floor and no interval."""
    tasks_like_these: tuple[float | None, float | None]
    """For tau = 0 and 0.1. None: too few tasks."""
    least_p_criterion: float
    """The least p one criterion can reach, over its models and runs."""


class GoldWidth(Record):
    """The whole width of the corrected interval with so many labelled pairs."""

    pairs: int
    corrected: float | None
    people_alone: float | None


def detectable(
    *, tasks: int, models: int, runs: int, criteria: int, alpha: float, spread: float = SPREAD
) -> Detectable:
    """What one design can detect.

    Args:
        tasks: how many tasks.
        models: how many models a task.
        runs: runs a cell and condition.
        criteria: over all tasks.
        alpha: two-sided error of the test.
        spread: standard deviation of a pair's difference.
    """
    pairs = tasks * models * runs
    over_tasks = [
        _least_shift(tasks, math.sqrt(tau**2 + spread**2 / (models * runs)), alpha) for tau in TAUS
    ]
    return Detectable(
        runs=runs,
        questions=2 * models * runs * criteria,
        these_tasks=_least_shift(pairs, spread, alpha) if runs > 1 else None,
        tasks_like_these=(over_tasks[0], over_tasks[1]),
        least_p_criterion=least_p(models * runs),
    )


def gold_widths(pairs: int, *, alpha: float, spread: float = SPREAD) -> list[GoldWidth]:
    """How wide the corrected interval will be, by how many pairs people give levels to."""
    from scipy import stats

    widths = []
    for labelled in (count for count in GOLD if count <= pairs):
        rest = pairs - labelled
        corrected = alone = None
        if labelled >= 2:
            alone = 2 * float(stats.t.ppf(1 - alpha / 2, labelled - 1)) * spread / labelled**0.5
        if labelled >= 2 and rest >= 2:
            weight = rest / pairs
            gap = spread**2 * (weight**2 + 1 - 2 * weight * AGREEMENT)
            one, two = weight**2 * spread**2 / rest, gap / labelled
            df = (one + two) ** 2 / (one**2 / (rest - 1) + two**2 / (labelled - 1))
            corrected = 2 * float(stats.t.ppf(1 - alpha / 2, df)) * math.sqrt(one + two)
        widths.append(GoldWidth(pairs=labelled, corrected=corrected, people_alone=alone))
    return widths


def _least_shift(n: int, deviation: float, alpha: float) -> float | None:
    if n < 2:
        return None
    from statsmodels.stats.power import TTestPower

    size = TTestPower().solve_power(nobs=n, alpha=alpha, power=POWER, alternative="two-sided")
    return min(1.0, float(size) * deviation)
