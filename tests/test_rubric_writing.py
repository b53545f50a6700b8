"""`grader rubric new` with piped answers, and `grader rubric draft` with a scripted judge."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from conftest import EXAMPLES, Grader
from grader.rubric import Rubric, read_rubric
from grader.rubric.writing import rubric_yaml
from grader.testing import ScriptedJudge

ANSWERS = [
    *("", "A memo", "Write a memo.", "c-1", ""),
    *("Someone decides", "", "Does the memo say who decided?"),
    *("Both hold. (a) A person decides. (b) A reason is named.",),
    *("Exactly one of (a) and (b) holds.", "Neither holds."),
    *("verbs of deciding", "", "The control announces.", "H1", "sideways", "up"),
    *("y", "Someone decides", "someone-decides", "", "Is it kind?"),
    *("It is kind.", "It is polite.", "It is neither.", "", "", "", ""),
    *("n", "y", "A habit", "", "What it is.", "", "a sign", "", "n"),
]


def pipe(monkeypatch: pytest.MonkeyPatch, lines: list[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(line + "\n" for line in lines)))


def test_piped_answers_become_a_rubric(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe(monkeypatch, ANSWERS)
    ran = grader("rubric", "new", "memo.yaml")
    assert ran.code == 0, ran.err
    rubric = read_rubric("memo.yaml")
    assert (rubric.id, rubric.derived_from) == ("memo", ("c-1",))
    first, second = rubric.criteria
    assert (first.id, first.hypothesis, first.direction) == ("someone-decides", "H1", "up")
    # The id was taken, so the answer that repeats it is asked for again.
    assert second.id == "someone-decides-2"
    assert rubric.signatures[0].markers == ("a sign",)
    assert "nothing found" in ran.err


def test_guided_criteria_have_the_levels_that_were_named(
    grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["", "A memo", "", "", "Someone decides", "", "Does the memo say who decided?"]
    lines += ["A person is named.", "Nobody is named.", "Nothing was decided.", "", "", "", ""]
    pipe(monkeypatch, [*lines, "n", "n"])
    ran = grader("rubric", "new", "memo.yaml", "--levels", "yes, no", "--not-applicable")
    assert ran.code == 0, ran.err
    [criterion] = read_rubric("memo.yaml").criteria
    assert criterion.definitions == {
        "yes": "A person is named.", "no": "Nobody is named.",
        "not_applicable": "Nothing was decided.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("yes", "2 to 7 levels"), ("Yes,No", "small letters"), ("yes,yes", "named twice"),
        ("yes,missing", "'missing' stands for"),
    ],
)  # fmt: skip
def test_names_that_are_no_scale_are_refused(grader: Grader, names: str, told: str) -> None:
    ran = grader("rubric", "new", "memo.yaml", "--levels", names)
    assert ran.code == 2
    assert told in ran.err


def test_levels_of_all_criteria_are_written_once(tmp_path: Path) -> None:
    criterion = {"title": "A", "question": "Is it?", "levels": {"1": "It is.", "0": "It isn't."}}
    rubric = Rubric.model_validate(
        {"id": "r", "version": 1, "title": "R",
         "criteria": [{"id": "a", **criterion}, {"id": "b", **criterion, "not_applicable": "No."}]}
    )  # fmt: skip
    text = rubric_yaml(rubric)
    assert text.count("levels:") == 1
    path = tmp_path / "r.yaml"
    path.write_text(text, "utf-8")
    assert read_rubric(path) == rubric


def test_answers_that_end_early_leave_nothing(
    grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe(monkeypatch, ANSWERS[:9])
    ran = grader("rubric", "new", "memo.yaml")
    assert ran.code == 2
    assert "the answers ended at: partially met" in ran.err
    assert not Path("memo.yaml").exists()


@pytest.mark.parametrize("command", [("new",), ("draft", "--from", "c.json", "-j", "offline")])
def test_file_that_is_there_is_not_overwritten(grader: Grader, command: tuple[str, ...]) -> None:
    Path("memo.yaml").write_text("mine")
    ran = grader("rubric", command[0], "memo.yaml", *command[1:])
    assert ran.code == 2
    assert Path("memo.yaml").read_text() == "mine"


def test_what_was_written_reads_as_it_was(tmp_path: Path) -> None:
    values = {
        "id": "odd",
        "version": 1,
        "title": 'Odd: "texts" # and signs',
        "criteria": [
            {
                "id": "one",
                "title": "- a dash",
                "question": "word " * 60 + "end: {of} [it]?",
                "levels": {"met": "yes", "partially_met": "'", "not_met": "1"},
                "look_for": ["*star", "über – „so“"],
            }
        ],
    }
    rubric = Rubric.model_validate(values)
    path = tmp_path / "odd.yaml"
    path.write_text(rubric_yaml(rubric, "A comment\nin two lines"), "utf-8")
    assert read_rubric(path).criteria[0].scale == rubric.criteria[0].scale
    assert read_rubric(path).hash == rubric.hash


# --- drafting -------------------------------------------------------------------------------

CONTROL = EXAMPLES / "c-library-memo-1.json"
JUDGE = ("--judge", "openai/scripted-judge")


def draft(grader: Grader, judge: ScriptedJudge, *sources: Path) -> Any:
    chosen = [part for source in sources for part in ("--from", source)]
    return grader(
        "rubric", "draft", "new.yaml", *chosen, *JUDGE, "--base-url", judge.base_url, "--json"
    )


def test_judge_proposes_criteria_from_controls_alone(grader: Grader, judge: ScriptedJudge) -> None:
    judge.answer(
        {
            "criteria": [
                {
                    "evidence": ["words that stand nowhere in it at all"],
                    "why": "It names nobody.",
                    "title": "Someone decides",
                    "question": "Does the memo say who decided?",
                    "met": "Both hold. (a) A person decides. (b) A reason is named.",
                    "partially_met": "Exactly one of (a) and (b) holds.",
                    "not_met": "Neither holds.",
                    "does_not_count": "A remark to the sender is no decision.",
                    "level_here": "not_met",
                    "if_nothing_changes": "The same level.",
                    "look_for": ["verbs of deciding"],
                }
            ]
        }
    )
    ran = draft(grader, judge, CONTROL, EXAMPLES / "c-library-memo-2.json")
    assert ran.code == 0, ran.err
    assert ran.json["findings"] == []
    rubric = read_rubric("new.yaml")
    assert rubric.derived_from == ("c-library-memo-1", "c-library-memo-2")
    assert rubric.criteria[0].id == "someone-decides"
    assert "What does not count: A remark to the sender" in rubric.criteria[0].definition("met")
    assert "stands at 'not met'" in (rubric.criteria[0].why or "")
    assert "1 quotations of the judge stand in no control" in ran.err
    assert "Not reviewed by anyone" in Path("new.yaml").read_text("utf-8")
    sent = "\n".join(judge.requests[0].texts)
    assert "c-library-memo" not in sent
    assert "control" not in sent.lower().replace("under control", "")
    # The same proposal is taken from the journal.
    Path("new.yaml").unlink()
    assert draft(grader, judge, CONTROL, EXAMPLES / "c-library-memo-2.json").code == 0
    assert len(judge.requests) == 1


def test_generated_proposal_is_a_readable_rubric(grader: Grader, judge: ScriptedJudge) -> None:
    assert draft(grader, judge, CONTROL).code == 0
    assert read_rubric("new.yaml").criteria


PLAIN = json.loads(CONTROL.read_text("utf-8"))
OPENING = {
    "messages": [
        {"role": "user", "content": "Good morning. Nobody scores what you say here."},
        {"role": "assistant", "content": "Good morning. Then let us see what there is to do."},
        *PLAIN["messages"][1:],
    ]
}


@pytest.mark.parametrize("label", ["baseline", None])
def test_criteria_are_drafted_from_any_untreated_run(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path, label: str | None
) -> None:
    path = tmp_path / "base.json"
    path.write_text(json.dumps(PLAIN | {"condition": label}), "utf-8")
    assert draft(grader, judge, path).code == 0


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"preamble": "Nobody scores this."}, "has a preamble, so it is primed"),
        ({"condition": "baseline", "preamble": "Be yourself."}, "has a preamble"),
        (OPENING, "has turns of the model before its task"),
    ],
)
def test_what_was_treated_is_refused(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(PLAIN | changes), "utf-8")
    ran = draft(grader, judge, CONTROL, path)
    assert ran.code == 2
    assert told in ran.err
    assert not judge.requests


def test_controls_of_two_tasks_are_refused(grader: Grader, judge: ScriptedJudge) -> None:
    ran = draft(grader, judge, CONTROL, EXAMPLES / "c-clinic-postmortem-1.json")
    assert ran.code == 2
    assert "different tasks" in ran.err


def test_refusal_of_the_judge_is_told(grader: Grader, judge: ScriptedJudge) -> None:
    judge.fail("refuse")
    ran = draft(grader, judge, CONTROL)
    assert ran.code == 3
    assert "the judge gave no criteria: refused" in ran.err
    assert not Path("new.yaml").exists()
