"""Two folders of transcripts compared pair by pair, in one run, and stopped in good order."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import EXAMPLES, RUBRICS, Grader, pair
from grader.comparison.folder import read_draft
from grader.testing import ScriptedJudge

JUDGE = ("--judge", "openai/scripted-judge")
PAIRS = ["clinic-postmortem-1", "clinic-postmortem-2", "library-memo-1", "library-memo-2"]


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Four controls and their treatments, and one control without."""
    for side, letter in (("controls", "c"), ("treatments", "p")):
        (tmp_path / side).mkdir()
        for name in PAIRS:
            shutil.copy(EXAMPLES / f"{letter}-{name}.json", tmp_path / side)
    shutil.copy(EXAMPLES / "c-export-endpoint-1.json", tmp_path / "controls")
    return tmp_path / "controls", tmp_path / "treatments"


def test_pairs_are_matched_by_task_and_replicate_with_the_rubric_of_their_task(
    grader: Grader, judge: ScriptedJudge, folders: tuple[Path, Path]
) -> None:
    ran = grader(
        "compare", *folders, "--rubric", RUBRICS, *JUDGE, "--base-url", judge.base_url,
        "--depth", "quick", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    made = [Path(each["folder"]) for each in ran.json["comparisons"]]
    assert [folder.name.split("--")[0] for folder in made] == [f"c-{name}" for name in PAIRS]
    for folder, name in zip(made, PAIRS, strict=True):
        draft, _ = read_draft(folder)
        assert (draft.treatment.id, draft.rubric.id) == (f"p-{name}", name[:-2])
        assert (folder / "comparison.md").exists()
    assert "c-export-endpoint-1.json has no counterpart" in ran.err
    assert max(judge.asked.values()) == 1


def test_questions_go_out_criterion_by_criterion_across_the_pairs(
    grader: Grader, judge: ScriptedJudge, folders: tuple[Path, Path]
) -> None:
    grader(
        "compare", *folders, "--rubric", RUBRICS, *JUDGE, "--base-url", judge.base_url,
        "--depth", "quick", "--concurrency", "1",
    )  # fmt: skip
    titles = [
        received.prompt.rpartition("Criterion: ")[2].splitlines()[0]
        for received in judge.requests
        if received.kind == "verdict"
    ]
    first_criterion = titles[:8]
    # Four pairs of two tasks: the first criterion of each, on both sides, before any second one.
    assert len(set(first_criterion)) == 2, first_criterion


def test_second_run_over_folders_asks_nothing_and_a_dry_run_adds_up(
    grader: Grader, judge: ScriptedJudge, folders: tuple[Path, Path]
) -> None:
    command = (
        "compare", *folders, "--rubric", RUBRICS, *JUDGE, "--base-url", judge.base_url,
        "--depth", "quick",
    )  # fmt: skip
    planned = grader(*command, "--dry-run", "--json")
    assert judge.requests == []
    grader(*command)
    asked = [r for r in judge.requests if r.kind != "requote"]
    assert planned.json["total"] == len(asked)
    before = len(judge.requests)
    ran = grader(*command)
    assert ran.code == 0 and ran.out.count("made before") == 4
    assert len(judge.requests) == before


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            lambda c, p: shutil.copy(c / "c-library-memo-1.json", c / "copy.json"),
            "is there 2 times",
        ),
        (lambda c, p: [f.unlink() for f in p.iterdir()], "holds no transcript"),
        (
            lambda c, p: (
                [f.unlink() for f in p.iterdir() if "memo-2" not in f.name]
                + [(c / "c-library-memo-2.json").unlink()]
            ),
            "no task and replicate is in both folders",
        ),
    ],
    ids=["twice the same", "empty", "nothing in common"],
)
def test_folders_that_cannot_be_matched_are_told(
    grader: Grader, folders: tuple[Path, Path], spoil: Callable[[Path, Path], Any], told: str
) -> None:
    spoil(*folders)
    ran = grader("compare", *folders, "--rubric", RUBRICS)
    assert ran.code == 2
    assert told in ran.err
    assert "Traceback" not in ran.err
    assert not Path("outputs").exists()


def test_missing_rubric_and_a_name_for_many_are_told(
    grader: Grader, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "rubrics").mkdir()
    ran = grader("compare", *folders, "--rubric", tmp_path / "rubrics")
    assert ran.code == 2 and "no rubric for the task 'clinic-postmortem'" in ran.err
    ran = grader("compare", *folders, "--rubric", RUBRICS, "--name", "all")
    assert ran.code == 2 and "can't share a name" in ran.err


