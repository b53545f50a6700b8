"""Simulated studies: levels from a model whose truth is known, many studies at once.

A run has a latent value for each criterion: how hard the criterion is, what the run as a whole is
like (the halo that its criteria share), chance, and under the second condition the effect. Two
thresholds a criterion make three levels of it. Arrays are studies x tasks x models x conditions x
runs x criteria; NaN is a level that the judge did not give.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Design:
    """What a simulated study looks like."""

    tasks: int = 7
    models: int = 1
    runs: int = 3
    criteria: int = 5
    effect: float = 0.0
    """Mean effect on the latent value, in standard deviations of chance."""
    by_task: float = 0.0
    """Standard deviation of the effect over tasks."""
    by_criterion: float = 0.0
    """Standard deviation of the effect over criteria."""
    halo: float = 0.5
    """Correlation of two criteria's latent values in one run is halo²."""
    base: float = 0.3
    """Mean of the lower threshold: large values put the levels at the floor of the scale."""
    noise: float = 1.0
    """Standard deviation of chance under the second condition; 1 under the first."""
    missing: tuple[float, float] = (0.0, 0.0)
    """Share of missing levels by condition; of those not met where `hidden`."""
    hidden: bool = False
    """Only levels that are not met go missing."""


@dataclass(frozen=True)
class Simulated:
    """Levels of many studies and what is true of each."""

    levels: Numbers
    """The judge's, or people's where nobody misreads."""
    whole: Numbers
    """The same with nothing missing."""
    net: Numbers
    """True net shift in these tasks, one a study."""
    floor: Numbers
    """True floor, one a study, conditions averaged."""
    difference: Numbers

    @property
    def excess(self) -> Numbers:
        """True excess, one a study."""
        return self.difference - self.floor


def simulate(design: Design, studies: int, rng: np.random.Generator) -> Simulated:
    """Many studies of one design."""
    d = design
    outer = (studies, d.tasks, d.models)
    lower = d.base + rng.normal(0, 0.5, (studies, d.tasks, 1, d.criteria))
    upper = lower + rng.uniform(0.4, 1.2, lower.shape)
    place = rng.normal(0, 0.3, (*outer, d.criteria))
    effect = (
        d.effect
        + d.by_task * rng.normal(size=(studies, d.tasks, 1, 1))
        + d.by_criterion * rng.normal(size=(studies, d.tasks, 1, d.criteria))
    )
    means = np.stack([place, place + effect], axis=3)
    shape = (*outer, 2, d.runs, d.criteria)
    chance = d.halo * rng.normal(size=(*shape[:-1], 1)) + np.sqrt(1 - d.halo**2) * rng.normal(
        size=shape
    )
    scale = np.array([1.0, d.noise])[:, None, None]
    latent = means[..., None, :] + scale * chance
    thresholds = [each[:, :, :, None, None, :] for each in (lower, upper)]
    whole = sum((latent > each).astype(float) for each in thresholds)
    whole = np.asarray(whole, dtype=float)
    gone = rng.random(shape) < np.array(d.missing)[:, None, None]
    if d.hidden:
        gone &= whole == 0
    return _with_truth(np.where(gone, np.nan, whole), whole, means, lower, upper, d.noise)


def _with_truth(
    levels: Numbers, whole: Numbers, means: Numbers, lower: Numbers, upper: Numbers, noise: float
) -> Simulated:
    shares = []
    for condition, scale in enumerate((1.0, noise)):
        above = [norm.sf((each - means[..., condition, :]) / scale) for each in (lower, upper)]
        shares.append(np.stack([1 - above[0], above[0] - above[1], above[1]], axis=-1))
    one, other = shares
    joint = one[..., :, None] * other[..., None, :]
    sign = np.sign(np.arange(3)[None, :] - np.arange(3)[:, None])
    within = 1 - ((one**2).sum(-1) + (other**2).sum(-1)) / 2
    over = (1, 2, 3)
    return Simulated(
        levels=levels,
        whole=whole,
        net=(joint * sign).sum((-1, -2)).mean(over),
        floor=within.mean(over),
        difference=(1 - (one * other).sum(-1)).mean(over),
    )


def truth_in_tasks_like_these(design: Design, rng: np.random.Generator) -> dict[str, float]:
    """The figures over all tasks of the kind: the mean of 4,000 of them."""
    many = replace(design, tasks=40, models=1, runs=1, missing=(0.0, 0.0))
    found = simulate(many, 2_000, rng)
    return {
        "net": float(found.net.mean()),
        "floor": float(found.floor.mean()),
        "difference": float(found.difference.mean()),
        "excess": float(found.excess.mean()),
    }


def misread(
    levels: Numbers,
    rng: np.random.Generator,
    *,
    raised: tuple[float, ...] = (0.0, 0.0),
    lowered: tuple[float, ...] = (0.0, 0.0),
) -> Numbers:
    """A judge's levels: each moved a step up or down with a chance of its condition."""
    up = rng.random(levels.shape) < np.array(raised)[:, None, None]
    down = rng.random(levels.shape) < np.array(lowered)[:, None, None]
    return np.asarray(np.clip(levels + up.astype(float) - (down & ~up), 0, 2), dtype=float)
