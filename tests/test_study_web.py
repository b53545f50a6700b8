"""A study in the browser: runs by criteria, filtered, each level leading to its evidence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from builders import comparison, write_folder
from conftest import Grader
from grader.study.gold import read_gold
from grader.study.matrix import studies_in
from grader.study.report.writing import report_study
from grader.testing import ScriptedJudge
from grader.testing.simulated_study import write_simulated_study
from grader.testing.studies import Design
from study_runs import TASKS, even, judge_knows, options, write_study
from webserver import Visitor, served


@pytest.fixture
def outputs(grader: Grader, judge: ScriptedJudge, tmp_path: Path) -> Path:
    path = write_study(runs=2)
    judge_knows(judge, even)
    grader("study", "run", path, *options(judge))
    assert grader("study", "report", path).code == 0
    write_folder(comparison(), tmp_path / "outputs" / "memo")
    return tmp_path / "outputs"


def test_matrix_shows_runs_by_criteria_and_leads_to_evidence(outputs: Path) -> None:
    with served(outputs, studies=studies_in(outputs)) as server:
        ada = Visitor(server, "Ada")
        assert 'href="/studies/small"' in ada.get("/").text
        page = ada.get(f"/studies/small?task={TASKS[1]}").text
        assert page.count('<th scope="row">') == 4
        assert f"The first of {TASKS[1]}" in page and "was not told apart" in page
        anchors = re.findall(r'href="/studies/small/report#([\w-]+)"', page)
        report = ada.get("/studies/small/report").text
        assert len(anchors) == 8 and all(f'id="{name}"' in report for name in anchors)


def test_matrix_is_filtered(outputs: Path) -> None:
    with served(outputs, studies=studies_in(outputs)) as server:
        ada = Visitor(server, "Ada")
        address = f"/studies/small?task={TASKS[0]}&condition=P&criterion={TASKS[0]}-second"
        page = ada.get(address).text
        assert page.count('<th scope="row">') == 2
        assert f"The second of {TASKS[0]}" in page and f"The first of {TASKS[0]}" not in page
        assert ada.get("/studies/none").status_code == 404
        assert ada.get("/studies/..%2F..").status_code == 404


def test_nobody_who_reviews_blind_sees_the_judge_s_levels(outputs: Path) -> None:
    with served(outputs, studies=studies_in(outputs), mode="blind-first") as server:
        ada = Visitor(server, "Ada")
        assert "/studies/" not in ada.get("/").text
        for address in ("/studies/small", "/studies/small/report"):
            assert ada.get(address).status_code == 409


def test_levels_stay_hidden_while_people_give_theirs(tmp_path: Path) -> None:
    folder = tmp_path / "studies" / "simulated"
    folder.mkdir(parents=True)
    write_simulated_study(folder, Design(tasks=2, runs=2, criteria=2), seed=1, gold=4)
    report_study(folder, grader_version="0")
    studies = studies_in(tmp_path)
    assert studies.report("simulated") is not None
    lines = (folder / "gold.jsonl").read_text("utf-8").splitlines(keepends=True)
    (folder / "gold.jsonl").write_text("".join(lines[:-1]), "utf-8")
    chosen = dict.fromkeys(("condition", "model", "task", "criterion", "judge"), "")
    assert studies.matrix("simulated", chosen) is None
    assert studies.report("simulated") is None


# --- people's levels ----------------------------------------------------------------------------


def test_people_give_levels_in_the_browser_one_run_at_a_time(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    path = write_study(runs=2, extra="gold: {pairs: 2}\n")
    judge_knows(judge, even)
    grader("study", "run", path, *options(judge))
    outputs = tmp_path / "outputs"
    with served(outputs, studies=studies_in(outputs), mode="blind-first") as server:
        ada = Visitor(server, "Ada")
        assert 'href="/studies/small/gold"' in ada.get("/").text
        for left in (4, 3, 2, 1):
            page = ada.get("/studies/small/gold").text
            assert f"{left} of 4 drawn runs are open" in page
            for word in ("condition", "preamble", "model-a", "scripted-judge"):
                assert word not in page.replace("blind", "")
            [run] = re.findall(r'name="transcript" value="(\w+)"', page)
            names = sorted(set(re.findall(r'name="(level:[\w-]+)"', page)))
            one = {"transcript": run, names[0]: "met"}
            assert ada.post("/studies/small/gold", one).status_code == 409
            sent = ada.post("/studies/small/gold", {**one, names[1]: ""})
            assert sent.headers["location"] == "/studies/small/gold"
        assert "Nothing is left for you" in ada.get("/studies/small/gold").text
        assert ada.post("/studies/small/gold", one, csrf="x").status_code == 403
    lines = (outputs / "studies/small/gold.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 8
    assert grader("study", "report", path).code == 0
    with served(outputs, studies=studies_in(outputs)) as server:
        refused = Visitor(server, "Ada").get("/studies/small/gold")
        assert (refused.status_code, "levels" in refused.text) == (409, True)


def test_levels_that_can_t_be_kept_are_told_and_what_was_chosen_stays(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    path = write_study(runs=2, extra="gold: {pairs: 1}\n")
    judge_knows(judge, even)
    grader("study", "run", path, *options(judge))
    outputs = tmp_path / "outputs"
    kept = outputs / "studies/small/gold.jsonl"
    address = "/studies/small/gold"
    with served(outputs, studies=studies_in(outputs), mode="blind-first") as server:
        ada, ben = Visitor(server, "Ada"), Visitor(server, "Ben")
        page = ada.get(address).text
        assert ben.get(address).text.count("<fieldset>") == 2
        [run] = re.findall(r'name="transcript" value="(\w+)"', page)
        one, other = sorted(set(re.findall(r'name="(level:[\w-]+)"', page)))
        given = {"transcript": run, one: "met", other: "not_met"}
        for form, told in (
            ({**given, other: "splendid"}, "has no level &#39;splendid&#39;"),
            ({"transcript": run, one: "met"}, "has no answer"),
            ({**given, "level:elsewhere": "met"}, "no criterion &#39;elsewhere&#39;"),
        ):
            refused = ada.post(address, form)
            assert refused.status_code == 409 and told in refused.text
            assert f'name="{one}" value="met" required checked' in refused.text
            assert f'value="{run}"' in refused.text and not kept.exists()
        unsure = ada.post(address, {"transcript": run, one: ""})
        assert f'name="{one}" value="" required checked' in unsure.text
        assert unsure.text.count("checked") == 1
        assert ada.post(address, given).status_code == 303
        assert ada.post(address, given).status_code == 303, "the same form sent twice"
        again = ada.post(address, {**given, one: "not_met"})
        assert again.status_code == 409 and "levels before, and those stay" in again.text
        assert "checked" not in again.text
        # Ada finished the run while Ben read it: what he gave is kept all the same.
        assert ben.post(address, given).status_code == 303
    assert [line.reviewer for line in read_gold(kept.parent)] == ["Ada", "Ada", "Ben", "Ben"]
