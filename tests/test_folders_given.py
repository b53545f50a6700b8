"""What is given as files and folders: tasks that needn't be stated, names that don't count."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import EXAMPLES, RUBRICS, Grader, pair
from grader.comparison.folder import locked, read_draft
from grader.testing import ScriptedJudge

JUDGE = ("--judge", "openai/scripted-judge", "--depth", "quick")
LIBRARY = RUBRICS / "library-memo.yaml"


def bare(folder: Path, *names: str, task: str | None = None) -> Path:
    """Transcripts of a folder without any facts but, if asked for, their task."""
    folder.mkdir()
    for number, name in enumerate(names, start=1):
        value = json.loads((EXAMPLES / f"{name}.json").read_text())
        kept = {"prompt": value["prompt"], "preamble": value.get("preamble"),
                "messages": value["messages"], "task": task}  # fmt: skip
        (folder / f"run-{number}.json").write_text(json.dumps(kept))
    return folder


def test_one_rubric_for_one_task_needs_no_task_in_the_files(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    controls = bare(tmp_path / "C", "c-library-memo-1", "c-library-memo-2")
    treatments = bare(tmp_path / "P", "p-library-memo-1", "p-library-memo-2", task="library-memo")
    for file in [*controls.iterdir(), *treatments.iterdir()]:
        file.rename(file.with_stem(f"{file.parent.name.lower()}-{file.stem}"))
    ran = grader("compare", controls, treatments, "--rubric", LIBRARY, *JUDGE, "--base-url",
                 judge.base_url, "--json")  # fmt: skip
    assert ran.code == 0, ran.err
    drafts = [read_draft(Path(each["folder"]))[0] for each in ran.json["comparisons"]]
    assert [(draft.control.id, draft.treatment.id) for draft in drafts] == [
        ("c-run-1", "p-run-1"),
        ("c-run-2", "p-run-2"),
    ]


def test_rubrics_of_several_tasks_need_the_task_stated(grader: Grader, tmp_path: Path) -> None:
    controls = bare(tmp_path / "C", "c-library-memo-1")
    treatments = bare(tmp_path / "P", "p-library-memo-1")
    ran = grader("compare", controls, treatments, "--rubric", RUBRICS)
    assert ran.code == 2
    assert "doesn't state its task" in ran.err


def test_a_file_and_a_folder_are_no_pair(grader: Grader) -> None:
    ran = grader("compare", EXAMPLES / "c-library-memo-1.json", EXAMPLES, "-r", LIBRARY)
    assert ran.code == 2
    assert f"{EXAMPLES}: this is a folder, and the other side is not" in ran.err
    assert "two files, or two folders" in ran.err


def test_a_renamed_file_makes_no_other_comparison(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    control = bare(tmp_path / "C", "c-library-memo-1") / "run-1.json"
    treatment = pair("library-memo")[1]
    command = ("--rubric", LIBRARY, *JUDGE, "--base-url", judge.base_url, "--name", "one")
    assert grader("compare", control, treatment, *command).code == 0
    asked = len(judge.requests)
    renamed = control.rename(control.with_name("another-name.json"))
    ran = grader("compare", renamed, treatment, *command)
    assert ran.code == 0, ran.err
    assert len(judge.requests) == asked
    other = json.loads(renamed.read_text())
    other["messages"][-1]["content"] += " More."
    renamed.write_text(json.dumps(other))
    ran = grader("compare", renamed, treatment, *command)
    assert ran.code == 2
    assert "the control transcript differs" in ran.err


@pytest.mark.parametrize("command", [("check",), ("agreement",), ("export", "--to", "t.csv")])
def test_everything_in_outputs_may_be_given(
    grader: Grader, judge: ScriptedJudge, command: tuple[str, ...]
) -> None:
    for number in ("1", "2"):
        control, treatment = (EXAMPLES / f"{side}-library-memo-{number}.json" for side in "cp")
        ran = grader("compare", control, treatment, "--rubric", LIBRARY, *JUDGE, "--base-url",
                     judge.base_url, "--json")  # fmt: skip
        assert ran.code == 0, ran.err
    reviewed = Path(ran.json["folder"])
    outputs = reviewed.parent
    subprocess.run(
        [sys.executable, "-m", "grader", "review", str(reviewed), "--reviewer", "Ada"],
        input="a\nq\n", capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    given = sorted(outputs.iterdir())
    names = {"journal.db", "drafts.jsonl", f"{reviewed.name}.reviews.json"}
    assert names <= {path.name for path in given}
    ran = grader(*command, *given)
    assert ran.code == 0, ran.err + ran.out


def test_a_run_that_could_not_start_leaves_no_folder(
    grader: Grader, tmp_path: Path, judge: ScriptedJudge
) -> None:
    recording = tmp_path / "empty.jsonl"
    recording.write_text("")
    control, treatment, *rubric = pair("library-memo")
    outputs = tmp_path / "out"
    ran = grader("compare", control, treatment, *rubric, "--judge", f"recorded:{recording}",
                 "--outputs", outputs)  # fmt: skip
    assert ran.code != 0
    assert [path for path in outputs.glob("*") if path.is_dir()] == []


def test_a_folder_with_answers_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    with pytest.raises(KeyError), locked(folder):
        (folder / "calls.jsonl").write_text("{}\n")
        raise KeyError
    assert folder.is_dir()
    with pytest.raises(KeyError), locked(tmp_path / "two"):
        raise KeyError
    assert not (tmp_path / "two").exists()
