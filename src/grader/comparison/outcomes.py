"""How all questions of a comparison ended, counted by kind, side and criterion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from grader.comparison.comparison import (
    Comparison,
    ContrastOrder,
    NarrativeSection,
    OutcomeCount,
    ProbeOrder,
    SignatureNote,
    VerdictSample,
)
from grader.judge.reply import Outcome
from grader.text.quotation import Side

WithQuotations = VerdictSample | SignatureNote | ContrastOrder | NarrativeSection | ProbeOrder
"""Answers whose quotations are looked for, and asked for once more where they are not found."""

Counted = tuple[str, Side | None, str | None, Outcome]
"""Kind, side, criterion and outcome of one question."""


def count_outcomes(draft: Comparison) -> tuple[OutcomeCount, ...]:
    """The counts. Asking again for quotations is a question of its own, of kind `requote`."""
    return tuple(
        OutcomeCount(kind=kind, side=side, criterion=criterion, outcome=outcome, count=count)
        for (kind, side, criterion, outcome), count in Counter(_questions(draft)).items()
    )


def _questions(draft: Comparison) -> Iterator[Counted]:
    for verdict in draft.verdicts:
        for sample in verdict.samples:
            yield from _of("verdict", verdict.side, verdict.criterion, sample)
    for note in draft.signatures:
        yield from _of("signature", note.side, None, note)
    for contrast in draft.contrasts:
        for order in contrast.orders:
            yield from _of("contrast", None, contrast.criterion, order)
    for section in draft.narrative:
        yield from _of(section.kind, None, None, section)
    for guess in draft.probe:
        yield from _of("probe", None, None, guess)
    if draft.implications is not None:
        yield "implications", None, None, draft.implications.outcome


def _of(
    kind: str, side: Side | None, criterion: str | None, record: WithQuotations
) -> Iterator[Counted]:
    if record.outcome is not None:
        yield kind, side, criterion, record.outcome
    if record.asked_again is not None:
        yield "requote", side, criterion, record.asked_again
