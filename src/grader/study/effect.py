"""The net shift, P(after higher) - P(after lower): over all criteria, and for one.

Matched pairs of a cell give one difference each (`cells.differences`). Cells count alike.

    these tasks        tasks and models are fixed: cell means, their spread pooled within cells
    tasks like these   tasks are a sample: t over task means, models averaged (Ibragimov &
                       Müller 2010)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from grader.records import Record
from grader.study.cells import CellLevels, by_task, differences
from grader.study.estimate import (
    NO_SPREAD,
    Estimate,
    Numbers,
    Source,
    mean_or_nan,
    nothing,
    t_interval,
)
from grader.study.swaps import swap_test

FEWEST_FOR_CRITERION = 10
"""Below so many pairs a criterion gets no interval and no p: see docs/study.md."""

_SIGNS = "cell means, spread pooled within cells (ols), t; p by swaps of pairs (sign test)"


class CellShift(Record):
    """One cell's net shift."""

    model: str
    task: str
    value: float | None
    pairs: int


class CriterionResult(Record):
    """One criterion under two conditions."""

    task: str
    criterion: str
    before: dict[str, int]
    """How often each rank was given; 'missing' and 'not_applicable' beside them."""
    after: dict[str, int]
    shift: Estimate
    p_holm: float | None = None
    """p after Holm's correction over the criteria of the contrast."""
    borne: bool = False
    """Whether it may be spoken of by itself."""


@dataclass(frozen=True)
class Pairs:
    """The differences of all matched pairs with the cells they belong to."""

    d: Numbers
    cell: Numbers
    """Number of the cell, from 0 without gaps."""

    @property
    def cells(self) -> int:
        """How many cells have a pair."""
        return int(self.cell.max()) + 1 if len(self.d) else 0

    @property
    def replicated(self) -> bool:
        """Whether some cell has more than one pair."""
        return len(self.d) > self.cells

    @property
    def weights(self) -> Numbers:
        """Each pair's weight in the mean of cell means."""
        sizes = np.bincount(self.cell.astype(int))
        return np.asarray(1.0 / (self.cells * sizes[self.cell.astype(int)]), dtype=float)


def pairs_of(per_cell: Sequence[Numbers]) -> Pairs:
    """The differences that are known, with cells numbered anew where one has none."""
    kept = [each[~np.isnan(each)] for each in per_cell]
    kept = [each for each in kept if len(each)]
    if not kept:
        return Pairs(np.zeros(0), np.zeros(0))
    return Pairs(
        np.concatenate(kept),
        np.concatenate([np.full(len(each), number) for number, each in enumerate(kept)]),
    )


def in_these_tasks(
    per_cell: Sequence[Numbers], *, level: float, source: Source = "judge", seed: int | None = None
) -> Estimate:
    """The mean of cell means, its interval from the spread within cells, p from swaps.

    `statsmodels`: ols("d ~ C(cell) - 1"), the mean of the cells' coefficients, t with as many
    degrees of freedom as pairs less cells.

    Args:
        per_cell: each cell's differences, NaN where a pair has none.
        level: confidence level.
        source: whose levels these are.
        seed: of the swaps; None: p stays out.
    """
    pairs = pairs_of(per_cell)
    if not len(pairs.d):
        return nothing("no matched pair has a level", scope="these tasks", source=source)
    value = float(pairs.d @ pairs.weights)
    p = None
    if seed is not None:
        weighted = pairs.d * pairs.weights
        p = swap_test(lambda signs: signs @ weighted, len(pairs.d), "two-sided", seed)
    found = Estimate(
        value=value,
        p=p,
        level=level,
        n=len(pairs.d),
        clusters=pairs.cells,
        method="cell means, spread pooled within cells (ols), t; p by swaps of pairs",
        scope="these tasks",
        source=source,
    )
    if not pairs.replicated:
        reason = "one run a cell: how much two runs differ is not known"
        return found.model_copy(update={"reason": reason})
    within = (
        pairs.d
        - (np.bincount(pairs.cell.astype(int), pairs.d) / np.bincount(pairs.cell.astype(int)))[
            pairs.cell.astype(int)
        ]
    )
    if float(np.abs(within).max()) < NO_SPREAD:
        return found.model_copy(update={"reason": "the pairs of every cell are alike"})
    low, high = _ols_interval(pairs, level)
    return found.model_copy(update={"low": max(low, -1.0), "high": min(high, 1.0)})


def in_tasks_like_these(
    cells: Sequence[CellLevels],
    per_cell: Sequence[Numbers],
    *,
    level: float,
    source: Source = "judge",
) -> Estimate:
    """The mean of task means with the t interval over tasks."""
    means = [float(mean_or_nan(each)) if len(each) else math.nan for each in per_cell]
    return t_interval(
        by_task(cells, means), of="tasks", level=level, scope="tasks like these", source=source
    )


def cell_shifts(cells: Sequence[CellLevels], per_cell: Sequence[Numbers]) -> tuple[CellShift, ...]:
    """Each cell's own mean."""
    return tuple(
        CellShift(
            model=cell.model,
            task=cell.task,
            value=None if np.isnan(each).all() else float(mean_or_nan(each)),
            pairs=int((~np.isnan(each)).sum()),
        )
        for cell, each in zip(cells, per_cell, strict=True)
    )


def net_shift(cells: Sequence[CellLevels], *, level: float, seed: int) -> tuple[Estimate, Estimate]:
    """The net shift in these tasks, and in tasks like these."""
    per_cell = [differences(cell) for cell in cells]
    return (
        in_these_tasks(per_cell, level=level, seed=seed),
        in_tasks_like_these(cells, per_cell, level=level),
    )


