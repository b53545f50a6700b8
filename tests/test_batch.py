"""`files:` made comfortable: over the OpenAI Batch API, and as pages for people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Grader, pair
from grader.comparison.folder import read_draft
from grader.testing import ScriptedJudge

COMMAND = (
    "compare", *pair("clinic-postmortem"), "--judge", "files:batch",
    "--judge-model", "openai/scripted-judge", "--name", "made",
)  # fmt: skip


def test_comparison_goes_through_batches_to_a_draft(grader: Grader, judge: ScriptedJudge) -> None:
    rounds = 0
    while grader(*COMMAND).code == 75:
        rounds += 1
        assert rounds < 8
        more = ("-j", "openai/scripted-judge", "--base-url", judge.base_url) if rounds == 1 else ()
        assert "questions submitted" in grader("batch", "submit", "batch", *more).out
        assert "Nothing to submit" in grader("batch", "submit", "batch").out
        assert "1 batches are still open" in grader("batch", "fetch", "batch").out
        status = grader("batch", "status", "batch", "--json").json
        assert status["batches"][-1]["status"] == "completed"
        fetched = grader("batch", "fetch", "batch")
        assert fetched.code == 0 and "same grader compare again" in fetched.out
    draft, _ = read_draft(Path("outputs/made"))
    assert {count.outcome for count in draft.outcomes} == {"answered"}
    assert max(judge.asked.values()) == 1
    assert draft.judges[0].spend and draft.judges[0].spend.prompt_tokens > 0


def test_what_failed_in_a_batch_is_submitted_again(grader: Grader, judge: ScriptedJudge) -> None:
    judge.fail("500", times=3)
    grader(*COMMAND, "--depth", "quick")
    grader("batch", "submit", "batch", "-j", "openai/scripted-judge", "--base-url", judge.base_url)
    ran = grader("batch", "fetch", "batch", "--wait", "0.1")
    assert "16 replies fetched" in ran.out
    ran = grader(*COMMAND, "--depth", "quick")
    open_now = int(ran.err.partition("grader: ")[2].split()[0])
    # The three that failed, and quotations that are asked for again.
    assert ran.code == 75 and 3 <= open_now < 16
    assert f"{open_now} questions submitted" in grader("batch", "submit", "batch").out
    grader("batch", "fetch", "batch", "--wait", "0.1")
    while (ran := grader(*COMMAND, "--depth", "quick")).code == 75:
        grader("batch", "submit", "batch")
        grader("batch", "fetch", "batch", "--wait", "0.1")
    assert ran.code == 0, ran.err


def test_cancelled_batch_can_be_submitted_anew(grader: Grader, judge: ScriptedJudge) -> None:
    grader(*COMMAND)
    grader("batch", "submit", "batch", "-j", "openai/scripted-judge", "--base-url", judge.base_url)
    assert "1 batches cancelled" in grader("batch", "cancel", "batch").out
    assert "questions submitted" in grader("batch", "submit", "batch").out


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("submit", "nowhere"), "no folder of a files: judge"),
        (("fetch", "batch"), "nothing was submitted from this folder"),
        (("submit", "batch"), "nothing was submitted from this folder"),
        (("submit", "batch", "-j", "openai/gpt-5.4"), "OPENAI_API_KEY is not set"),
        (("submit", "batch", "-j", "gpt"), "is not a judge"),
        (
            ("submit", "batch", "-j", "openai/x", "--base-url", "http://127.0.0.1:9/v1"),
            "did not take it",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_sent_is_told(grader: Grader, command: tuple[str, ...], told: str) -> None:
    grader(*COMMAND)
    ran = grader("batch", *command)
    assert ran.code in (2, 3)
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_person_answers_the_pages_one_by_one(grader: Grader, judge: ScriptedJudge) -> None:
    """Each page shows the question and a skeleton; an answer beside it is taken."""
    ran = grader(*COMMAND, "--depth", "quick")
    assert "answer the pages in batch/questions" in ran.err
    pages = sorted(Path("batch/questions").glob("*.md"))
    assert len(pages) == 16
    requests = {
        json.loads(line)["custom_id"]: json.loads(line)["body"]
        for line in Path("batch/requests.jsonl").read_text().splitlines()
    }
    for page in pages:
        text = page.read_text()
        [body] = [body for name, body in requests.items() if name.startswith(page.stem)]
        for message in body["messages"]:
            assert message["content"].strip() in text
        assert "control" not in text.replace(body["messages"][-1]["content"].strip(), "").lower()
        skeleton = json.loads(text.partition("```json\n")[2].partition("\n```")[0])
        assert set(skeleton) == set(body["response_format"]["json_schema"]["schema"]["properties"])
    first = next(page for page in pages if "Criterion: " in page.read_text())
    answer = {"evidence": [], "looked_for_in_vain": ["a date"], "speaks_to_the_judge": [],
              "rationale": "None.", "level": "not_met"}  # fmt: skip
    first.with_suffix(".json").write_text(json.dumps(answer))
    ran = grader(*COMMAND, "--depth", "quick")
    assert "15 questions are open" in ran.err
    assert not first.exists(), "what is answered waits no longer"
    assert len(list(Path("batch/questions").glob("*.md"))) == 15
