"""Everything that asks a judge does so in a session: journal, ledger, budget, prices and pace."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conftest import EXAMPLES, Grader, pair
from grader.judge import parsing
from grader.judge.ledger import read_calls
from grader.questions.answers import Answer
from grader.testing import ScriptedJudge

JUDGE = ("--judge", "openai/scripted-judge", "--base-url")
CONTROL = EXAMPLES / "c-library-memo-1.json"
PAGES = Path(__file__).parent / "fixtures" / "pages"


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """A price table for the scripted judge: a dollar for a million tokens in, ten out."""
    path = tmp_path / "prices.yaml"
    path.write_text("models: {openai/scripted-judge: {input: 1.0, output: 10.0}}\n", "utf-8")
    return path


def draft(grader: Grader, judge: ScriptedJudge, *options: Any) -> Any:
    return grader(
        "rubric", "draft", "new.yaml", "--from", CONTROL, *JUDGE, judge.base_url, *options
    )


def test_drafting_a_rubric_records_each_attempt_with_its_cost(
    grader: Grader, judge: ScriptedJudge, prices: Path
) -> None:
    judge.fail("500", times=1)
    assert draft(grader, judge, "--prices", prices).code == 0
    calls = list(read_calls(Path("outputs/rubric-drafts/library-memo/calls.jsonl")))
    assert [call.outcome for call in calls] == ["api_error", "answered"]
    assert calls[1].usd is not None and calls[1].usd > 0


def test_drafting_a_rubric_keeps_to_a_budget(
    grader: Grader, judge: ScriptedJudge, prices: Path
) -> None:
    ran = draft(grader, judge, "--prices", prices, "--budget", "0.0001")
    assert ran.code == 3
    assert "budget" in ran.err
    assert judge.requests == []


def test_a_budget_needs_a_price_wherever_a_judge_is_asked(
    grader: Grader, judge: ScriptedJudge
) -> None:
    ran = draft(grader, judge, "--budget", "1")
    assert ran.code == 2
    assert "no price is known" in ran.err


def test_a_reply_is_parsed_once(
    grader: Grader, judge: ScriptedJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []
    parse = parsing.parse_answer

    def counted(model: type[Answer], text: str, rules: Mapping[str, Any], **more: Any) -> Answer:
        parsed.append(text)
        return parse(model, text, rules, **more)

    monkeypatch.setattr(parsing, "parse_answer", counted)
    ran = grader("compare", *pair("library-memo"), *JUDGE, judge.base_url)
    assert ran.code == 0, ran.err
    assert len(parsed) == len(judge.requests)
    parsed.clear()
    # From the journal, too.
    ran = grader("compare", *pair("library-memo"), *JUDGE, judge.base_url, "--name", "again")
    assert ran.code == 0, ran.err
    assert len(parsed) == len(judge.requests)
