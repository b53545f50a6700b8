"""What is spent: counted to the token, priced by a dated table, and never beyond the budget."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from conftest import Grader, pair, written
from grader.comparison.folder import read_draft
from grader.comparison.kinds.verdict import VerdictAnswer
from grader.errors import InputError
from grader.judge.asking import Answered, Asker
from grader.judge.budget import Budget, BudgetStopped
from grader.judge.choose import open_judge
from grader.judge.prices import Price, Prices, PriceTable, read_prices
from grader.judge.reply import Call, Usage
from grader.judge.throttle import Halted, Throttle
from grader.testing import ScriptedJudge
from grader.testing.scripted import Received
from judging import GOOD, QUICK, verdict

JUDGE = ("--judge", "openai/scripted-judge")
FOLDER = Path("outputs/c-clinic-postmortem-1--p-clinic-postmortem-1--openai-scripted-judge")
PRICES = """\
schema_version: 1
models:
  openai/scripted-judge: {input: 2.00, cached_input: 0.50, output: 8.00, read: 2026-11}
"""


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    path = tmp_path / "prices.yaml"
    path.write_text(PRICES)
    return path


def calls() -> list[Call]:
    lines = (FOLDER / "calls.jsonl").read_text().splitlines()
    return [Call.model_validate_json(line) for line in lines]


def cost(usage: dict[str, int]) -> float:
    """By the table above."""
    fresh = usage["prompt_tokens"] - usage["cached_tokens"]
    written = usage["completion_tokens"]
    return (fresh * 2.00 + usage["cached_tokens"] * 0.50 + written * 8.00) / 1_000_000


def test_price_of_a_reply_is_the_sum_of_fresh_cached_and_written_tokens() -> None:
    price = Price(input=2, cached_input=0.5, output=8)
    usage = Usage(prompt_tokens=1_000_000, cached_tokens=400_000, completion_tokens=250_000)
    assert price.of(usage) == pytest.approx(0.6 * 2 + 0.4 * 0.5 + 0.25 * 8)


@pytest.mark.parametrize(
    ("usage", "up_to"),
    [
        (Usage(), None),
        (Usage(prompt_tokens=5), None),
        (Usage(prompt_tokens=500, completion_tokens=1), 400),
    ],
    ids=["not counted", "half counted", "longer than the price holds for"],
)
def test_unknown_price_is_not_nothing(usage: Usage, up_to: int | None) -> None:
    assert Price(input=1, output=1, up_to=up_to).of(usage) is None


@pytest.mark.parametrize(
    ("model", "own_server", "known"),
    [
        ("openai/gpt-4.1", False, True),
        ("openai/gpt-4.1-2025-04-14", False, True),
        ("anthropic/claude-haiku-4-5-20251001", False, True),
        ("openai/gpt-4.1", True, False),
        ("openai/no-such-model", False, False),
        ("ollama/llama4", False, False),
        ("my-lab/model", True, True),
    ],
)
def test_prices_are_looked_up_by_model_and_hold_at_the_provider_only(
    model: str, own_server: bool, known: bool
) -> None:
    own = PriceTable(models={"my-lab/model": Price(input=1, output=1)})
    assert (Prices(own).of(model, own_server=own_server) is not None) is known


def test_every_shipped_price_says_when_and_where_it_was_read() -> None:
    from grader.judge.prices import _shipped

    assert _shipped().models
    for model, price in _shipped().models.items():
        assert price.read and price.source, model
        assert "/" in model


@pytest.mark.parametrize(
    "text",
    ["models: {openai/x: {input: -1, output: 2}}", "models: {x: {in: 1}}", "models: [1]"],
)
def test_price_table_with_a_mistake_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as raised:
        read_prices(path)
    assert raised.value.place == str(path)
    assert "dollars for a million tokens" in raised.value.mend


def test_ledger_and_draft_count_what_the_server_counted_with_a_third_of_faults(
    grader: Grader, judge: ScriptedJudge, prices: Path
) -> None:
    """Over retries, refusals, truncation, thoughts and answers off the schema."""
    judge.fail("500", when=_every(7), each=1)
    judge.fail("truncate", when=_every(5), each=1)
    judge.fail("invalid_json", when=_every(6), each=1)
    judge.fail("refuse", when=_every(11))
    judge.fail("think", when=_every(3))
    ran = grader(
        "compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
        "--prices", prices,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    replies = [call for call in calls() if call.reply is not None]
    for name, count in judge.usage.items():
        ours = [getattr(call.reply.usage, name) for call in replies if call.reply]
        assert sum(ours) == count, name
        assert count > 0 or name == "cached_tokens"
    assert sum(call.usd or 0 for call in replies) == pytest.approx(cost(judge.usage))
    draft, _ = read_draft(FOLDER)
    spend = draft.judges[0].spend
    assert spend is not None
    assert spend.prompt_tokens == judge.usage["prompt_tokens"]
    assert spend.reasoning_tokens == judge.usage["reasoning_tokens"]
    assert spend.usd == pytest.approx(cost(judge.usage), abs=1e-6)
    assert (spend.priced, spend.uncounted) == ("2026-11", 0)


def _every(n: int):  # type: ignore[no-untyped-def]
    return lambda received: int(received.question[:8], 16) % n == 0


def test_unknown_price_is_said_and_not_taken_for_nothing(
    grader: Grader, judge: ScriptedJudge
) -> None:
    command = ("compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url)
    planned = grader(*command, "--dry-run")
    assert "there is no price for this judge" in planned.out
    ran = grader(*command, "--depth", "quick")
    assert "replies of unknown price" in ran.err
    spend = read_draft(FOLDER)[0].judges[0].spend
    assert spend is not None and spend.usd is None
    refused = grader(*command, "--budget", "1", "--name", "other")
    assert refused.code == 2
    assert "no price is known for openai/scripted-judge" in refused.err
    assert "--prices" in refused.err


def test_dry_run_tells_questions_tokens_and_cost_by_kind(
    grader: Grader, judge: ScriptedJudge, prices: Path
) -> None:
    command = ("compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url)
    ran = grader(*command, "--prices", prices, "--dry-run", "--json")
    kinds = {kind["kind"]: kind for kind in ran.json["estimate"]}
    assert judge.requests == []
    grader(*command, "--prices", prices)
    for kind in ("verdict", "signature", "contrast"):
        asked = judge.of_kind(kind)
        assert len(asked) == kinds[kind]["questions"]
        sent = sum(len(text) for received in asked for text in received.texts) // 4
        assert kinds[kind]["prompt_tokens"] == pytest.approx(sent, rel=0.01)
    expected = sum(
        kind["prompt_tokens"] * 2e-6 + kind["reply_tokens"] * 8e-6 for kind in kinds.values()
    )
    assert ran.json["usd"] == pytest.approx(expected)


def test_cap_is_never_passed_with_fifty_questions_at_once(
    grader: Grader, judge: ScriptedJudge, prices: Path
) -> None:
    judge.latency_s = 0.02
    command = (
        "compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
        "--concurrency", "50", "--prices", prices,
    )  # fmt: skip
    ran = grader(*command, "--budget", "0.06")
    assert ran.code == 3, ran.err
    assert "stopped" in ran.err and "larger --budget" in ran.err
    assert 0 < cost(judge.usage) <= 0.06
    draft, _ = read_draft(FOLDER)
    stopped = sum(c.count for c in draft.outcomes if c.outcome == "budget_stopped")
    assert stopped > 0
    assert "budget stopped" in written(FOLDER)

    before = set(judge.asked)
    ran = grader(*command, "--budget", "5")
    assert ran.code == 0, ran.err
    assert max(judge.asked.values()) == 1, "nothing is paid for twice"
    assert before < set(judge.asked)
    draft, _ = read_draft(FOLDER)
    assert {count.outcome for count in draft.outcomes} == {"answered"}


def test_budget_counts_what_earlier_runs_of_the_same_comparison_spent(
    grader: Grader, judge: ScriptedJudge, prices: Path
) -> None:
    command = (
        "compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
        "--prices", prices, "--budget", "0.08",
    )  # fmt: skip
    grader(*command)
    spent = cost(judge.usage)
    ran = grader(*command)
    assert ran.code == 3
    assert spent <= cost(judge.usage) <= 0.08


def test_attempt_that_broke_off_counts_with_the_most_it_can_have_cost(
    grader: Grader, judge: ScriptedJudge, prices: Path
) -> None:
    judge.fail("drop_in_body", each=1, kind="verdict")
    grader(
        "compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
        "--prices", prices, "--depth", "quick", "--budget", "9",
    )  # fmt: skip
    broken = [call for call in calls() if call.reply is None]
    assert len(broken) == 10
    lost = cost(judge.lost_usage)
    assert sum(call.usd_at_most or 0 for call in broken) >= lost > 0


def test_budget_too_small_for_one_question_leaves_no_draft(
    grader: Grader, judge: ScriptedJudge, prices: Path
) -> None:
    ran = grader(
        "compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
        "--prices", prices, "--budget", "0.001",
    )  # fmt: skip
    assert ran.code == 3
    assert "does not reach for one verdict" in ran.err
    assert judge.requests == []
    assert not (FOLDER / "comparison.json").exists()


def test_money_reserve_is_given_to_who_waits_when_it_turns_out_cheaper() -> None:
    async def run() -> list[str]:
        budget, told = Budget(1.0), []

        async def attempt(name: str, most: float, usd: float) -> None:
            try:
                number = await budget.reserve(most)
            except BudgetStopped:
                told.append(f"{name} stopped")
                return
            await asyncio.sleep(0)
            budget.settle(number, usd)
            assert budget.spent_usd <= 1.0
            told.append(name)

        await asyncio.gather(attempt("a", 0.9, 0.1), attempt("b", 0.8, 0.5), attempt("c", 0.5, 0.1))
        return told

    assert asyncio.run(run()) == ["a", "b", "c stopped"]


def test_who_waits_for_money_is_not_sent_once_the_run_is_halted() -> None:
    async def run(judge: ScriptedJudge) -> list[object]:
        loop, throttle = asyncio.get_running_loop(), Throttle(4)

        def answered(_: Received) -> VerdictAnswer:
            loop.call_soon_threadsafe(throttle.halt)
            return GOOD

        judge.answer(answered)
        live = open_judge(
            "openai/m",
            base_url=judge.base_url,
            settings=QUICK,
            throttle=throttle,
            price=Price(input=2.0, output=8.0),
            budget=Budget(0.05),  # enough for one of these questions at its most, not for two
        )
        asker = Asker(live, throttle=throttle)
        ended = await asyncio.gather(
            *(asker.ask(verdict(number)) for number in range(4)), return_exceptions=True
        )
        await live.close()
        return [each.outcome if isinstance(each, Answered) else type(each) for each in ended]

    with ScriptedJudge() as judge:
        ended = asyncio.run(run(judge))
        assert sum(judge.asked.values()) == 1
    assert sorted(map(str, ended)) == [str(Halted)] * 3 + ["answered"]


def test_recorded_and_live_drafts_tell_the_same_tokens(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    recording = tmp_path / "run.jsonl"
    grader(
        "compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
        "--record", recording,
    )  # fmt: skip
    live = read_draft(FOLDER)[0].judges[0].spend
    ran = grader(
        "compare", *pair("clinic-postmortem"), "--judge", f"recorded:{recording}", "--json"
    )
    assert json.loads(ran.out)["judges"][0]["spend"] == (live and live.model_dump())
