"""Ratings drawn from reviewed comparisons: who gave which level to which verdict.

A rating here is independent of the judge where that is asked: a reviewer's own level counts, given
before the judge's was seen. The judges of a panel answer apart from one another, and each is a
rater. What is computed from ratings is in `agreement`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from grader.comparison.kinds.verdict import Verdict
from grader.review.reviewed import ItemReview, Reviewed, ReviewerRecord
from grader.rubric.scale import THREE_LEVELS, Level
from grader.text.quotation import Side

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


def panel_ratings(comparisons: Iterable[Reviewed]) -> list[Unit]:
    """What the judges of each panel gave, a rater by spec; comparisons with one judge are left out.

    A judge that answered more than once counts once, with the level that its own samples come to.
    """
    units = []
    for each in comparisons:
        for verdict in each.draft.verdicts:
            if len({sample.judge for sample in verdict.samples}) > 1:
                units.append(_unit(each, verdict, _by_judge(each, verdict)))
    return units


def in_pairs(units: Sequence[Unit]) -> dict[str, list[Unit]]:
    """The units of each two raters who rated a unit together, with no other rater's level.

    The keys name the two: 'openai/one and openai/two'.
    """
    pairs: dict[str, list[Unit]] = {}
    for unit in units:
        for two in combinations(sorted(unit.levels), 2):
            alone = replace(unit, levels={rater: unit.levels[rater] for rater in two})
            pairs.setdefault(" and ".join(two), []).append(alone)
    return {name: pairs[name] for name in sorted(pairs)}


def _by_judge(reviewed: Reviewed, verdict: Verdict) -> dict[str, Level]:
    scale = reviewed.draft.rubric.criterion(verdict.criterion).scale
    given: dict[str, list[Level]] = {}
    for sample in verdict.samples:
        if sample.level is not None:
            given.setdefault(sample.judge, []).append(sample.level)
    levels = {judge: scale.reconciled(theirs) for judge, theirs in given.items()}
    return {judge: level for judge, level in levels.items() if level is not None}


def _units(reviewed: Reviewed, *, with_judge: bool) -> Iterable[Unit]:
    draft = reviewed.draft
    for verdict in draft.verdicts:
        levels: dict[str, Level] = {}
        if with_judge and verdict.level is not None:
            levels[JUDGE] = verdict.level
        for record in reviewed.reviewers.values():
            review = record.item(verdict.item)
            level = _own(review) if with_judge else _independent(record, review)
            if level is not None:
                levels[record.name] = level
        yield _unit(reviewed, verdict, levels)


def _unit(reviewed: Reviewed, verdict: Verdict, levels: dict[str, Level]) -> Unit:
    draft = reviewed.draft
    return Unit(
        comparison=draft.slug,
        criterion=f"{draft.rubric.id}: {verdict.criterion}",
        condition=draft.transcript(verdict.side).condition or verdict.side,
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
    if record.mode == "assisted":
        return review.decision.level
    return _own(review)
