"""Servers as they are: what real ones were seen to do, played again by a scripted one."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from grader.comparison.kinds.verdict import VerdictAnswer
from grader.errors import JudgeError
from grader.judge.asking import Answered, Asker
from grader.judge.choose import open_judge
from grader.judge.ledger import Ledger
from grader.judge.throttle import Throttle
from grader.testing import Fault, ScriptedJudge
from grader.testing.scripted import Received
from grader.testing.server import HttpReply, HttpRequest, HttpServer
from judging import GOOD, NOBODY, QUICK, Desk, verdict

UNKNOWN_SHAPE = (
    "1 validation error: {'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), "
    "'msg': \"Input should be 'text' or 'json_object'\", 'input': 'json_schema'}"
)
"""What llama-cpp-python 0.3.36 sends with status 500."""


def test_a_schema_that_the_server_takes_for_an_error_of_its_own_is_asked_for_by_a_tool(
    tmp_path: Path,
) -> None:
    with ScriptedJudge() as server:
        server.fail("500", when=_asks_by_schema, message=UNKNOWN_SHAPE)
        desk = Desk(tmp_path, base_url=server.base_url)
        first = desk.ask(verdict(1))
        [second] = desk.ask(verdict(2))

    assert [each.outcome for each in (*first, second)] == ["answered", "answered"]
    assert [call.shape for call in desk.calls] == ["json_schema", "tools", "json_schema", "tools"]


@pytest.mark.parametrize("fault", ["500", "400"])
def test_a_server_that_only_fails_ends_the_run_after_twenty_questions(
    tmp_path: Path, fault: Fault
) -> None:
    impatient = QUICK.model_copy(update={"timeout_s": 0.2, "max_attempts": 2})

    async def run(base_url: str) -> list[BaseException | Answered]:
        throttle = Throttle(8)
        judge = open_judge("openai/m", base_url=base_url, settings=impatient, throttle=throttle)
        asker = Asker(judge, ledger=Ledger(tmp_path), throttle=throttle)

        async def one(number: int) -> Answered:
            async with asker.turn((number,)):
                return await asker.ask(verdict(number))

        ended = await asyncio.gather(*map(one, range(200)), return_exceptions=True)
        await judge.close()
        return ended

    with ScriptedJudge() as server:
        server.fail(fault)
        ended = asyncio.run(run(server.base_url))
        assert len(server.asked) < 60, "the rest was not sent"
    told = [str(each) for each in ended if isinstance(each, JudgeError)]
    assert any("failed on 20 questions one after the other" in each for each in told)
    assert sum(isinstance(each, Answered) for each in ended) >= 19
    assert not [each for each in ended if isinstance(each, Answered) and each.value]


def test_a_server_that_only_hangs_ends_the_run_after_fifteen_requests(tmp_path: Path) -> None:
    settings = QUICK.model_copy(update={"timeout_s": 0.2})
    with ScriptedJudge() as server:
        server.fail("hang")
        desk = Desk(tmp_path, base_url=server.base_url, settings=settings)
        with pytest.raises(JudgeError, match="left 15 requests one after the other"):
            desk.ask(*(verdict(number) for number in range(200)))
        assert len(desk.calls) < 30, "eight at once, then four and fewer"


def test_one_stall_of_all_that_is_under_way_does_not_end_the_run(tmp_path: Path) -> None:
    settings = QUICK.model_copy(update={"timeout_s": 0.5})
    with ScriptedJudge() as server:
        server.fail("hang", times=40)
        desk = Desk(tmp_path, base_url=server.base_url, settings=settings, concurrency=40)
        answers = desk.ask(*(verdict(number) for number in range(50)))
    assert {each.outcome for each in answers} == {"answered"}


def test_a_reply_between_failures_lets_the_run_go_on(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("400", when=lambda r: _number(r) % 15 != 0)
        desk = Desk(tmp_path, base_url=server.base_url, concurrency=1)
        answers = desk.ask(*(verdict(number) for number in range(60)))
    assert Counter(each.outcome for each in answers) == {"answered": 4, "api_error": 56}


def test_what_a_model_refuses_is_left_out_for_the_rest_of_the_run(tmp_path: Path) -> None:
    said = "Unsupported value: 'temperature' does not support 0.0 with this model."
    with ScriptedJudge() as server:
        server.fail("400", when=lambda r: "temperature" in r.body, message=said)
        desk = Desk(tmp_path, spec="openai/unheard-of", base_url=server.base_url, concurrency=1)
        answers = desk.ask(verdict(1), verdict(2), verdict(3))
    assert {each.outcome for each in answers} == {"answered"}
    assert len(server.requests) == 4
    assert [call.left_out for call in desk.calls] == [None, *[("temperature",)] * 3]


def test_an_address_where_nobody_listens_is_told_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(JudgeError, match="cannot be reached") as raised:
        Desk(tmp_path).ask(verdict())
    assert "ssl" not in str(raised.value)
    assert NOBODY in str(raised.value)


def test_a_server_that_ignores_the_schema_gets_it_in_the_prompt(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.answer("Both are fine.", when=lambda r: not _asks_in_the_prompt(r))
        desk = Desk(tmp_path, base_url=server.base_url, concurrency=1)
        answers = desk.ask(verdict(1), verdict(2))

    assert [each.outcome for each in answers] == ["answered", "answered"]
    assert {call.shape for call in desk.calls} == {"json_schema", "json"}
    assert [call.shape for call in desk.calls if call.outcome == "answered"] == ["json", "json"]


def test_a_refusal_or_a_lapse_does_not_change_how_the_shape_is_asked_for(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.answer("I'm sorry, but I can't help with that.", when="Criterion 1")
        server.answer("Both are fine.", when="Criterion 3", times=1)
        desk = Desk(tmp_path, base_url=server.base_url, concurrency=1)
        answers = desk.ask(verdict(1), verdict(2), verdict(3))

    assert [each.outcome for each in answers] == ["refused", "answered", "answered"]
    assert {call.shape for call in desk.calls} == {"json_schema"}


def test_a_server_that_names_a_shape_in_every_error_is_given_up_like_any_that_fails(
    tmp_path: Path,
) -> None:
    with ScriptedJudge() as server:
        server.fail("500", message="json_schema worker died")
        desk = Desk(tmp_path, base_url=server.base_url)
        [answered] = desk.ask(verdict())

    assert answered.outcome == "api_error"
    shapes = [call.shape for call in desk.calls]
    assert shapes == ["json_schema", "tools", *["json"] * QUICK.max_attempts]


def test_a_tool_call_that_used_all_its_room_and_breaks_off_is_truncated(tmp_path: Path) -> None:
    whole = GOOD.model_dump_json()

    def tool_call(body: dict[str, Any]) -> tuple[str, int]:
        limit = body["max_completion_tokens"]
        return (whole[:40], limit) if limit < 8192 else (whole, limit - 1)

    with serving(tool_call) as base_url:
        desk = Desk(tmp_path, base_url=base_url)
        [answered] = desk.ask(verdict())

    assert (answered.outcome, answered.value) == ("answered", GOOD)
    assert [call.outcome for call in desk.calls] == ["truncated", "answered"]
    assert [call.parameters["max_completion_tokens"] for call in desk.calls] == [4096, 8192]
    # What the server said stays as it said it.
    assert [call.reply and call.reply.finish_reason for call in desk.calls] == ["tool_calls"] * 2


def test_an_answer_that_just_fits_its_room_is_an_answer(tmp_path: Path) -> None:
    with serving(lambda body: (GOOD.model_dump_json(), body["max_completion_tokens"])) as base_url:
        [answered] = Desk(tmp_path, base_url=base_url).ask(verdict())

    assert answered.outcome == "answered"


def test_a_reply_that_spent_all_its_room_on_thoughts_is_truncated_not_empty(
    tmp_path: Path,
) -> None:
    with serving(lambda body: ("", body["max_completion_tokens"])) as base_url:
        desk = Desk(tmp_path, base_url=base_url)
        [answered] = desk.ask(verdict())

    assert answered.outcome == "truncated"
    assert len(desk.calls) == 2


def test_a_server_that_falls_behind_is_sent_less_at_once() -> None:
    async def run(base_url: str) -> float:
        throttle = Throttle(8)
        settings = QUICK.model_copy(update={"timeout_s": 0.2, "max_attempts": 2})
        judge = open_judge(
            "openai/test-model", base_url=base_url, settings=settings, throttle=throttle
        )
        asker = Asker(judge, throttle=throttle)
        await asyncio.gather(*(asker.ask(verdict(number)) for number in range(6)))
        await judge.close()
        return throttle.at_once

    with ScriptedJudge() as server:
        server.fail("hang")
        # Six hang together, then four, and two.
        assert asyncio.run(run(server.base_url)) < 4


def _number(received: Received) -> int:
    return int(received.prompt.rpartition("Criterion ")[2].partition(":")[0])


def _asks_in_the_prompt(received: Any) -> bool:
    return "fits this JSON schema" in received.prompt


def _asks_by_schema(received: Any) -> bool:
    return "response_format" in received.body


@contextmanager
def serving(tool_call: Any) -> Iterator[str]:
    """A server that ends every tool call with `tool_calls`, however it ended."""

    def handle(request: HttpRequest) -> HttpReply:
        body = json.loads(request.body)
        arguments, completion_tokens = tool_call(body)
        call = {"name": VerdictAnswer.__name__, "arguments": arguments}
        message = {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "1", "type": "function", "function": call}],
        }
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
        usage = {"prompt_tokens": 9, "completion_tokens": completion_tokens}
        return HttpReply(200, {"id": "1", "model": "m", "choices": [choice], "usage": usage})

    server = HttpServer(handle)
    port = server.start()
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.stop()
