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
    Verdict,
    VerdictSample,
)
from grader.judge.reply import Outcome
from grader.rubric.scale import LEVELS, Level, level_name, ordinal_median, shift
from grader.text.quotation import Evidence, Side


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
        attention.extend(unlocated(spoken_for.evidence, spoken_for.asked_again))
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


def unlocated(evidence: Iterable[Evidence], asked_again: Outcome | None) -> list[Attention]:
    """One reason for attention where quotations were not found, none otherwise.

    Args:
        evidence: of one answer.
        asked_again: how asking once more for what was not found ended.
    """
    missing = sum(1 for each in evidence if each.span is None)
    if not missing:
        return []
    noun = "quotation was" if missing == 1 else "quotations were"
    message = f"{missing} {noun} not found in the transcript"
    if asked_again not in (None, "answered"):
        message += f", and asking again failed: {asked_again.replace('_', ' ')}"
    return [Attention(code="unlocated_evidence", message=message)]


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
    attention = [a for order in orders for a in unlocated(order.evidence, order.asked_again)]
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
