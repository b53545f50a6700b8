"""What differs between two runs beyond the treatment, and what is done about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import EXAMPLES, Grader, pair, written
from grader.comparison.folder import read_draft
from grader.testing import ScriptedJudge


def changed(tmp_path: Path, **changes: Any) -> Path:
    """The example treatment with some of its facts changed."""
    data = json.loads((EXAMPLES / "p-library-memo-1.json").read_text())
    path = tmp_path / "p-changed.json"
    path.write_text(json.dumps(data | changes))
    return path


def test_confound_is_told_in_draft_and_writeup(grader: Grader, tmp_path: Path) -> None:
    control, _, *rubric = pair("library-memo")
    other = changed(tmp_path, model={"name": "gpt", "version": "5", "provider": "OpenAI"})
    made = grader("compare", control, other, *rubric, "--json").json
    draft, _ = read_draft(Path(made["folder"]))
    confounds = [note for note in draft.pair_notes if note.kind == "confound"]
    assert any("model" in note.code for note in confounds)
    text = written(Path(made["folder"]))
    for note in confounds:
        assert note.message.split(".")[0] in text.replace("\\", "")


def test_strict_refuses_a_confounded_pair_and_takes_a_clean_one(
    grader: Grader, tmp_path: Path
) -> None:
    control, treatment, *rubric = pair("library-memo")
    other = changed(tmp_path, model={"name": "gpt", "version": "5", "provider": "OpenAI"})
    refused = grader("compare", control, other, *rubric, "--strict")
    assert refused.code == 2
    assert "differ in more than the treatment" in refused.err
    assert "model" in refused.err
    assert grader("compare", control, treatment, *rubric, "--strict").code == 0


def test_pair_of_the_examples_has_no_confound(grader: Grader) -> None:
    for task in ("clinic-postmortem", "library-memo", "export-endpoint"):
        made = grader("compare", *pair(task), "--json").json
        draft, _ = read_draft(Path(made["folder"]))
        assert [note.code for note in draft.pair_notes if note.kind == "confound"] == []


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (["transcript_1", "transcript_1"], "1 of 2 times it named the control rightly, 1 of 2"),
        (["cannot_tell", "cannot_tell"], "2 of 2 times it could not tell"),
    ],
)
def test_blindness_probe_is_asked_in_both_orders_and_reported(
    grader: Grader, judge: ScriptedJudge, answers: list[str], told: str
) -> None:
    for answer in answers:
        judge.answer({"evidence": [], "reason": "r", "plain_run": answer}, kind="probe", times=1)
    ran = grader(
        "compare", *pair("library-memo"), "--judge", "openai/scripted-judge", "--base-url",
        judge.base_url, "--depth", "quick", "--blindness-probe", "--concurrency", "1", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert len(judge.of_kind("probe")) == 2
    draft, _ = read_draft(Path(ran.json["folder"]))
    assert {order.first for order in draft.probe} == {"control", "treatment"}
    assert told in written(Path(ran.json["folder"]))


def test_choice_of_turns_is_judged_and_kept_in_the_draft(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    data = json.loads((EXAMPLES / "p-library-memo-1.json").read_text())
    later = [{"role": "user", "content": "Shorter, please."},
             {"role": "assistant", "content": "The second text, which is short."}]  # fmt: skip
    longer = tmp_path / "p-longer.json"
    longer.write_text(json.dumps(data | {"messages": data["messages"] + later}))
    control, _, *rubric = pair("library-memo")
    ran = grader(
        "compare", control, longer, *rubric, "--judge", "openai/scripted-judge", "--base-url",
        judge.base_url, "--depth", "quick", "--judge-turns", "treatment=4", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    sent = [r.prompt for r in judge.of_kind("verdict") if "The second text" in r.prompt]
    assert len(sent) == 5
    assert all("The library will close on Sundays" not in prompt for prompt in sent)


def test_rubric_may_count_things_of_its_own(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    control, treatment, _, rubric = pair("library-memo")
    own = tmp_path / "own.yaml"
    own.write_text(
        rubric.read_text()
        + "measures:\n  - id: dates\n    title: Bracketed dates\n    pattern: '\\[date'\n"
    )
    ran = grader(
        "compare", control, treatment, "--rubric", own, "--judge", "openai/scripted-judge",
        "--base-url", judge.base_url, "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    draft, _ = read_draft(Path(ran.json["folder"]))
    counts = {
        side: control_or_not["dates"] for side, control_or_not in draft.named_measures.items()
    }
    texts = {side: draft.transcript(side).turns[-1].text for side in ("control", "treatment")}
    assert counts == {side: text.count("[date") for side, text in texts.items()}
    assert any("Bracketed dates: Transcript 1" in f.text for f in draft.findings)


def test_prompt_that_may_hold_a_preamble_is_refused_before_the_judge_sees_it(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    """A word that differs keeps the task from being found; then nothing may go out."""
    control, _, *rubric = pair("library-memo")
    data = json.loads((EXAMPLES / "p-library-memo-1.json").read_text())
    said = data["preamble"] + "\n\n" + data["prompt"].replace("23 staff", "23 people")
    messages = [{"role": "user", "content": said}, data["messages"][-1]]
    bare = tmp_path / "bare.json"
    bare.write_text(json.dumps({"id": "bare", "messages": messages}))
    ran = grader(
        "compare", control, bare, *rubric, "--judge", "openai/scripted-judge", "--base-url",
        judge.base_url,
    )  # fmt: skip
    assert ran.code == 2
    assert "the task prompts of the two differ" in ran.err
    assert data["preamble"].split("\n")[0][:40] in ran.err
    assert "state `preamble` and `prompt`" in ran.err
    assert judge.requests == []
