"""`grader study` from folders to an answer, with a judge on a real socket."""

from __future__ import annotations

import io
import json
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from conftest import Grader
from grader.cli.app import app
from grader.judge.options import JudgeOptions
from grader.study.design import open_study
from grader.study.gold import give_levels, read_gold
from grader.study.looks import note_look, read_looks
from grader.testing import ScriptedJudge
from study_runs import (
    TASKS,
    even,
    judge_knows,
    mixed,
    options,
    write_rubrics,
    write_run,
    write_study,
)

FOLDER = Path("outputs/studies/small")
VERSIONS = {
    "C": {"name": "model-a", "version": "1"},
    "P": {"name": "model-a", "version": "2"},
}
LOCK = ("--author", "A researcher <r@example.org>")


def results() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "results.json").read_text("utf-8"))
    return found


def primary() -> dict[str, Any]:
    found: dict[str, Any] = results()["contrasts"][0]
    return found


# --- the whole way --------------------------------------------------------------------------


def test_from_folders_to_an_answer(grader: Grader, judge: ScriptedJudge) -> None:
    write_study()
    Path("study.yaml").unlink()
    judge_knows(judge, mixed)
    assert grader("study", "init", "C", "P", "-r", "rubrics", "--id", "small").code == 0
    assert grader("study", "lock", "study.yaml", *LOCK).code == 0
    ran = grader("study", "run", "study.yaml", *options(judge))
    assert ran.code == 0, ran.err
    assert "36 of 36 verdicts answered, 0 failed." in ran.out
    reported = grader("study", "report", "study.yaml")
    assert reported.code == 0, reported.err
    first = reported.out.split("\n")[0]
    assert first.startswith("Against C, P raises the levels in these 3 tasks: between +")
    assert "of other tasks nothing is known; by the judge alone" in " ".join(reported.out.split())
    for name in ("results.json", "report.md", "report.html", "levels.csv", "levels.jsonl"):
        assert (FOLDER / name).is_file()
    assert (FOLDER / "report.md").read_text("utf-8").count("\n## ") >= 8


def test_what_was_answered_is_not_asked_again(grader: Grader, judge: ScriptedJudge) -> None:
    write_study()
    judge_knows(judge, even)
    grader("study", "run", "study.yaml", *options(judge))
    asked = len(judge.requests)
    again = grader("study", "run", "study.yaml", *options(judge))
    assert (again.code, len(judge.requests)) == (0, asked)
    write_run(Path("P"), "P", TASKS[0], 4)
    write_run(Path("C"), "C", TASKS[0], 4)
    grader("study", "run", "study.yaml", *options(judge))
    assert len(judge.requests) == asked + 4


def test_verdicts_of_a_comparison_serve_the_study(grader: Grader, judge: ScriptedJudge) -> None:
    write_study()
    judge_knows(judge, even)
    pair = (f"C/c-{TASKS[0]}-1.json", f"P/p-{TASKS[0]}-1.json", "-r", f"rubrics/{TASKS[0]}.yaml")
    made = grader("compare", *pair, "--depth", "quick", *options(judge))
    assert made.code == 0, made.err
    before = sum(each.kind == "verdict" for each in judge.requests)
    assert before == 4
    grader("study", "run", "study.yaml", *options(judge))
    assert sum(each.kind == "verdict" for each in judge.requests) == 36


def test_the_judge_sees_no_condition(grader: Grader, judge: ScriptedJudge) -> None:
    write_study(runs=2)
    judge_knows(judge, even)
    grader("study", "run", "study.yaml", *options(judge))
    for received in judge.requests:
        for word in ("condition c", "preamble", "model-a", "2026-11-25", "c-bridge", "p-bridge"):
            assert word not in received.prompt.lower()


