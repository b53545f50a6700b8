"""When a request is sent again, and after how long."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from grader.errors import JudgeError
from grader.judge.failures import read_failure, retry_after
from grader.testing import ScriptedJudge
from judging import QUICK, Desk, verdict


@pytest.mark.parametrize(
    "headers",
    [{"retry-after": "1"}, {"retry-after": "0.4"}, {"retry-after-ms": "400", "retry-after": "60"}],
    ids=["seconds", "part of a second", "milliseconds first"],
)
def test_the_pause_a_server_asks_for_is_kept(tmp_path: Path, headers: dict[str, str]) -> None:
    with ScriptedJudge() as server:
        server.fail("429", times=1, headers=headers)
        desk = Desk(tmp_path, base_url=server.base_url)
        started = time.monotonic()
        [answered] = desk.ask(verdict())
        passed = time.monotonic() - started

    asked_for = desk.calls[0].retry_after_s
    assert asked_for is not None
    assert answered.outcome == "answered"
    assert passed >= asked_for > QUICK.longest_wait_s


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 -0000"}, 0.0),  # read without a zone
    ],
)
def test_the_forms_of_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_retry_after_as_a_date_counts_from_now() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=30)
    dates = [format_datetime(soon, usegmt=True), format_datetime(soon.replace(tzinfo=None))]
    assert dates[0].endswith(" GMT") and dates[1].endswith(" -0000")
    for date in dates:
        pause = retry_after({"retry-after": date})
        assert pause is not None
        assert 25 < pause <= 30


def test_a_pause_longer_than_anyone_waits_ends_the_run_and_says_how_long(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("429", headers={"retry-after": "7200"})
        with pytest.raises(JudgeError, match="a pause of 7200 s") as raised:
            Desk(tmp_path, base_url=server.base_url).ask(verdict())
        assert len(server.requests) == 1
    assert "again" in raised.value.mend


def test_many_calls_can_retry_at_once(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("503", each=1)
        desk = Desk(tmp_path, base_url=server.base_url, concurrency=50)
        answers = desk.ask(*(verdict(n) for n in range(50)))
        asked = server.asked

    assert {a.outcome for a in answers} == {"answered"}
    assert set(asked.values()) == {2}


def test_every_attempt_is_in_the_ledger_with_its_status(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("429", times=1, headers={"retry-after": "0"})
        server.fail("500", times=1)
        server.fail("drop", times=1)
        desk = Desk(tmp_path, base_url=server.base_url)
        desk.ask(verdict())

    assert [(c.attempt, c.http_status, c.outcome) for c in desk.calls] == [
        (1, 429, "api_error"),
        (2, 500, "api_error"),
        (3, None, "api_error"),
        (4, 200, "answered"),
    ]
    assert "Rate limit" in (desk.calls[0].error or "")


@pytest.mark.parametrize("status", ["400"])
def test_a_request_the_server_does_not_accept_is_not_repeated(tmp_path: Path, status: str) -> None:
    with ScriptedJudge() as server:
        server.fail("400", when="Criterion 1", message="messages must not be empty")
        desk = Desk(tmp_path, base_url=server.base_url)
        refused, other = desk.ask(verdict(1), verdict(2))
        sent = len(server.requests)

    assert refused.outcome == "api_error"
    assert refused.detail == "400: messages must not be empty"
    assert other.outcome == "answered"
    assert sent == 2


TOO_LONG = [
    "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",
    "prompt is too long: 210000 tokens > 200000 maximum",
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048575).",
    "the request exceeds the available context size, try increasing it",
    "Requested tokens (9000) exceed context window of 8192",
    "Please reduce the length of the messages or completion.",
    "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
]


@pytest.mark.parametrize("message", TOO_LONG)
def test_servers_say_in_many_ways_that_the_context_is_too_long(message: str) -> None:
    assert read_failure(400, {"error": {"message": message}}).meaning == "context_too_long"


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (400, {"error": {"code": "context_length_exceeded", "message": "x"}}, "context_too_long"),
        (413, "", "context_too_long"),
        (400, {"error": {"message": "max_tokens is too large: 99999"}}, "give_up"),
        (400, {"error": {"message": "Invalid parameter: response_format"}}, "no_such_shape"),
        (422, {"detail": "json_schema is not supported"}, "no_such_shape"),
        (400, {"error": {"message": "The model does not support tool_choice"}}, "no_tool_choice"),
        (400, {"error": {"message": "Unsupported value: 'seed'"}}, "no_seed"),
        (401, {"error": "unauthorized"}, "key_refused"),
        (402, {"error": {"message": "Insufficient credits"}}, "no_credit"),
        (403, None, "key_refused"),
        (404, {"error": {"message": "model 'x' not found"}}, "no_such_model"),
        (400, {"error": {"code": "model_not_found"}}, "no_such_model"),
        (408, None, "retry"),
        (409, None, "retry"),
        (429, {"error": {"code": "insufficient_quota"}}, "no_credit"),
        (429, {"error": {"code": "rate_limit_exceeded"}}, "retry"),
        (500, "<html>", "retry"),
        (529, {"error": {"type": "overloaded_error"}}, "retry"),
        (418, None, "give_up"),
        (400, ["odd"], "give_up"),
        (400, {"error": {"message": 7, "code": ["a"]}}, "give_up"),
    ],
)
def test_what_a_status_and_a_body_mean(status: int, body: object, meaning: str) -> None:
    assert read_failure(status, body).meaning == meaning
