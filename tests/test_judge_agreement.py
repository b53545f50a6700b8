"""Agreement between samples and between judges, worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import criteria_of
from conftest import Grader, pair
from grader.comparison.agreement import agreement
from grader.comparison.folder import read_draft
from grader.comparison.kinds.verdict import Verdict, VerdictSample
from grader.rubric.scale import Level
from grader.testing import ScriptedJudge


def verdict(*answers: tuple[str, int, Level | None]) -> Verdict:
    return Verdict(
        criterion="k",
        side="control",
        samples=tuple(
            VerdictSample(judge=judge, sample=n, outcome="answered", level=level)
            for judge, n, level in answers
        ),
    )


def test_samples_of_one_judge_are_held_against_one_another() -> None:
    [found] = agreement(
        criteria_of("k"),
        [
            verdict(("a", 1, "met"), ("a", 2, "met"), ("a", 3, "partially_met")),
            verdict(("a", 1, "met"), ("a", 2, "not_met"), ("a", 3, None)),
        ],
    )
    # First: met-met, met-partially, met-partially. Second: met-not_met; the rest has no level.
    assert (found.judges, found.n) == (("a",), 4)
    assert found.exact == pytest.approx(1 / 4)
    assert found.ordinal == pytest.approx((1 + 0.5 + 0.5 + 0) / 4)


def test_two_judges_are_held_against_each_other_sample_by_sample() -> None:
    found = agreement(
        criteria_of("k"),
        [
            verdict(("a", 1, "met"), ("b", 1, "met")),
            verdict(("a", 1, "met"), ("b", 1, "partially_met")),
            verdict(("a", 1, None), ("b", 1, "met")),
        ],
    )
    [between] = found
    assert (between.judges, between.n, between.exact) == (("a", "b"), 2, 0.5)
    assert between.ordinal == pytest.approx((1 + 0.5) / 2)


def test_a_single_answer_agrees_with_nobody_and_missing_levels_give_no_figure() -> None:
    assert agreement(criteria_of("k"), [verdict(("a", 1, "met"))]) == ()
    [found] = agreement(criteria_of("k"), [verdict(("a", 1, None), ("a", 2, "met"))])
    assert (found.n, found.exact, found.ordinal) == (0, None, None)


def test_draft_tells_agreement_of_samples_and_panel(grader: Grader, judge: ScriptedJudge) -> None:
    ran = grader(
        "compare", *pair("clinic-postmortem"), "--judge", "openai/one", "--judge", "openai/two",
        "--base-url", judge.base_url, "--samples", "2", "--depth", "quick", "--name", "x",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    draft, _ = read_draft(Path("outputs/x"))
    assert [(a.judges, a.n) for a in draft.agreement] == [
        (("openai/one",), 10), (("openai/two",), 10), (("openai/one", "openai/two"), 20),
    ]  # fmt: skip
    seeds = [r.body.get("seed") for r in judge.of_kind("verdict")]
    assert sorted(seeds, key=str) == [2] * 20 + [None] * 20