def test_same_data_same_bytes(grader: Grader, judge: ScriptedJudge) -> None:
    write_study()
    judge_knows(judge, even)
    grader("study", "run", "study.yaml", *options(judge))
    grader("study", "report", "study.yaml")
    names = ("results.json", "report.md", "report.html", "levels.csv", "figures/shift.svg")
    before = [(FOLDER / name).read_bytes() for name in names]
    lines = (FOLDER / "levels.jsonl").read_text("utf-8").splitlines(keepends=True)
    (FOLDER / "levels.jsonl").write_text("".join(reversed(lines)), "utf-8")
    assert grader("study", "report", "study.yaml").code == 0
    assert [(FOLDER / name).read_bytes() for name in names] == before


def test_every_judge_option_of_compare_is_an_option_of_a_study() -> None:
    commands: Any = get_command(app)
    of_compare, of_run = (
        {option for parameter in command.params for option in parameter.opts}
        for command in (commands.commands["compare"], commands.commands["study"].commands["run"])
    )
    of_judges = {
        f"--{field.name.removesuffix('_s').removesuffix('_usd').replace('_', '-')}"
        for field in fields(JudgeOptions)
    }
    assert of_judges & of_compare
    assert of_judges & of_compare <= of_run
    assert {"--record", "--record-note"} <= of_run


def test_a_study_reads_errors_of_a_server_by_rules_of_ones_own(
    grader: Grader, judge: ScriptedJudge
) -> None:
    write_study()
    judge_knows(judge, mixed)
    Path("rules.yaml").write_text("schema_version: 1\nrules:\n  - {meaning: nothing}\n", "utf-8")
    ran = grader("study", "run", "study.yaml", *options(judge), "--server-errors", "rules.yaml")
    assert ran.code == 2
    assert "rules.yaml" in ran.err
    assert judge.requests == []


