"""Who reviewed a comparison, how, and what they made of each item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from grader.review.fold import outcome
from grader.review.items import decisions_made, review_items
from grader.review.pace import paces
from grader.review.reviewed import Decision, ItemReview, Reviewed, SignOff
from grader.rubric.scale import level_name
from grader.text.quotation import SIDES, Side
from grader.writeup.sides import sides_of
from grader.writeup.words import counted, joined, sentence


@dataclass(frozen=True)
class Person:
    """One reviewer's own share."""

    name: str
    mode: str
    accepted: int
    edited: int
    rejected: int

    @property
    def decided(self) -> int:
        """Items they decided."""
        return self.accepted + self.edited + self.rejected


@dataclass(frozen=True)
class Decided:
    """What became of the two verdicts of one criterion."""

    number: int
    title: str
    cells: dict[Side, str]


@dataclass(frozen=True)
class Review:
    """The review so far."""

    sentence: str
    people: tuple[Person, ...]
    criteria: tuple[Decided, ...]
    taken_back: tuple[SignOff, ...]
    agreement: tuple[str, ...]
    """How far reviewers agreed, with one another and with the judge, counted."""
    moved: tuple[str, ...]
    """Where a reviewer's own level and the judge's differed, and who moved."""
    pace: tuple[str, ...]
    """How fast each reviewer decided."""


def review_of(reviewed: Reviewed) -> Review | None:
    """The review; None where nobody has begun one."""
    if reviewed.events == 0:
        return None
    people = tuple(
        _person(record.name, record.mode, record.decided)
        for record in sorted(reviewed.reviewers.values(), key=lambda record: record.name)
        if record.decided
    )
    return Review(
        sentence=_sentence(reviewed),
        people=people,
        criteria=tuple(
            Decided(
                number=number,
                title=criterion.title,
                cells={
                    side: _cell(reviewed.decision(f"verdict:{criterion.id}:{side}"))
                    for side in SIDES
                },
            )
            for number, criterion in enumerate(reviewed.draft.rubric.criteria, 1)
        ),
        taken_back=reviewed.taken_back,
        agreement=tuple(_agreement(reviewed)),
        moved=tuple(_moved(reviewed)),
        pace=paces(reviewed),
    )


def _moved(reviewed: Reviewed) -> Iterable[str]:
    """Criterion by criterion, where an own level was another than the judge's."""
    draft, sides = reviewed.draft, sides_of(reviewed.draft)
    numbers = {criterion.id: n for n, criterion in enumerate(draft.rubric.criteria, 1)}
    for verdict in draft.verdicts:
        for record in sorted(reviewed.reviewers.values(), key=lambda record: record.name):
            review = record.item(verdict.item)
            own, decision = review.own, review.decision
            if own is None or own.level == verdict.level or decision.state == "undecided":
                continue
            then = (
                "rejected the verdict"
                if decision.state == "rejected"
                else "kept it"
                if decision.level == own.level
                else "took the judge's"
                if decision.level == verdict.level
                else f"decided for {level_name(decision.level)}"
            )
            why = f": {decision.reason}" if decision.reason else ""
            yield (
                f"Criterion {numbers[verdict.criterion]}, {sides.short[verdict.side]}: "
                f"{record.name} gave {level_name(own.level)} before seeing the judge's "
                f"{level_name(verdict.level)}, and {then}{sentence(why) if why else '.'}"
            )


def differed(reviewed: Reviewed) -> tuple[int, int]:
    """On how many decisions reviewers differed, of how many that more than one of them made."""
    items = review_items(reviewed.draft)
    several: dict[str, bool] = {}
    for id, item in items.items():
        reviews = _reviews(reviewed, id)
        if item.required and len(reviews) > 1:
            outcomes = {outcome(item, review.decision) for review in reviews}
            several[item.decision] = several.get(item.decision, False) or len(outcomes) > 1
    return sum(several.values()), len(several)


def settled_by(reviewed: Reviewed) -> tuple[str, ...]:
    """Who settled what reviewers decided differently."""
    settled = (each for each in reviewed.decisions.values() if each.adjudicated and each.reviewer)
    return tuple(dict.fromkeys(each.reviewer for each in settled if each.reviewer))


def _agreement(reviewed: Reviewed) -> Iterable[str]:
    """Counts alone: one comparison is too small for more than counting."""
    different, several = differed(reviewed)
    if several:
        yield (
            f"Of {counted(several, 'decision')} made by more than one reviewer, "
            f"{several - different} were made alike by all."
        )
    own = [
        (review.own.level, verdict.level)
        for verdict in reviewed.draft.verdicts
        for record in reviewed.reviewers.values()
        if (review := record.items.get(verdict.item)) and review.own and verdict.level
    ]
    if own:
        same = sum(theirs == judged for theirs, judged in own)
        yield (
            f"Of {counted(len(own), 'level')} that reviewers gave before seeing the judge's, "
            f"{same} were the same as the judge's."
        )
    planted = [
        review.fell_for
        for record in reviewed.reviewers.values()
        for review in record.items.values()
        if review.fell_for is not None
    ]
    if planted:
        yield (
            f"Of {counted(len(planted), 'planted wrong verdict')}, {sum(planted)} were accepted. "
            "None of them entered the result."
        )


def _reviews(reviewed: Reviewed, item: str) -> list[ItemReview]:
    found = (record.items.get(item) for record in reviewed.reviewers.values())
    return [each for each in found if each and each.decision.state != "undecided"]


def _person(name: str, mode: str, decided: Iterable[Decision]) -> Person:
    states = Counter(each.state for each in decided)
    return Person(
        name=name,
        mode=mode,
        accepted=states["accepted"],
        edited=states["edited"],
        rejected=states["rejected"],
    )


def _sentence(reviewed: Reviewed) -> str:
    required = [decision for decision in reviewed.decisions.values() if decision.required]
    states = Counter(decision.state for decision in required)
    told = joined(
        f"{states[state]} {state}"
        for state in ("accepted", "edited", "rejected", "undecided")
        if states[state]
    )
    disputed = len(reviewed.disputed)
    more = ""
    if disputed:
        verb = "is" if disputed == 1 else "are"
        more = f" Reviewers differ on {counted(disputed, 'item')} that {verb} not yet settled."
    objected = sum(
        decision.state in ("edited", "rejected")
        for decision in reviewed.decisions.values()
        if not decision.required
    )
    if objected:
        more += f" Reviewers objected to {counted(objected, 'piece')} of evidence."
    _, decisions = decisions_made(reviewed)
    return (
        f"{counted(decisions, 'decision').capitalize()} about {counted(len(required), 'item')}: "
        f"{told}.{more}"
    )


def _cell(decision: Decision) -> str:
    if decision.state == "undecided":
        return "disputed" if decision.disputed else "undecided"
    who = joined(decision.reviewers or ((decision.reviewer,) if decision.reviewer else ()))
    settled = ", settled between reviewers" if decision.adjudicated else ""
    return f"{decision.state}{f' by {who}' if who else ''}{settled}"
