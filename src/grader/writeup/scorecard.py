"""The scorecard as the writeup shows it, and its tally in a sentence. All of it is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.comparison.comparison import Scorecard
from grader.review.reviewed import Reviewed
from grader.rubric.scale import NotApplicable, Shift, shift
from grader.text.quotation import SIDES, Side
from grader.writeup.reviewed_value import ReviewedValue, reviewed_level
from grader.writeup.sides import Sides
from grader.writeup.words import capital, joined, number

_UNDECIDED = "undecided"


@dataclass(frozen=True)
class Row:
    """One criterion."""

    number: int
    criterion: str
    title: str
    levels: dict[Side, ReviewedValue]
    shift: Shift | NotApplicable | None
    final: bool
    """Whether both levels were decided by a reviewer."""

    @property
    def shift_word(self) -> str:
        """'up', 'down (draft)', or a dash where a level is missing."""
        if self.shift is None:
            return "–"
        return self.shift if self.final else f"{self.shift} (draft)"


@dataclass(frozen=True)
class Card:
    """The scorecard of a comparison, draft and reviewed side by side."""

    rows: tuple[Row, ...]
    sentences: tuple[str, ...]
    """The tally in words: what holds first, then what the judge alone had said, if it differs."""
    given: bool
    """Whether there is any level at all."""


def card_of(reviewed: Reviewed, sides: Sides) -> Card:
    """The scorecard with its tally."""
    verdicts = {(v.criterion, v.side): v for v in reviewed.draft.verdicts}
    rows = []
    for position, criterion in enumerate(reviewed.draft.rubric.criteria, 1):
        levels: dict[Side, ReviewedValue] = {}
        for side in SIDES:
            verdict = verdicts.get((criterion.id, side))
            item = f"verdict:{criterion.id}:{side}"
            levels[side] = reviewed_level(
                verdict.level if verdict else None, reviewed.decision(item)
            )
        rows.append(
            Row(
                number=position,
                criterion=criterion.id,
                title=criterion.title,
                levels=levels,
                shift=shift(
                    criterion.scale.levels, levels["control"].shown, levels["treatment"].shown
                ),
                final=all(value.state != _UNDECIDED for value in levels.values()),
            )
        )
    values = [level for row in rows for level in row.levels.values()]
    return Card(
        rows=tuple(rows),
        sentences=tuple(_sentences(reviewed, rows, values, sides)),
        given=any(level.shown is not None for level in values),
    )


def tally(card: Scorecard, sides: Sides) -> str:
    """One scorecard in two sentences: how many of each level, and where the shifts are."""
    count = len(card.rows)
    noun = "criterion" if count == 1 else "criteria"
    control = _counts(card.control_tally)
    treatment = _counts(card.treatment_tally)
    first = (
        f"of {number(count)} {noun}, {sides.short['control']} {control}; "
        f"{sides.short['treatment']} {treatment}."
    )
    return f"{first} {_shifts(card, sides)}"


def _sentences(
    reviewed: Reviewed, rows: list[Row], values: list[ReviewedValue], sides: Sides
) -> list[str]:
    draft = reviewed.draft.scorecard
    decided = sum(1 for level in values if level.state != _UNDECIDED)
    judged = any(level.judge is not None for level in values)
    by_judge = f"By the judge's draft, {tally(draft, sides)}"
    if decided == 0:
        return [by_judge] if judged else ["No level has been given yet."]
    changed = [
        f"{row.number} ({sides.short[side]})"
        for row in rows
        for side in SIDES
        if row.levels[side].effect in ("changed", "withdrawn")
    ]
    if decided < len(values):
        told = f"{capital(number(decided))} of {number(len(values))} verdicts are decided so far."
        if changed:
            told += f" Reviewers changed the level on {_criteria(changed)}."
        return [told, by_judge] if judged else [told]
    final = f"As reviewed, {tally(reviewed.scorecard, sides)}"
    if not changed:
        return [final + " The reviewers kept every level of the judge's draft."]
    if not judged:
        return [final, "All levels are the reviewers' own: no judge gave any."]
    return [final, f"Changed in review: {_criteria(changed)}. {by_judge}"]


def _criteria(names: list[str]) -> str:
    return f"{'criterion' if len(names) == 1 else 'criteria'} {joined(names)}"


def _counts(tally: Mapping[str, int]) -> str:
    parts = [f"meets {number(tally.get('met', 0))}"]
    for level, verb in (
        ("partially_met", "partially meets"),
        ("not_met", "does not meet"),
        ("missing", "has no level on"),
    ):
        if tally.get(level):
            parts.append(f"{verb} {number(tally[level])}")
    return joined(parts)


def _shifts(card: Scorecard, sides: Sides) -> str:
    where = {
        direction: [
            str(position) for position, row in enumerate(card.rows, 1) if row.shift == direction
        ]
        for direction in ("up", "down", "same")
    }
    parts: list[str] = []
    for direction, words in (
        ("up", "above"),
        ("down", "below"),
        ("same", "level with"),
    ):
        numbers = where[direction]
        if numbers:
            other = sides.short["control"] if not parts else "it"
            parts.append(f"{words} {other} on {_criteria(numbers)}")
    treatment = capital(sides.short["treatment"])
    if not parts:
        return "No shift can be given."
    missing = card.shift_tally.get("missing", 0)
    rest = f" On {number(missing)} no shift can be given." if missing else ""
    return f"{treatment} stands {joined(parts)}.{rest}"
