"""How far raters agree on ordered levels, with intervals: four figures and what they mean.

    percent      how often two raters of one unit gave the same level
    kappa        agreement beyond chance: Cohen's for two raters, Fleiss' for more
    weighted     Cohen's kappa with quadratic weights: a near level is partly forgiven
    alpha        Krippendorff's alpha, ordinal; takes any number of raters and missing ratings

The last two need the order, so they leave `not_applicable` out, which has no place in it; for the
first two it is an answer like any other. Levels of different scales have no common order: each
scale is a group of its own. None of the figures averages levels.

1 is full agreement, 0 what chance gives, below 0 less than chance. All figures but percent come
from statsmodels and krippendorff. A figure is None where it is not defined: it rests on fewer than
ten units (on none for percent), or on a single level throughout. It rests on the units that its sum
can use: those that two raters rated, for Fleiss' kappa all raters.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any

from grader.errors import InputError
from grader.rubric.scale import NOT_APPLICABLE, THREE_LEVELS
from grader.study.ratings import Unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Table = NDArray[np.float64]

FEW = 30
"""Below this many units, intervals are too wide to tell much."""

FEWEST_UNITS = 10
"""Below this many units there is no kappa and no alpha: each unit would move them by a tenth."""

FEWEST = 5
"""Below this many comparisons there is no interval."""


@dataclass(frozen=True)
class Figure:
    """One figure with its interval."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    """Units that it rests on."""


@dataclass(frozen=True)
class Agreement:
    """The agreement of one group of units."""

    group: str
    n: int
    """Units with at least two ratings."""
    not_applicable: int
    """Ratings among them that the situation does not arise."""
    raters: int
    percent: Figure
    kappa: Figure
    kappa_name: str
    """'Cohen' or 'Fleiss'."""
    weighted: Figure | None
    """Only for two raters."""
    alpha: Figure

    @property
    def warning(self) -> str | None:
        """What to say where the figures can't bear much."""
        if self.n == 0:
            return "no unit has two ratings"
        if self.n < FEWEST_UNITS:
            return f"only {self.n} units: too few for a kappa"
        found = list(self.lacking)
        if self.n < FEW:
            found.append(f"only {self.n} units: too few to tell much")
        return "; ".join(found) or None

    @property
    def lacking(self) -> list[str]:
        """The figures that rest on too few units though enough have two ratings."""
        figures = {"kappa": self.kappa, "weighted kappa": self.weighted, "alpha": self.alpha}
        return [
            f"{name} can use only {figure.n} of {self.n} units: too few"
            for name, figure in figures.items()
            if figure is not None and figure.n < FEWEST_UNITS <= self.n
        ]


def agreement(units: Sequence[Unit], group: str = "all") -> Agreement:
    """The agreement on these units.

    Args:
        units: what was rated, on one scale; those with fewer than two ratings are left out.
        group: what they have in common, for people.

    Raises:
        InputError: the statistics libraries are not installed.
    """
    np = _numpy()
    rated = [unit for unit in units if len(unit.levels) > 1]
    raters = sorted({rater for unit in rated for rater in unit.levels})
    scale = rated[0].scale if rated else THREE_LEVELS
    codes = {answer: code for code, answer in enumerate((*scale, NOT_APPLICABLE))}
    table = np.array(
        [[codes[unit.levels[r]] if r in unit.levels else np.nan for r in raters] for unit in rated],
        dtype=float,
    ).reshape(len(rated), len(raters))
    outside = len(scale)
    ordered = np.where(table == outside, np.nan, table)
    clusters = np.array([unit.comparison for unit in rated])
    two = len(raters) == 2

    def figure(
        statistic: Callable[[Table], float], table: Table = table, *, needs: int = 2
    ) -> Figure:
        # Units that a sum leaves out must not count for its interval either.
        used = (~np.isnan(table)).sum(axis=1) >= needs
        n = int(np.sum(used))
        if n < FEWEST_UNITS and statistic is not percent:
            return Figure(None, n=n)
        return replace(_figure(statistic, table[used], clusters[used]), n=n)

    return Agreement(
        group=group,
        n=len(rated),
        not_applicable=int(np.sum(table == outside)),
        raters=len(raters),
        percent=figure(percent),
        kappa=figure(
            partial(cohen if two else fleiss, levels=outside + 1), needs=max(2, len(raters))
        ),
        kappa_name="Cohen" if two else "Fleiss",
        weighted=figure(partial(weighted, levels=outside), ordered) if two else None,
        alpha=figure(partial(alpha, levels=outside), ordered),
    )


