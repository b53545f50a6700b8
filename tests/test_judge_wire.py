"""What goes over the wire, and that nothing else does."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from grader.comparison.kinds.verdict import VerdictAnswer
from grader.errors import GraderError
from grader.judge.body import chat_body
from grader.judge.judge import Request
from grader.judge.schema import answer_schema
from grader.testing import ScriptedJudge
from judging import GOOD, QUICK, TEXT, Desk, verdict

KEY = "sk-planted-0123456789abcdef"


def test_the_messages_go_out_as_written_with_a_strict_schema(tmp_path: Path) -> None:
    question = verdict()
    with ScriptedJudge() as server:
        Desk(tmp_path, base_url=server.base_url).ask(question)
        [received] = server.requests

    assert received.body == {
        "model": "test-model",
        "messages": [{"role": m.role, "content": m.content} for m in question.messages],
        "temperature": 0.0,
        "max_completion_tokens": 4096,
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": "VerdictAnswer",
                "strict": True,
                "schema": answer_schema(VerdictAnswer),
            },
        },
    }


def test_template_marks_in_a_transcript_arrive_untouched(tmp_path: Path) -> None:
    text = "Dear {{ customer.name }}, {% if overdue %}you owe us{% endif %} {# a note #} {{ 7*7 }}"
    with ScriptedJudge() as server:
        server.answer(GOOD)
        [answered] = Desk(tmp_path, base_url=server.base_url).ask(verdict(text=text))
        [received] = server.requests

    assert answered.outcome == "answered"
    assert text in received.prompt


def test_the_body_is_the_one_that_files_write_and_the_hash_names(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        desk = Desk(tmp_path, base_url=server.base_url)
        [answered] = desk.ask(verdict())
        [received] = server.requests
    parameters = (("max_completion_tokens", 4096), ("temperature", 0.0))
    request = Request(verdict(), "openai/test-model", parameters)

    assert received.body == chat_body(request)
    assert answered.questions == (request.hash,)


@pytest.mark.parametrize(
    ("spec", "limit", "temperature"),
    [
        ("openai/gpt-4.1", "max_completion_tokens", True),
        ("openai/gpt-5.4", "max_completion_tokens", False),
        ("openai/o4-mini", "max_completion_tokens", False),
        ("openai/gpt-5-chat-latest", "max_completion_tokens", True),
        ("openrouter/openai/gpt-5.4", "max_tokens", False),
        ("openrouter/meta-llama/llama-4", "max_tokens", True),
        ("ollama/gpt-oss:20b", "max_tokens", True),
        ("my-lab/o3-distilled", "max_tokens", True),
    ],
)
def test_parameters_have_the_names_and_the_choice_that_a_model_takes(
    tmp_path: Path, spec: str, limit: str, temperature: bool
) -> None:
    with ScriptedJudge() as server:
        Desk(tmp_path, spec=spec, base_url=server.base_url).ask(verdict())
        [received] = server.requests

    assert received.body["model"] == spec.partition("/")[2]
    # A model that thinks first writes its thoughts within the same limit.
    assert received.body[limit] == (4096 if temperature or not spec.startswith("open") else 16384)
    assert ("temperature" in received.body) is temperature


def test_anthropic_is_asked_by_a_forced_tool(tmp_path: Path) -> None:
    desk = Desk(tmp_path, spec="anthropic/claude-x")
    with ScriptedJudge() as server:
        desk.base_url = server.base_url
        [answered] = desk.ask(verdict())
        [received] = server.requests

    assert answered.outcome == "answered"
    assert received.body["tools"][0]["function"]["parameters"] == answer_schema(VerdictAnswer)
    assert received.body["tool_choice"]["function"]["name"] == "VerdictAnswer"
    assert "response_format" not in received.body


def test_the_key_goes_to_the_server_and_nowhere_else(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    caplog.set_level(logging.INFO)
    folder = tmp_path / "run"
    with ScriptedJudge() as server:
        # A server that repeats the key in its error, as some do.
        server.fail("500", times=1, message=f"bad header: Bearer {KEY}")
        server.fail("401", when="Criterion 2", message=f"Incorrect API key provided: {KEY}")
        desk = Desk(folder, base_url=server.base_url)
        desk.ask(verdict(1))
        with pytest.raises(GraderError) as raised:
            desk.ask(verdict(2))
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"

    written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert KEY.encode() not in written
    printed = capsys.readouterr()
    assert KEY not in str(raised.value) + caplog.text + printed.out + printed.err
    assert "[key]" in str(raised.value)


def test_failures_do_not_log_the_messages(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with ScriptedJudge() as server:
        server.fail("500", when="Criterion 1")
        server.fail("invalid_json", when="Criterion 2")
        Desk(tmp_path, base_url=server.base_url).ask(verdict(1), verdict(2))

    assert TEXT.splitlines()[0] not in caplog.text


def test_tokens_are_counted_for_each_attempt_as_the_server_counted_them(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("invalid_json", each=1)
        server.fail("truncate", times=3)
        server.fail("refuse", when="Criterion 7")
        desk = Desk(tmp_path, base_url=server.base_url)
        desk.ask(*(verdict(n) for n in range(12)))
        usages = [call.reply.usage for call in desk.calls if call.reply]
        counted = server.usage

    assert sum(u.prompt_tokens or 0 for u in usages) == counted["prompt_tokens"]
    assert sum(u.completion_tokens or 0 for u in usages) == counted["completion_tokens"]


def test_a_server_that_counts_no_tokens_is_not_taken_to_count_zero(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("no_usage")
        desk = Desk(tmp_path, base_url=server.base_url)
        desk.ask(verdict())

    reply = desk.calls[0].reply
    assert reply is not None
    assert reply.usage.prompt_tokens is None


def test_nothing_is_sent_twice_by_the_libraries_below(tmp_path: Path) -> None:
    settings = QUICK.model_copy(update={"max_attempts": 1})
    with ScriptedJudge() as server:
        for fault in ("500", "invalid_json", "drop", "refuse", "429"):
            server.fail(fault, times=1)
        desk = Desk(tmp_path, base_url=server.base_url, settings=settings, concurrency=1)
        desk.ask(*(verdict(n) for n in range(5)))

        assert len(desk.calls) == len(server.requests) == 6, "5 questions and one correction"
