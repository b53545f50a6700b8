"""Each estimator of a study held against a published example, or against an enumeration."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.study.calibration import corrected_mean, homogeneity_p, person_differences
from grader.study.cells import NOT_APPLICABLE, CellLevels, differences
from grader.study.effect import (
    criterion_results,
    holm,
    in_tasks_like_these,
    in_these_tasks,
    net_shift,
    sign_p,
    superiority,
)
from grader.study.estimate import Estimate, t_interval
from grader.study.floor import cell_shares, excess_p, floor_result
from grader.study.missing import missing_of
from grader.study.planning import _least_shift, detectable, gold_widths
from grader.study.swaps import swap_test

NAN = np.nan


def cell(
    before: Sequence[Sequence[float]],
    after: Sequence[Sequence[float]],
    *,
    task: str = "t",
    model: str = "m",
) -> CellLevels:
    one, other = np.array(before, dtype=float), np.array(after, dtype=float)
    count = one.shape[1]
    return CellLevels(model, task, tuple(f"k{n}" for n in range(count)), (2,) * count, one, other)


# --- published examples ---------------------------------------------------------------------

SLEEP = np.array([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]) / 10
"""Student 1908: additional sleep under two drugs, in tens of hours."""

MAIZE = np.array([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]) / 100
"""Darwin 1876: crossed less self-fertilised plants, in eighths of an inch; Fisher 1935."""

PAIN_OLD = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1]
PAIN_NEW = [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4]
"""Brunner & Munzel 2000: pain scores under two treatments."""

VISION = np.array(
    [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]
)
"""Stuart 1955: unaided distance vision of both eyes."""


def test_students_sleep_as_one_cell() -> None:
    """t 4.0621 with 9 degrees of freedom: 0.7001 to 2.4599 hours."""
    found = in_these_tasks([SLEEP], level=0.95)
    assert (found.low, found.high) == pytest.approx((0.07001, 0.24599), abs=5e-6)
    over_tasks = t_interval(SLEEP, of="tasks")
    assert (over_tasks.low, over_tasks.high) == pytest.approx((found.low, found.high))
    assert over_tasks.p == pytest.approx(0.00283, abs=5e-6)


def test_swaps_of_darwins_maize() -> None:
    """Fisher, The Design of Experiments, section 21: 863 of 32,768 on either side."""
    assert in_these_tasks([MAIZE], level=0.95, seed=1).p == pytest.approx(1726 / 32768)


def test_brunner_and_munzels_pain_scores() -> None:
    """P(new > old) + ½ P(=) = .78896, .5952 to .9827."""
    like = Estimate(value=None, level=0.95)
    found = superiority(np.array(PAIN_OLD, float), np.array(PAIN_NEW, float), like=like)
    probabilities = [(each + 1) / 2 for each in (found.value, found.low, found.high)]  # type: ignore[operator]
    assert probabilities == pytest.approx([0.78896, 0.5952, 0.9827], abs=5e-5)


def test_sign_test_of_darwins_maize() -> None:
    """Thirteen of fifteen plants: 2 (1 + 15 + 105) / 2^15."""
    assert sign_p(MAIZE) == pytest.approx(242 / 32768)


def test_holm_s_correction() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_bhapkars_test_of_unaided_vision() -> None:
    """11.976 with 3 degrees of freedom."""
    from scipy.stats import chi2

    assert homogeneity_p(VISION) == pytest.approx(chi2.sf(11.976, 3), rel=1e-3)


def test_bhapkars_test_of_a_singular_table_has_no_p() -> None:
    assert homogeneity_p(np.array([[5, 1, 0], [0, 4, 0], [0, 0, 3]])) is None


def test_power_of_a_paired_t_test() -> None:
    """Cohen 1988: effect .5 takes n = 33.37 for a power of .80."""
    assert _least_shift(33.3671, 1.0, 0.05) == pytest.approx(0.5, abs=1e-4)  # type: ignore[arg-type]


def test_prediction_powered_mean_as_a_sum() -> None:
    """lambda = u / (u + n): the judge's mean over all pairs plus people less judge."""
    ju, jl, hl = np.array([0.2, 0.4, 0.0, 0.6]), np.array([0.1, 0.5]), np.array([0.0, 0.2])
    found = corrected_mean(ju, jl, hl, level=0.95)
    everyone = np.concatenate([ju, jl]).mean()
    assert found.value == pytest.approx(everyone + (hl - jl).mean())
    ppi = pytest.importorskip("ppi_py", reason="a reference that isn't a dependency")
    theirs = ppi.ppi_mean_pointestimate(hl, jl, ju, lam=4 / 6)
    assert found.value == pytest.approx(float(theirs[0]))


