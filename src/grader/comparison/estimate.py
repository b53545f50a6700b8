"""What a plan will take before anything is sent: questions, tokens and cost by kind.

Prompts are composed and counted at four characters a token, which is near for English; what is
only known later (findings, replies) is assumed. Nothing is taken off for a provider's cache, and
nothing added for answers that must be asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.comparison.kinds.registry import kinds_of
from grader.comparison.plan import Plan
from grader.judge.prices import Price
from grader.judge.reply import Usage
from grader.questions.question import Question

CHARACTERS_A_TOKEN = 4
METHOD = "four characters a token; replies of the length assumed for their kind"


@dataclass(frozen=True)
class Estimate:
    """One kind of question."""

    kind: str
    questions: int
    prompt_tokens: int
    reply_tokens: int
    usd: float | None
    """None: the price of at least one judge is not known."""


def question_counts(plan: Plan, judges: int) -> dict[str, int]:
    """How many questions of each kind the plan needs, without any that are asked again."""
    return {
        kind.id: kind.count(plan) * (plan.samples * judges if kind.panel else 1)
        for kind in kinds_of(plan)
    }


def estimate(plan: Plan, prices: Mapping[str, Price | None]) -> tuple[Estimate, ...]:
    """What the plan takes, by kind, in the order of the kinds.

    Args:
        plan: what will be asked.
        prices: of each judge by spec, the first one first, who answers all but the verdicts.
    """
    lead = next(iter(prices))
    counts = question_counts(plan, len(prices))
    found = []
    for kind in kinds_of(plan):
        once = [_tokens(question) for question in kind.questions(plan)]
        repeats = plan.samples if kind.panel else 1
        judges = tuple(prices) if kind.panel else (lead,)
        prompt = sum(once) * repeats
        reply = len(once) * repeats * kind.reply_tokens
        costs = [_cost(prices[judge], once, kind.reply_tokens) for judge in judges]
        usd = None if None in costs else sum(cost or 0.0 for cost in costs) * repeats
        found.append(
            Estimate(kind.id, counts[kind.id], prompt * len(judges), reply * len(judges), usd)
        )
    return tuple(found)


def _cost(price: Price | None, prompts: list[int], reply: int) -> float | None:
    if price is None:
        return None
    each = [price.of(Usage(prompt_tokens=p, completion_tokens=reply)) for p in prompts]
    return None if None in each else sum(cost or 0.0 for cost in each)


def _tokens(question: Question) -> int:
    return sum(len(message.content) for message in question.messages) // CHARACTERS_A_TOKEN
