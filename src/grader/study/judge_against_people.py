"""The judge's levels beside people's, and people's beside one another, on drawn runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from grader.records import Record
from grader.study.agreement import Agreement, Figure, agreement
from grader.study.calibration import homogeneity_p
from grader.study.design import Design
from grader.study.estimate import Estimate
from grader.study.levels import LevelLine
from grader.study.ratings import Unit
from grader.study.scales import ranks_of


class Confusion(Record):
    """One judge against people under one condition, for criteria with one scale."""

    judge: str
    condition: str
    scale: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    """Judge's level by people's level, lowest first; each person counts."""
    weighted: Estimate
    """Cohen's kappa with quadratic weights, jackknife over runs."""
    alpha: Estimate
    """Krippendorff's alpha for ordered levels, likewise."""

    @property
    def n(self) -> int:
        """How many levels are compared."""
        return sum(map(sum, self.counts))

    @property
    def same(self) -> int:
        """How many are the same."""
        return sum(row[at] for at, row in enumerate(self.counts))

    @property
    def higher(self) -> int:
        """How often the judge's is the higher."""
        return sum(count for at, row in enumerate(self.counts) for count in row[:at])


class PeopleResult(Record):
    """What people gave."""

    people: tuple[str, ...]
    runs: int
    levels: int
    between_same: int
    """Of levels that two people gave to the same criterion of a run, how many are equal."""
    between: int
    confusions: tuple[Confusion, ...]
    p_kinder: dict[str, float | None]
    """For each judge: p of Bhapkar's test that it gives the levels as often as people do."""


Levels = Mapping[tuple[str, str], Mapping[str, str]]


def people_result(
    design: Design, lines: Sequence[LevelLine], gold: Levels, judges: Sequence[str]
) -> PeopleResult:
    """Confusion tables by judge, condition and scale; agreement of people with one another."""
    runs = {run.transcript: run for run in design.runs}
    pairs = [
        (one, other)
        for by in gold.values()
        for one, other in combinations([by[who] for who in sorted(by)], 2)
    ]
    confusions: list[Confusion] = []
    kinder: dict[str, float | None] = {}
    for judge in judges:
        own = _confusions(design, lines, gold, judge)
        confusions += own
        kinder[judge] = _kinder(own)
    return PeopleResult(
        people=tuple(sorted({who for by in gold.values() for who in by})),
        runs=len({transcript for transcript, _ in gold if transcript in runs}),
        levels=sum(len(by) for by in gold.values()),
        between=len(pairs),
        between_same=sum(one == other for one, other in pairs),
        confusions=tuple(confusions),
        p_kinder=kinder,
    )


def _confusions(
    design: Design, lines: Sequence[LevelLine], gold: Levels, judge: str
) -> list[Confusion]:
    runs = {run.transcript: run for run in design.runs}
    scales = {task: ranks_of(rubric) for task, rubric in design.rubrics.items()}
    tables: dict[tuple[str, tuple[str, ...]], np.ndarray] = {}
    units: dict[tuple[str, tuple[str, ...]], list[Unit]] = {}
    for line in lines:
        if line.judge != judge or line.sample != 1 or line.level is None:
            continue
        ranks = scales[line.task][line.criterion]
        for level in gold.get((line.transcript, line.criterion), {}).values():
            if line.level in ranks and level in ranks:
                key = (runs[line.transcript].condition, tuple(ranks))
                table = tables.setdefault(key, np.zeros((len(ranks), len(ranks)), dtype=int))
                table[ranks[line.level], ranks[level]] += 1
                units.setdefault(key, []).append(
                    Unit(
                        comparison=line.transcript,
                        criterion=line.criterion,
                        condition=key[0],
                        side="control",
                        levels={judge: line.level, "a person": level},
                        scale=tuple(ranks),
                    )
                )
    agreed = {key: agreement(of_key) for key, of_key in units.items()}
    order = list(design.plan.conditions)
    return [
        Confusion(
            judge=judge,
            condition=condition,
            scale=scale,
            counts=tuple(tuple(int(n) for n in row) for row in tables[condition, scale]),
            weighted=_estimate(agreed[condition, scale].weighted, agreed[condition, scale]),
            alpha=_estimate(agreed[condition, scale].alpha, agreed[condition, scale]),
        )
        for condition, scale in sorted(tables, key=lambda key: (order.index(key[0]), key[1]))
    ]


def _estimate(figure: Figure | None, of: Agreement) -> Estimate:
    if figure is None or figure.value is None:
        n = of.n if figure is None else figure.n
        return Estimate(value=None, n=n, reason="one level throughout, or too few")
    return Estimate(
        value=figure.value,
        low=figure.low,
        high=figure.high,
        n=figure.n,
        method="jackknife over runs, t",
        reason=None if figure.low is not None else "too few runs",
    )


def _kinder(confusions: Sequence[Confusion]) -> float | None:
    """Over both conditions, where all criteria have one scale."""
    if len({each.scale for each in confusions}) != 1:
        return None
    tables = [np.array(each.counts, dtype=float) for each in confusions]
    return homogeneity_p(np.sum(tables, axis=0))
