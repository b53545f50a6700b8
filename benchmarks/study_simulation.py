"""Do a study's intervals and sentences hold? Many simulated studies whose truth is known.

    python benchmarks/study_simulation.py            all bars, about five minutes
    python benchmarks/study_simulation.py --quick    a short form, as the tests run it
    python benchmarks/study_simulation.py --peers    what other ways of counting say of the same

The formulas are written a second time here, over arrays of many studies at once; a test holds
them against the library's own on the same studies.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from grader.study.effect import FEWEST_FOR_CRITERION
from grader.study.sentence import CHANGE_SHARE, DIRECTION_SHARE, FEWEST_TASKS
from grader.testing.studies import (
    Design,
    Numbers,
    misread,
    simulate,
    truth_in_tasks_like_these,
)

DRAWS = 999
AT_ONCE = 500
"""So many studies are simulated together, so that memory stays small."""


@dataclass(frozen=True)
class Interval:
    """One interval a study; NaN where a study has none."""

    value: Numbers
    low: Numbers
    high: Numbers

    def covers(self, truth: Numbers | float) -> tuple[int, int]:
        """How many intervals hold the truth, and how many there are."""
        there = ~np.isnan(self.low)
        inside = (self.low <= truth) & (truth <= self.high)
        return int((inside & there).sum()), int(there.sum())

    @property
    def excludes_zero(self) -> np.ndarray:
        """Which studies' intervals do."""
        with np.errstate(invalid="ignore"):
            return (self.low > 0) | (self.high < 0)


# --- the estimators over many studies -----------------------------------------------------------


def mean(values: Numbers, axis: int) -> Numbers:
    """The mean of what is not NaN."""
    count = (~np.isnan(values)).sum(axis)
    return np.where(count > 0, np.nansum(values, axis) / np.maximum(count, 1), np.nan)


def pair_differences(levels: Numbers) -> Numbers:
    """Studies x cells x runs: the mean sign over criteria of each matched pair."""
    d = mean(np.sign(levels[:, :, :, 1] - levels[:, :, :, 0]), -1)
    return d.reshape(d.shape[0], -1, d.shape[-1])


def these_tasks(d: Numbers, level: float = 0.95) -> Interval:
    """Mean of cell means, spread pooled within cells."""
    known = ~np.isnan(d)
    n = known.sum(-1)
    centre = mean(d, -1)
    cells = (n > 0).sum(-1)
    within = np.where(known, d - centre[..., None], 0.0)
    df = n.sum(-1) - cells
    variance = (within**2).sum((-1, -2)) / np.maximum(df, 1)
    weight = np.where(n > 0, 1 / np.maximum(n, 1), 0.0).sum(-1) / cells**2
    value = mean(centre, -1)
    reach = stats.t.ppf((1 + level) / 2, np.maximum(df, 1)) * np.sqrt(variance * weight)
    none = (df < 1) | (variance < 1e-12)
    return Interval(value, *(np.where(none, np.nan, value + side * reach) for side in (-1, 1)))


def over_tasks(values: Numbers, level: float = 0.95) -> Interval:
    """t over task means: studies x tasks."""
    spread = values.std(-1) > 1e-9
    safe = np.where(spread[:, None], values, np.arange(values.shape[1]))
    ci = stats.ttest_1samp(safe, 0, axis=-1).confidence_interval(level)
    low, high = (np.where(spread, end, np.nan) for end in (ci.low, ci.high))
    return Interval(values.mean(-1), low, high)


def task_means(per_cell: Numbers, design: Design) -> Numbers:
    """Studies x tasks from studies x cells."""
    return mean(per_cell.reshape(len(per_cell), design.tasks, design.models), -1)


