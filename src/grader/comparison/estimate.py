"""What a plan will take before anything is sent: questions, tokens and cost by kind.

Prompts are composed and counted at four characters a token, which is near for English; what is
only known later (findings, replies) is assumed. Nothing is taken off for a provider's cache, and
nothing added for answers that must be asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.comparison.comparison import Study
from grader.comparison.plan import NARRATIVE, Plan, question_counts
from grader.comparison.study_file import UNDESCRIBED, study_text
from grader.judge.prices import Price
from grader.judge.reply import Usage
from grader.questions.compose import (
    contrast_question,
    implications_question,
    narrative_question,
    probe_question,
    signature_question,
    verdict_question,
)
from grader.questions.question import Question
from grader.text.quotation import SIDES, Side

CHARACTERS_A_TOKEN = 4
METHOD = "four characters a token; replies of the length assumed for their kind"

FINDING_CHARACTERS = 160
"""Assumed length of a finding that a later question is shown."""

REPLY_TOKENS = {
    "verdict": 350,
    "signature": 500,
    "contrast": 250,
    "narrative": 1200,
    "implications": 1000,
    "probe": 200,
}


@dataclass(frozen=True)
class Estimate:
    """One kind of question."""

    kind: str
    questions: int
    prompt_tokens: int
    reply_tokens: int
    usd: float | None
    """None: the price of at least one judge is not known."""


def estimate(plan: Plan, prices: Mapping[str, Price | None]) -> tuple[Estimate, ...]:
    """What the plan takes, by kind, in the order in which the kinds are asked.

    Args:
        plan: what will be asked.
        prices: of each judge by spec, the first one first, who answers all but the verdicts.
    """
    lead = next(iter(prices))
    found = []
    for kind, count in question_counts(plan, len(prices)).items():
        once = [_tokens(question) for question in _QUESTIONS[kind](plan)]
        repeats = plan.samples if kind == "verdict" else 1
        judges = tuple(prices) if kind == "verdict" else (lead,)
        prompt = sum(once) * repeats
        reply = len(once) * repeats * REPLY_TOKENS[kind]
        costs = [_cost(prices[judge], once, REPLY_TOKENS[kind]) for judge in judges]
        usd = None if None in costs else sum(cost or 0.0 for cost in costs) * repeats
        found.append(Estimate(kind, count, prompt * len(judges), reply * len(judges), usd))
    return tuple(found)


def _cost(price: Price | None, prompts: list[int], reply: int) -> float | None:
    if price is None:
        return None
    each = [price.of(Usage(prompt_tokens=p, completion_tokens=reply)) for p in prompts]
    return None if None in each else sum(cost or 0.0 for cost in each)


def _tokens(question: Question) -> int:
    return sum(len(message.content) for message in question.messages) // CHARACTERS_A_TOKEN


def _verdicts(plan: Plan) -> list[Question]:
    blind = plan.pair.blind
    return [verdict_question(blind[s], c, "") for c in plan.rubric.criteria for s in SIDES]


def _signatures(plan: Plan) -> list[Question]:
    blind = plan.pair.blind
    return [signature_question(blind[s], e, "") for e in plan.rubric.signatures for s in SIDES]


def _contrasts(plan: Plan) -> list[Question]:
    first, second = _order(plan)
    return [
        contrast_question(plan.pair.blind[a], plan.pair.blind[b], criterion, "")
        for criterion in plan.rubric.criteria
        for a, b in ((first, second), (second, first))
    ]


def _narrative(plan: Plan) -> list[Question]:
    first, second = (plan.pair.blind[side] for side in _order(plan))
    assumed = _findings(len(plan.rubric.criteria) * 2 + 10)
    return [narrative_question(kind, first, second, assumed) for kind in NARRATIVE]


def _implications(plan: Plan) -> list[Question]:
    study: Study = plan.study or UNDESCRIBED
    rows = len(plan.rubric.criteria) * 3 + len(plan.rubric.signatures) * 2 + 40
    return [
        implications_question(
            study=study_text(study),
            control="the control",
            treatment="the treatment",
            criteria=plan.rubric.criteria,
            hypotheses=study.hypotheses,
            findings=_findings(rows),
            caveats=["x" * FINDING_CHARACTERS] * 6,
        )
    ]


def _probe(plan: Plan) -> list[Question]:
    first, second = (plan.pair.blind[side] for side in _order(plan))
    return [probe_question(a, b, "") for a, b in ((first, second), (second, first))]


def _order(plan: Plan) -> tuple[Side, Side]:
    return plan.pair.order


def _findings(count: int) -> list[tuple[str, str]]:
    return [(f"V{number}", "x" * FINDING_CHARACTERS) for number in range(1, count + 1)]


_QUESTIONS: dict[str, Callable[[Plan], list[Question]]] = {
    "verdict": _verdicts,
    "signature": _signatures,
    "contrast": _contrasts,
    "narrative": _narrative,
    "implications": _implications,
    "probe": _probe,
}
