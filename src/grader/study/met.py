"""Shares of levels at the top of their scales, and above the bottom: words that people know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from grader.records import Record
from grader.study.cells import CellLevels
from grader.study.effect import shift_here
from grader.study.estimate import Estimate, Numbers

What = Literal["the highest level", "above the lowest level"]


class Met(Record):
    """One share by condition, and its difference."""

    what: What
    before: float | None
    after: float | None
    difference: Estimate


def met_shares(cells: Sequence[CellLevels], level: float) -> tuple[Met, ...]:
    """Both shares: means over cells; the difference from matched pairs."""
    wanted: tuple[tuple[What, bool], ...] = (
        ("the highest level", True),
        ("above the lowest level", False),
    )
    return tuple(_met(cells, what, top, level) for what, top in wanted)


def _met(cells: Sequence[CellLevels], what: What, top: bool, level: float) -> Met:
    marked = []
    before: list[float] = []
    after: list[float] = []
    for cell in cells:
        least = np.asarray(cell.highest, dtype=float) if top else np.ones(len(cell.highest))
        one, other = (_reached(table, least) for table in cell.known())
        for shares, table in ((before, one), (after, other)):
            if (~np.isnan(table)).any():
                shares.append(float(np.nanmean(table)))
        ones = (1,) * len(cell.criteria)
        marked.append(CellLevels(cell.model, cell.task, cell.criteria, ones, one, other))
    return Met(
        what=what,
        before=float(np.mean(before)) if before else None,
        after=float(np.mean(after)) if after else None,
        difference=shift_here(marked, level),
    )


def _reached(table: Numbers, least: Numbers) -> Numbers:
    return np.where(np.isnan(table), np.nan, (table >= least).astype(float))
