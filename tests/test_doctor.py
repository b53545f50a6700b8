"""`grader doctor` and `grader journal`: what is fit for use, and what is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Grader, pair
from grader.judge.options import end_notice
from grader.judge.prices import read_prices
from grader.testing import Fault, ScriptedJudge

JUDGE = ("--judge", "openai/scripted-judge")


def states(ran) -> dict[str, str]:  # type: ignore[no-untyped-def]
    return {check["name"]: check["state"] for check in ran.json["checks"]}


def test_judge_that_is_fit_is_told_with_latency_and_price(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    prices = tmp_path / "p.yaml"
    prices.write_text("models: {openai/scripted-judge: {input: 1, output: 2, read: 2026-11}}")
    ran = grader("doctor", *JUDGE, "--base-url", judge.base_url, "--prices", prices, "--json")
    assert ran.code == 0
    assert ran.json["fit"] is True
    found = states(ran)
    assert found.pop("key") == "warning"
    assert set(found.values()) == {"ok"}
    [answer] = [c["message"] for c in ran.json["checks"] if c["name"] == "answer"]
    assert " s, $0.000" in answer
    assert len(judge.requests) == 1


@pytest.mark.parametrize(
    ("options", "check", "told"),
    [
        (("-j", "gpt"), "judge", "is not a judge"),
        (("-j", "openai/gpt-5.4"), "key", "OPENAI_API_KEY is not set"),
        (("-j", "openai/x", "--base-url", "http://127.0.0.1:9/v1"), "server", "cannot be reached"),
        (("-j", "openai/x", "--base-url", "http://judge.example/v1"), "address", "not encrypted"),
    ],
    ids=["no judge", "no key", "nobody there", "not encrypted"],
)
def test_what_is_missing_is_told_with_its_mend(
    grader: Grader, options: tuple[str, ...], check: str, told: str
) -> None:
    ran = grader("doctor", *options, "--json")
    assert ran.code == 1
    [failed] = [c for c in ran.json["checks"] if c["state"] == "failed"]
    assert failed["name"] == check
    assert told in failed["message"]
    assert failed["mend"]


@pytest.mark.parametrize(
    ("fault", "check"),
    [("401", "server"), ("404", "server"), ("500", "answer"), ("invalid_json", "answer")],
)
def test_server_that_fails_is_not_fit(
    grader: Grader, judge: ScriptedJudge, fault: Fault, check: str
) -> None:
    judge.fail(fault)
    ran = grader("doctor", *JUDGE, "--base-url", judge.base_url, "--json")
    assert ran.code == 1
    assert states(ran)[check] == "failed"


def test_server_without_strict_schema_is_fit_and_how_it_is_asked_is_told(
    grader: Grader, judge: ScriptedJudge
) -> None:
    judge.fail("no_json_schema")
    ran = grader("doctor", *JUDGE, "--base-url", judge.base_url)
    assert ran.code == 0
    assert "a forced tool" in ran.out


def test_journal_is_counted_exported_and_pruned(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    judge.fail("refuse", kind="verdict", times=2)
    command = (
        "compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
        "--depth", "quick",
    )  # fmt: skip
    grader(*command)
    replies = len(judge.requests)

    counted = grader("journal", "stats", "--json").json
    assert counted["replies"] == replies
    assert {group["server"] for group in counted["groups"]} == {judge.base_url}
    tokens = sum(group["prompt_tokens"] for group in counted["groups"])
    assert tokens == judge.usage["prompt_tokens"]

    grader("journal", "export", tmp_path / "kept.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "kept.jsonl").read_text().splitlines()]
    assert len(lines) == replies
    assert {line["outcome"] for line in lines} == {"answered", "refused"}

    assert "no condition" in grader("journal", "prune").err
    assert "2 replies would be removed" in grader("journal", "prune", "--outcome", "refused").out
    assert grader("journal", "stats", "--json").json["replies"] == replies
    assert "2 replies removed" in grader("journal", "prune", "--outcome", "refused", "--yes").out
    assert grader("journal", "stats", "--json").json["replies"] == replies - 2


@pytest.mark.parametrize("command", [("stats",), ("export", "x"), ("prune", "--model", "m")])
def test_journal_that_is_not_there_is_told_and_not_made(
    grader: Grader, command: tuple[str, ...]
) -> None:
    ran = grader("journal", *command)
    assert ran.code == 2
    assert "there is no journal here" in ran.err
    assert not Path("outputs").exists()


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("openai/gpt-4o", "on 2027-01-14"),
        ("openai/gpt-5-2025-08-07", "on 2026-12-11"),
        ("openai/o1", "on 2026-10-23"),
    ],
)
def test_an_announced_end_of_a_model_is_known(model: str, told: str) -> None:
    end = read_prices(None).end_of(model)
    assert end is not None
    assert told in end_notice(model, end)
    assert read_prices(None).end_of(model, own_server=True) is None


def test_a_run_and_doctor_say_when_a_model_ends(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text(
        "ends: {openai/scripted-judge: {on: 2126-01-02, instead: another}}\n", encoding="utf-8"
    )
    at = ("--base-url", judge.base_url, "--prices", prices)
    ran = grader("doctor", *JUDGE, *at, "--json")
    [end] = [check for check in ran.json["checks"] if check["name"] == "end"]
    assert "ends on 2126-01-02" in end["message"]
    assert "another" in end["message"]
    ran = grader("compare", *pair("clinic-postmortem"), *JUDGE, *at, "--depth", "quick")
    assert "ends on 2126-01-02" in ran.err