def test_judge_of_files_is_waited_for_and_goes_on(grader: Grader, judge: ScriptedJudge) -> None:
    write_study(runs=2)
    ran = grader("study", "run", "study.yaml", "--judge", "files:box", "--judge-model", "x/y")
    assert ran.code == 75
    requests = [
        json.loads(line) for line in Path("box/requests.jsonl").read_text("utf-8").splitlines()
    ]
    assert len(requests) == 24
    reply = {"evidence": [], "looked_for_in_vain": [], "rationale": "So.", "level": "met"}
    body = {"choices": [{"message": {"role": "assistant", "content": json.dumps(reply)},
                         "finish_reason": "stop"}], "model": "y"}  # fmt: skip
    Path("box/responses.jsonl").write_text(
        "".join(
            json.dumps({"custom_id": each["custom_id"],
                        "response": {"status_code": 200, "body": body}}) + "\n"
            for each in requests
        ),
        "utf-8",
    )  # fmt: skip
    ran = grader("study", "run", "study.yaml", "--judge", "files:box", "--judge-model", "x/y",
                 "--record", "recording.jsonl", "--record-note", "by hand")  # fmt: skip
    assert ran.code == 0, ran.err
    first = Path("recording.jsonl").read_text("utf-8").splitlines()[0]
    assert json.loads(first) == {"recording": "by hand"}
    assert "24 of 24 verdicts answered" in ran.out
    replayed = grader("study", "run", "study.yaml", "--judge", "recorded:recording.jsonl",
                      "--outputs", "elsewhere")  # fmt: skip
    assert replayed.code == 0, replayed.err
    lines = Path("elsewhere/studies/small/levels.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(line)["judge"] for line in lines} == {"x/y (recorded)"}


def test_two_judges_are_two_rows(grader: Grader, judge: ScriptedJudge) -> None:
    write_study(runs=2)
    judge_knows(judge, even)
    ran = grader("study", "run", "study.yaml", *options(judge), "--judge", "openai/other")
    assert ran.code == 0, ran.err
    grader("study", "report", "study.yaml")
    contrasts = results()["contrasts"]
    assert [each["judge"] for each in contrasts] == ["openai/other", "openai/scripted-judge"]


# --- who counts -------------------------------------------------------------------------------


def test_a_control_that_criteria_came_from_is_in_no_figure(
    grader: Grader, judge: ScriptedJudge
) -> None:
    write_study(derived_from={TASKS[0]: (f"c-{TASKS[0]}-2",)})
    judge_knows(judge, even)
    ran = grader("study", "run", "study.yaml", *options(judge))
    assert "34 of 34" in ran.out
    grader("study", "report", "study.yaml")
    [left] = results()["left_out"]
    assert (left["id"], left["reason"]) == (f"c-{TASKS[0]}-2", "criteria were drawn from this run")


def test_nothing_is_said_without_a_fresh_control(grader: Grader, judge: ScriptedJudge) -> None:
    derived = {task: tuple(f"c-{task}-{n}" for n in (1, 2)) for task in TASKS}
    write_study(runs=2, derived_from=derived)
    ran = grader("study", "run", "study.yaml", *options(judge))
    assert (ran.code, len(judge.requests)) == (2, 0)
    assert "no run of C counts (criteria were drawn from this run)" in ran.err
    reported = grader("study", "report", "study.yaml")
    assert reported.code == 0
    assert reported.out.startswith(
        "Nothing can be said: every run of C is one that criteria were drawn from."
    )
    assert "split" in (FOLDER / "report.md").read_text("utf-8")


def test_criteria_drawn_from_a_treatment_are_refused(grader: Grader) -> None:
    write_study(derived_from={TASKS[0]: (f"p-{TASKS[0]}-1",)})
    ran = grader("study", "plan", "study.yaml")
    assert ran.code == 2
    assert "a run of P: they could only find what they came from" in ran.err


def test_copies_count_once(grader: Grader, judge: ScriptedJudge) -> None:
    write_study()
    write_run(Path("P"), "P", TASKS[0], 9, name="z-copy", text=f"<<P {TASKS[0]} 1>> Here.")
    ran = grader("study", "plan", "study.yaml")
    said = " ".join(ran.err.split())
    assert f"z-copy.json doesn't count: the same text as p-{TASKS[0]}-1" in said


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (
            lambda: write_run(Path("P"), "P", TASKS[0], 9, text=f"<<C {TASKS[0]} 1>> Here."),
            "the same text is a run of C",
        ),
        (
            lambda: write_run(Path("P"), "P", TASKS[0], 9, stated="F"),
            "says its condition is F, and lies among the runs of P",
        ),
        (
            lambda: (
                write_run(Path("P"), "P", TASKS[0], 9, model={"name": "model-a", "version": "2"})
                and write_run(
                    Path("C"), "C", TASKS[0], 9, model={"name": "model-a", "version": "1"}
                )
            ),
            "the model's version is '2' here and '1'",
        ),
        (
            lambda: Path("rubrics", f"{TASKS[0]}.yaml").unlink(),
            f"there is no rubric for the task '{TASKS[0]}'",
        ),
        (
            lambda: Path("study.yaml").write_text(
                Path("study.yaml").read_text("utf-8").replace("to: P", "to: Q"), "utf-8"
            ),
            "names the condition 'Q', which is not among `conditions`",
        ),
        (
            lambda: Path("study.yaml").write_text("title: X\nhypotheses: []\n", "utf-8"),
            "names no contrasts, so there is nothing to compute",
        ),
    ],
    ids=["two conditions", "wrong folder", "versions", "no rubric", "no condition", "description"],
)
def test_what_would_make_every_figure_doubtful_is_refused(
    grader: Grader, spoil: object, problem: str
) -> None:
    write_study()
    assert callable(spoil)
    spoil()
    ran = grader("study", "plan", "study.yaml")
    assert (ran.code, problem in " ".join(ran.err.split())) == (2, True), ran.err


def test_settings_may_differ_where_the_file_allows_it(grader: Grader) -> None:
    write_study(extra="allow: [version]\n")
    for condition in ("C", "P"):
        write_run(Path(condition), condition, TASKS[0], 9, model=VERSIONS[condition])
    assert grader("study", "plan", "study.yaml").code == 0


