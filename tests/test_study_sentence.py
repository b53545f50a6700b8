"""The sentence table: what may be said, row by row, and what is never said."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import RecordError
from grader.study.estimate import Estimate
from grader.study.looks import alpha_of, note_look, read_looks
from grader.study.sentence import Basis, sentence_of

NONE = Estimate(value=None, reason="none")


def figure(low: float, high: float, n: int = 15, clusters: int = 5) -> Estimate:
    return Estimate(value=(low + high) / 2, low=low, high=high, p=0.01, n=n, clusters=clusters)


def basis(**changes: object) -> Basis:
    plain = Basis(
        before="C",
        after="P",
        tasks=7,
        these=figure(-0.1, 0.1),
        like=figure(-0.2, 0.2),
        alpha=0.04,
        excess_p=0.5,
        excess_alpha=0.01,
        smallest=0.1,
        floor=0.4,
    )
    return plain.model_copy(update=changes)


UP = figure(0.05, 0.31)
DOWN = figure(-0.31, -0.05)
ENDS = "by the judge alone; two C runs differ in 40% of levels anyhow."


@pytest.mark.parametrize(
    ("changes", "kind", "text"),
    [
        pytest.param(
            {"nothing": "every run of C is one that criteria were drawn from", "like": UP},
            "nothing",
            "Nothing can be said: every run of C is one that criteria were drawn from.",
            id="no fresh control",
        ),
        pytest.param(
            {"these": UP, "like": UP},
            "beyond",
            "Against C, P raises the levels in tasks like these: between +5 and +31 points; "
            + ENDS,
            id="tasks like these",
        ),
        pytest.param(
            {"these": NONE, "like": DOWN, "floor": None},
            "beyond",
            "Against C, P lowers the levels in tasks like these: between −31 and −5 points; by the "
            "judge alone; how much two C runs differ is not known.",
            id="one run a cell",
        ),
        pytest.param(
            {"these": UP, "like": UP, "tasks": 3},
            "here",
            "Against C, P raises the levels in these 3 tasks: between +5 and +31 points; of other "
            "tasks nothing is known; " + ENDS,
            id="too few tasks",
        ),
        pytest.param(
            {"these": UP, "alone": False, "tasks": 1},
            "here",
            "Against C, P raises the levels in this one task: between +5 and +31 points; of other "
            "tasks nothing is known; two C runs differ in 40% of levels anyhow.",
            id="corrected by people",
        ),
        pytest.param(
            {"like": UP},
            "open",
            "P was not told apart from chance against C: between +5 and +31 points; " + ENDS,
            id="tasks like these alone, though the tasks at hand could tell",
        ),
        pytest.param(
            {"excess_p": 0.005},
            "changes",
            "Against C, P changes the levels, without one direction; " + ENDS,
            id="excess",
        ),
        pytest.param({"excess_p": 0.02}, "open", None, id="excess not below its own share"),
        pytest.param(
            {"like": figure(-0.04, 0.08)},
            "small",
            "Against C, P changes the levels in tasks like these by less than 10 points: between "
            "−4 and +8 points; " + ENDS,
            id="small",
        ),
        pytest.param(
            {"like": figure(-0.04, 0.08), "smallest": None}, "open", None, id="no smallest named"
        ),
        pytest.param(
            {"like": figure(-0.04, 0.08), "tasks": 4}, "open", None, id="small, few tasks"
        ),
        pytest.param({"these": UP, "like": UP, "p_holm": 0.2}, "open", None, id="Holm"),
    ],
)
def test_row_of_the_table(changes: dict[str, object], kind: str, text: str | None) -> None:
    found = sentence_of(basis(**changes))
    assert found.kind == kind
    if text is not None:
        assert found.text == text
    assert found.claims == (kind in ("beyond", "here", "changes"))


def test_missing_levels_are_told_where_something_is_claimed() -> None:
    holds = sentence_of(basis(these=UP, like=UP, missing=14)).text
    assert "this holds whatever the 14 missing levels were" in holds
    vanishes = sentence_of(basis(these=UP, like=UP, missing=1, holds=False)).text
    assert "this could vanish with the 1 missing level;" in vanishes
    assert "missing" not in sentence_of(basis(missing=3)).text


def test_what_was_found_afterwards_begins_by_saying_so() -> None:
    for changes in ({"these": UP, "like": UP}, {}, {"excess_p": 0.001}):
        found = sentence_of(basis(afterwards=("it was not locked",), **changes))
        assert found.text.startswith("Found afterwards, to be tried on new runs: ")
        assert found.exploratory


def test_pairs_that_are_all_alike_claim_by_their_swaps() -> None:
    alike = Estimate(value=1.0, p=0.0001, n=15, clusters=3, reason="the pairs are alike")
    assert sentence_of(basis(these=alike, tasks=3)).kind == "here"
    assert sentence_of(basis(these=alike.model_copy(update={"p": 0.06}), tasks=3)).kind == "open"


BOUND = st.floats(-1, 1)


@given(BOUND, BOUND, BOUND, BOUND, st.integers(1, 9), st.booleans(), st.floats(0, 1))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_never_said(
    a: float, b: float, c: float, d: float, tasks: int, alone: bool, excess: float
) -> None:
    text = sentence_of(
        basis(
            these=figure(min(a, b), max(a, b)),
            like=figure(min(c, d), max(c, d)),
            tasks=tasks,
            alone=alone,
            excess_p=excess,
        )
    ).text
    for word in ("significant", "prove", "no effect", "cause"):
        assert word not in text
    if tasks < 5:
        assert "tasks like these" not in text
    assert ("judge alone" in text) == alone


# --- looks ----------------------------------------------------------------------------------


def test_alpha_is_shared_over_planned_looks() -> None:
    assert (alpha_of(0.05, [5]), alpha_of(0.05, [3, 5])) == (0.05, 0.025)


def test_looks_that_were_not_planned_are_counted(tmp_path: Path) -> None:
    def look(seen: str, runs: int, partial: bool = False) -> list[bool]:
        looks = note_look(
            tmp_path, at="2026-01-01", seen=seen, runs=runs, partial=partial, planned=[3, 5]
        )
        return [each.planned for each in looks]

    assert look("a", 3) == [True]
    assert look("a", 3) == [True]  # the same levels again are the same look
    assert look("b", 4) == [True, False]
    assert look("c", 5, partial=True) == [True, False, False]
    assert look("d", 5)[-1:] == [False]  # the place was looked at before


@pytest.mark.parametrize("cut", [0, 1])
def test_a_look_taken_out_is_found(tmp_path: Path, cut: int) -> None:
    for number in range(3):
        note_look(tmp_path, at="t", seen=str(number), runs=number, partial=False, planned=[number])
    path = tmp_path / "looks.jsonl"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    del lines[cut]
    path.write_text("".join(lines), "utf-8")
    with pytest.raises(RecordError, match="changed or taken out"):
        read_looks(tmp_path)
