"""One figure of a study with its interval, and the t interval that most of them have."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy import stats

from grader.records import Record

Scope = Literal["these tasks", "tasks like these"]
Source = Literal["judge", "people", "corrected"]
Numbers = NDArray[np.float64]

NO_SPREAD = 1e-9
"""A spread below this is none: what is left is rounding."""


class Estimate(Record):
    """A figure. None as its value or its interval comes with the reason."""

    value: float | None
    low: float | None = None
    high: float | None = None
    p: float | None = Field(None, description="Two-sided, of the method's own test.")
    level: float = Field(0.95, description="Confidence level of the interval.")
    n: int = Field(0, description="What was counted: pairs, or tasks where these are the units.")
    clusters: int = Field(0, description="Cells or tasks that the interval rests on.")
    method: str = ""
    scope: Scope | None = None
    source: Source = "judge"
    reason: str | None = Field(None, description="Why there is no value or no interval.")

    @property
    def excludes_zero(self) -> bool:
        """Whether there is an interval and 0 is outside."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval; None where there is none."""
        return None if self.low is None or self.high is None else (self.low, self.high)


def nothing(reason: str, *, scope: Scope | None = None, source: Source = "judge") -> Estimate:
    """A figure that can't be given, with the reason."""
    return Estimate(value=None, reason=reason, scope=scope, source=source)


def t_interval(
    values: Sequence[float] | Numbers,
    *,
    of: str,
    level: float = 0.95,
    scope: Scope | None = None,
    source: Source = "judge",
    method: str | None = None,
    within: tuple[float, float] = (-1.0, 1.0),
) -> Estimate:
    """The mean of independent values with Student's t interval (`scipy.stats.ttest_1samp`).

    Args:
        values: one a unit; NaN where the unit has none.
        of: what the units are, in the plural: 'tasks', 'pairs'.
        level: confidence level.
        scope: what the interval speaks of.
        source: whose levels these are.
        method: None: names the t interval over the units.
        within: the least and greatest value possible; an interval is cut there.
    """
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    count = len(known)
    if count == 0:
        return nothing(f"no {of} with a value", scope=scope, source=source)
    rest = {
        "level": level,
        "n": count,
        "clusters": count,
        "scope": scope,
        "source": source,
        "method": method or f"t interval over {of}",
    }
    value = float(known.mean())
    if count < 2:
        return Estimate(value=value, reason=f"one of the {of} alone has no spread", **rest)
    if float(known.std()) < NO_SPREAD:
        return Estimate(value=value, reason=f"all {count} {of} have the same value", **rest)
    result = stats.ttest_1samp(known, 0)
    low, high = (float(bound) for bound in result.confidence_interval(level))
    return Estimate(
        value=value,
        low=max(low, within[0]),
        high=min(high, within[1]),
        p=float(result.pvalue),
        **rest,
    )


def mean_or_nan(values: Numbers, axis: int | None = None) -> Numbers:
    """The mean of what is not NaN; NaN where nothing is, without a warning."""
    known = ~np.isnan(values)
    count = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(count > 0, total / np.maximum(count, 1), math.nan), dtype=float)
