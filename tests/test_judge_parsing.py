"""From a reply's text to an answer: what is accepted, and what never is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.judge.completion import is_completion, read_completion
from grader.judge.parsing import parse_reply
from grader.judge.reply import Reply
from judging import GOOD, signature, verdict

PLAIN = GOOD.model_dump_json()
LAID_OUT = GOOD.model_dump_json(indent=2)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        LAID_OUT,
        f"\n\n {PLAIN} \n",
        f"```json\n{LAID_OUT}\n```",
        f"```\n{PLAIN}\n```",
        f"Here is my answer:\n\n```json\n{LAID_OUT}\n```\nI hope this helps.",
        f"Let me think about the levels.\n\n{LAID_OUT}",
        f"<think>First {{the}} criterion…\nthen the level.</think>\n{PLAIN}",
        f"<think>met? {{}} no.</think>{PLAIN}",
    ],
    ids=["plain", "indented", "blanks", "fence", "bare fence", "talk", "words", "think", "inline"],
)
def test_the_answer_is_found(text: str) -> None:
    reading = parse_reply(verdict(), Reply(text=text, finish_reason="stop"))
    assert (reading.outcome, reading.answer) == ("answered", GOOD)


WRONG = PLAIN.replace("partially_met", "met")


@pytest.mark.parametrize(
    "text",
    [
        f"{PLAIN}{WRONG}",
        f"{PLAIN}\n{WRONG}",
        f"```json\n{PLAIN}\n```\nor\n```json\n{WRONG}\n```",
        f"{PLAIN} is my answer.",
        PLAIN[:-1],
        PLAIN.replace('"level"', "level"),
        f"[{PLAIN}]",
        json.dumps(PLAIN),
        "The level is met.",
        "met",
        "null",
        "{}",
        '{"level": "met"}',
        PLAIN.replace("partially_met", "Partially met"),
        PLAIN.replace("partially_met", "partial"),
        PLAIN.replace('"level":"partially_met"', '"level":null'),
        PLAIN.replace('["nobody looked at it before the morning"]', '"nobody looked"'),
        PLAIN[:-1] + ',"confidence":0.9}',
        "{" * 5000,
    ],
)
def test_nothing_is_guessed(text: str) -> None:
    reading = parse_reply(verdict(), Reply(text=text, finish_reason="stop"))
    assert reading.outcome == "unparseable"
    assert reading.answer is None
    assert reading.problem
    assert len(reading.problem) < 1000


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(text=PLAIN, finish_reason="stop"), "answered"),
        (Reply(text=PLAIN), "answered"),
        (Reply(text=PLAIN, finish_reason="tool_calls"), "answered"),
        (Reply(text=PLAIN, finish_reason="length"), "truncated"),
        (Reply(text=None, finish_reason="length"), "truncated"),
        (Reply(text=None, finish_reason="content_filter"), "filtered"),
        (Reply(text=PLAIN, finish_reason="content_filter"), "filtered"),
        (Reply(refusal="I won't", finish_reason="stop"), "refused"),
        (Reply(refusal="I won't", text=PLAIN, finish_reason="stop"), "refused"),
        (Reply(refusal="", text=PLAIN), "answered"),
        (Reply(text="  \n"), "unparseable"),
        (Reply(), "unparseable"),
        (Reply(context_too_long=True), "context_too_long"),
    ],
)
def test_the_table_of_replies_and_outcomes(reply: Reply, outcome: str) -> None:
    assert parse_reply(verdict(), reply).outcome == outcome


def test_rules_of_the_question_hold_for_every_source() -> None:
    two = {
        "markers": [
            {"marker": n, "evidence": [], "note": "n", "presence": "absent"} for n in (1, 1)
        ],
        "note": "n",
    }
    reading = parse_reply(signature(markers=2), Reply(text=json.dumps(two)))
    assert reading.outcome == "unparseable"
    assert "got [1, 1]" in (reading.problem or "")


def test_many_mistakes_are_told_in_short() -> None:
    many = {"markers": [{"marker": 0, "odd": n} for n in range(50)], "note": "n"}
    reading = parse_reply(signature(), Reply(text=json.dumps(many)))
    assert "more" in (reading.problem or "")
    assert len(reading.problem or "") < 600


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "choices",
                        "message",
                        "content",
                        "refusal",
                        "usage",
                        "tool_calls",
                        "function",
                        "arguments",
                        "finish_reason",
                        "prompt_tokens",
                        "model",
                    ]
                ),
                inner,
            )
        ),
        max_leaves=20,
    )
)
def test_no_body_of_a_server_can_crash_the_reading(body: object) -> None:
    for candidate in (body, {"choices": body}, {"choices": [body], "usage": body}):
        if is_completion(candidate):
            reply = read_completion(candidate)
            assert Reply.model_validate_json(reply.model_dump_json()) == reply
            parse_reply(verdict(), reply)


@given(st.text())
def test_no_text_can_crash_the_reading(text: str) -> None:
    assert parse_reply(verdict(), Reply(text=text)).outcome == "unparseable"