def shares(levels: Numbers) -> dict[str, Numbers]:
    """Floor (conditions averaged), difference and excess: studies x cells."""
    counts = np.stack([(levels == rank).sum(4) for rank in range(3)], -1).astype(float)
    n = counts.sum(-1)
    within = 1 - (counts * (counts - 1)).sum(-1) / np.maximum(n * (n - 1), 1)
    within = np.where(n > 1, within, np.nan)
    one, other = counts[:, :, :, 0], counts[:, :, :, 1]
    across = 1 - (one * other).sum(-1) / np.maximum(one.sum(-1) * other.sum(-1), 1)
    floor = within.mean(3)
    whole = ~np.isnan(floor)
    found = {"floor": floor, "difference": np.where(whole, across, np.nan)}
    found["excess"] = found["difference"] - floor
    return {name: mean(each, -1).reshape(len(levels), -1) for name, each in found.items()}


def excess_p(levels: Numbers, rng: np.random.Generator) -> Numbers:
    """p of the excess by swaps, as in `grader.study.floor`."""
    studies, tasks, models, _, runs, _ = levels.shape
    before, after = levels[:, :, :, 0], levels[:, :, :, 1]
    both = ~np.isnan(before) & ~np.isnan(after)
    ranks = np.arange(3)
    u = (before[..., None] == ranks).astype(float) - (after[..., None] == ranks)
    u *= both[..., None]
    n = both.sum(3).astype(float)
    weight = np.where(n > 1, 0.25 / np.maximum(n * (n - 1), 1) + 0.25 / np.maximum(n**2, 1), 0.0)
    used = np.maximum((n > 1).sum(-1), 1)
    form = np.einsum("stmrkl,stmqkl,stmk->stmrq", u, u, weight) / used[..., None, None]
    form[..., np.arange(runs), np.arange(runs)] = 0.0
    signs = rng.choice([-1.0, 1.0], (DRAWS, tasks * models, runs))
    products = (signs[..., :, None] * signs[..., None, :]).reshape(DRAWS, -1)
    drawn = form.reshape(studies, -1) @ products.T
    observed = form.sum((1, 2, 3, 4))
    extreme = (drawn >= observed[:, None] - 1e-9).sum(1)
    return np.asarray((1 + extreme) / (DRAWS + 1), dtype=float)


def in_drawn_order(per_run: Numbers, design: Design) -> Numbers:
    """Studies x pairs, as pairs are drawn for people: tasks in turn, then models, then runs."""
    shaped = per_run.reshape(len(per_run), design.tasks, design.models, -1)
    return np.moveaxis(shaped, (3, 2, 1), (1, 2, 3)).reshape(len(per_run), -1)


def corrected(
    judge: Numbers, people: Numbers, gold: int, design: Design, level: float = 0.95
) -> tuple[Interval, Interval, Interval]:
    """Corrected, people alone, and judge less people; studies x cells x runs in drawn order."""
    j, h = (in_drawn_order(each, design) for each in (judge, people))
    ju, jl, hl = j[:, gold:], j[:, :gold], h[:, :gold]
    weight = ju.shape[1] / j.shape[1]
    result = stats.ttest_ind(weight * ju, weight * jl - hl, axis=1, equal_var=False)
    ci = result.confidence_interval(level)
    value = weight * ju.mean(1) - (weight * jl - hl).mean(1)
    return Interval(value, ci.low, ci.high), over_tasks(hl, level), over_tasks(jl - hl, level)


def corrected_over_tasks(
    judge: Numbers, people: Numbers, gold: int, design: Design, level: float = 0.95
) -> Interval:
    """Task means of judge plus people less judge on the labelled pairs."""
    cells, runs = judge.shape[1:]
    drawn = np.arange(cells * runs).reshape(runs, design.models, design.tasks)
    order = np.moveaxis(drawn, (2, 1, 0), (0, 1, 2)).reshape(cells, runs)
    gap = np.where(order < gold, people - judge, np.nan)
    values = task_means(mean(judge, -1), design) + task_means(mean(gap, -1), design)
    return over_tasks(values, level)


