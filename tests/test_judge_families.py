"""A whole comparison with the servers of each family, as they are reported to behave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import families
from conftest import Grader, pair
from families import Family
from grader.comparison.folder import read_draft
from grader.judge.ledger import read_calls
from grader.testing.server import HttpReply

CASES = [
    (families.openai, {}, {"max_tokens", "temperature"}),
    (families.azure, {"filtered": 1}, set()),
    (families.gemini, {"filtered": 1}, {"additional_properties"}),
    (families.anthropic, {}, {"temperature"}),
    (families.openrouter, {"filtered": 1}, set()),
    (families.mistral, {}, {"max_completion_tokens"}),
    (families.groq, {"context_too_long": 1}, set()),
    (families.kimi, {}, {"temperature"}),
    (families.ollama, {"context_too_long": 1}, set()),
    (families.lm_studio, {}, {"tool_choice"}),
    (families.vllm, {"context_too_long": 1}, set()),
    (families.llama_cpp, {"context_too_long": 2}, set()),
]
"""The server, how questions end beside `answered`, and what is left out."""

SPECS = {
    "openai": "any/model",
    "anthropic": "anthropic/claude",
    "mistral": "openai/mistral",
    "ollama": "ollama/qwen",
}


@pytest.mark.parametrize(
    ("make", "ends", "left_out"), CASES, ids=[each[0].__name__ for each in CASES]
)
def test_a_comparison_goes_through_and_no_failure_becomes_a_level(
    grader: Grader, make: Callable[[], Family], ends: dict[str, int], left_out: set[str]
) -> None:
    spec = SPECS.get(make.__name__, f"{make.__name__}/model")
    with make() as server:
        ran = grader(
            "compare", *pair("clinic-postmortem"), "--judge", spec, "--base-url", server.base_url,
            "--depth", "quick", "--name", "it", "--concurrency", "1",
        )  # fmt: skip
    assert ran.code == 0, ran.err
    draft, _ = read_draft(Path("outputs/it"))
    counted: Counter[str] = Counter()
    for count in draft.outcomes:
        counted[count.outcome] += count.count
    counted["answered"] -= 0
    assert {name: n for name, n in counted.items() if name != "answered"} == ends
    assert counted["answered"] > 10
    for verdict in draft.verdicts:
        for sample in verdict.samples:
            assert (sample.level is None) == (sample.outcome != "answered")
    note = draft.judges[0]
    assert set(note.left_out) == left_out & note.parameters.keys()
    calls = list(read_calls(Path("outputs/it/calls.jsonl")))
    assert set(calls[-1].left_out or ()) == left_out


def test_thoughts_beside_the_completion_are_paid(grader: Grader, tmp_path: Path) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text("models: {google/model: {input: 0, output: 10}}", "utf-8")
    with families.gemini() as server:
        grader(
            "compare", *pair("clinic-postmortem"), "--judge", "google/model", "--prices", prices,
            "--base-url", server.base_url, "--depth", "quick", "--name", "it",
        )  # fmt: skip
    calls = read_calls(Path("outputs/it/calls.jsonl"))
    assert all(call.usd >= 500 * 10 / 1e6 for call in calls if call.usd is not None)


def test_what_a_server_refuses_is_told_by_doctor_with_what_to_do(grader: Grader) -> None:
    with families.openai() as server:
        ran = grader("doctor", "--judge", "any/model", "--base-url", server.base_url, "--json")
    assert ran.code == 0
    told = [check for check in ran.json["checks"] if check["name"] == "request"]
    assert {"temperature" in check["message"] for check in told} == {True, False}
    assert all(check["mend"] for check in told)


def test_an_address_without_v1_is_told_with_the_servers_words(grader: Grader) -> None:
    said = {"error": "Unexpected endpoint or method. (POST /chat/completions)"}
    with Family(path="/nowhere", elsewhere=HttpReply(200, said)) as server:
        ran = grader(
            "compare", *pair("clinic-postmortem"), "--judge", "lmstudio/model",
            "--base-url", server.base_url.removesuffix("/v1"), "--depth", "quick",
        )  # fmt: skip
    assert ran.code == 3
    assert "Unexpected endpoint" in ran.err
    assert "/v1" in ran.err
