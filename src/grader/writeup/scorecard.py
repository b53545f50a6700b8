"""The scorecard as the writeup shows it, and its tally in a sentence. All of it is computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.comparison.comparison import Scorecard
from grader.comparison.scorecard import scorecard
from grader.review.reviewed import Reviewed
from grader.rubric import Criterion
from grader.rubric.scale import (
    NOT_APPLICABLE,
    Level,
    NotApplicable,
    Scale,
    Shift,
    level_name,
)
from grader.text.quotation import SIDES, Side
from grader.writeup.reviewed_value import ReviewedValue, reviewed_level
from grader.writeup.sides import Sides
from grader.writeup.words import capital, joined, number

_UNDECIDED = "undecided"

_FIRST_STOP, _LENGTH = 16, 128
"""Where a drawn scale begins, and how long it is."""

_LONGEST_END = 12
"""Longer names of levels don't fit over a drawn scale."""


@dataclass(frozen=True)
class Row:
    """One criterion."""

    number: int
    criterion: str
    title: str
    scale: Scale
    levels: dict[Side, ReviewedValue]
    shift: Shift | NotApplicable | None
    final: bool
    """Whether both levels were decided by a reviewer."""
    split: bool = False
    """Whether the judge's answers leave no majority, and no reviewer has decided."""
    size: str | None = None
    """How large the difference is side by side: 'clear', 'slight'."""

    @property
    def shift_word(self) -> str:
        """'up', 'down', 'none: not applicable', or a dash where a level is missing."""
        if self.shift is None:
            return "–"
        word = "none: not applicable" if self.shift == NOT_APPLICABLE else self.shift
        if self.split:
            return f"{word}, but the answers are split"
        return word

    @property
    def stops(self) -> dict[Level, float]:
        """Where each level is on a drawn scale, lowest first."""
        steps = len(self.scale.levels) - 1
        places = [_FIRST_STOP + _LENGTH * rank / steps for rank in range(steps + 1)]
        return {
            level: int(place) if place == int(place) else round(place, 1)
            for level, place in zip(self.scale.levels, places, strict=True)
        }


@dataclass(frozen=True)
class Card:
    """The scorecard of a comparison, draft and reviewed side by side."""

    rows: tuple[Row, ...]
    sentences: tuple[str, ...]
    """The tally in words: what holds first, then what the judge alone had said, if it differs."""
    shifts: str
    """Where the treatment stands against the control, in a sentence."""
    given: bool
    """Whether there is any level at all."""
    order: str
    """The levels of each scale, lowest first, in a sentence."""
    ends: tuple[str, ...]
    """What stands over the drawn scales, from left to right."""
    beside: str
    """What 'not applicable' means, where a criterion allows it; empty elsewhere."""


def card_of(reviewed: Reviewed, sides: Sides) -> Card:
    """The scorecard with its tally."""
    verdicts = {(v.criterion, v.side): v for v in reviewed.draft.verdicts}
    sizes = {contrast.criterion: contrast.size for contrast in reviewed.draft.contrasts}
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
                scale=criterion.scale,
                shift=criterion.scale.shift(levels["control"].shown, levels["treatment"].shown),
                final=(final := all(value.state != _UNDECIDED for value in levels.values())),
                split=criterion.id in reviewed.draft.split and not final,
                size=sizes.get(criterion.id),
            )
        )
    values = [level for row in rows for level in row.levels.values()]
    criteria = reviewed.draft.rubric.criteria
    beside = any(criterion.not_applicable is not None for criterion in criteria)
    return Card(
        rows=tuple(rows),
        sentences=tuple(_sentences(reviewed, rows, values, sides)),
        shifts=_shifts(
            scorecard(criteria, {(r.criterion, s): r.levels[s].shown for r in rows for s in SIDES}),
            sides,
        ),
        given=any(level.shown is not None for level in values),
        order=_order(criteria),
        ends=_ends({criterion.scale.levels: criterion.scale for criterion in criteria}.values()),
        beside=_BESIDE if beside else "",
    )


_BESIDE = (
    'Where "not applicable" stands, the situation that is asked about does not arise: it is no '
    "level, and there is no shift."
)