def criterion_signs(levels: Numbers) -> Numbers:
    """Studies x (tasks x criteria) x models x runs."""
    sign = np.sign(levels[:, :, :, 1] - levels[:, :, :, 0])
    moved = np.moveaxis(sign, -1, 2)
    return moved.reshape(len(levels), -1, *moved.shape[3:])


def sign_p(signs: Numbers) -> Numbers:
    """The sign test of each criterion."""
    flat = signs.reshape(*signs.shape[:2], -1)
    up, down = (flat > 0).sum(-1), (flat < 0).sum(-1)
    return np.asarray(np.minimum(1.0, 2 * stats.binom.cdf(np.minimum(up, down), up + down, 0.5)))


# --- the sentence -------------------------------------------------------------------------------


def claims(
    levels: Numbers, design: Design, rng: np.random.Generator, alpha: float = 0.05
) -> dict[str, np.ndarray]:
    """Which studies' first sentence claims a change, by its row; by the judge alone."""
    d = pair_differences(levels)
    direction = 1 - DIRECTION_SHARE * alpha
    here = these_tasks(d, direction)
    like = over_tasks(task_means(mean(d, -1), design), direction)
    here_out, like_out = here.excludes_zero, like.excludes_zero
    beyond = like_out & here_out & (np.sign(here.value) == np.sign(like.value))
    if design.tasks < FEWEST_TASKS:
        beyond = np.zeros_like(beyond)
    changes = excess_p(levels, rng) < CHANGE_SHARE * alpha
    rows = {"beyond": beyond, "here": here_out & ~beyond}
    rows["changes"] = changes & ~here_out
    rows["any"] = here_out | changes
    rows["unsplit"] = (
        these_tasks(d, 1 - alpha).excludes_zero
        | over_tasks(task_means(mean(d, -1), design), 1 - alpha).excludes_zero
        | (excess_p(levels, rng) < alpha)
    )
    return rows


# --- bars ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """One figure and the bar it is held to."""

    what: str
    value: float
    n: int
    least: float = 0.0
    most: float = 1.0

    @property
    def holds(self) -> bool:
        """Within the bar, give or take two and a half standard errors of the simulation."""
        slack = 2.5 * math.sqrt(max(self.value * (1 - self.value), 1e-4) / max(self.n, 1))
        return self.least - slack <= self.value <= self.most + slack


def scenarios() -> dict[str, Design]:
    """Thirty designs: size, effect, halo, floor and ceiling, noise, missing levels."""
    sizes = [(5, 1, 2), (5, 1, 4), (6, 2, 3), (7, 1, 3), (7, 3, 2), (7, 3, 4)]
    kinds = {
        "no effect": Design(),
        "effect": Design(effect=0.5),
        "effect by task, strong halo": Design(effect=0.4, by_task=0.3, halo=0.8),
        "floor, effect by criterion": Design(base=1.2, effect=0.3, by_criterion=0.4),
        "ceiling, noise, 3% missing": Design(base=-1.2, noise=2.0, missing=(0.03, 0.03)),
    }
    return {
        f"{name}; {tasks} tasks, {models} models, {runs} runs": replace(
            kind, tasks=tasks, models=models, runs=runs
        )
        for name, kind in kinds.items()
        for tasks, models, runs in sizes
    }


def batches(studies: int) -> Iterable[int]:
    """Sizes of what is simulated at once."""
    return [min(AT_ONCE, studies - done) for done in range(0, studies, AT_ONCE)]


