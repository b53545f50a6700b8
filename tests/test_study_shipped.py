"""The shipped studies: replayed to the byte, refused where no control is fresh."""

from __future__ import annotations

from pathlib import Path

from builders import comparison, write_folder
from conftest import REPOSITORY, Grader, written
from grader.comparison.study_file import read_study
from grader.study.design import open_study
from grader.testing.simulated_study import write_shipped_study, write_simulated_study
from grader.testing.studies import Design

SHIPPED = REPOSITORY / "examples"


def test_shipped_study_counts_every_run_and_is_not_locked() -> None:
    opened = open_study(SHIPPED / "study" / "study.yaml", "outputs")
    assert opened.lock is None
    assert [cell.counts for cell in opened.design.runs].count(True) == 18
    assert {len(both[0]) for both in opened.design.cells(opened.design.plan.primary).values()} == {
        3
    }


def test_shipped_report_is_what_the_recorded_answers_give(grader: Grader) -> None:
    study = SHIPPED / "study" / "study.yaml"
    recording = SHIPPED / "study" / "recording.jsonl"
    ran = grader("study", "run", study, "--judge", f"recorded:{recording}")
    assert ran.code == 0, ran.err
    assert grader("study", "report", study).code == 0
    made = Path("outputs") / "studies" / "preamble-fresh"
    for name in ("report.md", "results.json"):
        assert (made / name).read_bytes() == (SHIPPED / "study" / name).read_bytes()


def test_older_runs_say_nothing(grader: Grader) -> None:
    ran = grader("study", "report", SHIPPED / "study" / "older.yaml")
    assert ran.code == 0
    assert ran.out.startswith(
        "Nothing can be said: every run of C is one that criteria were drawn from."
    )
    refused = grader("study", "run", SHIPPED / "study" / "older.yaml", "--judge", "openai/x")
    assert refused.code == 2


def test_simulated_study_is_what_its_command_makes(tmp_path: Path, grader: Grader) -> None:
    made = tmp_path / "study-simulated"
    made.mkdir()
    write_shipped_study(made)
    kept = SHIPPED / "study-simulated"
    for name in ("levels.jsonl", "gold.jsonl"):
        assert (made / name).read_bytes() == (kept / name).read_bytes()
    assert "This study is simulated" in (kept / "report.md").read_text("utf-8")
    codes = [finding["code"] for finding in grader("check", kept, "--json").json["findings"]]
    assert set(codes) <= {"report-differs", "versions-differ"}  # levels.csv isn't shipped


def test_a_study_file_serves_compare_too() -> None:
    study = read_study(SHIPPED / "study" / "study.yaml")
    assert study.conditions["C"] == "The task is given plain"
    assert [hypothesis.id for hypothesis in study.hypotheses] == ["H1", "H2"]


# --- in a comparison's writeup ------------------------------------------------------------------


def test_position_and_first_caveat_use_the_study_where_there_is_one(
    tmp_path: Path, grader: Grader
) -> None:
    from grader.study.report.writing import report_study
    from grader.study.results import RESULTS

    outputs = tmp_path / "outputs"
    folder = write_folder(comparison(), outputs / "pair")
    study = outputs / "studies" / "large"
    study.mkdir(parents=True)
    write_simulated_study(study, Design(tasks=5, runs=2, criteria=2), seed=3)
    report_study(study, grader_version="0")
    plain = tmp_path / "plain"
    grader("render", folder, "--position", "--to", plain)
    text = written(plain)
    assert "is not known here" in text and "Over many runs" not in text
    # As a study that judged by this rubric, with a judge.
    results = (study / RESULTS).read_text("utf-8")
    rubric = comparison().rubric_hash
    start = results.index('"task-1":"', results.index('"rubrics":')) + len('"task-1":"')
    results = results[:start] + rubric + results[start + 64 :]
    (study / RESULTS).write_text(results.replace('"simulated":true', '"simulated":false'), "utf-8")
    ran = grader("render", folder, "--position", "--to", tmp_path / "placed")
    assert ran.code == 0, ran.err
    text = written(tmp_path / "placed")
    assert "Over many runs, the study “A simulated study” says: P was not told apart" in text
    assert "two C runs differ in" in text and "is not known here" not in text