def shift_here(cells: Sequence[CellLevels], level: float) -> Estimate:
    """The net shift in these tasks, without a p."""
    return in_these_tasks([differences(cell) for cell in cells], level=level)


def criterion_results(
    cells: Sequence[CellLevels], *, alpha: float, level: float
) -> tuple[CriterionResult, ...]:
    """Each criterion of each task by itself, p corrected by Holm over all of them.

    A criterion is borne where Holm's p is below alpha and its interval, which is not corrected,
    lies on one side of 0.
    """
    found = []
    for task in sorted({cell.task for cell in cells}):
        group = [cell for cell in cells if cell.task == task]
        for k, criterion in enumerate(group[0].criteria):
            found.append(_criterion(group, k, task, criterion, level=level))
    return tuple(_with_holm(found, alpha))


def _criterion(
    cells: Sequence[CellLevels], k: int, task: str, criterion: str, *, level: float
) -> CriterionResult:
    signs = []
    for cell in cells:
        before, after = cell.matched()
        signs.append(np.sign(after[:, k] - before[:, k]))
    pairs = pairs_of(signs)
    shift = in_these_tasks(signs, level=level)
    if len(pairs.d) < FEWEST_FOR_CRITERION:
        count = len(pairs.d)
        reason = f"{count} pairs, and it takes {FEWEST_FOR_CRITERION}" if count else "no pair"
        shift = shift.model_copy(update={"low": None, "high": None, "reason": reason})
    else:
        shift = shift.model_copy(update={"p": sign_p(pairs.d), "method": _SIGNS})
        if len(cells) == 1:
            before, after = cells[0].known()
            shift = superiority(before[:, k], after[:, k], like=shift)
    return CriterionResult(
        task=task,
        criterion=criterion,
        before=_tally([cell.before[:, k] for cell in cells], cells[0].highest[k]),
        after=_tally([cell.after[:, k] for cell in cells], cells[0].highest[k]),
        shift=shift,
    )


def sign_p(signs: Numbers) -> float:
    """p of one criterion when pairs are swapped: then each sign that isn't 0 is a fair coin.

    The sign test, `scipy.stats.binomtest`.
    """
    up, down = int((signs > 0).sum()), int((signs < 0).sum())
    return float(stats.binomtest(up, up + down).pvalue) if up + down else 1.0


def superiority(before: Numbers, after: Numbers, *, like: Estimate) -> Estimate:
    """Net shift of one criterion in one cell, from all runs: 2 P(after > before) + P(=) - 1.

    Brunner & Munzel 2000, `statsmodels.stats.nonparametric.rank_compare_2indep`.

    Args:
        before: ranks before, NaN for none.
        after: ranks after.
        like: level, n and p to take over.
    """
    from statsmodels.stats.nonparametric import rank_compare_2indep

    one, other = before[~np.isnan(before)], after[~np.isnan(after)]
    found = like.model_copy(
        update={"method": "Brunner & Munzel, all runs; p by swaps of pairs (sign test)"}
    )
    if np.array_equal(np.unique(one), np.unique(other)) and len(np.unique(one)) == 1:
        reason = "every run has the same level"
        return found.model_copy(update={"low": None, "high": None, "reason": reason})
    with np.errstate(all="ignore"):
        compared = rank_compare_2indep(other, one)
        low, high = (2 * float(end) - 1 for end in compared.conf_int(alpha=1 - like.level))
    value = 2 * float(compared.prob1) - 1
    if math.isnan(low) or math.isnan(high) or high - low < NO_SPREAD:
        reason = "the levels of the two conditions don't overlap"
        return found.model_copy(
            update={"value": value, "low": None, "high": None, "reason": reason}
        )
    return found.model_copy(
        update={"value": value, "low": max(low, -1.0), "high": min(high, 1.0), "reason": None}
    )


def _with_holm(found: Sequence[CriterionResult], alpha: float) -> list[CriterionResult]:
    tested = [number for number, each in enumerate(found) if each.shift.p is not None]
    results = list(found)
    for number, p in zip(tested, holm([found[n].shift.p or 0.0 for n in tested]), strict=True):
        each = found[number]
        results[number] = each.model_copy(
            update={"p_holm": p, "borne": p < alpha and each.shift.excludes_zero}
        )
    return results


def holm(ps: Sequence[float]) -> list[float]:
    """p values after Holm's correction (`statsmodels.stats.multitest.multipletests`)."""
    if not ps:
        return []
    from statsmodels.stats.multitest import multipletests

    return [float(p) for p in multipletests(list(ps), method="holm")[1]]


def _tally(columns: Sequence[Numbers], highest: int) -> dict[str, int]:
    values = np.concatenate(columns) if columns else np.zeros(0)
    counts = {str(rank): int((values == rank).sum()) for rank in range(highest + 1)}
    return counts | {
        "missing": int(np.isnan(values).sum()),
        "not_applicable": int((values < 0).sum()),
    }


def _ols_interval(pairs: Pairs, level: float) -> tuple[float, float]:
    from statsmodels.regression.linear_model import OLS

    # The design of "d ~ C(cell) - 1": one column a cell.
    cells = (pairs.cell[:, None] == np.arange(pairs.cells)).astype(float)
    fitted = OLS(pairs.d, cells).fit()
    tested = fitted.t_test(np.ones(pairs.cells) / pairs.cells)
    low, high = tested.conf_int(1 - level)[0]
    return float(low), float(high)
