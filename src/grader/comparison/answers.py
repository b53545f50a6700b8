"""All answers and quotations of a draft, of whatever kind. Who counts or checks them goes here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from grader.comparison.comparison import Comparison, OutcomeCount
from grader.comparison.kinds.kind import GivenAnswer, other_answer
from grader.comparison.kinds.registry import kinds
from grader.judge.reply import Outcome
from grader.text.quotation import Evidence, Side


def answers(draft: Comparison) -> Iterator[GivenAnswer]:
    """Every answer or failure, kind by kind."""
    for kind in kinds():
        yield from kind.answers(draft)
    known = {kind.id for kind in kinds()}
    for id, others in draft.others.items():
        # Of a kind that is not installed here.
        if id not in known:
            yield from (other_answer(id, each) for each in others)


def quotations(draft: Comparison) -> Iterator[tuple[GivenAnswer, Evidence]]:
    """Every quotation with the answer that gives it."""
    for answer in answers(draft):
        for evidence in answer.evidence:
            yield answer, evidence


def count_outcomes(draft: Comparison) -> tuple[OutcomeCount, ...]:
    """How all questions ended, counted by kind, side and criterion.

    Asking again for quotations is a question of its own, of kind `requote`.
    """
    return tuple(
        OutcomeCount(kind=kind, side=side, criterion=criterion, outcome=outcome, count=count)
        for (kind, side, criterion, outcome), count in Counter(_ends(draft)).items()
    )


def _ends(draft: Comparison) -> Iterator[tuple[str, Side | None, str | None, Outcome]]:
    for answer in answers(draft):
        if answer.outcome is not None:
            yield answer.kind, answer.side, answer.criterion, answer.outcome
        if answer.asked_again is not None:
            yield "requote", answer.side, answer.criterion, answer.asked_again
