"""The questions about both transcripts: contrasts, narrative, and the blindness probe.

The judge knows the two as Transcript 1 and Transcript 2; sides are put back here by position.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from grader.comparison.asking import Quoted, ask_with_evidence
from grader.comparison.comparison import (
    ContrastOrder,
    Finding,
    NarrativePoint,
    NarrativeSection,
    ProbeOrder,
)
from grader.comparison.pair import Pair
from grader.comparison.plan import NarrativeKind
from grader.judge.asking import Asker
from grader.questions.answers import (
    ChangeAnswer,
    ContrastAnswer,
    DifferenceAnswer,
    OrientationAnswer,
    Point,
    ProbeAnswer,
)
from grader.questions.compose import contrast_question, narrative_question, probe_question
from grader.rubric import Criterion
from grader.text.quotation import Side


async def ask_contrast(
    asker: Asker, pair: Pair, criterion: Criterion, first: Side
) -> ContrastOrder:
    """Which of the two shows more of a criterion, with `first` as Transcript 1."""
    second: Side = "treatment" if first == "control" else "control"
    shown = (first, second)
    question = contrast_question(
        pair.blind[first],
        pair.blind[second],
        criterion,
        f"contrast {criterion.id} with the {first} first",
    )
    asked = await ask_with_evidence(
        asker, pair, question, lambda answer: _quotations(answer.evidence, shown), shown=shown
    )
    value = asked.answered.value
    known = dict(
        judge=asker.judge.spec,
        first=first,
        outcome=asked.answered.outcome,
        detail=asked.answered.detail,
        questions=asked.questions,
        asked_again=asked.asked_again,
    )
    if not isinstance(value, ContrastAnswer):
        return ContrastOrder(**known)
    meaning = {"transcript_1": first, "transcript_2": second, "neither": "neither"}
    return ContrastOrder.model_validate(
        known
        | {
            "shows_more": meaning[value.shows_more],
            "reason": value.reason,
            "evidence": asked.evidence,
        }
    )


async def ask_probe(asker: Asker, pair: Pair, first: Side) -> ProbeOrder:
    """Which of the two was the control, with `first` as Transcript 1."""
    second: Side = "treatment" if first == "control" else "control"
    shown = (first, second)
    question = probe_question(
        pair.blind[first], pair.blind[second], f"blindness probe with the {first} first"
    )
    asked = await ask_with_evidence(
        asker, pair, question, lambda answer: _quotations(answer.evidence, shown), shown=shown
    )
    value = asked.answered.value
    known = dict(
        first=first,
        outcome=asked.answered.outcome,
        detail=asked.answered.detail,
        questions=asked.questions,
        asked_again=asked.asked_again,
    )
    if not isinstance(value, ProbeAnswer):
        return ProbeOrder(**known)
    meaning = {"transcript_1": first, "transcript_2": second, "cannot_tell": "cannot_tell"}
    return ProbeOrder.model_validate(
        known
        | {
            "guess": meaning[value.plain_run],
            "reason": value.reason,
            "evidence": asked.evidence,
        }
    )


async def ask_narrative(
    asker: Asker, pair: Pair, kind: NarrativeKind, findings: Sequence[Finding]
) -> NarrativeSection:
    """One narrative question, resting on the transcripts and on these findings."""
    order = pair.order
    first, second = (pair.blind[side] for side in order)
    question = narrative_question(kind, first, second, [(f.label, f.text) for f in findings])
    asked = await ask_with_evidence(
        asker,
        pair,
        question,
        lambda answer: [
            quoted
            for points in _parts(answer).values()
            for point in points
            for quoted in _quotations(point.quotations, order)
        ],
        shown=order,
    )
    value = asked.answered.value
    known = dict(
        kind=kind,
        judge=asker.judge.spec,
        outcome=asked.answered.outcome,
        detail=asked.answered.detail,
        questions=asked.questions,
        asked_again=asked.asked_again,
    )
    if value is None:
        return NarrativeSection(**known)
    evidence = iter(asked.evidence)
    parts = {
        name: tuple(
            NarrativePoint(
                text=point.text,
                evidence=tuple(next(evidence) for _ in point.quotations),
                findings=tuple(point.findings),
            )
            for point in points
        )
        for name, points in _parts(value).items()
    }
    named_difference = (
        {"dimension": value.dimension, "difference_kind": value.kind}
        if isinstance(value, DifferenceAnswer)
        else {}
    )
    return NarrativeSection.model_validate(known | {"parts": parts} | named_difference)


def _parts(answer: Any) -> dict[str, list[Point]]:
    """The lists of points of a narrative answer, by the names the judge saw."""
    if isinstance(answer, OrientationAnswer):
        return {
            "problem_framing": answer.problem_framing,
            "stakeholders": answer.stakeholders,
            "structural_commitments": answer.structural_commitments,
            "voice": answer.voice,
        }
    if isinstance(answer, DifferenceAnswer):
        return {"account": answer.account, "kind_reason": answer.kind_reason}
    assert isinstance(answer, ChangeAnswer)
    return {
        "register": answer.register_,
        "structure": answer.structure,
        "content": answer.content,
        "meta_commentary": answer.meta_commentary,
        "unchanged": answer.unchanged,
    }


def _quotations(quotations: Iterable[Any], shown: tuple[Side, ...]) -> list[Quoted]:
    return [Quoted(each.quote, shown[each.transcript - 1]) for each in quotations]
