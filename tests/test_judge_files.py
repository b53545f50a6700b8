"""`files:DIR`: open questions out, replies in, over as many rounds as it takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.errors import InputError, WaitingForAnswers
from grader.judge.judge import AnswerPending
from grader.questions.question import Question
from grader.testing import ScriptedJudge
from judging import GOOD, Desk, batch_line, verdict


def error_line(custom_id: str, number: int, message: str = "Internal error", **extra: Any) -> str:
    return json.dumps(
        {
            "id": f"batch_req_{number}",
            "custom_id": custom_id,
            "response": {
                "status_code": 500,
                "body": {"error": {"message": message, **extra}},
            },
            "error": None,
        }
    )


class Exchange:
    """A folder of questions and replies, and the desk that uses it."""

    def __init__(self, folder: Path) -> None:
        self.batch = folder / "batch"
        self.desk = Desk(folder, spec=f"files:{self.batch}", judge_model="openai/batch-model")

    def waits(self, *questions: Question) -> WaitingForAnswers:
        with pytest.raises(WaitingForAnswers) as raised:
            self.desk.ask(*questions, close_round=True)
        return raised.value

    @property
    def requests(self) -> list[dict[str, Any]]:
        lines = (self.batch / "requests.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def reply(self, *lines: str) -> None:
        with (self.batch / "responses.jsonl").open("a") as file:
            file.write("".join(line + "\n" for line in lines))


@pytest.fixture
def exchange(tmp_path: Path) -> Exchange:
    return Exchange(tmp_path)


def test_open_questions_are_written_and_the_run_waits(exchange: Exchange) -> None:
    waiting = exchange.waits(verdict(1), verdict(2))

    assert waiting.exit_code == 75
    assert "2 questions are open" in str(waiting)
    assert "requests.jsonl" in str(waiting)
    assert "responses.jsonl" in waiting.mend
    assert len(exchange.requests) == 2


def test_a_question_alone_says_that_it_is_open(exchange: Exchange) -> None:
    with pytest.raises(AnswerPending):
        exchange.desk.ask(verdict())


def test_a_request_is_what_a_live_judge_would_be_sent_and_nothing_else(
    exchange: Exchange, tmp_path: Path
) -> None:
    exchange.waits(verdict())
    [request] = exchange.requests
    with ScriptedJudge() as server:
        live = Desk(tmp_path / "live", spec="openai/batch-model", base_url=server.base_url)
        [answered] = live.ask(verdict())
        [received] = server.requests

    assert request == {
        "custom_id": answered.questions[0],
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": received.body,
    }
    assert "criterion-1" not in json.dumps(request), "labels stay on this side"


def test_replies_in_any_order_and_in_part_are_taken_and_the_rest_stays_open(
    exchange: Exchange,
) -> None:
    questions = [verdict(n) for n in range(1, 5)]
    exchange.waits(*questions)
    ids = [request["custom_id"] for request in exchange.requests]
    exchange.reply(batch_line(ids[3], GOOD), batch_line(ids[1], GOOD))
    exchange.waits(*questions)
    assert [request["custom_id"] for request in exchange.requests] == [ids[0], ids[2]]

    exchange.reply(batch_line(ids[2], GOOD), batch_line(ids[0], GOOD))
    answers = exchange.desk.ask(*questions, close_round=True)
    assert [a.value for a in answers] == [GOOD] * 4
    assert [a.served_model for a in answers] == ["batch-model"] * 4
    assert (exchange.batch / "requests.jsonl").read_text() == "", "nothing is open any more"
    assert {call.source for call in exchange.desk.calls} == {"files"}


def test_replies_are_kept_when_the_answer_file_goes_away(exchange: Exchange) -> None:
    exchange.waits(verdict())
    exchange.reply(batch_line(exchange.requests[0]["custom_id"], GOOD))
    first = exchange.desk.ask(verdict(), close_round=True)
    (exchange.batch / "responses.jsonl").unlink()
    assert exchange.desk.ask(verdict(), close_round=True) == first


def test_an_answer_off_the_schema_opens_a_correction_in_the_next_round(exchange: Exchange) -> None:
    exchange.waits(verdict())
    first_id = exchange.requests[0]["custom_id"]
    exchange.reply(batch_line(first_id, '{"level": "excellent"}'))
    exchange.waits(verdict())
    [second] = exchange.requests

    assert second["custom_id"] != first_id
    assert "excellent" in json.dumps(second["body"]["messages"])
    exchange.reply(batch_line(second["custom_id"], GOOD))
    [answered] = exchange.desk.ask(verdict(), close_round=True)
    assert answered.value == GOOD
    assert answered.questions == (first_id, second["custom_id"])


def test_a_refusal_in_a_file_is_a_refusal(exchange: Exchange) -> None:
    exchange.waits(verdict())
    exchange.reply(batch_line(exchange.requests[0]["custom_id"], "", refusal="I won't."))
    [answered] = exchange.desk.ask(verdict(), close_round=True)
    assert answered.outcome == "refused"


def test_an_error_line_leaves_the_question_open_and_a_second_one_ends_it(
    exchange: Exchange,
) -> None:
    exchange.waits(verdict())
    [request] = exchange.requests
    exchange.reply(error_line(request["custom_id"], 1))
    exchange.waits(verdict())
    assert exchange.requests == [request]

    exchange.reply(error_line(request["custom_id"], 1))
    exchange.waits(verdict())  # the same line once more is the same error

    exchange.reply(error_line(request["custom_id"], 2, "Still failing"))
    [answered] = exchange.desk.ask(verdict(), close_round=True)
    assert answered.outcome == "api_error"
    assert "Still failing" in (answered.detail or "")


def test_a_reply_after_errors_is_taken(exchange: Exchange) -> None:
    exchange.waits(verdict())
    hash_ = exchange.requests[0]["custom_id"]
    exchange.reply(error_line(hash_, 1), error_line(hash_, 2), batch_line(hash_, GOOD))
    [answered] = exchange.desk.ask(verdict(), close_round=True)
    assert answered.value == GOOD


def test_a_context_that_was_too_long_is_not_asked_again(exchange: Exchange) -> None:
    exchange.waits(verdict())
    hash_ = exchange.requests[0]["custom_id"]
    line = {
        "custom_id": hash_,
        "response": {
            "status_code": 400,
            "body": {"error": {"code": "context_length_exceeded", "message": "too long"}},
        },
    }
    exchange.reply(json.dumps(line))
    [answered] = exchange.desk.ask(verdict(), close_round=True)
    assert answered.outcome == "context_too_long"


def test_an_expired_request_in_the_error_file_stays_open(exchange: Exchange) -> None:
    exchange.waits(verdict())
    [request] = exchange.requests
    line = {
        "custom_id": request["custom_id"],
        "response": None,
        "error": {"code": "batch_expired", "message": "This request could not be executed"},
    }
    exchange.reply(json.dumps(line))
    exchange.waits(verdict())
    assert exchange.requests == [request]


def test_replies_to_unknown_questions_are_passed_over_with_a_notice(exchange: Exchange) -> None:
    exchange.waits(verdict(1), verdict(2))
    first, second = (request["custom_id"] for request in exchange.requests)
    exchange.reply(batch_line("somebody-else", GOOD), batch_line(first, GOOD))
    exchange.waits(verdict(1), verdict(2))
    assert len(exchange.desk.notices) == 1
    assert "somebody-else" in exchange.desk.notices[0]

    exchange.desk.notices.clear()
    exchange.reply(batch_line(second, GOOD))
    exchange.desk.ask(verdict(1), verdict(2), close_round=True)
    exchange.desk.ask(verdict(1), verdict(2), close_round=True)
    assert all("somebody-else" in notice for notice in exchange.desk.notices), "only the stranger"


def test_the_first_of_two_replies_counts_and_the_second_is_noticed(exchange: Exchange) -> None:
    exchange.waits(verdict())
    hash_ = exchange.requests[0]["custom_id"]
    other = GOOD.model_copy(update={"level": "met"})
    exchange.reply(batch_line(hash_, GOOD), batch_line(hash_, other))
    [answered] = exchange.desk.ask(verdict(), close_round=True)
    assert answered.value == GOOD
    assert "responses.jsonl:2: a second reply" in exchange.desk.notices[0]


def test_a_reply_without_a_choice_is_an_error_of_that_question(exchange: Exchange) -> None:
    exchange.waits(verdict())
    hash_ = exchange.requests[0]["custom_id"]
    empty = {"choices": [], "usage": {"prompt_tokens": 9}}
    lines = [
        json.dumps({"id": id_, "custom_id": hash_, "response": {"status_code": 200, "body": empty}})
        for id_ in ("one", "two")
    ]
    exchange.reply(*lines)
    [answered] = exchange.desk.ask(verdict(), close_round=True)
    assert answered.outcome == "api_error"
    assert "no choice" in (answered.detail or "")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{not json", r"responses\.jsonl:2: this line is not JSON"),
        ("[" * 100_000, r"responses\.jsonl:2: this line is not JSON"),
        ('["a"]', r"responses\.jsonl:2: this line has no custom_id"),
        ('{"response": {}}', r"responses\.jsonl:2: this line has no custom_id"),
        ('{"custom_id": 7}', r"responses\.jsonl:2: this line has no custom_id"),
        ('{"custom_id": "x"}', r"responses\.jsonl:2: the response holds no chat completion"),
        (
            '{"custom_id": "x", "response": "yes", "error": null}',
            r"responses\.jsonl:2: the response holds no chat completion",
        ),
    ],
    ids=["text", "too deep", "list", "no id", "id is a number", "empty", "word"],
)
def test_a_broken_line_is_named_with_its_number(exchange: Exchange, line: str, said: str) -> None:
    exchange.waits(verdict())
    exchange.reply(batch_line(exchange.requests[0]["custom_id"], GOOD), line)
    with pytest.raises(InputError, match=said) as raised:
        exchange.desk.ask(verdict())
    assert raised.value.mend


def test_a_file_saved_by_a_windows_editor_is_read(exchange: Exchange) -> None:
    exchange.waits(verdict())
    line = batch_line(exchange.requests[0]["custom_id"], GOOD)
    (exchange.batch / "responses.jsonl").write_bytes(b"\xef\xbb\xbf" + line.encode() + b"\r\n\r\n")
    assert exchange.desk.ask(verdict(), close_round=True)[0].value == GOOD


def test_a_model_that_is_not_named_is_called_unnamed(exchange: Exchange) -> None:
    exchange.desk.judge_model = None
    exchange.waits(verdict())
    assert exchange.requests[0]["body"]["model"] == "unnamed"
