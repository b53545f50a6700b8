"""How often two runs differ: of one condition (the floor), of two (the difference), the excess.

    floor        P(two runs of one condition differ on a criterion)
    difference   P(a run before and a run after differ)
    excess       difference - (floor before + floor after) / 2

The excess is half the squared distance of the two distributions of levels: 0 only where they are
alike (Székely & Rizzo 2004, with the discrete metric). All pairs of runs give the values, t over
task means the intervals of floor and difference, swaps of matched pairs the excess's p. The excess
has no interval: it is skewed where effects differ by task, and t over task means covers 0.90.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from grader.records import Record
from grader.study.cells import CellLevels, by_task
from grader.study.estimate import Estimate, Numbers, mean_or_nan, nothing, t_interval
from grader.study.swaps import swap_test

METHOD = "t interval over task means; all pairs of runs give the means"
EXCESS = "mean of task means, all pairs of runs; p by swaps of matched pairs"
SKEWED = "it is skewed"


class CellFloor(Record):
    """One cell's shares of differing pairs, averaged over its criteria; None where unknown."""

    model: str
    task: str
    before: float | None
    after: float | None
    difference: float | None
    excess: float | None


class FloorResult(Record):
    """The floor of a contrast and what stands above it."""

    before: Estimate
    after: Estimate
    floor: Estimate
    difference: Estimate
    excess: Estimate
    cells: tuple[CellFloor, ...]


def floor_result(cells: Sequence[CellLevels], *, level: float, seed: int) -> FloorResult:
    """All five figures of a contrast.

    Args:
        cells: with their levels.
        level: confidence level of the intervals.
        seed: of the swaps, where there are too many to try all.
    """
    shares = [cell_shares(cell) for cell in cells]
    columns = np.array(shares, dtype=float).reshape(len(cells), 4)
    floors = (columns[:, 0] + columns[:, 1]) / 2

    def over_tasks(values: Numbers, within: tuple[float, float] = (0.0, 1.0)) -> Estimate:
        if not np.any(~np.isnan(values)):
            return nothing("it takes two runs of a condition in a cell", scope="tasks like these")
        return t_interval(
            by_task(cells, list(values)),
            of="tasks",
            level=level,
            scope="tasks like these",
            method=METHOD,
            within=within,
        )

    p = excess_p(cells, seed=seed)
    excess = over_tasks(columns[:, 3], (-0.5, 1.0))
    if excess.value is not None:
        bare = {"low": None, "high": None, "p": p, "reason": SKEWED, "method": EXCESS}
        excess = excess.model_copy(update=bare)
    return FloorResult(
        before=over_tasks(columns[:, 0]),
        after=over_tasks(columns[:, 1]),
        floor=over_tasks(floors),
        difference=over_tasks(columns[:, 2]),
        excess=excess,
        cells=tuple(
            CellFloor(
                model=cell.model,
                task=cell.task,
                **{
                    name: _or_none(value)
                    for name, value in zip(
                        ("before", "after", "difference", "excess"), row, strict=True
                    )
                },
            )
            for cell, row in zip(cells, columns, strict=True)
        ),
    )


def cell_shares(cell: CellLevels) -> tuple[float, float, float, float]:
    """Floor before, floor after, difference and excess of one cell, means over its criteria.

    Where some criterion has two runs with a level on both sides, only such criteria count, so
    that the excess is what the other three say it is.
    """
    before, after = cell.known()
    levels = int(max(cell.highest, default=0)) + 1
    counts = [_counts(table, levels) for table in (before, after)]
    floors = [_within(each) for each in counts]
    across = _across(*counts)
    whole = ~np.isnan(floors[0]) & ~np.isnan(floors[1])
    if whole.any():
        floors = [np.where(whole, each, np.nan) for each in floors]
        across = np.where(whole, across, np.nan)
    excess = across - (floors[0] + floors[1]) / 2
    one, two, three, four = (float(mean_or_nan(each)) for each in (*floors, across, excess))
    return one, two, three, four


def excess_p(cells: Sequence[CellLevels], *, seed: int) -> float | None:
    """p of the excess: how often swapped pairs give as much; None where it takes more runs.

    Swapping a pair turns the sign of its u = indicator(before) - indicator(after) and nothing
    else, and the excess is a constant plus the sum over two pairs of u · u. So a swap is a sign.
    """
    weights = _excess_form(cells)
    if weights is None:
        return None
    return swap_test(lambda signs: _quadratic(weights, signs), _size(weights), "greater", seed)


def _excess_form(cells: Sequence[CellLevels]) -> list[Numbers] | None:
    """For each cell a matrix Q over its pairs: its part of the excess is s' Q s."""
    forms = []
    for cell in cells:
        before, after = cell.matched()
        form = np.zeros((cell.pairs, cell.pairs))
        used = 0
        for k, top in enumerate(cell.highest):
            both = ~np.isnan(before[:, k]) & ~np.isnan(after[:, k])
            count = int(both.sum())
            if count < 2:
                continue
            used += 1
            ranks = np.arange(top + 1)
            u = (before[:, k, None] == ranks).astype(float) - (after[:, k, None] == ranks)
            product = (u * both[:, None]) @ (u * both[:, None]).T
            np.fill_diagonal(product, 0.0)
            form += product * (0.25 / (count * (count - 1)) + 0.25 / count**2)
        if used:
            forms.append(form / used)
        elif cell.pairs:
            forms.append(form)
    return forms if any(np.any(form) for form in forms) else None


def _quadratic(forms: Sequence[Numbers], signs: Numbers) -> Numbers:
    """The sum over cells of s' Q s, for each row of signs."""
    total = np.zeros(signs.shape[0])
    at = 0
    for form in forms:
        part = signs[:, at : at + len(form)]
        total += ((part @ form) * part).sum(axis=1)
        at += len(form)
    return total


def _size(forms: Sequence[Numbers]) -> int:
    return sum(len(form) for form in forms)


def _counts(table: Numbers, levels: int) -> Numbers:
    """How often each level was given, criteria by levels."""
    return np.stack([(table == rank).sum(axis=0) for rank in range(levels)], axis=1).astype(float)


def _within(counts: Numbers) -> Numbers:
    """Share of pairs of runs that differ, for each criterion; NaN below two runs."""
    n = counts.sum(axis=1)
    same = (counts * (counts - 1)).sum(axis=1)
    return np.where(n > 1, 1 - same / np.maximum(n * (n - 1), 1), np.nan)


def _across(one: Numbers, other: Numbers) -> Numbers:
    """Share of cross pairs that differ, for each criterion; NaN where a side has no run."""
    total = one.sum(axis=1) * other.sum(axis=1)
    return np.where(total > 0, 1 - (one * other).sum(axis=1) / np.maximum(total, 1), np.nan)


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