def coverage(designs: dict[str, Design], studies: int, seed: int) -> list[Measured]:
    """Coverage of the 95% intervals, each over all designs and the worst of them."""
    totals: dict[str, list[tuple[float, int, str]]] = {}
    for number, (name, design) in enumerate(designs.items()):
        rng = np.random.default_rng([seed, number])
        like = truth_in_tasks_like_these(design, rng)
        held: dict[str, list[int]] = {}
        for count in batches(studies):
            found = simulate(design, count, rng)
            d = pair_differences(found.levels)
            parts = shares(found.levels)
            pooled = {"net shift, these tasks": these_tasks(d).covers(found.net)}
            pooled["net shift, tasks like these"] = over_tasks(
                task_means(mean(d, -1), design)
            ).covers(like["net"])
            for part, values in parts.items():
                if part == "excess":
                    continue  # it has no interval: t over tasks would cover 0.90 here
                pooled[part] = over_tasks(task_means(values, design)).covers(like[part])
            for what, (inside, of) in pooled.items():
                so_far = held.setdefault(what, [0, 0])
                so_far[0] += inside
                so_far[1] += of
        for what, (inside, of) in held.items():
            if of:
                totals.setdefault(what, []).append((inside / of, of, name))
    measured = []
    for what, rows in totals.items():
        least, of, where = min(rows)
        measured.append(
            Measured(
                f"{what}: mean of {len(rows)} designs",
                float(np.mean([row[0] for row in rows])),
                sum(row[1] for row in rows),
                0.93,
                0.97,
            )
        )
        measured.append(Measured(f"{what}: least ({where})", least, of, 0.93, 1.0))
        most, of, where = max(rows)
        measured.append(Measured(f"{what}: most ({where})", most, of, 0.0, 0.97))
    return measured


def bias_of_excess(studies: int, seed: int) -> list[Measured]:
    """Mean estimate less truth, in points of share."""
    found = []
    for effect in (0.0, 0.5, 1.0):
        simulated = simulate(Design(effect=effect), studies, np.random.default_rng([seed, 1]))
        gap = shares(simulated.levels)["excess"].mean() - simulated.excess.mean()
        found.append(
            Measured(f"excess: bias at effect {effect}", abs(float(gap)), studies, 0, 0.005)
        )
    return found


def false_claims(studies: int, seed: int) -> list[Measured]:
    """How often a sentence claims a change where there is none."""
    found = []
    for tasks, models, runs in ((3, 1, 3), (5, 1, 3), (7, 1, 3), (7, 3, 2), (7, 1, 5)):
        rng = np.random.default_rng([seed, tasks, models, runs])
        design = Design(tasks=tasks, models=models, runs=runs)
        rows = [claims(simulate(design, n, rng).levels, design, rng) for n in batches(studies)]
        where = f"{tasks} tasks, {models} models, {runs} runs"
        share = float(np.mean(np.concatenate([row["any"] for row in rows])))
        found.append(Measured(f"no effect, a change claimed: {where}", share, studies, 0, 0.05))
        unsplit = float(np.mean(np.concatenate([row["unsplit"] for row in rows])))
        found.append(Measured(f"  (each row at 5% by itself: {where})", unsplit, studies))
    return found


def power(studies: int, seed: int) -> list[Measured]:
    """Power of the interval against the closed form: the gap."""
    found = []
    for runs in (2, 3, 5, 10):
        rng = np.random.default_rng([seed, runs])
        design = Design(tasks=7, runs=runs, effect=0.35)
        simulated = simulate(design, studies, rng)
        d = pair_differences(simulated.levels)
        seen = float(these_tasks(d).excludes_zero.mean())
        n, cells = 7 * runs, 7
        deviation = math.sqrt(float(d.var(-1, ddof=1).mean()))
        df = n - cells
        cut = stats.t.ppf(0.975, df)
        # The truth differs from study to study: the closed form is averaged over it.
        shift = simulated.net * math.sqrt(n) / deviation
        form = float(np.mean(stats.nct.sf(cut, df, shift) + stats.nct.cdf(-cut, df, shift)))
        what = f"power, {runs} runs: {seen:.3f} seen, {form:.3f} by the closed form; gap"
        found.append(Measured(what, abs(seen - form), studies, 0, 0.03))
    return found


