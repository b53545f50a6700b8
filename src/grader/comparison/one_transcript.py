"""The questions about one transcript alone: verdicts and signatures."""

from __future__ import annotations

from grader.comparison.asking import Quoted, ask_with_evidence
from grader.comparison.comparison import Attention, MarkerNote, SignatureNote, VerdictSample
from grader.comparison.pair import Pair
from grader.comparison.reconcile import unlocated
from grader.judge.asking import Asker
from grader.questions.answers import SignatureAnswer, VerdictAnswer
from grader.questions.compose import signature_question, verdict_question
from grader.rubric import Criterion, Signature
from grader.text.quotation import Side


async def ask_verdict(
    asker: Asker, pair: Pair, criterion: Criterion, side: Side, sample: int
) -> VerdictSample:
    """One answer, or failure, of one judge on one criterion and one transcript."""
    question = verdict_question(
        pair.blind[side], criterion, f"verdict {criterion.id} on the {side}"
    )
    asked = await ask_with_evidence(
        asker,
        pair,
        question,
        lambda answer: [Quoted(q, side) for q in answer.evidence],
        shown=(side,),
        sample=sample,
    )
    value = asked.answered.value
    known = dict(
        judge=asker.judge.spec,
        sample=sample,
        outcome=asked.answered.outcome,
        detail=asked.answered.detail,
        questions=asked.questions,
        asked_again=asked.asked_again,
    )
    if not isinstance(value, VerdictAnswer):
        return VerdictSample(**known)
    return VerdictSample(
        **known,
        level=value.level,
        rationale=value.rationale,
        evidence=asked.evidence,
        looked_for_in_vain=tuple(value.looked_for_in_vain),
    )


async def ask_signature(
    asker: Asker, pair: Pair, signature: Signature, side: Side
) -> SignatureNote:
    """One signature on one transcript, marker by marker."""
    question = signature_question(
        pair.blind[side], signature, f"signature {signature.id} on the {side}"
    )
    asked = await ask_with_evidence(
        asker,
        pair,
        question,
        lambda answer: [
            Quoted(q, side)
            for finding in sorted(answer.markers, key=lambda f: f.marker)
            for q in finding.evidence
        ],
        shown=(side,),
    )
    value = asked.answered.value
    known = dict(
        signature=signature.id,
        side=side,
        judge=asker.judge.spec,
        outcome=asked.answered.outcome,
        detail=asked.answered.detail,
        questions=asked.questions,
        asked_again=asked.asked_again,
    )
    if not isinstance(value, SignatureAnswer):
        return SignatureNote(
            **known,
            markers=tuple(MarkerNote(marker=marker) for marker in signature.markers),
            attention=(Attention(code="missing_level", message=f"no answer: {known['outcome']}"),),
        )
    evidence = iter(asked.evidence)
    findings = sorted(value.markers, key=lambda finding: finding.marker)
    return SignatureNote(
        **known,
        markers=tuple(
            MarkerNote(
                marker=marker,
                presence=finding.presence,
                note=finding.note,
                evidence=tuple(next(evidence) for _ in finding.evidence),
            )
            for marker, finding in zip(signature.markers, findings, strict=True)
        ),
        note=value.note,
        attention=tuple(unlocated(asked.evidence, asked.asked_again)),
    )