def test_a_cell_without_one_of_the_conditions_is_left_out(grader: Grader) -> None:
    write_study()
    write_run(Path("P"), "P", TASKS[0], 1, name="lone", model={"name": "model-b"}, text="<<x>>")
    ran = grader("study", "plan", "study.yaml")
    assert "its cell has no counting run of another condition" in " ".join(ran.err.split())


# --- plan, lock, split ------------------------------------------------------------------------


def test_plan_says_cost_and_what_can_be_detected(grader: Grader) -> None:
    write_study(extra="gold: {pairs: 9}\n")
    ran = grader("study", "plan", "study.yaml", "--judge", "openai/gpt-5.4")
    assert ran.code == 0, ran.err
    assert "Asking: 36 verdicts" in ran.out and "no floor" in ran.out
    assert "Nothing was asked." in ran.out
    document = grader("study", "plan", "study.yaml", "--json").json
    assert document["alpha"] == pytest.approx(0.04)
    assert [each["runs"] for each in document["detectable"]] == [1, 2, 3, 5, 10]


def test_unlocked_results_are_found_afterwards(grader: Grader, judge: ScriptedJudge) -> None:
    write_study()
    judge_knows(judge, mixed)
    ran = grader("study", "run", "study.yaml", *options(judge))
    assert "the study was not locked" in ran.err
    reported = grader("study", "report", "study.yaml")
    assert reported.out.startswith("Found afterwards, to be tried on new runs: Against C, P raises")


def test_a_lock_after_the_runs_were_read_is_too_late(grader: Grader, judge: ScriptedJudge) -> None:
    write_study()
    judge_knows(judge, mixed)
    grader("study", "run", "study.yaml", *options(judge))
    grader("study", "lock", "study.yaml", *LOCK)
    grader("study", "report", "study.yaml")
    assert results()["afterwards"] == ["9 runs were read by grader before the lock"]


def test_a_study_is_locked_once_and_its_criteria_stay(grader: Grader) -> None:
    path = write_study()
    assert grader("study", "lock", path, *LOCK).code == 0
    assert "locked already" in grader("study", "lock", path, *LOCK).err
    rubric = Path("rubrics", f"{TASKS[0]}.yaml")
    rubric.write_text(rubric.read_text("utf-8").replace("Is it?", "Is it so?"), "utf-8")
    ran = grader("study", "plan", path)
    assert ran.code == 2
    assert f"the criteria for {TASKS[0]} were changed after the study was locked" in ran.err


def test_a_changed_lock_is_refused(grader: Grader) -> None:
    path = write_study()
    grader("study", "lock", path, *LOCK)
    lock = Path("study.lock")
    lock.write_text(lock.read_text("utf-8").replace("A researcher", "Another one"), "utf-8")
    assert "changed after it was written" in grader("study", "plan", path).err


def test_a_study_file_changed_after_the_lock_is_exploratory(
    grader: Grader, judge: ScriptedJudge
) -> None:
    path = write_study()
    judge_knows(judge, even)
    grader("study", "lock", path, *LOCK)
    path.write_text(path.read_text("utf-8") + "smallest: 0.3\n", "utf-8")
    grader("study", "run", path, *options(judge))
    grader("study", "report", path)
    assert results()["afterwards"] == ["the study file was changed after the lock"]


def test_a_contrast_added_after_the_lock_is_exploratory_by_itself(
    grader: Grader, judge: ScriptedJudge
) -> None:
    path = write_study(runs=2)
    judge_knows(judge, even)
    grader("study", "lock", path, *LOCK)
    text = path.read_text("utf-8").replace(
        "to: P}", "to: P, primary: true}\n  - {id: back, from: P, to: C}"
    )
    path.write_text(text, "utf-8")
    grader("study", "run", path, *options(judge))
    grader("study", "report", path)
    first, second = results()["contrasts"]
    assert (first["sentence"]["exploratory"], second["sentence"]["exploratory"]) == (False, True)