def by_group(units: Sequence[Unit], key: Callable[[Unit], str]) -> list[Agreement]:
    """The agreement within each group, in the order of their names; apart by scale, too."""
    groups: dict[str, dict[tuple[str, ...], list[Unit]]] = {}
    for unit in units:
        if len(unit.levels) > 1:
            groups.setdefault(key(unit), {}).setdefault(unit.scale, []).append(unit)
    return [
        agreement(on_one, name if len(groups[name]) == 1 else f"{name} ({' < '.join(scale)})")
        for name in sorted(groups)
        for scale, on_one in sorted(groups[name].items())
    ]


# --- the four figures: a table has one row a unit, one column a rater, levels from 0, or NaN ---


def percent(table: Table) -> float:
    """Pairs of ratings of one unit that are equal, over all such pairs."""
    np = _numpy()
    equal = total = 0
    for one, other in combinations(range(table.shape[1]), 2):
        both = ~(np.isnan(table[:, one]) | np.isnan(table[:, other]))
        equal += int(np.sum(table[both, one] == table[both, other]))
        total += int(np.sum(both))
    return equal / total if total else math.nan


def cohen(table: Table, levels: int = len(THREE_LEVELS)) -> float:
    """(observed - expected) / (1 - expected), expected from each rater's own levels."""
    return _cohen(table, levels, None)


def weighted(table: Table, levels: int = len(THREE_LEVELS)) -> float:
    """Cohen's kappa with quadratic weights."""
    return _cohen(table, levels, "quadratic")


def fleiss(table: Table, levels: int = len(THREE_LEVELS)) -> float:
    """Cohen's idea for any number of raters, expected from the levels of all together.

    Every unit needs the same number of ratings: those with a missing one are left out.
    """
    np = _numpy()
    from statsmodels.stats.inter_rater import fleiss_kappa

    whole = table[~np.isnan(table).any(axis=1)]
    if len(whole) < 2 or len(np.unique(whole)) < 2:
        return math.nan
    counts = np.stack([(whole == level).sum(axis=1) for level in range(levels)], axis=1)
    return float(fleiss_kappa(counts, method="fleiss"))


def alpha(table: Table, levels: int = len(THREE_LEVELS)) -> float:
    """1 - observed disagreement / expected disagreement, with ordinal distances."""
    np = _numpy()
    import krippendorff

    present = table[~np.isnan(table)]
    if len(table) < 2 or len(np.unique(present)) < 2:
        return math.nan
    return float(
        krippendorff.alpha(
            reliability_data=table.T,
            level_of_measurement="ordinal",
            value_domain=list(range(levels)),
        )
    )


def _cohen(table: Table, levels: int, weights: str | None) -> float:
    np = _numpy()
    from statsmodels.stats.inter_rater import cohens_kappa

    whole = table[~np.isnan(table).any(axis=1)].astype(int)
    if len(whole) < 2 or len(np.unique(whole)) < 2:
        return math.nan
    counts = np.zeros((levels, levels))
    np.add.at(counts, (whole[:, 0], whole[:, 1]), 1)
    return float(cohens_kappa(counts, wt=weights, return_results=False))


# --- intervals ------------------------------------------------------------------------------


def _figure(
    statistic: Callable[[Table], float], table: Table, comparisons: NDArray[np.str_]
) -> Figure:
    """The figure with its 95% interval: a jackknife over comparisons, whose units are alike.

    value ± t(J - 1) · se, with se² = (J - 1) / J · Σ (value without comparison j - their mean)²
    (Tukey 1958; Efron & Stein 1981). There is no interval below five comparisons, where the
    figure is undefined without one of them, and where leaving one out never changes it.
    """
    np = _numpy()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # one level alone divides by nothing
        value = statistic(table) if len(table) else math.nan
        if math.isnan(value):
            return Figure(None)
        names, of = np.unique(comparisons, return_inverse=True)
        if len(names) < FEWEST:
            return Figure(value)
        without = np.array([statistic(table[of != number]) for number in range(len(names))])
    count = len(names)
    error = math.sqrt((count - 1) / count * float(np.sum((without - without.mean()) ** 2)))
    if not error > 1e-12:
        return Figure(value)
    from scipy.stats import t

    reach = float(t.ppf(0.975, count - 1)) * error
    least = 0.0 if statistic is percent else -1.0
    return Figure(value, max(least, value - reach), min(1.0, value + reach))


def _numpy() -> Any:
    try:
        import krippendorff  # noqa: F401
        import numpy
        import statsmodels  # noqa: F401
    except ImportError as error:
        raise InputError(
            f"agreement needs a statistics library that is not installed: {error.name}",
            mend="Install it: pip install '.[agreement]'.",
        ) from None
    return numpy
