"""Caveats computed from the facts of a comparison: printed in every writeup, asked of no one."""

from __future__ import annotations

from collections import Counter

from grader.comparison.comparison import Comparison
from grader.comparison.kinds.registry import kinds
from grader.comparison.kinds.verdict import Verdict
from grader.comparison.scorecard import Bounds, tally_bounds
from grader.rubric.registration import limits
from grader.rubric.scale import NOT_APPLICABLE
from grader.text.quotation import SIDES
from grader.transcripts.transcript import deliverable

ONE_PAIR = (
    "This is one pair: one run on each side. How much two runs of the same condition differ "
    "is not known here, so a difference may be chance."
)
SAME_CONDITION = (
    "These are two runs of one condition. What differs between them is what chance does: it says "
    "nothing of a treatment, and how much two runs differ is learned from many such pairs."
)


def caveats(comparison: Comparison, chance: str | None = None) -> tuple[str, ...]:
    """What limits this comparison, one sentence or two each, most general first.

    Args:
        comparison: the draft.
        chance: how much two runs differ, where a study knows it.
    """
    found = [SAME_CONDITION if comparison.same_condition else chance or ONE_PAIR]
    if all(len(deliverable(comparison.transcript(side))) == 1 for side in SIDES):
        found.append("Each side is a single turn; nothing is known of what would follow it.")
    found.extend(_about_judging(comparison))
    found.extend(note.message for note in comparison.pair_notes if note.code != "same_condition")
    if not comparison.same_condition:
        found.extend(_floors_and_ceilings(comparison))
        found.extend(_drawn_from_the_control(comparison))
    found.extend(_not_applicable(comparison))
    found.extend(limits(comparison.registration))
    return tuple(found)


def weightiest(comparison: Comparison) -> tuple[str, ...]:
    """Of these caveats, those without which a reader would take the result for more than it is."""
    found = _failures(comparison)
    if not comparison.same_condition:
        found += _drawn_from_the_control(comparison)
        found += _floors_and_ceilings(comparison)
    return (*found, *_same_family(comparison))


def _same_family(comparison: Comparison) -> list[str]:
    families = [a.message for a in comparison.attention if a.code == "same_family"]
    return [f"A judge may favour its own kind: {'; '.join(families)}."] if families else []


def _about_judging(comparison: Comparison) -> list[str]:
    if {judge.kind for judge in comparison.judges} == {"offline"}:
        return [
            "No judge was asked. The passages were retrieved by word likeness; every level is "
            "the reviewer's."
        ]
    found = []
    if len(comparison.judges) == 1 and comparison.samples == 1:
        found.append("Each verdict is one answer of one judge; its spread is not known.")
    found.extend(_same_family(comparison))
    found.extend(_failures(comparison))
    for kind in kinds():
        found.extend(kind.caveats(comparison))
    return found


def _failures(comparison: Comparison) -> list[str]:
    failed = Counter[str]()
    by_side = Counter[str]()
    for count in comparison.outcomes:
        if count.outcome != "answered":
            failed[count.outcome] += count.count
            if count.side is not None:
                by_side[count.side] += count.count
    if not failed:
        return []
    total = sum(count.count for count in comparison.outcomes)
    how = ", ".join(f"{n} {outcome.replace('_', ' ')}" for outcome, n in sorted(failed.items()))
    found = [f"{sum(failed.values())} of {total} questions have no answer ({how})."]
    found.extend(_missing_verdicts(comparison))
    if by_side["control"] != by_side["treatment"]:
        found.append(
            f"The failures are not alike on both sides: {by_side['control']} on the control and "
            f"{by_side['treatment']} on the treatment. The sides are judged on unequal ground."
        )
    return found


def _missing_verdicts(comparison: Comparison) -> list[str]:
    """Which levels are missing, and how far the tallies could move with them."""
    missing = [verdict for verdict in comparison.verdicts if verdict.level is None]
    if not missing:
        return []
    places = "; ".join(
        f'"{comparison.rubric.criterion(verdict.criterion).title}" on the {verdict.side} '
        f"({_how_failed(verdict)})"
        for verdict in missing
    )
    bounds = tally_bounds(comparison.rubric.criteria, comparison.scorecard)
    moved = "; ".join(
        f"{name.replace('_', ' ')} on the {side} {_range(bound)}"
        for side in SIDES
        for name, bound in (bounds.control if side == "control" else bounds.treatment).items()
        if bound.least != bound.most
    )
    shifts = ", ".join(
        f"{name.replace('_', ' ')} {_range(bound)}"
        for name, bound in bounds.shift.items()
        if bound.least != bound.most
    )
    return [
        f"No level was reached for {places}. Had the missing ones gone either way, the tallies "
        f"could be: {moved}; shifts {shifts}."
    ]


def _not_applicable(comparison: Comparison) -> list[str]:
    """Where the situation does not arise, by side."""
    titles = {
        side: [
            f'"{comparison.rubric.criterion(row.criterion).title}"'
            for row in comparison.scorecard.rows
            if getattr(row, side) == NOT_APPLICABLE
        ]
        for side in SIDES
    }
    if not any(titles.values()):
        return []
    where = "; ".join(
        f"{len(found)} on the {side} ({', '.join(found)})"
        for side, found in titles.items()
        if found
    )
    text = (
        f"Not applicable, since the situation does not arise: {where}. There is no shift on these "
        "criteria, and they count neither as a level nor as missing."
    )
    if titles["control"] != titles["treatment"]:
        text += " Where only one side has the situation, the two sides can't be compared on it."
    return [text]


def _how_failed(verdict: Verdict) -> str:
    failures = Counter(sample.outcome for sample in verdict.samples)
    return ", ".join(f"{outcome.replace('_', ' ')}" for outcome in failures)


def _range(bounds: Bounds) -> str:
    return f"{bounds.least} to {bounds.most}"


def _floors_and_ceilings(comparison: Comparison) -> list[str]:
    pairs = list(zip(comparison.rubric.criteria, comparison.scorecard.rows, strict=True))
    found = []
    for end, place, bound in (("lowest", "floor", "fall"), ("highest", "ceiling", "rise")):
        titles = [
            f'"{criterion.title}"'
            for criterion, row in pairs
            if row.control == getattr(criterion.scale, end)
        ]
        if titles:
            noun = "criterion" if len(titles) == 1 else "criteria"
            found.append(
                f"The control stands at the {place} of {len(titles)} {noun} ({', '.join(titles)})"
                f": there the treatment could not {bound}."
            )
    return found


def _drawn_from_the_control(comparison: Comparison) -> list[str]:
    """A control that was read for what it lacks, or does, fits what was drawn from it."""
    rubric = comparison.rubric
    if comparison.control.id not in rubric.derived_from:
        return []
    others = [source for source in rubric.derived_from if source != comparison.control.id]
    also = f" and from {', '.join(others)}" if others else ""
    markers = " The markers were drawn from it as well, and fit any other run less."
    return [
        f"The criteria were drawn from this very control{also}. As far as they name what it "
        "lacks, it starts low by construction, and another run of the control might come out "
        "higher as well." + markers * bool(rubric.signatures)
    ]