def test_split_gives_fresh_runs(grader: Grader, judge: ScriptedJudge) -> None:
    path = write_study(runs=4)
    judge_knows(judge, even)
    split = grader("study", "split", path)
    assert split.code == 0 and "12 runs are sealed" in " ".join(split.out.split())
    refused = grader("study", "run", path, *options(judge))
    assert refused.code == 2 and "the sealed half stays sealed" in refused.err
    grader("study", "lock", path, *LOCK)
    ran = grader("study", "run", path, *options(judge))
    assert "24 of 24" in ran.out
    grader("study", "report", path)
    reasons = {left["reason"] for left in results()["left_out"]}
    assert reasons == {"it is of the half that criteria were written from"}
    assert "made once" in grader("study", "split", path).err


# --- looks and missing levels -------------------------------------------------------------------


def test_a_report_waits_for_all_answers(grader: Grader, judge: ScriptedJudge) -> None:
    write_study()
    judge_knows(judge, even)
    grader("study", "run", "study.yaml", *options(judge))
    write_run(Path("P"), "P", TASKS[0], 4)
    write_run(Path("C"), "C", TASKS[0], 4)
    ran = grader("study", "report", "study.yaml")
    assert (ran.code, "4 verdicts were not asked yet" in ran.err) == (2, True)
    assert grader("study", "report", "study.yaml", "--partial").code == 0
    found = results()
    assert (found["partial"], found["looks_unplanned"]) == (True, 1)


def test_failures_of_the_judge_are_missing_levels(grader: Grader, judge: ScriptedJudge) -> None:
    write_study()
    judge.fail("refuse", when="<<P bridge-note 1>>")
    judge_knows(judge, mixed)
    ran = grader("study", "run", "study.yaml", *options(judge))
    assert "34 of 36 verdicts answered, 2 failed." in ran.out
    grader("study", "report", "study.yaml")
    missing = primary()["missing"]
    assert missing["after"]["missing"] == 2
    assert missing["bounds"]["low"]["value"] <= missing["bounds"]["high"]["value"]


def test_budget_without_a_price_is_refused(grader: Grader, judge: ScriptedJudge) -> None:
    write_study(runs=2)
    ran = grader("study", "run", "study.yaml", *options(judge), "--budget", "1")
    assert (ran.code, "no price is known" in ran.err, judge.requests) == (2, True, [])


def test_dry_run_asks_nothing(grader: Grader, judge: ScriptedJudge) -> None:
    write_study(runs=2)
    ran = grader("study", "run", "study.yaml", *options(judge), "--dry-run")
    assert (ran.code, judge.requests, "24 verdicts" in ran.out) == (0, [], True)


# --- people -------------------------------------------------------------------------------------


def give(grader: Grader, monkeypatch: pytest.MonkeyPatch, keys: str, who: str) -> str:
    monkeypatch.setattr(sys, "stdin", io.StringIO(keys))
    ran = grader("study", "gold", "study.yaml", "--reviewer", who)
    assert ran.code == 0, ran.err
    return ran.out


