"""The levels of a study as numbers: one table a cell and condition, a row a run.

A level is its rank in the criterion's scale, from 0. NaN is a level that is missing (the judge
gave none), `NOT_APPLICABLE` a situation that doesn't arise. Ranks are compared, never averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.study.estimate import Numbers, mean_or_nan

NOT_APPLICABLE = -1.0
"""Outside the scale: counted by condition, in no level and no shift."""


@dataclass(frozen=True)
class CellLevels:
    """The runs of one model on one task under two conditions.

    The i-th run of `before` and the i-th of `after` are a matched pair, as far as both go.
    """

    model: str
    task: str
    criteria: tuple[str, ...]
    highest: tuple[int, ...]
    """The highest rank of each criterion's scale."""
    before: Numbers
    """Runs by criteria, of the condition that the contrast starts from."""
    after: Numbers

    @property
    def pairs(self) -> int:
        """How many matched pairs there are."""
        return min(len(self.before), len(self.after))

    def known(self) -> tuple[Numbers, Numbers]:
        """Both tables with NaN for everything that is no level."""
        return _known(self.before), _known(self.after)

    def matched(self) -> tuple[Numbers, Numbers]:
        """Both tables cut to the matched pairs, NaN for what is no level."""
        before, after = self.known()
        return before[: self.pairs], after[: self.pairs]

    def filled(self, *, up: bool, not_applicable: bool = False) -> CellLevels:
        """The cell with its missing levels at one extreme.

        Args:
            up: missing levels lowest before and highest after; False: the reverse.
            not_applicable: fill these in, too.
        """
        low, high = np.zeros(len(self.highest)), np.asarray(self.highest, dtype=float)
        starts, ends = (low, high) if up else (high, low)
        return CellLevels(
            model=self.model,
            task=self.task,
            criteria=self.criteria,
            highest=self.highest,
            before=_fill(self.before, starts, not_applicable),
            after=_fill(self.after, ends, not_applicable),
        )


def differences(cell: CellLevels) -> Numbers:
    """For each matched pair: the mean over criteria of sign(after - before); NaN where none."""
    before, after = cell.matched()
    return mean_or_nan(np.sign(after - before), axis=1)


def tasks_of(cells: Sequence[CellLevels]) -> tuple[str, ...]:
    """The tasks of the cells, sorted."""
    return tuple(sorted({cell.task for cell in cells}))


def by_task(cells: Sequence[CellLevels], values: Sequence[float]) -> Numbers:
    """One value a task: the mean over its cells (models) that have one; NaN where none has."""
    array = np.asarray(values, dtype=float)
    return np.array(
        [
            float(mean_or_nan(array[[cell.task == task for cell in cells]]))
            for task in tasks_of(cells)
        ]
    )


def _known(table: Numbers) -> Numbers:
    return np.where(table < 0, np.nan, table)


def _fill(table: Numbers, extreme: Numbers, not_applicable: bool) -> Numbers:
    missing = np.isnan(table)
    if not_applicable:
        missing = missing | (table == NOT_APPLICABLE)
    return np.where(missing, extreme[np.newaxis, :], table)
