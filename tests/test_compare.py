"""`grader compare` with a judge, from files to a folder, through the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import Grader, pair
from grader.comparing.plan import PlanOptions, plan_comparison
from grader.comparing.run import Job, draft_all
from grader.comparison.comparison import Comparison
from grader.comparison.folder import read_draft
from grader.errors import Interrupted
from grader.judge.options import JudgeOptions
from grader.judge.session import JudgeSession
from grader.testing import ScriptedJudge

JUDGE = ("--judge", "openai/scripted-judge")
FOLDER = Path("outputs/c-clinic-postmortem-1--p-clinic-postmortem-1--openai-scripted-judge")
STANDARD = {
    "verdict": 10,
    "signature": 6,
    "contrast": 10,
    "orientation": 1,
    "difference": 1,
    "change": 1,
    "implications": 1,
    "text": 1,
}


def first_asked(judge: ScriptedJudge) -> Counter[str]:
    """Questions by kind, those asked again for quotations left out."""
    return Counter(r.kind for r in judge.requests if r.kind != "requote")


def test_standard_comparison_asks_each_question_of_the_table_once(
    grader: Grader, judge: ScriptedJudge
) -> None:
    ran = grader("compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url)
    assert ran.code == 0, ran.err
    assert first_asked(judge) == STANDARD
    assert set(judge.asked.values()) == {1}


@pytest.mark.parametrize(
    ("depth", "kinds"),
    [
        ("quick", {"verdict": 10, "signature": 6}),
        ("deep", STANDARD | {"verdict": 30}),
    ],
)
def test_depth_decides_what_is_asked(
    grader: Grader, judge: ScriptedJudge, depth: str, kinds: dict[str, int]
) -> None:
    ran = grader(
        "compare",
        *pair("clinic-postmortem"),
        *JUDGE,
        "--base-url",
        judge.base_url,
        "--depth",
        depth,
    )
    assert ran.code == 0, ran.err
    assert first_asked(judge) == kinds


def test_folder_holds_draft_calls_and_writeup(grader: Grader, judge: ScriptedJudge) -> None:
    ran = grader(
        "compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url, "--json"
    )
    assert ran.json["new"] is True
    assert ran.json["folder"] == str(FOLDER)
    draft, _ = read_draft(FOLDER)
    assert [judge.model for judge in draft.judges] == ["openai/scripted-judge"]
    assert draft.judges[0].served_models == ("scripted-judge",)
    calls = [json.loads(line) for line in (FOLDER / "calls.jsonl").read_text().splitlines()]
    assert len(calls) == len(judge.requests)
    asked = {call["question"] for call in calls}
    used = {q for v in draft.verdicts for s in v.samples for q in s.questions}
    assert used <= asked
    assert "The judge was scripted" in (FOLDER / "comparison.md").read_text()


def test_second_run_asks_nothing_and_changes_nothing(grader: Grader, judge: ScriptedJudge) -> None:
    command = ("compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url)
    grader(*command)
    before = (FOLDER / "comparison.json").read_bytes()
    asked = len(judge.requests)
    ran = grader(*command)
    assert ran.code == 0
    assert "nothing was asked" in ran.out
    assert len(judge.requests) == asked
    assert (FOLDER / "comparison.json").read_bytes() == before


def test_verdicts_on_a_control_are_shared_by_its_comparisons(
    grader: Grader, judge: ScriptedJudge
) -> None:
    options = (*JUDGE, "--base-url", judge.base_url, "--depth", "quick")
    control, treatment, *rubric = pair("clinic-postmortem")
    grader("compare", control, treatment, *rubric, *options)
    first = len([r for r in judge.requests if r.kind == "verdict"])
    other = pair("clinic-postmortem", 2)[1]
    ran = grader("compare", control, other, *rubric, *options)
    assert ran.code == 0, ran.err
    assert first == 10
    assert len([r for r in judge.requests if r.kind == "verdict"]) == 15


def test_another_rubric_does_not_overwrite_a_draft(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    control, treatment, _, rubric = pair("clinic-postmortem")
    options = (*JUDGE, "--base-url", judge.base_url, "--depth", "quick")
    grader("compare", control, treatment, "--rubric", rubric, *options)
    changed = tmp_path / "changed.yaml"
    changed.write_text(rubric.read_text().replace("version: 2", "version: 3", 1))
    ran = grader("compare", control, treatment, "--rubric", changed, *options)
    assert ran.code == 2
    assert "the rubric differs" in ran.err
    assert "--name" in ran.err


def test_dry_run_says_what_would_be_asked_and_asks_nothing(
    grader: Grader, judge: ScriptedJudge
) -> None:
    ran = grader(
        "compare",
        *pair("clinic-postmortem"),
        *JUDGE,
        "--base-url",
        judge.base_url,
        "--dry-run",
        "--json",
    )
    assert ran.json["questions"] == {
        "verdict": 10, "signature": 6, "contrast": 10, "narrative": 3, "implications": 1, "text": 1,
    }  # fmt: skip
    assert ran.json["total"] == 31
    assert judge.requests == []
    assert not Path("outputs").exists()


def test_quotation_that_is_not_there_is_asked_for_again_once_then_flagged(
    grader: Grader, judge: ScriptedJudge
) -> None:
    answer = {
        "evidence": ["A quotation that nobody ever wrote in any post-mortem."],
        "looked_for_in_vain": [],
        "speaks_to_the_judge": [],
        "rationale": "It says so.",
        "level": "met",
    }
    judge.answer(answer, kind="verdict", when="Follow-ups chosen and priced", times=1)
    judge.fail("false_quotation", kind="requote", when="nobody ever wrote")
    grader(
        "compare",
        *pair("clinic-postmortem"),
        *JUDGE,
        "--base-url",
        judge.base_url,
        "--depth",
        "quick",
        "--concurrency",
        "1",
    )
    again = [r for r in judge.of_kind("requote") if "nobody ever wrote" in r.prompt]
    assert len(again) == 1
    draft, _ = read_draft(FOLDER)
    flagged = [v for v in draft.verdicts for e in v.evidence if "nobody ever" in e.quote]
    assert len(flagged) == 1
    assert flagged[0].level == "met"
    assert [a.code for a in flagged[0].attention] == ["unlocated_evidence"]
    assert "nobody ever wrote" not in (FOLDER / "comparison.md").read_text()


def test_quotation_given_right_the_second_time_counts(grader: Grader, judge: ScriptedJudge) -> None:
    judge.answer(
        {"evidence": ["Do 3 before 4 ... calling one quickly"], "looked_for_in_vain": [],
         "speaks_to_the_judge": [], "rationale": "r", "level": "met"},
        kind="verdict", when="Follow-ups chosen and priced", times=1,
    )  # fmt: skip
    judge.answer({"quotations": [{"number": 1, "quote": "Do 3 before 4."}]}, kind="requote",
                 when="Do 3 before 4 ...")  # fmt: skip
    grader("compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
           "--depth", "quick", "--concurrency", "1")  # fmt: skip
    draft, _ = read_draft(FOLDER)
    found = [e for v in draft.verdicts for e in v.evidence if e.quote == "Do 3 before 4."]
    assert len(found) == 1
    assert found[0].span is not None


def test_refusal_leaves_the_level_empty_and_is_counted(
    grader: Grader, judge: ScriptedJudge
) -> None:
    judge.fail("refuse", kind="verdict", when="Harmed people")
    grader(
        "compare",
        *pair("clinic-postmortem"),
        *JUDGE,
        "--base-url",
        judge.base_url,
        "--depth",
        "quick",
    )
    draft, _ = read_draft(FOLDER)
    refused = [v for v in draft.verdicts if v.criterion == "harm-and-repair"]
    assert [v.level for v in refused] == [None, None]
    assert {v.attention[0].code for v in refused} == {"missing_level"}
    assert draft.scorecard.rows[0].shift is None
    assert draft.scorecard.control_tally["missing"] == 1
    counted = {
        (c.side, c.outcome): c.count for c in draft.outcomes if c.criterion == "harm-and-repair"
    }
    assert counted == {("control", "refused"): 1, ("treatment", "refused"): 1}


def test_outcomes_of_all_questions_are_counted(grader: Grader, judge: ScriptedJudge) -> None:
    """Five criteria, with two verdicts and two contrasts each; three signatures on two sides."""
    false = {"evidence": ["A quotation that nobody ever wrote in any post-mortem."],
             "looked_for_in_vain": [], "speaks_to_the_judge": [], "rationale": "r",
             "level": "met"}  # fmt: skip
    judge.fail("refuse", kind="verdict", when="Harmed people")
    judge.answer(false, kind="verdict", when="Follow-ups chosen and priced", times=1)
    judge.fail("truncate", kind="requote", when="nobody ever wrote")
    judge.fail("truncate", kind="contrast", when="Harmed people")
    grader("compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
           "--concurrency", "1")  # fmt: skip
    draft, _ = read_draft(FOLDER)
    counted: Counter[tuple[str, str]] = Counter()
    for each in draft.outcomes:
        counted[each.kind, each.outcome] += each.count
    assert counted == {
        ("verdict", "answered"): 8,
        ("verdict", "refused"): 2,
        ("requote", "truncated"): 1,
        ("signature", "answered"): 6,
        ("contrast", "answered"): 8,
        ("contrast", "truncated"): 2,
        ("orientation", "answered"): 1,
        ("difference", "answered"): 1,
        ("change", "answered"): 1,
        ("implications", "answered"): 1,
        ("text", "answered"): 1,
    }
    of_one = {
        (each.kind, each.side, each.outcome, each.count)
        for each in draft.outcomes
        if each.criterion == "harm-and-repair"
    }
    assert of_one == {
        ("verdict", "control", "refused", 1),
        ("verdict", "treatment", "refused", 1),
        ("contrast", None, "truncated", 2),
    }


def test_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    """kill -9 in mid-run, then the same command: only what had no answer goes out."""
    with ScriptedJudge(latency_s=0.15) as judge:
        command = [
            sys.executable, "-m", "grader", "compare", *map(str, pair("clinic-postmortem")),
            *JUDGE, "--base-url", judge.base_url, "--concurrency", "2",
        ]  # fmt: skip
        killed = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while len(judge.requests) < 9 and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        assert not (FOLDER / "comparison.json").exists()
        kept = {
            json.loads(line)["question"]
            for line in (FOLDER / "calls.jsonl").read_text().splitlines()
            if line.endswith("}")
        }
        assert kept, "some answers had come before the kill"
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        asked_again = {question for question, count in judge.asked.items() if count > 1}
        assert len(asked_again) <= 2, "only what was in flight is asked again"
        assert not asked_again & kept
        assert max(judge.asked.values()) <= 2
        different = {r.question: r.kind for r in judge.requests if r.kind != "requote"}
        assert Counter(different.values()) == STANDARD


def test_panel_of_two_judges_gives_two_verdicts_and_one_narrative(
    grader: Grader, judge: ScriptedJudge
) -> None:
    ran = grader(
        "compare", *pair("clinic-postmortem"), "--judge", "openai/one", "--judge", "openai/two",
        "--base-url", judge.base_url,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert first_asked(judge) == STANDARD | {"verdict": 20}
    draft, _ = read_draft(
        Path(
            grader(
                "compare",
                *pair("clinic-postmortem"),
                "--judge",
                "openai/one",
                "--judge",
                "openai/two",
                "--base-url",
                judge.base_url,
                "--json",
            ).json["folder"]
        )
    )
    assert {s.judge for v in draft.verdicts for s in v.samples} == {"openai/one", "openai/two"}


def test_recording_of_a_run_gives_the_same_levels_without_a_server(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    grader("compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url)
    asked = len(judge.requests)
    live, _ = read_draft(FOLDER)
    recording = tmp_path / "recording.jsonl"
    recording.write_bytes((FOLDER / "calls.jsonl").read_bytes())
    ran = grader(
        "compare", *pair("clinic-postmortem"), "--judge", f"recorded:{recording}", "--name",
        "replayed", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    replayed, _ = read_draft(Path("outputs/replayed"))
    assert len(judge.requests) == asked
    assert replayed.scorecard == live.scorecard
    assert replayed.judges[0].kind == "recorded"
    assert replayed.implications is not None
    assert replayed.implications.headline == live.implications.headline  # type: ignore[union-attr]


def test_panel_is_replayed_to_the_same_draft_byte_for_byte_anywhere(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = ("--judge", "openai/lead", "--judge", "openai/second")
    ran = grader("compare", *pair("library-memo"), *panel, "--base-url", judge.base_url,
                 "--record", "run.jsonl", "--name", "live")  # fmt: skip
    assert ran.code == 0, ran.err
    asked = len(judge.requests)
    live, _ = read_draft(Path("outputs/live"))
    recording = Path("run.jsonl").read_bytes()
    replays = []
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        monkeypatch.chdir(tmp_path / place)
        Path("run.jsonl").write_bytes(recording)
        ran = grader("compare", *pair("library-memo"), "-j", "recorded:run.jsonl#openai/lead",
                     "-j", "recorded:run.jsonl#openai/second", "--name", "replay")  # fmt: skip
        assert ran.code == 0, ran.err
        replays.append(Path("outputs/replay/comparison.json").read_bytes())
    assert replays[0] == replays[1]
    assert len(judge.requests) == asked
    replayed, _ = read_draft(Path("outputs/replay"))
    assert replayed.scorecard == live.scorecard
    assert [each.ordinal for each in replayed.agreement] == [e.ordinal for e in live.agreement]
    assert [judge.kind for judge in replayed.judges] == ["recorded", "recorded"]


@pytest.mark.parametrize(
    ("options", "differs"),
    [
        (("--base-url", "http://127.0.0.1:9/v1"), "the judge's server"),
        (("--reasoning-effort", "high"), "the reasoning effort"),
        (("--samples", "2"), "the number of samples"),
        (("--blindness-probe",), "the blindness probe"),
    ],
)
def test_second_run_with_other_settings_is_not_taken_for_the_first(
    grader: Grader, judge: ScriptedJudge, options: tuple[str, ...], differs: str
) -> None:
    command = ("compare", *pair("clinic-postmortem"), *JUDGE, "--depth", "quick")
    assert grader(*command, "--base-url", judge.base_url).code == 0
    ran = grader(*command, "--base-url", judge.base_url, *options)
    assert ran.code == 2
    assert f"this folder holds another comparison: {differs} differs" in ran.err


def test_place_is_held_until_its_draft_is_written_also_when_stopped_at_once(
    judge: ScriptedJudge, tmp_path: Path
) -> None:
    control, treatment, _, rubric = pair("clinic-postmortem")
    planned = plan_comparison(
        control, treatment, rubric, PlanOptions(judges=("openai/m",), depth="quick")
    )
    halted, told = threading.Event(), []

    def write(_: Job, __: Comparison) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        assert halted.wait(10)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.5)
        told.append("written")

    @contextmanager
    def hold(_: Job) -> Iterator[None]:
        try:
            yield
        finally:
            told.append("let go")

    session = JudgeSession(
        ["openai/m"], JudgeOptions(base_url=judge.base_url), journal=tmp_path / "journal.db"
    )
    with pytest.raises(Interrupted, match="stopped at once"):
        draft_all(session, [Job(planned.plan, tmp_path / "pair")], write, hold=hold,
                  on_halt=lambda _: halted.set())  # fmt: skip
    assert told == ["written", "let go"]
