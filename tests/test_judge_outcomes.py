"""Each way a question can end, over a real socket: its outcome, what was sent, what is kept."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from grader.errors import JudgeError
from grader.testing import Fault, ScriptedJudge
from grader.testing.server import HttpReply, HttpServer
from judging import GOOD, QUICK, TEXT, Desk, signature, verdict

PLAIN = GOOD.model_dump_json()

# fault, how often, outcome, requests sent, replies kept in the journal
CASES: list[tuple[Fault, int | None, str, int, int]] = [
    ("refuse", None, "refused", 1, 1),
    ("content_filter", None, "filtered", 1, 1),
    ("truncate", None, "truncated", 2, 2),
    ("truncate", 1, "answered", 2, 2),
    ("empty", None, "unparseable", 2, 2),
    ("empty", 1, "answered", 2, 2),
    ("invalid_json", None, "unparseable", 2, 2),
    ("invalid_json", 1, "answered", 2, 2),
    ("off_schema", None, "unparseable", 2, 2),
    ("wrong_enum", None, "unparseable", 2, 2),
    ("wrong_enum", 1, "answered", 2, 2),
    ("false_quotation", None, "answered", 1, 1),
    ("context_too_long", None, "context_too_long", 1, 1),
    ("429", None, "api_error", 6, 0),
    ("429", 5, "answered", 6, 1),
    ("408", 2, "answered", 3, 1),
    ("500", None, "api_error", 6, 0),
    ("500", 2, "answered", 3, 1),
    ("502", 1, "answered", 2, 1),
    ("503", 1, "answered", 2, 1),
    ("drop", None, "api_error", 6, 0),
    ("drop", 1, "answered", 2, 1),
    ("drop_in_body", None, "api_error", 6, 0),
    ("drop_in_body", 2, "answered", 3, 1),
    ("web_page", 1, "answered", 2, 1),
    ("no_usage", None, "answered", 1, 1),
    ("no_json_schema", None, "answered", 2, 1),
]


@pytest.mark.parametrize(
    ("fault", "times", "outcome", "sent", "kept"),
    CASES,
    ids=[f"{fault}-{'always' if times is None else times}" for fault, times, *_ in CASES],
)
def test_each_ending_has_its_outcome_and_its_record(
    tmp_path: Path, fault: Fault, times: int | None, outcome: str, sent: int, kept: int
) -> None:
    with ScriptedJudge() as server:
        server.fail(fault, times=times)
        desk = Desk(tmp_path, base_url=server.base_url)
        [answered] = desk.ask(verdict())
        received = len(server.requests)

    assert answered.outcome == outcome
    assert (answered.value is not None) == (outcome == "answered")
    assert (answered.detail is None) == (outcome == "answered")
    assert received == sent
    assert len(desk.calls) == sent, "one line in calls.jsonl for each request sent"
    assert desk.calls[-1].outcome == outcome
    with sqlite3.connect(tmp_path / "journal.db") as journal:
        assert journal.execute("SELECT count(*) FROM replies").fetchone() == (kept,)
    journal.close()


def test_a_server_that_never_answers_is_given_up_after_the_time_limit(tmp_path: Path) -> None:
    settings = QUICK.model_copy(update={"timeout_s": 0.2, "max_attempts": 2})
    with ScriptedJudge() as server:
        server.fail("hang", when="Criterion 1")
        desk = Desk(tmp_path, base_url=server.base_url, settings=settings)
        hanging, other = desk.ask(verdict(1), verdict(2))

    assert hanging.outcome == "api_error"
    assert hanging.detail == "no reply within 0.2 s"
    assert other.outcome == "answered"


def test_one_failing_question_leaves_the_others_alone(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("500", when="Criterion 3")
        server.fail("refuse", when="Criterion 5")
        desk = Desk(tmp_path, base_url=server.base_url)
        outcomes = [a.outcome for a in desk.ask(*(verdict(n) for n in range(1, 7)))]

    assert outcomes == ["answered", "answered", "api_error", "answered", "refused", "answered"]


def test_an_api_error_is_asked_again_by_the_next_run_and_a_refusal_is_not(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("500", when="Criterion 1", times=6)
        server.fail("refuse", when="Criterion 2", times=1)
        desk = Desk(tmp_path, base_url=server.base_url)
        first = [a.outcome for a in desk.ask(verdict(1), verdict(2))]
        before = len(server.requests)
        second = [a.outcome for a in desk.ask(verdict(1), verdict(2))]
        sent = len(server.requests) - before

    assert first == ["api_error", "refused"]
    assert second == ["answered", "refused"]
    assert sent == 1


def test_a_refusal_is_told_in_the_judges_words(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("refuse")
        [answered] = Desk(tmp_path, base_url=server.base_url).ask(verdict())

    assert answered.detail is not None
    assert "can't help with judging" in answered.detail


def test_a_cut_off_reply_is_asked_again_once_with_twice_the_room(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("truncate")
        desk = Desk(tmp_path, base_url=server.base_url)
        [answered] = desk.ask(verdict())
        limits = [r.body["max_completion_tokens"] for r in server.requests]

    assert limits == [4096, 8192]
    assert len(set(answered.questions)) == 2, "another limit is another question hash"


def test_an_answer_off_the_schema_is_asked_again_with_what_was_wrong(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("wrong_enum", times=1)
        [answered] = Desk(tmp_path, base_url=server.base_url).ask(verdict())
        first, second = server.requests

    assert answered.outcome == "answered"
    assert second.texts[: len(first.texts)] == first.texts
    assert '"excellent"' in second.texts[-2], "the reply that was wrong"
    assert "level: Input should be 'not_met', 'partially_met' or 'met'" in second.texts[-1]


def test_rules_of_the_question_are_checked_beyond_the_schema(tmp_path: Path) -> None:
    one_marker = {
        "markers": [{"marker": 1, "evidence": [], "note": "n", "presence": "absent"}],
        "note": "n",
    }
    with ScriptedJudge() as server:
        server.answer(one_marker, times=1)
        [answered] = Desk(tmp_path, base_url=server.base_url).ask(signature(markers=3))
        asked_again = server.requests[1].texts[-1]

    assert answered.outcome == "answered"
    assert "one finding for each marker 1 to 3, got [1]" in asked_again


def test_truncation_and_a_mistake_may_both_happen_but_each_is_mended_once(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("truncate", times=1)
        server.fail("invalid_json", times=1)
        server.fail("truncate", times=1)
        desk = Desk(tmp_path, base_url=server.base_url)
        [answered] = desk.ask(verdict())

    assert answered.outcome == "truncated"
    assert [call.outcome for call in desk.calls] == ["truncated", "unparseable", "truncated"]


def _completion(**choice: object) -> dict[str, object]:
    return {"id": "c", "object": "chat.completion", "model": "odd", "choices": [choice]}


ODD_BODIES: list[tuple[object, str]] = [
    (b"", "api_error"),
    (b"{", "api_error"),
    (b"\xff\xfe\x00", "api_error"),
    (b"[" * 100_000, "api_error"),
    (None, "api_error"),
    ([], "api_error"),
    ("a text", "api_error"),
    ({}, "api_error"),
    ({"choices": None}, "api_error"),
    ({"choices": []}, "api_error"),
    ({"choices": ["a"]}, "api_error"),
    ({"choices": {"0": {}}}, "api_error"),
    ({"error": {"message": "upstream failed", "code": 502}}, "api_error"),
    ({"error": {"message": "maximum context length is 8", "code": 400}}, "context_too_long"),
    ({"error": "no"}, "api_error"),
    (_completion(), "unparseable"),
    (_completion(message=None), "unparseable"),
    (_completion(message="text"), "unparseable"),
    (_completion(message={"content": 7}), "unparseable"),
    (_completion(message={"content": None, "tool_calls": []}), "unparseable"),
    (_completion(message={"tool_calls": [{"function": {"arguments": {}}}]}), "unparseable"),
    (_completion(message={"tool_calls": "x", "content": "y"}), "unparseable"),
    (_completion(message={"content": [{"type": "text", "text": TEXT}]}), "unparseable"),
    (_completion(message={"content": PLAIN}), "answered"),
    (_completion(message={"content": [{"type": "text", "text": PLAIN}]}), "answered"),
    (_completion(message={"tool_calls": [{"function": {"arguments": PLAIN}}]}), "answered"),
    ({**_completion(message={"content": PLAIN}), "usage": "many"}, "answered"),
    ({**_completion(message={"content": PLAIN}), "usage": {"prompt_tokens": "x"}}, "answered"),
    ({**_completion(message={"content": PLAIN}), "model": 7, "id": None}, "answered"),
    ({**_completion(message={"content": PLAIN}), "_private": 1, "self": 2}, "answered"),
    (_completion(finish_reason=3, message={"content": PLAIN}), "answered"),
]


@pytest.mark.parametrize(
    ("body", "outcome"), ODD_BODIES, ids=[str(body)[:60] for body, _ in ODD_BODIES]
)
def test_odd_bodies_with_status_200_get_an_outcome_too(
    tmp_path: Path, body: object, outcome: str
) -> None:
    server = HttpServer(lambda _: HttpReply(200, body, {"content-type": "application/json"}))
    settings = QUICK.model_copy(update={"max_attempts": 2})
    port = server.start()
    try:
        desk = Desk(tmp_path, base_url=f"http://127.0.0.1:{port}/v1", settings=settings)
        [answered] = desk.ask(verdict())
    finally:
        server.stop()
    assert answered.outcome == outcome


FATAL: list[tuple[Fault, str]] = [
    ("401", "OPENAI_API_KEY"),
    ("403", "OPENAI_API_KEY"),
    ("404", "test-model"),
]


@pytest.mark.parametrize(("fault", "named"), FATAL, ids=[fault for fault, _ in FATAL])
def test_a_judge_that_cannot_be_used_stops_the_run_at_once(
    tmp_path: Path, fault: Fault, named: str
) -> None:
    with ScriptedJudge() as server:
        server.fail(fault)
        desk = Desk(tmp_path, base_url=server.base_url, concurrency=2)
        with pytest.raises(JudgeError) as raised:
            desk.ask(*(verdict(n) for n in range(20)))
        sent = len(server.requests)

    assert sent <= 2, "only what was under way"
    assert named in str(raised.value)
    assert raised.value.mend
    assert raised.value.exit_code == 3


def test_an_account_without_credit_stops_the_run(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("429", code="insufficient_quota", message="You exceeded your current quota.")
        with pytest.raises(JudgeError, match="no credit"):
            Desk(tmp_path, base_url=server.base_url).ask(verdict())
        assert len(server.requests) == 1


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        address = server.base_url
    with pytest.raises(JudgeError, match="cannot be reached") as raised:
        Desk(tmp_path, base_url=address).ask(verdict())
    assert address in str(raised.value)


def test_a_host_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(JudgeError, match=r"nowhere\.invalid"):
        Desk(tmp_path, base_url="https://nowhere.invalid/v1").ask(verdict())


def test_a_server_without_structured_output_gets_the_schema_in_the_prompt(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("no_json_schema")
        server.fail("no_tools")
        desk = Desk(tmp_path, base_url=server.base_url, concurrency=1)
        answers = desk.ask(verdict(1), verdict(2))
        bodies = [received.body for received in server.requests]

    assert [a.outcome for a in answers] == ["answered", "answered"]
    assert [call.shape for call in desk.calls] == ["json_schema", "tools", "json", "json"]
    assert "JSON schema" in bodies[-1]["messages"][-1]["content"]
    assert "response_format" not in bodies[-1]
    assert "tools" not in bodies[-1]


def test_a_server_that_rejects_every_shape_is_named(tmp_path: Path) -> None:
    message = "response_format and tools are not supported"
    with ScriptedJudge() as server:
        server.fail("400", message=message)
        with pytest.raises(JudgeError, match="has no structured output"):
            Desk(tmp_path, base_url=server.base_url).ask(verdict())