GOLD_DESIGNS = ((7, 1, 3, 12), (7, 3, 2, 12), (7, 3, 2, 24), (7, 3, 5, 24))
KINDER = {"raised": (0.13, 0.27)}
"""A judge that raises levels a step twice as often under the second condition."""


def gold(studies: int, seed: int) -> list[Measured]:
    """A judge that errs, corrected by people's levels on drawn pairs."""
    found = []
    errors = {
        "even": {"raised": (0.1, 0.1), "lowered": (0.1, 0.1)},
        "poor": {"raised": (0.2, 0.2), "lowered": (0.2, 0.2)},
        "kinder to P": KINDER,
    }
    for name, error in errors.items():
        for effect in (0.0, 0.5):
            for tasks, models, runs, labelled in GOLD_DESIGNS:
                found += _gold(name, error, effect, (tasks, models, runs), labelled, studies, seed)
    return found


def _gold(
    name: str,
    error: dict[str, tuple[float, float]],
    effect: float,
    size: tuple[int, int, int],
    labelled: int,
    studies: int,
    seed: int,
) -> list[Measured]:
    tasks, models, runs = size
    design = Design(tasks=tasks, models=models, runs=runs, effect=effect)
    rng = np.random.default_rng([seed, *size, labelled])
    simulated = simulate(design, studies, rng)
    judged = misread(simulated.levels, rng, **error)
    judge, people = pair_differences(judged), pair_differences(simulated.levels)
    fixed, alone, lean = corrected(judge, people, labelled, design)
    where = f"{name}, effect {effect}, {tasks * models * runs} pairs, {labelled} gold"
    like = truth_in_tasks_like_these(design, rng)["net"]
    tasks_too = corrected_over_tasks(judge, people, labelled, design)
    rows = [
        Measured(
            f"corrected, these tasks: {where}",
            _share(fixed.covers(simulated.net)),
            studies,
            0.93,
            1.0,
        ),
        Measured(f"people alone: {where}", _share(alone.covers(simulated.net)), studies, 0.93, 1.0),
        Measured(
            f"corrected, tasks like these: {where}",
            _share(tasks_too.covers(like)),
            studies,
            0.93,
            0.97,
        ),
        Measured(
            "  (width corrected / people alone: "
            f"{np.mean(fixed.high - fixed.low):.2f} / {np.mean(alone.high - alone.low):.2f})",
            float(np.mean(fixed.high - fixed.low)),
            studies,
        ),
    ]
    if effect == 0 and "raised" in error:
        bias = judge.mean((1, 2)) - people.mean((1, 2))
        rows.append(
            Measured(
                f"lean of the judge: {where}", _share(lean.covers(bias.mean())), studies, 0.93, 1.0
            )
        )
    if effect == 0:
        level = 1 - DIRECTION_SHARE * 0.05
        claimed = float(corrected(judge, people, labelled, design, level)[0].excludes_zero.mean())
        rows.append(Measured(f"no effect, corrected claims: {where}", claimed, studies, 0, 0.05))
        raw = float(these_tasks(judge).excludes_zero.mean())
        rows.append(Measured(f"  (the judge alone claims: {where})", raw, studies))
    return rows


def missing(studies: int, seed: int) -> list[Measured]:
    """Missing not at random: the bounds against the estimate with missing left out."""
    rng = np.random.default_rng([seed, 5])
    design = Design(tasks=7, models=1, runs=3, missing=(0.02, 0.30), hidden=True)
    out, sure = [], []
    for count in batches(studies):
        found = simulate(design, count, rng)
        d = pair_differences(found.levels)
        out.append(these_tasks(d, 0.96).excludes_zero)
        gone = np.isnan(found.levels)
        ends = []
        for up in (False, True):
            fill = np.array([0.0, 2.0] if up else [2.0, 0.0])[:, None, None]
            ends.append(these_tasks(pair_differences(np.where(gone, fill, found.levels)), 0.96))
        sure.append((ends[0].low > 0) | (ends[1].high < 0))
    return [
        Measured(
            "'whatever the missing levels were', wrongly",
            float(np.concatenate(sure).mean()),
            studies,
            0,
            0.05,
        ),
        Measured("  (missing left out: claims)", float(np.concatenate(out).mean()), studies),
    ]