def tally(criteria: Sequence[Criterion], card: Scorecard, sides: Sides) -> str:
    """One scorecard in sentences: how many of each level, and where the shifts are."""
    groups = _by_scale(criteria)
    sentences = []
    for scale, numbers in groups:
        rows = [card.rows[place - 1] for place in numbers]
        noun = "criterion" if len(rows) == 1 else "criteria"
        which = f"of {number(len(rows))} {noun}"
        if len(groups) > 1 or not scale.is_default:
            names = joined(map(level_name, reversed(scale.levels)), "or")
            which += f" that {'asks' if len(rows) == 1 else 'ask'} for {names}"
        control = _counts(scale, [row.control for row in rows])
        treatment = _counts(scale, [row.treatment for row in rows])
        short = sides.short
        sentences.append(
            f"{which}, {short['control']} {control}; {short['treatment']} {treatment}."
        )
    first, *rest = sentences
    return " ".join([first, *map(capital, rest), _shifts(card, sides)])


def _by_scale(criteria: Sequence[Criterion]) -> list[tuple[Scale, list[int]]]:
    """Each scale with the numbers of its criteria, from 1; levels of one name are one scale."""
    groups: dict[tuple[Level, ...], tuple[Scale, list[int]]] = {}
    for place, criterion in enumerate(criteria, 1):
        scale = criterion.scale
        groups.setdefault(scale.levels, (scale, []))[1].append(place)
    return list(groups.values())


def _order(criteria: Sequence[Criterion]) -> str:
    groups = _by_scale(criteria)
    parts = []
    for scale, numbers in groups:
        where = f" ({_criteria(list(map(str, numbers)))})" if len(groups) > 1 else ""
        parts.append(", ".join(map(level_name, scale.levels)) + where)
    return f"Levels are ordered: {'; '.join(parts)}."


def _ends(scales: Iterable[Scale]) -> tuple[str, ...]:
    first, *others = scales
    if others or max(map(len, first.ends)) > _LONGEST_END:
        return "lowest", "highest"
    return first.ends


def _sentences(
    reviewed: Reviewed, rows: list[Row], values: list[ReviewedValue], sides: Sides
) -> list[str]:
    draft = reviewed.draft.scorecard
    decided = sum(1 for level in values if level.state != _UNDECIDED)
    judged = any(level.judge is not None for level in values)
    criteria = reviewed.draft.rubric.criteria
    by_judge = f"By the judge's draft, {tally(criteria, draft, sides)}"
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
    final = f"As reviewed, {tally(criteria, reviewed.scorecard, sides)}"
    if not changed:
        return [final + " The reviewers kept every level of the judge's draft."]
    if not judged:
        return [final, "All levels are the reviewers' own: no judge gave any."]
    return [final, f"Changed in review: {_criteria(changed)}. {by_judge}"]


def _criteria(names: list[str]) -> str:
    return f"{'criterion' if len(names) == 1 else 'criteria'} {joined(names)}"


def _counts(scale: Scale, answers: Sequence[Level | None]) -> str:
    """How many of each answer: the highest level first, and told even where there is none."""
    tally = Counter(answers)
    parts = [f"{scale.verb(scale.highest)} {number(tally[scale.highest])}"]
    for answer in (*reversed(scale.levels[:-1]), NOT_APPLICABLE):
        if tally[answer]:
            parts.append(f"{scale.verb(answer)} {number(tally[answer])}")
    if tally[None]:
        parts.append(f"has no level on {number(tally[None])}")
    return joined(parts)


def _shifts(card: Scorecard, sides: Sides) -> str:
    where: dict[str | None, list[str]] = {}
    for position, row in enumerate(card.rows, 1):
        where.setdefault(row.shift, []).append(str(position))
    parts: list[str] = []
    for direction, words in (
        ("up", "above"),
        ("down", "below"),
        ("same", "level with"),
    ):
        if numbers := where.get(direction):
            other = sides.short["control"] if not parts else "it"
            parts.append(f"{words} {other} on {_criteria(numbers)}")
    treatment = capital(sides.short["treatment"])
    beside = where.get(NOT_APPLICABLE)
    none = f" On {_criteria(beside)} there is none: not applicable." if beside else ""
    missing = card.shift_tally.get("missing", 0)
    if not parts:
        return "No shift can be given." if missing or not beside else f"There is no shift.{none}"
    rest = f" On {number(missing)} no shift can be given." if missing else ""
    return f"{treatment} stands {joined(parts)}.{none}{rest}"
