"""`--judge files:DIR`: questions out and replies in, over rounds, to a signed writeup."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest

from conftest import Grader, pair
from grader.comparison.folder import read_draft
from grader.testing import ScriptedJudge

BATCH = Path("batch")
COMMAND = (
    "compare", *pair("clinic-postmortem"), "--judge", "files:batch", "--judge-model",
    "openai/scripted-judge",
)  # fmt: skip
FOLDER = Path("outputs/c-clinic-postmortem-1--p-clinic-postmortem-1--files-batch")


def open_questions() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (BATCH / "requests.jsonl").read_text().splitlines()]


def reply_lines(judge: ScriptedJudge, questions: Iterable[dict[str, Any]]) -> list[str]:
    """Replies in the Batch output format, made by posting each body to a real server."""
    lines: list[str] = []
    for question in questions:
        answer = httpx.post(judge.base_url + "/chat/completions", json=question["body"])
        lines.append(
            json.dumps(
                {
                    "id": f"batch_req_{len(lines)}",
                    "custom_id": question["custom_id"],
                    "response": {"status_code": answer.status_code, "body": answer.json()},
                    "error": None,
                }
            )
        )
    return lines


def test_rounds_of_files_lead_to_a_draft(grader: Grader, judge: ScriptedJudge) -> None:
    rounds = []
    for _ in range(8):
        ran = grader(*COMMAND)
        if ran.code != 75:
            break
        assert "batch" in ran.err
        assert not (FOLDER / "comparison.json").exists()
        questions = open_questions()
        rounds.append(len(questions))
        (BATCH / "responses.jsonl").write_text("\n".join(reply_lines(judge, questions)) + "\n")
    assert ran.code == 0, ran.err
    assert rounds[0] == 26
    assert rounds[-1] == 2
    draft, _ = read_draft(FOLDER)
    assert {judge.kind for judge in draft.judges} == {"files"}
    assert all(verdict.level for verdict in draft.verdicts)
    assert draft.implications is not None and draft.text is not None


def test_requests_hold_only_a_hash_and_what_a_judge_would_get(
    grader: Grader, judge: ScriptedJudge
) -> None:
    assert grader(*COMMAND).code == 75
    for question in open_questions():
        assert set(question) == {"custom_id", "method", "url", "body"}
        text = json.dumps(question)
        for secret in ("c-clinic", "p-clinic", "Anthropic", "control", '"condition"', "preamble"):
            assert secret not in text


def test_replies_may_come_in_any_order_in_part_and_with_errors(
    grader: Grader, judge: ScriptedJudge
) -> None:
    assert grader(*COMMAND).code == 75
    questions = open_questions()
    lines = reply_lines(judge, reversed(questions[:10]))
    failed = {
        "id": "x", "custom_id": questions[10]["custom_id"], "response": None,
        "error": {"code": "server_error", "message": "it broke"},
    }  # fmt: skip
    unknown = json.loads(lines[0]) | {"custom_id": "0" * 64}
    lines = [json.dumps(failed), *lines, json.dumps(unknown)]
    (BATCH / "responses.jsonl").write_text("\n".join(lines) + "\n")
    ran = grader(*COMMAND)
    assert ran.code == 75, ran.err
    left = {question["custom_id"] for question in open_questions()}
    answered = {question["custom_id"] for question in questions[:10]}
    assert not left & answered
    assert {question["custom_id"] for question in questions[10:]} <= left


def test_reply_already_read_is_kept_when_the_file_is_replaced(
    grader: Grader, judge: ScriptedJudge
) -> None:
    assert grader(*COMMAND).code == 75
    questions = open_questions()
    first, second = questions[:13], questions[13:]
    (BATCH / "responses.jsonl").write_text("\n".join(reply_lines(judge, first)) + "\n")
    assert grader(*COMMAND).code == 75
    (BATCH / "responses.jsonl").write_text("\n".join(reply_lines(judge, second)) + "\n")
    ran = grader(*COMMAND)
    again = {question["custom_id"] for question in open_questions()}
    assert ran.code == 75
    assert not again & {question["custom_id"] for question in questions}


def test_broken_reply_line_is_named(grader: Grader) -> None:
    assert grader(*COMMAND).code == 75
    (BATCH / "responses.jsonl").write_text("\n{broken\n")
    ran = grader(*COMMAND)
    assert ran.code == 2
    assert "responses.jsonl:2" in ran.err


@pytest.mark.parametrize("written", ['{"evidence": [', '{"evidence": []}', "", "no idea"])
def test_a_persons_answer_that_cannot_be_read_is_told_with_its_file_and_can_be_mended(
    grader: Grader, judge: ScriptedJudge, written: str
) -> None:
    assert grader(*COMMAND).code == 75
    pages = sorted((BATCH / "questions").glob("*.md"))
    answer = pages[0].with_suffix(".json")
    answer.write_text(written, "utf-8")
    for _ in range(3):
        ran = grader(*COMMAND)
        assert ran.code == 2
        assert f"questions/{answer.name}: this answer can't be used" in ran.err
        assert sorted((BATCH / "questions").glob("*.md")) == pages, "no page of its own"
    asked = next(each for each in open_questions() if each["custom_id"].startswith(answer.stem))
    (line,) = reply_lines(judge, [asked])
    message = json.loads(line)["response"]["body"]["choices"][0]["message"]
    answer.write_text(message["content"], "utf-8")
    assert grader(*COMMAND).code == 75
    assert len(open_questions()) == len(pages) - 1