def test_folders_without_a_judge_are_laid_out_for_the_reviewer(
    grader: Grader, folders: tuple[Path, Path]
) -> None:
    ran = grader("compare", *folders, "--rubric", RUBRICS)
    assert ran.code == 0, ran.err
    assert len(list(Path("outputs").glob("*/comparison.json"))) == 4


def test_files_judge_waits_for_all_pairs_at_once(
    grader: Grader, folders: tuple[Path, Path]
) -> None:
    ran = grader(
        "compare", *folders, "--rubric", RUBRICS, "--judge", "files:batch", "--depth", "quick"
    )
    assert ran.code == 75
    lines = Path("batch/requests.jsonl").read_text().splitlines()
    # Five or six criteria and three signatures a pair, on both sides.
    assert f"{len(lines)} questions are open" in ran.err
    assert len(lines) > 60
    assert "belong to no question" not in ran.err


def _start(judge: ScriptedJudge, *more: str) -> subprocess.Popen[str]:
    command = [
        sys.executable, "-m", "grader", "compare", *map(str, pair("clinic-postmortem")), *JUDGE,
        "--base-url", judge.base_url, "--concurrency", "4", *more,
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _until(judge: ScriptedJudge, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(judge.requests) < count and time.monotonic() < deadline:
        time.sleep(0.01)


def test_ctrl_c_finishes_what_is_under_way_and_says_how_to_go_on() -> None:
    with ScriptedJudge(latency_s=0.3) as judge:
        process = _start(judge)
        _until(judge, 6)
        os.kill(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
        sent = len(judge.requests)
        assert process.returncode == 130
        assert "what is under way ends" in said
        assert "Run the same command again" in said
        assert "Traceback" not in said
        assert sent <= 12
        [calls] = Path("outputs").glob("*/calls.jsonl")
        assert len(calls.read_text().splitlines()) == sent, "every request that went out is kept"
        assert not list(Path("outputs").glob("*/comparison.json"))

        judge.latency_s = 0.0
        process = _start(judge)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
        assert max(judge.asked.values()) == 1, "nothing was asked twice"


def test_second_ctrl_c_stops_at_once() -> None:
    with ScriptedJudge() as judge:
        judge.fail("hang")
        process = _start(judge)
        _until(judge, 4)
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.3)
        os.kill(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "stopped at once" in said
    assert "Traceback" not in said


def test_many_pairs_share_one_event_loop_and_one_judge(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    import json

    controls, treatments = tmp_path / "many-c", tmp_path / "many-p"
    for folder, letter in ((controls, "c"), (treatments, "p")):
        folder.mkdir()
        source = json.loads((EXAMPLES / f"{letter}-clinic-postmortem-1.json").read_text())
        for n in range(1, 25):
            source["id"], source["replicate"] = f"{letter}-many-{n}", n
            (folder / f"{n:03}.json").write_text(json.dumps(source))
    ran = grader(
        "compare", controls, treatments, "--rubric", RUBRICS / "clinic-postmortem.yaml", *JUDGE,
        "--base-url", judge.base_url, "--depth", "quick", "--concurrency", "16", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert len(ran.json["comparisons"]) == 24
    assert all(each["new"] for each in ran.json["comparisons"])
    # The same texts are the same questions: asked once for all 24 pairs.
    assert max(judge.asked.values()) == 1


def test_budget_that_is_spent_before_the_last_pairs_names_them(
    grader: Grader, judge: ScriptedJudge, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text(
        "models: {openai/scripted-judge: {input: 1.0, cached_input: 0.1, output: 4.0}}\n"
    )
    ran = grader(
        "compare", *folders, "--rubric", RUBRICS, *JUDGE, "--base-url", judge.base_url,
        "--depth", "quick", "--prices", prices, "--budget", "0.001",
    )  # fmt: skip
    assert ran.code == 3
    assert "Not made: 4 of 4 comparisons (c-clinic-postmortem-1--" in ran.err
    assert "and 1 more" in ran.err


def test_pair_that_cannot_be_written_leaves_the_others_their_questions(
    grader: Grader, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    command = (
        "compare", *folders, "--rubric", RUBRICS, "--judge", f"files:{tmp_path / 'x'}",
        "--depth", "quick",
    )  # fmt: skip
    planned = grader(*command, "--dry-run", "--json").json
    in_the_way = Path(planned["folders"][1])
    in_the_way.parent.mkdir(parents=True, exist_ok=True)
    in_the_way.write_text("somebody's notes")
    ran = grader(*command)
    assert ran.code == 2
    assert in_the_way.name in ran.err and "Not made: 4 of 4 comparisons" in ran.err
    lines = (tmp_path / "x" / "requests.jsonl").read_text().splitlines()
    assert len(lines) == planned["total"] * 3 // 4
    assert in_the_way.read_text() == "somebody's notes"
