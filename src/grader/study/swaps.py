"""Swap tests: had the two runs of a pair changed places, would the figure be as large?

Under the hypothesis that the condition changes nothing the two runs of a matched pair can be
swapped (Fisher 1935, ch. 3). `scipy.stats.permutation_test` tries all swaps of up to 16 pairs;
for more, `scipy.stats.monte_carlo_test` draws 9,999.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from scipy import stats

from grader.study.estimate import Numbers

EXACT_PAIRS = 16
"""Up to so many pairs all swaps are tried: 2^16 = 65,536."""

DRAWS = 9_999
_AT_ONCE = 1_000


def swap_test(
    statistic: Callable[[Numbers], Numbers],
    pairs: int,
    alternative: Literal["two-sided", "greater"],
    seed: int,
) -> float | None:
    """The p of a statistic under swaps; None without pairs.

    Args:
        statistic: from signs (draws by pairs; -1 is a swapped pair) to one value a draw.
        pairs: how many pairs there are.
        alternative: which values are at least as extreme.
        seed: of the draws.
    """
    if pairs == 0:
        return None
    if pairs == 1:
        return 1.0

    def of_signs(signs: Any, axis: int = -1) -> Numbers:
        rows = np.moveaxis(np.asarray(signs, dtype=float), axis, -1)
        # Swaps that differ in no level must tie, whatever the order of the sum.
        return np.round(statistic(rows.reshape(-1, pairs)), 12).reshape(rows.shape[:-1])

    rng = np.random.default_rng(seed)
    observed = np.ones(pairs)
    common = {"vectorized": True, "batch": _AT_ONCE, "alternative": alternative}
    if pairs <= EXACT_PAIRS:
        result = stats.permutation_test(
            (observed,), of_signs, permutation_type="samples", n_resamples=np.inf, **common
        )
    else:
        # Drawing signs is drawing swaps, and a hundred times quicker than permutation_test's way.
        result = stats.monte_carlo_test(
            observed,
            lambda size: rng.choice(np.array([-1.0, 1.0]), size),
            of_signs,
            n_resamples=DRAWS,
            **common,
        )
    return float(result.pvalue)


def least_p(pairs: int) -> float:
    """The least two-sided p that so many pairs can reach."""
    return 2.0 / min(2.0**pairs, DRAWS + 1) if pairs else math.nan
