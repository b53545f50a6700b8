"""The short form of `benchmarks/study_simulation.py`, and its formulas against the library's."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import numpy as np
import pytest

from conftest import REPOSITORY
from grader.study.calibration import calibrate
from grader.study.cells import CellLevels, differences
from grader.study.effect import in_tasks_like_these, net_shift, sign_p
from grader.study.floor import floor_result
from grader.testing.studies import Design, Numbers, misread, simulate


@pytest.fixture(scope="module")
def simulation() -> ModuleType:
    path = REPOSITORY / "benchmarks" / "study_simulation.py"
    spec = importlib.util.spec_from_file_location("study_simulation", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def cells_of(levels: Numbers, design: Design) -> list[CellLevels]:
    """One simulated study as the library takes it."""
    names = tuple(f"k{n}" for n in range(design.criteria))
    return [
        CellLevels(
            model=f"m{model}",
            task=f"t{task}",
            criteria=names,
            highest=(2,) * design.criteria,
            before=levels[task, model, 0],
            after=levels[task, model, 1],
        )
        for task in range(design.tasks)
        for model in range(design.models)
    ]


@pytest.mark.parametrize(
    "design",
    [
        pytest.param(Design(tasks=5, runs=3, effect=0.5), id="whole"),
        pytest.param(Design(tasks=6, models=2, runs=3, missing=(0.2, 0.1)), id="with gaps"),
    ],
)
def test_formulas_over_many_studies_are_the_library_s(
    simulation: ModuleType, design: Design
) -> None:
    rng = np.random.default_rng(4)
    levels = simulate(design, 5, rng).levels
    d = simulation.pair_differences(levels)
    these = simulation.these_tasks(d)
    like = simulation.over_tasks(simulation.task_means(simulation.mean(d, -1), design))
    parts = {
        name: simulation.over_tasks(simulation.task_means(values, design))
        for name, values in simulation.shares(levels).items()
    }
    p = simulation.excess_p(levels, rng)
    for number in range(5):
        cells = cells_of(levels[number], design)
        here, beyond = net_shift(cells, level=0.95, seed=1)
        floor = floor_result(cells, level=0.95, seed=1)
        for ours, theirs in (
            (these, here),
            (like, beyond),
            (parts["floor"], floor.floor),
            (parts["difference"], floor.difference),
        ):
            assert theirs.value == pytest.approx(ours.value[number])
            assert theirs.interval is not None
            assert theirs.interval[1] == pytest.approx(min(1, ours.high[number]))
        assert floor.excess.value == pytest.approx(parts["excess"].value[number])
        assert floor.excess.p == pytest.approx(p[number], abs=0.06)


def test_corrections_over_many_studies_are_the_library_s(simulation: ModuleType) -> None:
    design = Design(tasks=5, models=2, runs=3, effect=0.3)
    rng = np.random.default_rng(8)
    people = simulate(design, 4, rng).levels
    judged = misread(people, rng, raised=(0.1, 0.3))
    one, other = simulation.pair_differences(judged), simulation.pair_differences(people)
    ours, alone, lean = simulation.corrected(one, other, 10, design)
    beyond = simulation.corrected_over_tasks(one, other, 10, design)
    for number in range(4):
        cells = cells_of(judged[number], design)
        judge = [differences(cell) for cell in cells]
        gold = [
            np.where(np.arange(3) < 1, differences(cell), np.nan)
            for cell in cells_of(people[number], design)
        ]
        found = calibrate(cells, judge, gold, level=0.95)
        assert (found.labelled, found.unlabelled) == (10, 20)
        for theirs, figure in (
            (found.these_tasks, ours),
            (found.people, alone),
            (found.lean, lean),
            (found.tasks_like_these, beyond),
        ):
            assert theirs.value == pytest.approx(figure.value[number])
            assert theirs.interval == pytest.approx((figure.low[number], figure.high[number]))


def test_sign_tests_are_the_library_s(simulation: ModuleType) -> None:
    design = Design(tasks=1, runs=12, effect=0.5)
    signs = simulation.criterion_signs(simulate(design, 1, np.random.default_rng(1)).levels)
    ours = simulation.sign_p(signs)[0]
    assert [sign_p(each.ravel()) for each in signs[0]] == pytest.approx(list(ours))


@pytest.mark.parametrize("bar", ["false claims", "gold", "power", "missing", "criteria", "looks",
                                 "excess", "criteria drawn from a control"])  # fmt: skip
def test_short_form_meets_the_bar(simulation: ModuleType, bar: str) -> None:
    rows = simulation.BARS[bar](300, 2026)
    assert [row for row in rows if not row.holds] == []


def test_short_form_of_coverage(simulation: ModuleType) -> None:
    some = dict(list(simulation.scenarios().items())[::7])
    rows = simulation.coverage(some, 300, 2026)
    assert [row for row in rows if not row.holds] == []


def test_rows_at_five_percent_each_would_claim_too_often(simulation: ModuleType) -> None:
    """Why the error is shared between a direction and a change without one."""
    unsplit = [row for row in simulation.false_claims(300, 2026) if "by itself" in row.what]
    assert all(row.value > 0.07 for row in unsplit)


def test_like_these_needs_task_means(simulation: ModuleType) -> None:
    """Pairs taken for tasks would be too sure where the effect differs by task."""
    design = Design(tasks=6, runs=4, by_task=0.8)
    levels = simulate(design, 300, np.random.default_rng(2)).levels
    d = simulation.pair_differences(levels)
    naive = simulation.over_tasks(d.reshape(len(d), -1)).excludes_zero.mean()
    proper = simulation.over_tasks(simulation.task_means(d.mean(-1), design)).excludes_zero.mean()
    assert proper < 0.09 < naive
    cells = cells_of(levels[0], design)
    found = in_tasks_like_these(cells, [differences(cell) for cell in cells], level=0.95)
    assert found.n == 6
