"""The scripted judge keeps its own promises, so that tests can lean on it."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from grader.comparison.kinds.contrast import ContrastAnswer
from grader.comparison.kinds.implications import ImplicationsAnswer
from grader.comparison.kinds.narrative import ChangeAnswer, DifferenceAnswer, OrientationAnswer
from grader.comparison.kinds.signature import SignatureAnswer
from grader.comparison.kinds.verdict import VerdictAnswer
from grader.judge.parsing import parse_answer
from grader.judge.schema import answer_schema
from grader.questions.answers import Answer, RequoteAnswer
from grader.questions.blinding import fence
from grader.testing import FAULTS, MODEL, ScriptedJudge
from grader.testing.generate import generate_answer
from grader.testing.material import read_prompt
from judging import GOOD, TEXT, Desk, signature, verdict

TASK = fence("TASK", ("Write about the night when the list was not copied.",))
ONE = TASK + "\n" + fence("TRANSCRIPT", ("first turn has a line of its own", TEXT))
TWO = (
    TASK
    + "\n"
    + fence("TRANSCRIPT", (TEXT,))
    + "\n"
    + fence("TRANSCRIPT 2", ("Another text altogether stands in the second one.",))
    + "\nV1: control met\nV2: treatment not met\nM1: 400 words\nX1: neither\n"
)
LAST = "K1: Harm named\nK2: Dates given\nH1: It helps\nV1: C met\nV2: P not met\nN1: colder\n"
REQUOTE = "\nQuotation 1 (Transcript 2): somthing\nQuotation 2 (Transcript 1): otherwise\n"

ALL: list[tuple[type[Answer], str, dict[str, Any]]] = [
    (VerdictAnswer, ONE, {}),
    (SignatureAnswer, ONE + "\nMarker 1: a\nMarker 2: b\nMarker 3: c\n", {"markers": 3}),
    (ContrastAnswer, TWO, {}),
    (OrientationAnswer, TWO, {"findings": {"V1", "V2", "M1", "X1"}}),
    (DifferenceAnswer, TWO, {"findings": {"V1", "V2", "M1", "X1"}}),
    (ChangeAnswer, TWO, {"findings": {"V1", "V2", "M1", "X1"}}),
    (
        ImplicationsAnswer,
        LAST,
        {"findings": {"V1", "V2", "N1"}, "criteria": {"K1", "K2"}, "hypotheses": {"H1"}},
    ),
    (ImplicationsAnswer, "V1: x\n", {"findings": {"V1"}, "criteria": {}, "hypotheses": {}}),
    (RequoteAnswer, TWO + REQUOTE, {"quotations": 2}),
]


@pytest.mark.parametrize(
    ("model", "prompt", "rules"), ALL, ids=[f"{m.__name__}-{n}" for n, (m, *_) in enumerate(ALL)]
)
def test_made_up_answers_keep_the_schema_and_the_rules(
    model: type[Answer], prompt: str, rules: dict[str, Any]
) -> None:
    for seed in range(40):
        made = generate_answer(answer_schema(model), read_prompt(["system", prompt]), str(seed))
        parse_answer(model, json.dumps(made), rules)
        assert made == generate_answer(
            answer_schema(model), read_prompt(["system", prompt]), str(seed)
        ), "the same request gets the same answer"


def _quotations(node: Any) -> list[tuple[int, str]]:
    if isinstance(node, dict):
        own = [(node.get("transcript", 1), node["quote"])] if "quote" in node else []
        own += [(1, text) for text in node.get("evidence", []) if isinstance(text, str)]
        return own + [q for value in node.values() for q in _quotations(value)]
    return [q for value in node for q in _quotations(value)] if isinstance(node, list) else []


@pytest.mark.parametrize("model", [VerdictAnswer, ContrastAnswer, OrientationAnswer])
def test_quotations_stand_in_one_line_of_the_transcript_they_name(model: type[Answer]) -> None:
    prompt = ONE if model is VerdictAnswer else TWO
    fenced = re.findall(r"=== BEGIN TRANSCRIPT ?(2)? \w+ ===\n(.*?)=== END", prompt, re.DOTALL)
    texts = {int(number or 1): text.splitlines() for number, text in fenced}
    seen = 0
    for seed in range(40):
        made = generate_answer(answer_schema(model), read_prompt([prompt]), str(seed))
        for transcript, quote in _quotations(made):
            assert any(re.search(rf"(?<!\S){re.escape(quote)}(?!\S)", t) for t in texts[transcript])
            seen += 1
    assert seen > 20


def test_a_transcript_without_words_gives_no_quotations() -> None:
    prompt = fence("TRANSCRIPT", ("| - | - | - | - |\n[ ] [ ] [ ] [ ] [ ]\nok.",))
    made = generate_answer(answer_schema(VerdictAnswer), read_prompt([prompt]), "1")
    assert made["evidence"] == []


def test_text_that_looks_like_a_list_inside_a_transcript_does_not_count() -> None:
    material = read_prompt([fence("TRANSCRIPT", ("Marker 9: no\nV7: no\nQuotation 3: no",))])
    assert (material.markers, material.labels, material.quotations) == (0, (), ())


def test_scripted_answers_go_to_the_questions_they_are_for(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.answer(GOOD, kind="verdict", when="Criterion 1:")
        server.answer(lambda received: GOOD.model_copy(update={"rationale": received.kind}))
        one, two = Desk(tmp_path, base_url=server.base_url).ask(verdict(1), verdict(2))
        assert one.value == GOOD
        assert two.value == GOOD.model_copy(update={"rationale": "verdict"})
        assert len(server.of_kind("verdict")) == 2
        assert server.of_kind("signature") == []


def test_its_answers_can_be_told_from_a_models(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        [answered] = Desk(tmp_path, base_url=server.base_url).ask(signature())
    assert answered.served_model == MODEL == "scripted-judge"
    assert "Scripted" in (answered.text or "")


def test_false_quotations_are_near_and_not_there(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("false_quotation")
        answers = Desk(tmp_path, base_url=server.base_url).ask(*(verdict(n) for n in range(8)))
    quotes = [q for a in answers if isinstance(a.value, VerdictAnswer) for q in a.value.evidence]
    assert quotes
    for quote in quotes:
        assert quote not in TEXT
        assert quote.replace(" never", "", 1).replace("never ", "", 1) in TEXT


def test_every_fault_can_be_asked_for_and_does_something_to_a_reply() -> None:
    async def raw(base_url: str, body: bytes) -> bytes:
        host, port = base_url.split("/")[2].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n"
        writer.write(f"{head}connection: close\r\n\r\n".encode() + body)
        try:
            return await asyncio.wait_for(reader.read(), 3)
        except TimeoutError:
            return b"(hangs)"
        finally:
            writer.close()

    body: dict[str, Any] = {
        "model": "m",
        "messages": [{"role": "user", "content": ONE}],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "VerdictAnswer", "schema": answer_schema(VerdictAnswer)},
        },
    }
    tools = {
        "model": "m",
        "messages": body["messages"],
        "tools": [
            {"type": "function", "function": {"name": "VerdictAnswer", "parameters": {}}},
        ],
    }
    # A temperature is part of what an answer is drawn from: at this one it quotes something.
    for temperature in range(20):
        body["temperature"] = temperature
        with ScriptedJudge() as server:
            plain = asyncio.run(raw(server.base_url, json.dumps(body).encode()))
        if b'\\"evidence\\": []' not in plain:
            break
    replies = set()
    for fault in FAULTS:
        with ScriptedJudge() as server:
            server.fail(fault)
            sent = json.dumps(tools if fault == "no_tools" else body).encode()
            replies.add(asyncio.run(raw(server.base_url, sent)))
    assert plain not in replies
    assert len(replies) == len(FAULTS), "each fault looks different"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/models", None, 200),
        ("/v1/nowhere", None, 404),
        ("/v1/chat/completions", None, 404),
        ("/v1/chat/completions", b"not json", 400),
        ("/v1/chat/completions", b"[]", 400),
        ("/v1/chat/completions", b'{"messages": 7}', 400),
    ],
)
def test_other_requests_get_a_plain_reply(path: str, body: bytes | None, status: int) -> None:
    with ScriptedJudge() as server:
        url = server.base_url.removesuffix("/v1") + path
        try:
            with urllib.request.urlopen(url, body) as reply:
                got, content = reply.status, json.load(reply)
        except urllib.error.HTTPError as error:
            got, content = error.code, json.load(error)
            error.close()
    assert got == status
    assert ("error" in content) == (status != 200)


def test_a_port_that_is_taken_is_told() -> None:
    with ScriptedJudge() as server:
        port = server.base_url.split(":")[2].split("/")[0]
        done = subprocess.run(
            [sys.executable, "-m", "grader.testing", "--port", port],
            capture_output=True,
            text=True,
        )
    assert done.returncode == 2
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr


def test_it_can_be_started_from_a_terminal_and_says_what_to_try(tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-m", "grader.testing", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+/v1", process.stdout.readline())
        assert found
        answers = Desk(tmp_path, base_url=found[0]).ask(verdict())
        process.terminate()
        rest = process.stdout.read()

    assert answers[0].outcome == "answered"
    assert process.returncode == 0
    assert f"grader compare CONTROL TREATMENT --rubric RUBRIC --judge openai/{MODEL}" in rest
    assert "1 requests" in rest
