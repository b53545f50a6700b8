"""`grader agreement --against PAGE`: a published scorecard as a reference for the judge."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import Grader, pair
from grader.comparison.folder import read_draft
from grader.rubric import Criterion, Rubric, Scale
from grader.rubric.writing import rubric_yaml
from grader.testing import ScriptedJudge
from published_pages import FIXTURES, MARK

pytest.importorskip("krippendorff")

TITLES = ("Somebody knew", "The singers decide", "The two travellers")


@pytest.fixture
def compared(grader: Grader, judge: ScriptedJudge) -> Path:
    for name in ("c-choir.txt", "p-choir.txt"):
        Path(name).write_text(MARK.sub("", (FIXTURES / name).read_text("utf-8")), "utf-8")
    levels = Scale({"met": "It is.", "partially_met": "Half of it is.", "not_met": "It isn't."})
    criteria = tuple(
        Criterion(id=f"k{n}", title=title, question="Is it there?", levels=levels)
        for n, title in enumerate(TITLES, 1)
    )
    rubric = Rubric(
        id="choir", version=1, title="Letter to the singers of a choir", criteria=criteria
    )
    Path("choir.yaml").write_text(rubric_yaml(rubric), "utf-8")
    answer = {
        "evidence": [],
        "looked_for_in_vain": [],
        "speaks_to_the_judge": [],
        "rationale": "x",
        "level": "met",
    }
    judge.answer(answer, kind="verdict", when=TITLES[0])
    judge.answer(answer | {"level": "partially_met"}, kind="verdict")
    options = ("--judge", "openai/scripted-judge", "--base-url", judge.base_url)
    pair = ("c-choir.txt", "p-choir.txt", "-r", "choir.yaml", "--depth", "quick", "--name", "x")
    ran = grader("compare", *pair, *options)
    assert ran.code == 0, ran.err
    return Path("outputs/x")


def test_verdicts_of_a_page_stand_beside_the_judge_s(grader: Grader, compared: Path) -> None:
    ran = grader("agreement", compared, "--against", "p-choir.txt", "--json")
    assert ran.code == 0, ran.err
    labels = [(x["criterion"], x["page"], x["judge"], x["side"]) for x in ran.json["labels"]]
    assert labels == [
        ("k1", "met", "met", "treatment"),
        ("k2", "partially_met", "partially_met", "treatment"),
        ("k3", "partially_met", "partially_met", "treatment"),
    ]
    assert ran.json["agreement"]["percent"]["value"] == 1.0
    assert "Criterion 2 is judged in two ways on the page" in ran.json["notes"][0]


def test_page_of_another_session_is_refused(grader: Grader, compared: Path) -> None:
    text = (FIXTURES / "p-garden.txt").read_text("utf-8")
    Path("other.txt").write_text(MARK.sub("", text), "utf-8")
    ran = grader("agreement", compared, "--against", "other.txt")
    assert ran.code == 2
    assert "none of these comparisons" in ran.err


def test_page_without_verdicts_is_refused(grader: Grader, compared: Path) -> None:
    ran = grader("agreement", compared, "--against", "c-choir.txt")
    assert ran.code == 2
    assert "no verdict" in ran.err


def test_page_is_not_held_against_levels_that_it_does_not_give(
    grader: Grader, compared: Path, judge: ScriptedJudge
) -> None:
    rubric = Path("choir.yaml").read_text("utf-8").replace("partially_met:", "half_met:")
    Path("half.yaml").write_text(rubric, "utf-8")
    answer = {"evidence": [], "looked_for_in_vain": [], "rationale": "x", "level": "half_met"}
    judge.answer(answer, kind="verdict", when="half_met")
    options = ("--judge", "openai/scripted-judge", "--base-url", judge.base_url, "--name", "half")
    pair = ("c-choir.txt", "p-choir.txt", "-r", "half.yaml", "--depth", "quick")
    grader("compare", *pair, *options)
    ran = grader("agreement", "outputs/half", "--against", "p-choir.txt")
    assert ran.code == 2
    assert "has the levels not_met, half_met, met, which a published page doesn't give" in ran.err


def test_our_own_writeup_is_read_back(grader: Grader, compared: Path) -> None:
    ran = grader("agreement", compared, "--against", compared / "comparison.md", "--json")
    assert ran.code == 0, ran.err
    draft, _ = read_draft(compared)
    told = {(x["criterion"], x["side"]): x["page"] for x in ran.json["labels"]}
    assert told == {(v.criterion, v.side): v.level for v in draft.verdicts}
    assert ran.json["agreement"]["percent"]["value"] == 1.0
    assert not ran.json["notes"]


def test_our_own_writeup_passes_the_check_of_pages_and_a_changed_quotation_does_not(
    grader: Grader, judge: ScriptedJudge
) -> None:
    control, treatment, *rubric = pair("clinic-postmortem")
    ran = grader("compare", control, treatment, *rubric, "--judge", "openai/scripted-judge",
                 "--base-url", judge.base_url, "--name", "clinic")  # fmt: skip
    assert ran.code == 0, ran.err
    sources = ("--source", control, "--source", treatment)
    for name in ("comparison.md", "evidence.md"):
        checked = grader("check", Path("outputs/clinic") / name, *sources)
        assert checked.code == 0, checked.out
    text = Path("outputs/clinic/comparison.md").read_text("utf-8")
    changed = re.sub(r"(: “\w+ \w+ )", r"\1never ", text)
    assert changed != text
    Path("changed.md").write_text(changed, "utf-8")
    assert grader("check", "changed.md", *sources).code == 1


def test_writeup_of_a_shipped_pair_passes_the_check_of_pages(grader: Grader) -> None:
    control, _, *rubric = pair("library-memo")
    treatment = control.with_name("p-library-memo-2.json")
    shown = control.parents[1]
    ran = grader("compare", control, treatment, *rubric, "--study", shown / "study.yaml",
                 "--blindness-probe", "--name", "memo",
                 "--judge", f"recorded:{shown / 'recordings' / 'library-memo.jsonl'}")  # fmt: skip
    assert ran.code == 0, ran.err
    for name in ("comparison.md", "evidence.md"):
        page = Path("outputs/memo") / name
        checked = grader("check", page, "--source", control, "--source", treatment)
        assert checked.code == 0, checked.out
    ran = grader("agreement", "outputs/memo", "--against", "outputs/memo/comparison.md", "--json")
    assert ran.json["agreement"]["percent"]["value"] == 1.0