def many_criteria(studies: int, seed: int) -> list[Measured]:
    """Thirty criteria without effect: is any claimed? And coverage of a criterion's interval."""
    rng = np.random.default_rng([seed, 6])
    design = Design(tasks=6, models=3, runs=5)
    signs = criterion_signs(simulate(design, studies, rng).levels)
    assert signs.shape[2] * signs.shape[3] >= FEWEST_FOR_CRITERION
    p = sign_p(signs)
    one = replace(design, tasks=1, criteria=1, effect=0.4)
    single = simulate(one, studies, rng)
    inside, of = these_tasks(pair_differences(single.levels)).covers(single.net)
    return [
        Measured(
            "any of 30 criteria claimed, no effect",
            float((p.min(1) * 30 < 0.05).mean()),
            studies,
            0,
            0.05,
        ),
        Measured("  (uncorrected)", float((p.min(1) < 0.05).mean()), studies),
        Measured("one criterion, 15 pairs: coverage", inside / of, of, 0.93, 0.97),
    ]


def two_looks(studies: int, seed: int) -> list[Measured]:
    """Two planned looks, at three and five runs, each at half of 5%; and ten at 5% each."""
    rng = np.random.default_rng([seed, 7])
    design = Design(tasks=7, runs=10)
    planned, eager = [], []
    for count in batches(studies):
        levels = simulate(design, count, rng).levels
        looks = [
            claims(levels[..., :runs, :], replace(design, runs=runs), rng, 0.025)["any"]
            for runs in (3, 5)
        ]
        planned.append(looks[0] | looks[1])
        d = pair_differences(levels)
        eager.append(np.any([these_tasks(d[..., :r]).excludes_zero for r in range(2, 11)], 0))
    return [
        Measured(
            "two planned looks, a change claimed",
            float(np.concatenate(planned).mean()),
            studies,
            0,
            0.05,
        ),
        Measured("  (nine looks at 5% each)", float(np.concatenate(eager).mean()), studies),
    ]


def derived_controls(studies: int, seed: int) -> list[Measured]:
    """Criteria chosen as what the control lacks, that control counted and not counted."""
    rng = np.random.default_rng([seed, 8])
    design = Design(tasks=7, runs=2, criteria=40)
    found = simulate(design, studies, rng)
    # Of forty things that could be asked, five that the first control run lacks are.
    lacks = found.levels[:, :, 0, 0, 0, :] + rng.random((studies, 7, 40)) * 0.9
    chosen = np.argsort(lacks, axis=-1)[..., :5]
    index = chosen[:, :, None, None, None, :]
    levels = np.take_along_axis(found.levels, index, axis=-1)
    rows = []
    for name, run in (("counted", 0), ("left out", 1)):
        one = levels[:, :, :, :, run : run + 1]
        like = over_tasks(task_means(mean(pair_differences(one), -1), design))
        share = float(like.excludes_zero.mean())
        what = f"that control {name}: shift {like.value.mean():+.2f}, claims"
        rows.append(Measured(what, share, studies, 0, 1.0 if run == 0 else 0.05))
    return rows


# --- what others would say ------------------------------------------------------------------------

RESAMPLES = 300


