"""From several answers to one, worked by hand."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import THREE, criteria_of, criterion
from grader.comparison.kinds.contrast import ContrastOrder, reconcile_contrast
from grader.comparison.kinds.verdict import VerdictSample, reconcile_verdict
from grader.comparison.scorecard import scorecard
from grader.rubric.scale import THREE_LEVELS, Level

N, P, M = THREE_LEVELS


@pytest.mark.parametrize(
    ("levels", "median"),
    [
        ([], None),
        ([P], P),
        ([N, M], N),  # two middle ones: the lower
        ([P, M], P),
        ([N, P, M], P),
        ([N, N, M], N),
        ([N, M, M], M),
        ([N, P, M, M], P),
        ([N, N, M, M], N),
    ],
)
def test_level_of_several_answers_is_the_middle_one(
    levels: list[Level], median: Level | None
) -> None:
    for order in permutations(levels):
        assert THREE.median(order) == median


@pytest.mark.parametrize(
    ("control", "treatment", "expected"),
    [(N, M, "up"), (M, P, "down"), (P, P, "same"), (None, M, None), (M, None, None)],
)
def test_shift_is_treatment_against_control(
    control: Level | None, treatment: Level | None, expected: str | None
) -> None:
    assert THREE.shift(control, treatment) == expected


def sample(level: Level | None, number: int = 1, judge: str = "a/b") -> VerdictSample:
    if level is None:
        return VerdictSample(judge=judge, sample=number, outcome="refused")
    return VerdictSample(
        judge=judge, sample=number, outcome="answered", level=level, rationale=f"{number}: {level}"
    )


@pytest.mark.parametrize(
    ("levels", "level", "rationale", "codes"),
    [
        ([M], M, "1: met", []),
        ([None], None, None, ["missing_level"]),
        ([N, M, M], M, "2: met", ["samples_disagree"]),
        ([N, M], N, "1: not_met", ["samples_disagree"]),
        ([None, P, P], P, "2: partially_met", ["missing_level"]),
        ([None, None], None, None, ["missing_level"]),
        ([None, N, M], N, "2: not_met", ["missing_level", "samples_disagree"]),
    ],
)
def test_verdict_keeps_what_disagreed_and_raises_attention(
    levels: list[Level | None], level: Level | None, rationale: str | None, codes: list[str]
) -> None:
    samples = [sample(each, number) for number, each in enumerate(levels, 1)]
    verdict = reconcile_verdict(criterion("c"), "control", samples)
    assert verdict.level == level
    assert verdict.rationale == rationale
    assert verdict.samples == tuple(samples)
    assert [a.code for a in verdict.attention] == codes


@given(st.lists(st.sampled_from([N, P, M, None]), min_size=1, max_size=7))
def test_verdict_has_a_level_exactly_when_an_answer_has(levels: list[Level | None]) -> None:
    verdict = reconcile_verdict(criterion("c"), "control", [sample(each) for each in levels])
    assert (verdict.level is None) == all(each is None for each in levels)
    assert verdict.level in levels


def orders(first: str | None, second: str | None) -> list[ContrastOrder]:
    return [
        ContrastOrder.model_validate(
            {
                "judge": "a/b",
                "first": side,
                "outcome": "answered" if more else "api_error",
                "shows_more": more,
            }
        )
        for side, more in (("control", first), ("treatment", second))
    ]


@pytest.mark.parametrize(
    ("first", "second", "levels", "more", "sensitive", "codes"),
    [
        ("treatment", "treatment", (N, M), "treatment", False, []),
        ("neither", "neither", (N, N), "neither", False, []),
        ("control", "treatment", (N, M), None, True, ["order_sensitive"]),
        ("control", "neither", (N, N), None, True, ["order_sensitive"]),
        ("treatment", None, (N, M), None, False, []),
        ("control", "control", (N, M), "control", False, ["contrast_against_shift"]),
        ("treatment", "treatment", (M, P), "treatment", False, ["contrast_against_shift"]),
        ("control", "control", (None, M), "control", False, []),
    ],
)
def test_contrast_names_a_side_only_when_both_orders_do(
    first: str | None,
    second: str | None,
    levels: tuple[Level | None, Level | None],
    more: str | None,
    sensitive: bool,
    codes: list[str],
) -> None:
    contrast = reconcile_contrast(criterion("c"), orders(first, second), levels)
    assert contrast.shows_more == more
    assert contrast.order_sensitive is sensitive
    assert [a.code for a in contrast.attention] == codes


def test_scorecard_counts_levels_and_shifts_and_what_is_missing() -> None:
    card = scorecard(
        criteria_of("a", "b", "c").criteria,
        {("a", "control"): N, ("a", "treatment"): M, ("b", "control"): P, ("b", "treatment"): P,
         ("c", "control"): None, ("c", "treatment"): M},
    )  # fmt: skip
    assert card.control_tally == {"not_met": 1, "partially_met": 1, "met": 0, "missing": 1}
    assert card.treatment_tally == {"not_met": 0, "partially_met": 1, "met": 2, "missing": 0}
    assert card.shift_tally == {"up": 1, "down": 0, "same": 1, "missing": 1}
