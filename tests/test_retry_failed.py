"""Failed questions are told, bounded, and asked again on request without touching the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import criteria_of
from conftest import Grader, pair, written
from grader.comparison.folder import read_draft
from grader.comparison.scorecard import scorecard, tally_bounds
from grader.judge.journal import Journal
from grader.testing import FAULTS, Fault, ScriptedJudge
from judging import GOOD, Desk, verdict

JUDGE = ("--judge", "openai/scripted-judge")
FOLDER = Path("outputs/c-clinic-postmortem-1--p-clinic-postmortem-1--openai-scripted-judge")
TITLE = "Follow-ups chosen and priced"

OUTCOMES: list[tuple[Fault, str]] = [
    ("refuse", "refused"),
    ("refuse_in_text", "refused"),
    ("content_filter", "filtered"),
    ("content_filter_error", "filtered"),
    ("truncate", "truncated"),
    ("invalid_json", "unparseable"),
    ("wrong_enum", "unparseable"),
    ("empty", "unparseable"),
    ("context_too_long", "context_too_long"),
    ("400", "api_error"),
]


@pytest.mark.parametrize(("fault", "outcome"), OUTCOMES)
@pytest.mark.parametrize("shape", ["json_schema", "tools", "json"])
def test_outcome_is_told_apart_in_every_shape(
    tmp_path: Path, fault: Fault, outcome: str, shape: str
) -> None:
    with ScriptedJudge() as server:
        if shape != "json_schema":
            server.fail("no_json_schema")
        if shape == "json":
            server.fail("no_tools")
        server.fail(fault)
        desk = Desk(tmp_path, base_url=server.base_url)
        [answered] = desk.ask(verdict())
    assert (answered.outcome, answered.value) == (outcome, None)
    assert answered.detail
    assert desk.calls[-1].shape == shape


@pytest.mark.parametrize(("fault", "outcome"), OUTCOMES)
def test_failure_is_recorded_counted_and_told_in_the_writeup(
    grader: Grader, judge: ScriptedJudge, fault: Fault, outcome: str
) -> None:
    assert fault in FAULTS
    judge.fail(fault, kind="verdict", when=lambda r: f"Criterion: {TITLE}" in r.prompt)
    ran = grader(
        "compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
        "--depth", "quick",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    draft, _ = read_draft(FOLDER)
    failed = [v for v in draft.verdicts if v.level is None]
    assert [s.outcome for v in failed for s in v.samples] == [outcome, outcome]
    counts = [c for c in draft.outcomes if c.outcome == outcome]
    assert sorted((c.side or "", c.count) for c in counts) == [("control", 1), ("treatment", 1)]
    writeup = written(FOLDER)
    words = outcome.replace("_", " ")
    total = sum(count.count for count in draft.outcomes)
    assert f"2 of {total} questions have no answer (2 {words})" in writeup
    assert f'"{TITLE}" on the control ({words})' in writeup
    assert "Had the missing ones gone either way" in writeup


@pytest.mark.parametrize(
    "text",
    ["I'm sorry, but I can't judge this.", "I cannot assist with that.", "As an AI, I won't."],
)
def test_words_of_refusal_without_json_are_a_refusal_and_not_asked_again(
    tmp_path: Path, text: str
) -> None:
    with ScriptedJudge() as server:
        server.answer(text)
        [answered] = Desk(tmp_path, base_url=server.base_url).ask(verdict())
        assert len(server.requests) == 1
    assert answered.outcome == "refused"


def test_an_answer_that_begins_with_an_apology_is_an_answer(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.answer(f"I'm sorry this took long.\n\n{GOOD.model_dump_json(by_alias=True)}")
        [answered] = Desk(tmp_path, base_url=server.base_url).ask(verdict())
    assert answered.outcome == "answered"


def test_thoughts_before_the_answer_are_passed_over_and_counted(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("think")
        desk = Desk(tmp_path, base_url=server.base_url)
        [answered] = desk.ask(verdict())
    assert answered.outcome == "answered"
    [call] = desk.calls
    assert call.reply is not None and (call.reply.usage.reasoning_tokens or 0) > 0


def test_retry_asks_what_failed_and_nothing_else(grader: Grader, judge: ScriptedJudge) -> None:
    judge.fail("refuse", kind="verdict", times=2)
    judge.fail("truncate", kind="signature", times=2)
    judge.fail("400", kind="contrast", times=1)
    command = ("compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url)
    ran = grader(*command)
    assert ran.code == 0, ran.err
    failed = sum(c.count for c in read_draft(FOLDER)[0].outcomes if c.outcome != "answered")
    asked = len(judge.requests)
    assert failed >= 3

    ran = grader(*command)
    assert "--retry-failed asks the others anew" in ran.out
    assert len(judge.requests) == asked

    ran = grader(*command, "--retry-failed")
    assert ran.code == 0, ran.err
    draft, _ = read_draft(FOLDER)
    assert {count.outcome for count in draft.outcomes} == {"answered"}
    again = [received.kind for received in judge.requests[asked:]]
    # The narrative saw other findings, so its questions are other ones.
    assert sorted(again) == sorted(
        ["verdict"] * 2 + ["signature"] * (failed - 3) + ["contrast"]
        + ["orientation", "difference", "change", "implications", "text"]
    )  # fmt: skip
    check = grader("check", FOLDER)
    assert "reply-differs" not in check.out, check.out
    assert "draft-not-from-replies" not in check.out, check.out


def test_draft_under_review_is_not_made_again(grader: Grader, judge: ScriptedJudge) -> None:
    judge.fail("refuse", kind="verdict", times=1)
    command = (
        "compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
        "--depth", "quick",
    )  # fmt: skip
    grader(*command)
    before = (FOLDER / "comparison.json").read_bytes()
    (FOLDER / "reviews.jsonl").write_text("{}\n")
    ran = grader(*command, "--retry-failed")
    assert ran.code == 2
    assert "under review" in ran.err and "--name" in ran.err
    assert (FOLDER / "comparison.json").read_bytes() == before


def test_what_fails_again_fails_with_the_later_reply(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("refuse", times=1)
        server.fail("content_filter", times=1)
        desk = Desk(tmp_path, base_url=server.base_url)
        outcomes = [desk.ask(verdict())[0].outcome]
        for retry in (True, False, True, False):
            desk.retry_failed = retry
            outcomes.append(desk.ask(verdict())[0].outcome)
        assert len(server.requests) == 3
    assert outcomes == ["refused", "filtered", "filtered", "answered", "answered"]
    journal = Journal(tmp_path / "journal.db")
    [question] = {kept.question for kept in journal.replies()}
    assert [kept.take for kept in journal.replies()] == [1, 2, 3]
    assert len(journal.takes(question, server=server.base_url)) == 3
    journal.close()


def test_bounds_tell_how_far_the_missing_levels_could_move_each_tally() -> None:
    criteria = criteria_of("a", "b", "c").criteria
    card = scorecard(
        criteria,
        {
            ("a", "control"): "not_met", ("a", "treatment"): None,
            ("b", "control"): "met", ("b", "treatment"): "met",
            ("c", "control"): None, ("c", "treatment"): None,
        },
    )  # fmt: skip
    bounds = tally_bounds(criteria, card)
    # Control: a is not met, b is met, c may be anything.
    assert {n: (b.least, b.most) for n, b in bounds.control.items()} == {
        "not_met": (1, 2), "partially_met": (0, 1), "met": (1, 2),
    }  # fmt: skip
    # From not_met, a can't fall; b is the same; c may be anything.
    assert {n: (b.least, b.most) for n, b in bounds.shift.items()} == {
        "up": (0, 2), "down": (0, 1), "same": (1, 3),
    }  # fmt: skip


def test_bounds_of_a_whole_scorecard_are_its_tallies() -> None:
    criteria = criteria_of("a").criteria
    card = scorecard(criteria, {("a", "control"): "met", ("a", "treatment"): "partially_met"})
    bounds = tally_bounds(criteria, card)
    for name, bound in bounds.shift.items():
        assert bound.least == bound.most == card.shift_tally[name]


@pytest.mark.parametrize("fault", ["refuse", "400", "truncate"])
def test_quotations_that_could_not_be_asked_again_are_told_and_asked_with_retry(
    grader: Grader, judge: ScriptedJudge, fault: Fault
) -> None:
    invented = GOOD.model_copy(update={"evidence": ["words that nobody wrote anywhere here"]})
    first_run = True
    judge.fail(fault, kind="requote", when=lambda r: first_run)
    judge.answer(invented, kind="verdict", when=lambda r: f"Criterion: {TITLE}" in r.prompt)
    command = (
        "compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
        "--depth", "quick", "--concurrency", "1",
    )  # fmt: skip
    assert grader(*command).code == 0
    draft, _ = read_draft(FOLDER)
    outcome = dict(OUTCOMES)[fault]
    failed = [count for count in draft.outcomes if count.outcome != "answered"]
    assert {(count.kind, count.outcome) for count in failed} == {("requote", outcome)}
    flagged = [v for v in draft.verdicts if v.evidence and v.evidence[0].span is None]
    assert flagged and all(v.level == GOOD.level for v in flagged)
    words = outcome.replace("_", " ")
    messages = [a.message for v in flagged for a in v.attention if a.code == "unlocated_evidence"]
    assert f"1 quotation was not found in the transcript, and asking again failed: {words}" in (
        messages
    )
    assert f"({sum(count.count for count in failed)} {words})" in (written(FOLDER))
    check = grader("check", FOLDER)
    assert check.code == 0, check.out

    before, first_run = len(judge.requests), False
    assert grader(*command, "--retry-failed").code == 0
    assert {received.kind for received in judge.requests[before:]} == {"requote"}
    assert {count.outcome for count in read_draft(FOLDER)[0].outcomes} == {"answered"}


def test_retry_that_was_cut_short_is_told_and_nothing_is_called_changed(
    grader: Grader, judge: ScriptedJudge
) -> None:
    judge.fail("refuse", kind="verdict", when=lambda r: f"Criterion: {TITLE}" in r.prompt, times=2)
    command = (
        "compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
        "--depth", "quick", "--concurrency", "1",
    )  # fmt: skip
    assert grader(*command).code == 0
    drafted = (FOLDER / "comparison.json").read_bytes()
    length = len((FOLDER / "calls.jsonl").read_bytes())
    # The first answer comes, then the key is refused: the run ends without a draft.
    asked = len(judge.requests)
    judge.fail("401", kind="verdict", when=lambda r: len(judge.requests) > asked + 1)
    assert grader(*command, "--retry-failed").code == 3
    assert len((FOLDER / "calls.jsonl").read_bytes()) > length
    assert (FOLDER / "comparison.json").read_bytes() == drafted
    check = grader("check", FOLDER)
    assert "by a run that did not end" in check.out
    assert "1 path checked: 1 warning," in check.out

    (FOLDER / "calls.jsonl").write_bytes(b" " + (FOLDER / "calls.jsonl").read_bytes())
    check = grader("check", FOLDER)
    assert check.code == 1 and "was changed" in check.out


def test_draft_without_one_answer_is_told_and_fails(grader: Grader, judge: ScriptedJudge) -> None:
    judge.fail("refuse")
    ran = grader(
        "compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
        "--depth", "quick",
    )  # fmt: skip
    assert ran.code == 3
    assert "0 of 16 questions answered." in ran.out
    assert "16 refused. --retry-failed asks them anew." in ran.out
    assert (FOLDER / "comparison.md").exists()
    command = written(FOLDER).rpartition("grader compare")[2]
    assert f"--base-url {judge.base_url}" in command
