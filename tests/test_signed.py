"""The whole way: two transcripts and a rubric become a signed writeup, as a user does it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Grader, pair
from grader.review.folder import read_reviewed
from grader.testing import ScriptedJudge
from test_files_judge import BATCH, COMMAND, open_questions, reply_lines


def review(folder: Path, keys: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grader", "review", str(folder), "--reviewer", "Ada"],
        input=keys, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("task", ["clinic-postmortem", "library-memo", "export-endpoint"])
def test_scripted_judge_to_signed_writeup(grader: Grader, judge: ScriptedJudge, task: str) -> None:
    made = grader(
        "compare", *pair(task), "--judge", "openai/scripted-judge", "--base-url", judge.base_url,
        "--json",
    ).json  # fmt: skip
    folder = Path(made["folder"])
    refused = grader("sign", folder, "--reviewer", "Ada")
    assert refused.code == 2
    assert "decisions are undecided" in refused.err
    reviewed = review(folder, "a\n" * 60)
    assert reviewed.returncode == 0, reviewed.stderr
    assert "grader sign" in reviewed.stdout
    signed = grader("sign", folder, "--reviewer", "Ada", "--statement", "Read in full.")
    assert signed.code == 0, signed.err
    text = (folder / "comparison.md").read_text()
    assert text.startswith("> **Signed by Ada")
    assert "The judge was scripted" in text
    result = read_reviewed(folder)
    required = [decision for decision in result.decisions.values() if decision.required]
    assert {decision.state for decision in required} == {"accepted"}
    assert result.scorecard == result.draft.scorecard


def test_files_judge_to_signed_writeup(grader: Grader, judge: ScriptedJudge) -> None:
    while (ran := grader(*COMMAND)).code == 75:
        (BATCH / "responses.jsonl").write_text("\n".join(reply_lines(judge, open_questions())))
    assert ran.code == 0, ran.err
    [folder] = Path("outputs").glob("c-*")
    assert review(folder, "a\n" * 60).returncode == 0
    assert grader("sign", folder, "--reviewer", "Ada").code == 0
    assert (folder / "comparison.md").read_text().startswith("> **Signed by Ada")


def test_offline_draft_cannot_be_accepted_but_can_be_decided_and_signed(grader: Grader) -> None:
    folder = Path(grader("compare", *pair("library-memo"), "--json").json["folder"])
    ran = review(folder, "a\nq\n")
    assert "edit" in ran.stdout.lower(), "there is no level to accept"
    assert len(read_reviewed(folder).undecided) == 16
    review(folder, "r\n" * 16 + "I will not guess\n" * 16)
    assert not read_reviewed(folder).undecided
    assert grader("sign", folder, "--reviewer", "Ada").code == 0
    text = (folder / "comparison.md").read_text()
    assert "No judge was asked" in text
    assert "Signed by Ada" in text.splitlines()[0]


def test_draft_changed_by_hand_is_neither_reviewed_nor_signed(
    grader: Grader, judge: ScriptedJudge
) -> None:
    made = grader(
        "compare", *pair("library-memo"), "--judge", "openai/scripted-judge", "--base-url",
        judge.base_url, "--depth", "quick", "--json",
    ).json  # fmt: skip
    draft = Path(made["folder"]) / "comparison.json"
    draft.write_text(draft.read_text().replace('"level": "met"', '"level": "not_met"', 1))
    for command in ("review", "sign"):
        ran = grader(command, made["folder"], "--reviewer", "Ada")
        assert ran.code == 2
        assert "the draft is not the one that was written here" in ran.err