def test_people_give_levels_blind_and_one_run_at_a_time(
    grader: Grader, judge: ScriptedJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_study(extra="gold: {pairs: 9, shared: 1}\n")
    judge_knows(judge, mixed)
    grader("study", "lock", "study.yaml", *LOCK)
    grader("study", "run", "study.yaml", *options(judge))
    shown = give(grader, monkeypatch, "1\n3\n2\n", "Ada")
    for word in ("condition", "preamble", "model-a", "c-", "p-", "scripted-judge"):
        assert word not in shown
    assert shown.count("The task") == 2
    assert "people have not given their levels" in " ".join(
        grader("study", "report", "study.yaml").err.split()
    )
    give(grader, monkeypatch, "3\n" * 40, "Ada")
    assert "Nothing is left" in give(grader, monkeypatch, "", "Ada")
    shown = give(grader, monkeypatch, "3\n" * 40, "Ben")
    assert shown.count("The task") == 2  # the pair that two people are given
    assert grader("study", "report", "study.yaml").code == 0
    calibration = primary()["calibration"]
    assert (calibration["labelled"], calibration["refused"]) == (9, None)
    people = results()["people"]
    assert people["people"] == ["Ada", "Ben"] and people["between"] == 4
    assert "by the judge alone" not in primary()["sentence"]["text"]
    refused = grader("study", "gold", "study.yaml", "--reviewer", "Ada")
    assert (refused.code, "it shows the judge's levels" in refused.err) == (2, True)


def test_people_s_levels_that_were_changed_are_found(
    grader: Grader, judge: ScriptedJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_study(extra="gold: {pairs: 9}\n")
    give(grader, monkeypatch, "1\n1\n1\n1\n", "Ada")
    path = FOLDER / "gold.jsonl"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([lines[0].replace("not_met", "met"), *lines[1:]]), "utf-8")
    ran = grader("study", "gold", "study.yaml", "--reviewer", "Ada")
    assert (ran.code, "changed or taken out" in ran.err) == (2, True)


def test_people_who_give_levels_at_once_lose_none_and_the_chain_is_whole() -> None:
    opened = open_study(write_study(runs=2, extra="gold: {pairs: 2}\n"), Path("outputs"))
    run, people, times = opened.design.runs[0], [f"Person {n}" for n in range(8)], 6
    criteria = [criterion.id for criterion in opened.design.rubrics[run.task].criteria]

    def gives(who: str) -> None:
        for _ in range(times):
            give_levels(FOLDER, at="2026-01-01T00:00:00", reviewer=who, run=run,
                        levels=dict.fromkeys(criteria, "met"))  # fmt: skip

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(gives, people))
    lines = read_gold(FOLDER)
    assert Counter(line.reviewer for line in lines) == dict.fromkeys(people, times * len(criteria))
    # The levels of one run stay together.
    assert all(a.reviewer == b.reviewer for a, b in zip(lines[::2], lines[1::2], strict=True))


def test_reports_made_at_once_are_looks_in_one_chain(tmp_path: Path) -> None:
    def look(number: int) -> None:
        note_look(tmp_path, at="2026-01-01", seen=str(number), runs=number, partial=False,
                  planned=[])  # fmt: skip

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(look, range(24)))
    assert {each.seen for each in read_looks(tmp_path)} == set(map(str, range(24)))


def test_a_study_without_planned_levels_by_people_takes_none(grader: Grader) -> None:
    write_study()
    ran = grader("study", "gold", "study.yaml", "--reviewer", "Ada")
    assert (ran.code, "plans no levels by people" in ran.err) == (2, True)


def test_rubrics_may_lie_anywhere(grader: Grader) -> None:
    write_study()
    write_rubrics(Path("deep/er/rubrics"))
    Path("other").mkdir()
    ran = grader("study", "init", "C", "P", "-r", "deep/er/rubrics", "-o", "other/s.yaml")
    assert ran.code == 0, ran.err
    assert grader("study", "plan", "other/s.yaml").code == 0


