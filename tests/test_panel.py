"""A panel of two judges that differ: who gave which level, in terminal, export and agreement."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders import comparison, write_folder
from conftest import EXAMPLES, REPOSITORY, Grader
from grader.comparison.comparison import Comparison
from grader.comparison.kinds.verdict import Verdict, VerdictSample
from grader.rubric.scale import Level
from grader.testing import ScriptedJudge
from grader.testing.scripted import Received

RUBRIC = REPOSITORY / "tests" / "rubrics" / "yes-no.yaml"
ONE, TWO = "openai/one", "openai/two"
TITLES = {
    "decision-owned": "Somebody owns the decision",
    "objection-answered": "An objection is answered",
    "sunday-shown": "The Sunday is shown",
}
LEVELS = {
    "one": {"decision-owned": "yes", "objection-answered": "no", "sunday-shown": "met"},
    "two": {"decision-owned": "no", "objection-answered": "not_applicable", "sunday-shown": "met"},
}


def asked_for(model: str, title: str, seed: int | None = None) -> Callable[[Received], bool]:
    return lambda received: (
        received.body["model"] == model
        and title in received.prompt
        and seed in (None, received.body.get("seed"))
    )


def level(name: str) -> dict[str, Any]:
    return {
        "evidence": [], "looked_for_in_vain": ["a name"], "speaks_to_the_judge": [],
        "rationale": "Scripted.", "level": name,
    }  # fmt: skip


def answer(judge: ScriptedJudge) -> None:
    """Each model with its own levels, the same on both transcripts."""
    for model, levels in LEVELS.items():
        for criterion, name in levels.items():
            judge.answer(level(name), kind="verdict", when=asked_for(model, TITLES[criterion]))


def compare(grader: Grader, judge: ScriptedJudge, *options: str | Path) -> str:
    """Run the panel. What was printed."""
    answer(judge)
    ran = grader(
        "compare", EXAMPLES / "c-library-memo-1.json", EXAMPLES / "p-library-memo-1.json",
        "--rubric", RUBRIC, "--base-url", judge.base_url, "--depth", "quick", "--name", "x",
        *(options or ("--judge", ONE, "--judge", TWO)),
    )  # fmt: skip
    assert ran.code == 0, ran.err
    return ran.out


# --- in the terminal ------------------------------------------------------------------------


def test_lines_below_the_scorecard_say_which_judge_gave_which_level(
    grader: Grader, judge: ScriptedJudge
) -> None:
    compared = compare(grader, judge)
    for printed in (compared, grader("show", "outputs/x").out):
        lines = [line.strip() for line in printed.splitlines() if ": openai/one:" in line]
        assert lines == [
            f"{TITLES[criterion]}, {side}: openai/one: {one} x 1; openai/two: {two} x 1"
            for criterion, one, two in (
                ("decision-owned", "yes", "no"),
                ("objection-answered", "no", "not applicable"),
            )
            for side in ("Control", "Treatment")
        ]
        assert "Where the judges differ:" in printed


def test_one_judge_whose_samples_differ_is_no_panel(grader: Grader, judge: ScriptedJudge) -> None:
    pytest.importorskip("krippendorff")
    judge.answer(level("no"), kind="verdict", when=asked_for("one", TITLES["decision-owned"], 2))
    printed = compare(grader, judge, "--judge", ONE, "--samples", "2")
    assert "judges differ" not in printed
    assert grader("agreement", "outputs/x", "--json").json["panel"] == []
    assert "judges of a panel" not in grader("agreement", "outputs/x").out


def test_run_over_folders_counts_where_the_judges_differ(
    grader: Grader, judge: ScriptedJudge
) -> None:
    answer(judge)
    for side in ("c", "p"):
        Path(side).mkdir()
        session = json.loads((EXAMPLES / f"{side}-library-memo-1.json").read_text("utf-8"))
        for number in (1, 2):
            copy = json.dumps(session | {"id": f"{side}-{number}", "replicate": number})
            (Path(side) / f"{side}-{number}.json").write_text(copy, "utf-8")
    ran = grader(
        "compare", "c", "p", "--rubric", RUBRIC, "--base-url", judge.base_url,
        "--judge", ONE, "--judge", TWO, "--depth", "quick",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert ran.out.count("verdicts on which the judges differ: 4 (see grader show)") == 2


# --- in the export --------------------------------------------------------------------------


def test_export_has_a_row_for_each_criterion_side_judge_and_sample(
    grader: Grader, judge: ScriptedJudge
) -> None:
    compare(grader, judge, "--judge", ONE, "--judge", TWO, "--samples", "2")
    assert grader("export", "outputs/x", "-o", "x.csv").code == 0
    with Path("x.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["fact"] == "verdict"]
    given = {(r["criterion"], r["side"], r["judge"], r["sample"]): r["level"] for r in rows}
    assert len(given) == len(rows)
    assert given == {
        (criterion, side, f"openai/{model}", sample): name
        for model, levels in LEVELS.items()
        for criterion, name in levels.items()
        for side in ("control", "treatment")
        for sample in ("1", "2")
    }


# --- in the agreement -----------------------------------------------------------------------


def test_agreement_of_a_panel_names_the_two_and_keeps_scales_apart(
    grader: Grader, judge: ScriptedJudge
) -> None:
    pytest.importorskip("krippendorff")
    compare(grader, judge)
    document = grader("agreement", "outputs/x", "--json").json
    found = {each["group"]: (each["n"], each["percent"]["value"]) for each in document["panel"]}
    assert found == {
        "all (no < yes)": (4, 0.0),
        "all (not_met < partially_met < met)": (2, 1.0),
        "openai/one and openai/two (no < yes)": (4, 0.0),
        "openai/one and openai/two (not_met < partially_met < met)": (2, 1.0),
        "memo-yes-no: decision-owned": (2, 0.0),
        "memo-yes-no: objection-answered": (2, 0.0),
        "memo-yes-no: sunday-shown": (2, 1.0),
        "condition C (no < yes)": (2, 0.0),
        "condition C (not_met < partially_met < met)": (1, 1.0),
        "condition P (no < yes)": (2, 0.0),
        "condition P (not_met < partially_met < met)": (1, 1.0),
    }
    ran = grader("agreement", "outputs/x")
    assert "Between the judges of a panel" in ran.out
    assert "On 2 units somebody says that the situation does not arise" in ran.err


def panel(name: str, control: dict[str, list[Level | None]], folder: Path) -> None:
    """A comparison of which one verdict was given by these judges, each sample by sample."""
    draft: Comparison = comparison()
    samples = tuple(
        VerdictSample(
            judge=judge, sample=number, outcome="answered" if given else "refused", level=given
        )
        for judge, levels in control.items()
        for number, given in enumerate(levels, 1)
    )
    verdict = Verdict(criterion="owned-decision", side="control", level="met", samples=samples)
    write_folder(draft.model_copy(update={"slug": name, "verdicts": (verdict,)}), folder / name)


def test_figures_of_three_judges_are_those_worked_out_by_hand(
    grader: Grader, tmp_path: Path
) -> None:
    pytest.importorskip("krippendorff")
    folder = tmp_path / "outputs"
    given: list[dict[str, list[Level | None]]] = [
        {"a": ["met", "met", "not_met"], "b": ["met"], "c": ["not_met"]},
        {"a": ["not_met"], "b": ["not_met"], "c": [None]},
        {"a": ["met"], "b": ["not_met"], "c": ["not_met"]},
        {"a": ["not_met"], "b": ["not_met"], "c": ["not_met"]},
        {"a": ["met"]},
    ]
    for number, levels in enumerate(given * 3):
        panel(f"pair-{number}", levels, folder)
    groups = {g["group"]: g for g in grader("agreement", folder, "--json").json["panel"]}
    # a: met, not, met, not; b: met, not, not, not; c: not, -, not, not. The last had one judge.
    assert groups["all"]["n"] == 12
    assert groups["all"]["raters"] == 3
    assert groups["all"]["kappa_name"] == "Fleiss"
    # Equal pairs of raters: 1 of 3, 1 of 1, 1 of 3, 3 of 3.
    assert groups["all"]["percent"]["value"] == pytest.approx((1 + 1 + 1 + 3) / 10)
    pairs = {name: g for name, g in groups.items() if " and " in name}
    assert {name: (g["n"], g["percent"]["value"]) for name, g in pairs.items()} == {
        "a and b": (12, 3 / 4),
        "a and c": (9, pytest.approx(1 / 3)),
        "b and c": (9, pytest.approx(2 / 3)),
    }
    assert pairs["a and c"]["kappa"]["value"] is None, "nine units bear no kappa"
    # Observed 3/4; expected from two met of four and one met of four: (2 * 1 + 2 * 3) / 16.
    assert pairs["a and b"]["kappa"]["value"] == pytest.approx((3 / 4 - 1 / 2) / (1 - 1 / 2))
