"""Levels that the judge did not give: how many, on which side, and how far they could reach.

Bounds (Manski 1989): every missing level lowest before and highest after, and the reverse. What
holds at both extremes holds whatever the missing levels were. Levels that do not apply are no
failures; their own bounds stand beside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

from grader.records import Record
from grader.study.cells import NOT_APPLICABLE, CellLevels
from grader.study.estimate import Estimate, Numbers

MANY = 0.05
"""A share of missing levels above this is said at the top of the report."""


class Side(Record):
    """The levels of one condition."""

    asked: int
    missing: int
    not_applicable: int


class Bounds(Record):
    """The figure with its unknown levels at either extreme."""

    low: Estimate
    high: Estimate

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval from the low one's low end to the high one's high end does."""
        ends = (self.low.low, self.high.high)
        return None not in ends and not (ends[0] or 0) <= 0 <= (ends[1] or 0)


class Missing(Record):
    """What is missing in a contrast."""

    before: Side
    after: Side
    p_missing: float | None
    """Fisher's exact test: is a level missing more often under one condition?"""
    p_not_applicable: float | None
    bounds: Bounds | None
    """None where nothing is missing."""
    bounds_not_applicable: Bounds | None
    """The same with levels that do not apply filled in as well."""

    @property
    def count(self) -> int:
        """How many levels are missing."""
        return self.before.missing + self.after.missing

    @property
    def alarming(self) -> bool:
        """Whether the report's first lines speak of it."""
        asked = self.before.asked + self.after.asked
        much = asked > 0 and self.count / asked > MANY
        return much or (self.p_missing is not None and self.p_missing < 0.05)


def missing_of(
    cells: Sequence[CellLevels], estimate: Callable[[Sequence[CellLevels]], Estimate]
) -> Missing:
    """Counts and bounds.

    Args:
        cells: the cells of a contrast.
        estimate: the figure whose bounds are wanted, from cells.
    """
    before = _side([cell.before for cell in cells])
    after = _side([cell.after for cell in cells])

    def bounds(not_applicable: bool) -> Bounds:
        low, high = (
            estimate([cell.filled(up=up, not_applicable=not_applicable) for cell in cells])
            for up in (False, True)
        )
        return Bounds(low=low, high=high)

    inapplicable = before.not_applicable + after.not_applicable
    return Missing(
        before=before,
        after=after,
        p_missing=_fisher(before.missing, before.asked, after.missing, after.asked),
        p_not_applicable=_fisher(
            before.not_applicable, before.asked, after.not_applicable, after.asked
        ),
        bounds=bounds(False) if before.missing + after.missing else None,
        bounds_not_applicable=bounds(True) if inapplicable else None,
    )


def _side(tables: Sequence[Numbers]) -> Side:
    return Side(
        asked=sum(table.size for table in tables),
        missing=sum(int(np.isnan(table).sum()) for table in tables),
        not_applicable=sum(int((table == NOT_APPLICABLE).sum()) for table in tables),
    )


def _fisher(one: int, of_one: int, other: int, of_other: int) -> float | None:
    if one + other == 0 or not of_one or not of_other:
        return None
    table = [[one, of_one - one], [other, of_other - other]]
    return float(stats.fisher_exact(table).pvalue)
