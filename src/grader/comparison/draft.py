"""Making the draft: which questions a pair needs, asked in waves, and the record they give.

Each kind says in which wave it is asked: verdicts, signatures and contrasts in the first; the
narrative, which sees verdicts and measurements, in the second; implications, which see all
findings and the conditions, in the third.

A wave waits for the one before it; within a wave all questions may go out together. Their places
in the judge's queue let hundreds of pairs share it: criterion by criterion across the pairs, so
that a transcript's questions come one after the other and find it in the provider's cache.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count, groupby, islice
from typing import Any

from grader.comparison.asking import in_turn
from grader.comparison.assemble import computed, without_answers
from grader.comparison.comparison import Comparison, JudgeNote
from grader.comparison.kinds.kind import Kind
from grader.comparison.kinds.registry import kinds_of
from grader.comparison.kinds.verdict import Verdict
from grader.comparison.plan import Plan
from grader.comparison.spend import spend_of
from grader.errors import BudgetExhausted, JudgeError
from grader.judge.asking import Asker
from grader.judge.prices import Price
from grader.judge.session import all_or_pending

WAVE = 100_000
"""So many places of the queue belong to a wave: more than it has questions."""


async def draft_with_judges(
    plan: Plan, askers: Sequence[Asker], prices: Mapping[str, Price | None] | None = None
) -> Comparison:
    """The draft from the answers of one or more judges.

    All judges give verdicts; the first one named answers everything else as well.

    Args:
        plan: what decides which questions are asked.
        askers: one a judge.
        prices: what each judge's tokens cost, by spec, where that is known.

    Raises:
        AnswerPending: a `files:` judge awaits replies; all that could be asked was.
        BudgetExhausted: the budget does not reach for one verdict.
        Halted: the run was asked to stop; what was under way has ended and is kept.
        JudgeError: the judge can't be asked at all.
    """
    prices = prices or {}

    def notes() -> tuple[JudgeNote, ...]:
        return tuple(_note(asker, prices) for asker in askers)

    draft = without_answers(plan, notes())
    for number, wave in enumerate(_waves(plan)):
        draft = await _asked(plan, draft, askers, wave, number * WAVE)
        if number == 0:
            _check_reached(draft.verdicts, askers)
        draft = computed(plan, draft, judges=notes())
    return draft


def _waves(plan: Plan) -> list[list[Kind[Any]]]:
    kinds = sorted(kinds_of(plan), key=lambda kind: kind.wave)
    return [list(wave) for _, wave in groupby(kinds, key=lambda kind: kind.wave)]


async def _asked(
    plan: Plan,
    draft: Comparison,
    askers: Sequence[Asker],
    wave: Sequence[Kind[Any]],
    first_place: int,
) -> Comparison:
    """The draft with the answers of one wave."""
    tasks = [(kind, list(kind.tasks(plan, draft, askers))) for kind in wave]
    places = count(first_place)
    given = iter(
        await all_or_pending(
            [in_turn(task, (next(places),)) for _, of_kind in tasks for task in of_kind]
        )
    )
    for kind, of_kind in tasks:
        answers = list(islice(given, len(of_kind)))
        draft = draft.model_copy(update=dict(kind.record(plan, draft, answers)))
    return draft


def _check_reached(verdicts: Sequence[Verdict], askers: Sequence[Asker]) -> None:
    """A draft in which nobody was reached would only look like a comparison."""
    for asker in askers:
        samples = [s for v in verdicts for s in v.samples if s.judge == asker.judge.spec]
        if samples and all(sample.outcome == "budget_stopped" for sample in samples):
            raise BudgetExhausted(
                f"the budget does not reach for one verdict: {samples[0].detail}",
                place="--budget",
                mend="Give more; `--dry-run` tells what is to be expected.",
            )
        if samples and all(sample.outcome == "api_error" for sample in samples):
            raise JudgeError(
                f"no question could be put to {asker.judge.spec}: {samples[0].detail}",
                mend="Check the address and the service, then run the same command again.",
            )


def _note(asker: Asker, prices: Mapping[str, Price | None]) -> JudgeNote:
    judge = asker.judge
    return JudgeNote(
        spec=judge.spec,
        kind=judge.kind,
        model=judge.model,
        served_models=tuple(sorted(asker.served_models)),
        parameters=judge.parameters,
        left_out=tuple(sorted(asker.left_out & judge.parameters.keys())),
        server=judge.server,
        spend=spend_of(asker.usages.values(), prices.get(judge.spec)),
        note=getattr(judge, "note", None),  # only a recording says who answered
    )
