"""Ratings drawn from reviewed comparisons: who gave which level to which verdict.

A rating here is independent of the judge where that is asked: a reviewer's own level counts, given
before the judge's was seen. The judges of a panel answer apart from one another, and each is a
rater. What is computed from ratings is in `agreement`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from grader.comparison.content import Content
from grader.comparison.kinds.verdict import Verdict
from grader.errors import InputError
from grader.review.reviewed import ItemReview, Reviewed, ReviewerRecord
from grader.rubric.scale import PRESENCES, THREE_LEVELS, Level
from grader.text.quotation import Side

JUDGE = "the judge"


@dataclass(frozen=True)
class Rating:
    """One level that a person gave elsewhere, to a verdict of a comparison."""

    comparison: str
    criterion: str
    side: Side
    rater: str
    level: Level
    place: str
    """File and line, for people."""


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


def key_of(reviewed: Reviewed) -> str:
    """What parts one comparison from others: two folders may have one name."""
    return f"{reviewed.draft.slug} {reviewed.draft_hash[:12]}"


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


def grid_ratings(comparisons: Iterable[Reviewed], *, with_judge: bool) -> list[Unit]:
    """Markers of signatures: a unit a marker on one transcript, rated by its presence."""
    return [
        unit
        for each in comparisons
        for note in each.draft.signatures
        for place, marker in enumerate(note.markers)
        for unit in _apart(
            each,
            note.item,
            lambda content, place=place: (  # type: ignore[misc]
                content.presences[place] if place < len(content.presences) else None
            ),
            marker.presence,
            with_judge,
            Unit(
                comparison=key_of(each),
                criterion=f"{each.draft.rubric.id}: {note.signature}",
                condition=each.draft.transcript(note.side).condition or note.side,
                side=note.side,
                levels={},
                scale=PRESENCES,
            ),
        )
    ]


SIDES_SHOWN = ("control", "neither", "treatment")
"""Answers to 'which shows more', in the order of the difference."""


def contrast_ratings(comparisons: Iterable[Reviewed], *, with_judge: bool) -> list[Unit]:
    """Which of the two shows more of a criterion: a unit a criterion of a comparison."""
    return [
        unit
        for each in comparisons
        for contrast in each.draft.contrasts
        for unit in _apart(
            each,
            contrast.item,
            lambda content: content.shows_more,
            contrast.shows_more,
            with_judge,
            Unit(
                comparison=key_of(each),
                criterion=f"{each.draft.rubric.id}: {contrast.criterion}",
                condition="both",
                side="control",
                levels={},
                scale=SIDES_SHOWN,
            ),
        )
    ]


def _apart(
    reviewed: Reviewed,
    item: str,
    value: Callable[[Content], str | None],
    judged: str | None,
    with_judge: bool,
    unit: Unit,
) -> Iterable[Unit]:
    """One unit between reviewers, or one for each reviewer beside the judge."""
    given: dict[str, str] = {}
    for record in reviewed.reviewers.values():
        review = record.item(item)
        assisted = record.mode == "assisted" and not with_judge
        # Where no judge was asked there is nothing to hide: the decision is the reviewer's own.
        unseen = review.own is None and review.decision.seen is False
        content = review.decision.content if assisted or unseen else review.own
        rated = value(content) if content is not None else None
        if rated is not None:
            given[record.name] = rated
    if not with_judge:
        yield replace(unit, levels=given)
    elif judged is not None:
        for rated in given.values():
            yield replace(unit, levels={JUDGE: judged, "a reviewer": rated})


def refuse_doubles(comparisons: Sequence[Reviewed], ratings: Sequence[Rating]) -> None:
    """Refuse ratings that would take the place of another level, in one table or in several.

    Raises:
        InputError: somebody gives a level twice, or has the name of a reviewer of the comparison.
    """
    reviewers = {(key_of(each), name) for each in comparisons for name in each.reviewers}
    given: dict[tuple[str, str, Side, str], Rating] = {}
    for rating in ratings:
        if (rating.comparison, rating.rater) in reviewers:
            raise InputError(
                f"{rating.rater} reviewed {rating.comparison} as well",
                place=rating.place,
                mend="Take these rows out, or give another name: one person counts once.",
            )
        key = rating.comparison, rating.criterion, rating.side, rating.rater
        before = given.setdefault(key, rating)
        if before is not rating:
            raise InputError(
                f"{rating.rater} gives this criterion of this transcript a level twice",
                place=rating.place,
                mend=f"Keep one of the two; the other is at {before.place}.",
            )


def with_raters(units: Sequence[Unit], ratings: Sequence[Rating]) -> list[Unit]:
    """The units with what people gave elsewhere.

    Args:
        units: from `reviewer_ratings`, which name every verdict.
        ratings: from `raters` or a published page, of the same comparisons.
    """
    given: dict[tuple[str, str, Side], dict[str, Level]] = {}
    for each in ratings:
        place = each.comparison, each.criterion, each.side
        given.setdefault(place, {})[each.rater] = each.level
    return [replace(unit, levels={**unit.levels, **given.get(_place(unit), {})}) for unit in units]


def beside_judge(comparisons: Sequence[Reviewed], ratings: Sequence[Rating]) -> list[Unit]:
    """The judge beside each person who gave a level elsewhere."""
    found = []
    by_place: dict[tuple[str, str, Side], list[Rating]] = {}
    for rating in ratings:
        by_place.setdefault((rating.comparison, rating.criterion, rating.side), []).append(rating)
    for each in comparisons:
        for verdict in each.draft.verdicts:
            for rating in by_place.get((key_of(each), verdict.criterion, verdict.side), ()):
                if verdict.level is not None:
                    levels = {JUDGE: verdict.level, "a reviewer": rating.level}
                    found.append(_unit(each, verdict, levels))
    return found


def _place(unit: Unit) -> tuple[str, str, Side]:
    return unit.comparison, unit.criterion.partition(": ")[2], unit.side


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
        comparison=key_of(reviewed),
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