def peers(studies: int, seed: int) -> list[Measured]:
    """Coverage and false claims of other ways to count, on the same simulated studies."""
    found = []
    designs = {
        "no effect": Design(tasks=7, runs=3),
        "effect": Design(tasks=7, runs=3, effect=0.5),
        "effects differ by task": Design(tasks=7, runs=3, effect=0.3, by_task=0.6),
    }
    for name, design in designs.items():
        rng = np.random.default_rng([seed, 9])
        like = truth_in_tasks_like_these(design, rng)["net"]
        held: dict[str, list[float]] = {}
        for count in batches(studies):
            simulated = simulate(design, count, rng)
            for way, interval in ways(simulated.levels, design, rng).items():
                row = held.setdefault(way, [0.0, 0.0, 0.0])
                row[0] += _share(interval.covers(simulated.net)) * count
                row[1] += _share(interval.covers(like)) * count
                row[2] += float(interval.excludes_zero.sum())
        for way, row in held.items():
            here, beyond, claimed = (value / studies for value in row)
            found.append(Measured(f"{way}; {name}: covers these tasks", here, studies))
            found.append(Measured(f"{way}; {name}: covers tasks like these", beyond, studies))
            if name == "no effect":
                found.append(Measured(f"{way}; {name}: a change claimed", claimed, studies))
    return found


def ways(levels: Numbers, design: Design, rng: np.random.Generator) -> dict[str, Interval]:
    """The net shift with its 95% interval, by each way of counting."""
    signs = np.sign(levels[:, :, :, 1] - levels[:, :, :, 0])
    flat = signs.reshape(len(signs), -1)
    reach = 1.96 * flat.std(1, ddof=1) / math.sqrt(flat.shape[1])
    d = pair_differences(levels)
    by_task = d.reshape(len(d), design.tasks, -1)
    centre = d.mean((1, 2))
    runs, nested = [], []
    tasks, size = by_task.shape[1:]
    for _ in range(RESAMPLES):
        drawn = rng.integers(0, size, (tasks, size))
        runs.append(np.take_along_axis(by_task, drawn[None], 2).mean((1, 2)))
        which = rng.integers(0, tasks, tasks)
        again = np.take_along_axis(by_task[:, which], drawn[None], 2)
        nested.append(again.mean((1, 2)))
    return {
        "each pair and criterion for itself": Interval(
            flat.mean(1), flat.mean(1) - reach, flat.mean(1) + reach
        ),
        "runs drawn again within tasks (bootstrap)": _percentiles(centre, runs),
        "tasks, then runs, drawn again (nested bootstrap)": _percentiles(centre, nested),
        "grader, these tasks": these_tasks(d),
        "grader, tasks like these": over_tasks(by_task.mean(-1)),
    }


def _percentiles(centre: Numbers, drawn: list[Numbers]) -> Interval:
    low, high = np.percentile(np.stack(drawn), [2.5, 97.5], axis=0)
    return Interval(centre, low, high)


def _share(counted: tuple[int, int]) -> float:
    return counted[0] / counted[1] if counted[1] else math.nan


BARS: dict[str, Callable[[int, int], list[Measured]]] = {
    "false claims": false_claims,
    "criteria drawn from a control": derived_controls,
    "gold": gold,
    "power": power,
    "missing": missing,
    "criteria": many_criteria,
    "looks": two_looks,
    "excess": bias_of_excess,
}


def run(studies: int, seed: int, designs: dict[str, Design]) -> dict[str, list[Measured]]:
    """All bars."""
    found = {"coverage": coverage(designs, studies, seed)}
    return found | {name: bar(studies, seed) for name, bar in BARS.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--studies", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    began = time.perf_counter()
    designs = scenarios()
    if given.quick:
        designs = dict(list(designs.items())[::6])
    studies = 400 if given.quick else given.studies
    if given.peers:
        found = {"peers": peers(studies, given.seed)}
    else:
        found = run(studies, given.seed, designs)
    if given.json:
        print(json.dumps({k: [vars(m) for m in v] for k, v in found.items()}, indent=1))
        return
    for name, rows in found.items():
        print(f"\n{name}")
        for row in rows:
            bar = "" if (row.least, row.most) == (0, 1) else ("ok  " if row.holds else "FAIL")
            print(f"  {bar:4} {row.value:7.3f}  {row.what}")
    print(f"\n{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