# --- enumerations ---------------------------------------------------------------------------


def test_floor_difference_and_excess_of_two_runs_by_hand() -> None:
    """One criterion, levels 0 and 2 before, 2 and 2 after."""
    one = cell([[0], [2]], [[2], [2]])
    assert cell_shares(one) == (1.0, 0.0, 0.5, 0.0)


def test_excess_s_p_is_the_share_of_swaps_that_give_as_much() -> None:
    for a, b, c, d in product(range(3), repeat=4):
        values = []
        for swap_first, swap_second in product((False, True), repeat=2):
            before = [[c if swap_first else a], [d if swap_second else b]]
            after = [[a if swap_first else c], [b if swap_second else d]]
            values.append(cell_shares(cell(before, after))[3])
        p = excess_p([cell([[a], [b]], [[c], [d]])], seed=1)
        expected = np.mean([value >= values[0] - 1e-9 for value in values])
        assert (p or 1.0) == pytest.approx(expected)


def test_expected_excess_is_half_the_squared_distance_of_the_levels() -> None:
    """Over all samples of two runs a condition, weighted by their chance."""
    p, q = (0.5, 0.3, 0.2), (0.2, 0.3, 0.5)
    total = 0.0
    for a, b, c, d in product(range(3), repeat=4):
        weight = p[a] * p[b] * q[c] * q[d]
        total += weight * cell_shares(cell([[a], [b]], [[c], [d]]))[3]
    distance = sum((x - y) ** 2 for x, y in zip(p, q, strict=True))
    assert total == pytest.approx(distance / 2)


def test_equal_tables_have_no_excess_above_chance() -> None:
    levels = [[0.0, 1.0], [1.0, 2.0], [2.0, 0.0]]
    found = floor_result([cell(levels, levels)], level=0.95, seed=1)
    assert found.excess.value is not None and found.excess.value < 0
    assert found.excess.interval is None and "skewed" in (found.excess.reason or "")
    assert found.excess.p is None or found.excess.p == 1.0


# --- what every figure keeps to -------------------------------------------------------------

UNHURRIED = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=40)
LEVELS = hnp.arrays(float, (4, 3), elements=st.sampled_from([0.0, 1.0, 2.0, NAN, NOT_APPLICABLE]))


@given(LEVELS, LEVELS)
@UNHURRIED
def test_exchanged_conditions_turn_the_shift_round_and_leave_the_rest(
    before: np.ndarray, after: np.ndarray
) -> None:
    one = CellLevels("m", "t", ("a", "b", "c"), (2, 2, 2), before, after)
    other = CellLevels("m", "t", ("a", "b", "c"), (2, 2, 2), after, before)
    np.testing.assert_allclose(differences(one), -differences(other))
    c, p, difference, excess = cell_shares(one)
    np.testing.assert_allclose(cell_shares(other), (p, c, difference, excess))
    here, there = (net_shift([each], level=0.95, seed=1)[0] for each in (one, other))
    assert here.p == there.p


@given(LEVELS, LEVELS)
@UNHURRIED
def test_bounds_hold_the_estimate_and_every_way_to_fill_in(
    before: np.ndarray, after: np.ndarray
) -> None:
    one = CellLevels("m", "t", ("a", "b", "c"), (2, 2, 2), before, after)

    def shift(cells: object) -> Estimate:
        return net_shift(cells, level=0.95, seed=1)[0]  # type: ignore[arg-type]

    found = missing_of([one], shift)
    if found.bounds is None or found.bounds.low.value is None:
        return
    chance = np.random.default_rng(0)
    filled = [
        np.where(np.isnan(each), chance.integers(0, 3, each.shape), each)
        for each in (before, after)
    ]
    value = shift([CellLevels("m", "t", one.criteria, one.highest, *filled)]).value
    assert value is not None and found.bounds.high.value is not None
    assert found.bounds.low.value - 1e-9 <= value <= found.bounds.high.value + 1e-9


