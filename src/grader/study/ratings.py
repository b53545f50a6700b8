"""Ratings drawn from reviewed comparisons: who gave which level to which verdict.

A rating here is independent of the judge where that is asked: a reviewer's own level counts, given
before the judge's was seen. What is computed from ratings is in `agreement`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from grader.review.reviewed import ItemReview, Reviewed, ReviewerRecord
from grader.rubric.scale import THREE_LEVELS, Level
from grader.text.quotation import SIDES, Side

JUDGE = "the judge"


@dataclass(frozen=True)
class Unit:
    """One thing that raters gave a level to: a criterion on one transcript of a comparison."""

    comparison: str
    criterion: str
    """With its rubric, since ids are unique within one rubric only."""
    condition: str
    side: Side
    levels: dict[str, Level]
    """By rater; 'not_applicable' where the situation does not arise."""
    scale: tuple[Level, ...] = THREE_LEVELS
    """The levels of the criterion, lowest first."""


def reviewer_ratings(comparisons: Iterable[Reviewed]) -> list[Unit]:
    """What reviewers gave on their own: before seeing the judge where they worked blind-first."""
    return [unit for each in comparisons for unit in _units(each, with_judge=False)]


def judge_ratings(comparisons: Iterable[Reviewed]) -> list[Unit]:
    """The judge beside each reviewer; only levels given before the judge's was seen count.

    A unit is made for each reviewer, so that the judge always stands beside one person.
    """
    pairs = []
    for unit in (unit for each in comparisons for unit in _units(each, with_judge=True)):
        judged = unit.levels.get(JUDGE)
        for rater, level in unit.levels.items():
            if judged is not None and rater != JUDGE:
                levels = {JUDGE: judged, "a reviewer": level}
                pairs.append(replace(unit, levels=levels))
    return pairs


def _units(reviewed: Reviewed, *, with_judge: bool) -> Iterable[Unit]:
    draft = reviewed.draft
    conditions = {side: draft.transcript(side).condition or side for side in SIDES}
    for verdict in draft.verdicts:
        levels: dict[str, Level] = {}
        if with_judge and verdict.level is not None:
            levels[JUDGE] = verdict.level
        for record in reviewed.reviewers.values():
            review = record.item(verdict.item)
            level = _own(review) if with_judge else _independent(record, review)
            if level is not None:
                levels[record.name] = level
        yield Unit(
            comparison=draft.slug,
            criterion=f"{draft.rubric.id}: {verdict.criterion}",
            condition=conditions[verdict.side],
            side=verdict.side,
            levels=levels,
            scale=draft.rubric.criterion(verdict.criterion).scale.levels,
        )


def _own(review: ItemReview) -> Level | None:
    """A level given without the judge's in sight."""
    if review.own is not None:
        return review.own.level
    return review.decision.level if review.decision.seen is False else None


def _independent(record: ReviewerRecord, review: ItemReview) -> Level | None:
    """A level given without the other reviewers' in sight."""
    if record.mode == "blind-first":
        return _own(review)
    return review.decision.level
