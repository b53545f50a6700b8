"""From several answers to one: verdicts over samples and judges, contrasts over both orders.

The level is the ordinal median, a tie goes to the lower; what disagreed is kept and raises
attention. A contrast whose two orders disagree names no side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from grader.comparison.comparison import (
    Attention,
    Contrast,
    ContrastOrder,
    OutcomeCount,
    SignatureNote,
    Verdict,
    VerdictSample,
)
from grader.evidence import Evidence, Side
from grader.levels import LEVELS, Level, level_name, ordinal_median, shift


def reconcile_verdict(criterion: str, side: Side, samples: Sequence[VerdictSample]) -> Verdict:
    """One verdict from all answers to one verdict question.

    Rationale and evidence are those of the first sample that gave the reconciled level, so that
    they argue for the level beside which they stand.
    """
    levels = [sample.level for sample in samples if sample.level is not None]
    level = ordinal_median(levels)
    spoken_for = next((sample for sample in samples if level and sample.level == level), None)
    attention = []
    if level is None:
        failures = Counter(sample.outcome for sample in samples)
        told = ", ".join(f"{outcome} x {count}" for outcome, count in sorted(failures.items()))
        attention.append(Attention(code="missing_level", message=f"no level: {told}"))
    elif len(levels) < len(samples):
        missing = len(samples) - len(levels)
        attention.append(
            Attention(
                code="missing_level",
                message=f"{missing} of {len(samples)} answers are missing",
            )
        )
    if len(set(levels)) > 1:
        spread = ", ".join(
            f"{level_name(each)} x {levels.count(each)}" for each in LEVELS if each in levels
        )
        attention.append(
            Attention(code="samples_disagree", message=f"the answers differ: {spread}")
        )
    if spoken_for is not None:
        attention.extend(unlocated(spoken_for.evidence))
    return Verdict(
        criterion=criterion,
        side=side,
        level=level,
        rationale=spoken_for.rationale if spoken_for else None,
        evidence=spoken_for.evidence if spoken_for else (),
        looked_for_in_vain=spoken_for.looked_for_in_vain if spoken_for else (),
        samples=tuple(samples),
        attention=tuple(attention),
    )


def unlocated(evidence: Iterable[Evidence]) -> list[Attention]:
    """One reason for attention where quotations were not found, none otherwise."""
    missing = sum(1 for each in evidence if each.span is None)
    if not missing:
        return []
    noun = "quotation was" if missing == 1 else "quotations were"
    return [
        Attention(
            code="unlocated_evidence",
            message=f"{missing} {noun} not found in the transcript",
        )
    ]


def reconcile_contrast(
    criterion: str, orders: Sequence[ContrastOrder], levels: tuple[Level | None, Level | None]
) -> Contrast:
    """One contrast from both orders.

    Args:
        criterion: its id.
        orders: the answers, one an order.
        levels: control and treatment level of the criterion, to hold the contrast against.
    """
    sides = [order.shows_more for order in orders]
    agreed = sides[0] if sides and None not in sides and len(set(sides)) == 1 else None
    sensitive = None not in sides and len(set(sides)) > 1
    attention = [a for order in orders for a in unlocated(order.evidence)]
    if sensitive:
        attention.append(
            Attention(
                code="order_sensitive",
                message="the answer changes with the order in which the two are shown",
            )
        )
    moved = shift(*levels)
    against = {"up": "control", "down": "treatment"}.get(moved or "")
    if agreed is not None and agreed == against:
        attention.append(
            Attention(
                code="contrast_against_shift",
                message=f"the verdicts shift {moved}, yet side by side the {agreed} shows more",
            )
        )
    return Contrast(
        criterion=criterion,
        shows_more=agreed,
        order_sensitive=sensitive,
        orders=tuple(orders),
        attention=tuple(attention),
    )


def count_outcomes(
    verdicts: Iterable[Verdict],
    contrasts: Iterable[Contrast],
    signatures: Iterable[SignatureNote],
    others: Iterable[tuple[str, str]],
) -> tuple[OutcomeCount, ...]:
    """How the questions ended, by kind, side and criterion.

    `others` are pairs of kind and outcome of the questions about neither side alone.
    """
    counts: Counter[tuple[str, Side | None, str | None, str]] = Counter()
    for verdict in verdicts:
        for sample in verdict.samples:
            counts["verdict", verdict.side, verdict.criterion, sample.outcome] += 1
    for note in signatures:
        if note.outcome is not None:
            counts["signature", note.side, None, note.outcome] += 1
    for contrast in contrasts:
        for order in contrast.orders:
            counts["contrast", None, contrast.criterion, order.outcome] += 1
    for kind, outcome in others:
        counts[kind, None, None, outcome] += 1
    return tuple(
        OutcomeCount.model_validate(
            {"kind": kind, "side": side, "criterion": criterion, "outcome": outcome, "count": n}
        )
        for (kind, side, criterion, outcome), n in counts.items()
    )