def test_cells_count_alike_however_many_runs_they_have() -> None:
    many = cell([[0]] * 4, [[2]] * 4, task="a")
    few = cell([[0], [0]], [[0], [0]], task="b")
    these, like = net_shift([many, few], level=0.95, seed=1)
    assert these.value == like.value == 0.5


def test_models_of_a_task_are_averaged_before_tasks_are() -> None:
    cells = [
        cell([[0]], [[2]], task="a", model="x"),
        cell([[0]], [[2]], task="a", model="y"),
        cell([[0]], [[0]], task="b", model="x"),
    ]
    found = in_tasks_like_these(cells, [differences(each) for each in cells], level=0.95)
    assert (found.value, found.n) == (0.5, 2)


def test_single_runs_have_no_interval_and_say_why() -> None:
    these, _ = net_shift([cell([[0]], [[2]]), cell([[1]], [[2]])], level=0.95, seed=1)
    assert these.value == 1.0
    assert these.interval is None
    assert these.reason == "one run a cell: how much two runs differ is not known"


def test_figures_of_no_pair_are_left_out_with_the_reason() -> None:
    found = net_shift([cell([[NAN]], [[2]])], level=0.95, seed=1)
    assert [each.value for each in found] == [None, None]
    assert found[0].reason == "no matched pair has a level"


def test_a_criterion_of_few_pairs_has_neither_interval_nor_p() -> None:
    [few] = criterion_results([cell([[0]] * 5, [[2]] * 5)], alpha=0.05, level=0.95)
    assert (few.shift.value, few.shift.interval, few.shift.p) == (1.0, None, None)
    assert few.shift.reason == "5 pairs, and it takes 10"


def test_criteria_are_corrected_over_all_tasks() -> None:
    strong = cell([[0.0], [1.0]] * 6, [[2.0], [1.0]] * 6, task="a")
    flat = cell([[0.0], [1.0]] * 6, [[1.0], [0.0]] * 6, task="b")
    found = criterion_results([strong, flat], alpha=0.05, level=0.95)
    assert [each.p_holm for each in found] == holm([each.shift.p or 0 for each in found])
    assert found[0].p_holm == pytest.approx(2 * (found[0].shift.p or 0))


def test_levels_that_do_not_apply_are_counted_and_in_no_shift() -> None:
    one = cell([[NOT_APPLICABLE], [0]], [[2], [NAN]])
    assert np.isnan(differences(one)).all()
    [found] = criterion_results([one], alpha=0.05, level=0.95)
    assert found.before == {"0": 1, "1": 0, "2": 0, "missing": 0, "not_applicable": 1}


def test_people_who_differ_count_by_pairs_of_raters() -> None:
    """One rater of two sees the run after higher: half a shift, no level averaged."""
    assert person_differences([[0.0, 2.0]], [[2.0]]) == pytest.approx(0.5)
    assert np.isnan(person_differences([[]], [[2.0]]))


def test_swaps_beyond_sixteen_pairs_are_drawn_and_repeat() -> None:
    chance = np.random.default_rng(5).normal(0.3, 1, 40)
    first, second = (
        swap_test(lambda signs: signs @ chance, 40, "two-sided", seed=9) for _ in range(2)
    )
    assert first == second and first is not None and 0 < first < 1


def test_planned_designs_and_what_they_can_detect() -> None:
    """Seven tasks, three models, five criteria a task, two-sided 5%."""
    found = {
        runs: detectable(tasks=7, models=3, runs=runs, criteria=35, alpha=0.05)
        for runs in (1, 2, 5)
    }
    assert [each.questions for each in found.values()] == [210, 420, 1050]
    assert found[1].these_tasks is None
    assert found[2].these_tasks == pytest.approx(0.18, abs=0.005)
    assert found[5].these_tasks == pytest.approx(0.11, abs=0.005)
    assert found[5].tasks_like_these == pytest.approx((0.135, 0.185), abs=0.01)


def test_gold_narrows_less_than_people_alone_would_need() -> None:
    widths = gold_widths(42, alpha=0.05)
    assert [width.pairs for width in widths] == [0, 12, 24]
    assert widths[0].corrected is None
    assert (widths[1].corrected or 9) < (widths[1].people_alone or 0)