def test_levels_from_elsewhere_are_described_and_correct_nothing(
    grader: Grader, judge: ScriptedJudge
) -> None:
    path = write_study(runs=2)
    judge_knows(judge, even)
    grader("study", "run", path, *options(judge))
    table = Path("labels.csv")
    rows = [f"c-{task}-{n},{task}-first,met,Cleo" for task in TASKS for n in (1, 2)]
    table.write_text("\n".join(["run,criterion,level,who", *rows, ""]), "utf-8")
    ran = grader("study", "gold", path, "--from", table)
    assert (ran.code, "6 levels read" in ran.out) == (0, True), ran.err
    assert grader("study", "report", path).code == 0
    found = results()
    assert found["people"] is None and found["elsewhere"]["levels"] == 6
    assert "by the judge alone" in primary()["sentence"]["text"]
    assert "described and correct nothing" in (FOLDER / "report.md").read_text("utf-8")
    table.write_text("run,criterion,level\nnobody,x,met\n", "utf-8")
    refused = grader("study", "gold", path, "--from", table)
    assert (refused.code, "labels.csv:2" in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("rows", "line", "told"),
    [
        ('c-bridge-note-1,bridge-note-first,"met', 2, "this is no table"),
        ("c-bridge-note-1,bridge-note-first,met\n" * 2, 3, "gives this criterion of this run"),
        (
            "c-bridge-note-1,bridge-note-first,met\nc-bridge-note-1.json,bridge-note-first,not met",
            3,
            "gives this criterion of this run",
        ),
        ("c-bridge-note-1,bridge-note-first,met,Cleo", 2, "4 cells, and the table has 3"),
        ("c-bridge-note-1,,met", 2, "'' is no criterion here"),
        ("same.json,bridge-note-first,met", 2, "several runs are called 'same.json'"),
    ],
)
def test_row_from_elsewhere_that_could_be_read_in_two_ways_is_refused_with_its_line(
    grader: Grader, rows: str, line: int, told: str
) -> None:
    path = write_study(runs=2)
    for condition in ("C", "P"):
        Path(condition, f"{condition.lower()}-bridge-note-2.json").rename(f"{condition}/same.json")
    table = Path("labels.csv")
    table.write_text(f"run,criterion,level\n{rows}\n", "utf-8")
    refused = grader("study", "gold", path, "--from", table)
    assert refused.code == 2 and f"labels.csv:{line}:" in refused.err
    assert told in " ".join(refused.err.split())
    assert not (FOLDER / "elsewhere.jsonl").exists()


def test_table_from_elsewhere_is_read_as_spreadsheets_write_it(grader: Grader) -> None:
    path = write_study(runs=2)
    for condition in ("C", "P"):
        Path(condition, f"{condition.lower()}-bridge-note-2.json").rename(f"{condition}/same.json")
    rows = "run;criterion;level;who\nc-bridge-note-1;bridge-note-first;Partially met;\n;;;\n"
    rows += "C/same.json;bridge-note-first;met;Cleo\nC/same.json;bridge-note-first;met;Di\n"
    table = Path("labels.csv")
    for data in (rows.encode(), rows.replace(";", "\t").encode("utf-16")):
        table.write_bytes(data)
        ran = grader("study", "gold", path, "--from", table)
        assert "3 levels read" in ran.out, ran.err


# --- check --------------------------------------------------------------------------------------


def check(grader: Grader) -> list[str]:
    found = grader("check", FOLDER, "--json", "--no-notes").json["findings"]
    return [finding["code"] for finding in found]


def test_check_holds_levels_against_replies_and_runs(grader: Grader, judge: ScriptedJudge) -> None:
    path = write_study(runs=2)
    judge_knows(judge, even)
    grader("study", "lock", path, *LOCK)
    grader("study", "run", path, *options(judge))
    grader("study", "report", path)
    assert check(grader) == []
    levels = FOLDER / "levels.jsonl"
    text = levels.read_text("utf-8")
    levels.write_text(text.replace('"level":"met"', '"level":"partially_met"', 1), "utf-8")
    assert check(grader) == ["level-differs"]
    levels.write_text(text.replace('"start":0', '"start":1', 1), "utf-8")
    assert check(grader) == ["quotation-moved"]
    levels.write_text(text, "utf-8")
    [first, *_] = sorted((FOLDER / "transcripts").iterdir())
    said = first.read_text("utf-8")
    first.write_text(said.replace("Here.", "There."), "utf-8")
    assert check(grader) == ["transcript-changed"]
    first.write_text(said, "utf-8")
    design = FOLDER / "design.json"
    whole = json.loads(design.read_text("utf-8"))
    whole["runs"] = whole["runs"][1:]
    design.write_text(json.dumps(whole), "utf-8")
    assert "run-left-out" in check(grader)


def test_one_folder_may_hold_the_runs_of_several_conditions(grader: Grader) -> None:
    path = write_study(runs=2)
    for each in Path("P").iterdir():
        each.rename(Path("C") / each.name)
    path.write_text(path.read_text("utf-8").replace("runs: P}", "runs: C}"), "utf-8")
    document = grader("study", "plan", path, "--json").json
    assert document["questions"] == 24
