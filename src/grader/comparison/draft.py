"""Making the draft: which questions a pair needs, asked in waves, and the record they give.

    wave 1   verdicts, signatures, contrasts       (each with its evidence located)
    wave 2   the three narrative questions         (see verdicts and measurements)
    wave 3   implications, blindness probe         (the one sees findings and conditions)

A wave waits for the one before it; within a wave all questions may go out together. Their places
in the judge's queue let hundreds of pairs share it: criterion by criterion across the pairs, so
that a transcript's questions come one after the other and find it in the provider's cache.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from typing import Any

from grader.comparison.asking import all_or_pending, in_turn
from grader.comparison.assemble import assemble
from grader.comparison.attention import pair_attention
from grader.comparison.both_transcripts import ask_contrast, ask_narrative, ask_probe
from grader.comparison.comparison import (
    Comparison,
    Contrast,
    Implications,
    JudgeNote,
    ProbeOrder,
    SignatureNote,
    Verdict,
)
from grader.comparison.findings import (
    contrast_findings,
    measurement_findings,
    narrative_findings,
    signature_findings,
    verdict_findings,
)
from grader.comparison.last_question import ask_implications
from grader.comparison.one_transcript import ask_signature, ask_verdict
from grader.comparison.outcomes import count_outcomes
from grader.comparison.pair import Pair
from grader.comparison.plan import NARRATIVE, Plan
from grader.comparison.reconcile import reconcile_contrast, reconcile_verdict
from grader.comparison.spend import spend_of
from grader.errors import BudgetExhausted, JudgeError
from grader.judge.asking import Asker
from grader.judge.prices import Price
from grader.text.quotation import SIDES, Side

SECOND_WAVE, THIRD_WAVE = 100_000, 200_000
"""Places in the queue behind every question of the first wave."""


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
    lead = askers[0]
    verdicts, signatures, contrasts = await _first_wave(plan, askers)
    _check_reached(verdicts, askers)
    draft = assemble(
        plan, verdicts, contrasts, signatures, [_note(asker, prices) for asker in askers]
    )
    if plan.whole:
        draft = await _narrated(draft, plan, lead, verdicts, signatures, contrasts)
    last: list[Any] = await all_or_pending([_implications(lead, draft, plan), _probe(lead, plan)])
    implications, probe = last
    return _updated(
        draft,
        implications=implications[0],
        probe=tuple(probe),
        judges=tuple(_note(asker, prices) for asker in askers),
    )


async def _narrated(
    draft: Comparison,
    plan: Plan,
    lead: Asker,
    verdicts: Sequence[Verdict],
    signatures: Sequence[SignatureNote],
    contrasts: Sequence[Contrast],
) -> Comparison:
    seen = (
        *verdict_findings(plan.rubric, verdicts, plan.pair.order),
        *measurement_findings(
            plan.rubric, draft.measurements, draft.named_measures, plan.pair.order
        ),
    )
    narrative = await all_or_pending(
        [
            in_turn(
                lead,
                (SECOND_WAVE + number,),
                (),
                partial(ask_narrative, lead, plan.pair, kind, seen),
            )
            for number, kind in enumerate(NARRATIVE)
        ]
    )
    findings = (
        *seen,
        *signature_findings(plan.rubric, signatures, plan.pair.order),
        *contrast_findings(plan.rubric, contrasts, plan.pair.order),
        *narrative_findings(narrative),
    )
    return _updated(draft, narrative=tuple(narrative), findings=findings)


async def _implications(lead: Asker, draft: Comparison, plan: Plan) -> tuple[Implications | None]:
    if not plan.whole:
        return (None,)
    return (await in_turn(lead, (THIRD_WAVE,), (), partial(ask_implications, lead, draft)),)


async def _probe(lead: Asker, plan: Plan) -> list[ProbeOrder]:
    if not plan.probe:
        return []
    return await all_or_pending(
        [
            in_turn(lead, (THIRD_WAVE + 1,), (), partial(ask_probe, lead, plan.pair, first))
            for first in plan.pair.order
        ]
    )


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


async def _first_wave(
    plan: Plan, askers: Sequence[Asker]
) -> tuple[list[Verdict], list[SignatureNote], list[Contrast]]:
    lead, pair = askers[0], plan.pair
    criteria, signatures = plan.rubric.criteria, plan.rubric.signatures
    places = [(criterion, side) for criterion in criteria for side in SIDES]
    verdicts = [
        (asker, _prefixes("verdict", pair, side), partial(ask_verdict, asker, pair, each, side, n))
        for each, side in places
        for asker in askers
        for n in range(1, plan.samples + 1)
    ]
    notes = [
        (lead, _prefixes("signature", pair, side), partial(ask_signature, lead, pair, each, side))
        for each in signatures
        for side in SIDES
    ]
    orders = [
        (lead, _prefixes("contrast", pair, first), partial(ask_contrast, lead, pair, each, first))
        for each in (criteria if plan.whole else ())
        for first in pair.order
    ]
    questions: list[Any] = [*verdicts, *notes, *orders]
    answered: list[Any] = await all_or_pending(
        [
            in_turn(asker, (place,), prefixes, ask)
            for place, (asker, prefixes, ask) in enumerate(questions)
        ]
    )
    samples, rest = answered[: len(verdicts)], answered[len(verdicts) :]
    each = len(askers) * plan.samples
    reconciled = [
        reconcile_verdict(criterion.id, side, samples[n * each : (n + 1) * each])
        for n, (criterion, side) in enumerate(places)
    ]
    levels = {(v.criterion, v.side): v.level for v in reconciled}
    asked_orders = rest[len(notes) :]
    contrasts = [
        reconcile_contrast(
            criterion.id,
            asked_orders[2 * n : 2 * n + 2],
            (levels[criterion.id, "control"], levels[criterion.id, "treatment"]),
        )
        for n, criterion in enumerate(criteria if plan.whole else ())
    ]
    return reconciled, rest[: len(notes)], contrasts


def _prefixes(kind: str, pair: Pair, first: Side) -> list[Hashable]:
    """The beginnings of a question: every kind begins with the transcript as verdicts show it.

    Some providers put the answer's schema before everything, so that only questions of one kind
    share a beginning there: each kind has one of its own as well.
    """
    kinds = dict.fromkeys(("verdict", kind))
    return [(each, pair.blind[first]) for each in kinds]


def _updated(draft: Comparison, **changes: Any) -> Comparison:
    """The draft with more answers; what is computed from them is computed anew."""
    draft = draft.model_copy(update=changes)
    return draft.model_copy(
        update={
            "outcomes": count_outcomes(draft),
            "attention": pair_attention(draft.control, draft.treatment, draft.judges),
        }
    )


def _note(asker: Asker, prices: Mapping[str, Price | None]) -> JudgeNote:
    judge = asker.judge
    return JudgeNote(
        spec=judge.spec,
        kind=judge.kind,
        model=judge.model,
        served_models=tuple(sorted(asker.served_models)),
        parameters=judge.parameters,
        server=judge.server,
        spend=spend_of(asker.usages.values(), prices.get(judge.spec)),
    )
