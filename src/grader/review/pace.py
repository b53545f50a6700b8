"""How fast a review went: seconds for each decision, from what its events recorded. Pure.

The seconds of a decision run from when its item was shown until it was decided. A card counts once,
also where its parts were decided one by one. Decisions made together by one key, though they are
several, are counted apart: nobody can tell how long each was looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from grader.review.items import ReviewItem, review_items
from grader.review.reviewed import Reviewed, ReviewerRecord

QUICK_S = 2
"""A decision in fewer seconds is told: in so few nobody reads two texts."""


@dataclass(frozen=True)
class Pace:
    """How one reviewer decided."""

    decisions: int
    """Decisions of which the time is known."""
    median_s: float
    quick: int
    """Of these, those made in under two seconds."""
    at_once: int
    """Further decisions that were made together with others by one key."""

    @property
    def hasty(self) -> bool:
        """Whether most decisions took under two seconds."""
        return self.quick * 2 > self.decisions

    @property
    def words(self) -> str:
        """In one sentence."""
        seconds = f"{self.median_s:g} second{'' if self.median_s == 1 else 's'}"
        one = self.decisions == 1
        many = f"{self.decisions} decision{'' if one else 's'}"
        together = f"; {self.at_once} more were made at once, by one key" if self.at_once else ""
        return (
            f"{many} with a median of {seconds}, {self.quick} of them in under two "
            f"seconds{together}."
        )


def pace_of(record: ReviewerRecord, items: Mapping[str, ReviewItem]) -> Pace | None:
    """A reviewer's pace; None where no decision has a time.

    Args:
        record: their review.
        items: from `review_items`.
    """
    made: dict[str, dict[object, int]] = {}
    for id, review in record.items.items():
        undecided = record.shown_decision(id).state == "undecided"
        if undecided or review.seconds is None or id not in items or not items[id].required:
            continue
        action = review.batch if review.batch is not None else id
        spent = made.setdefault(items[id].decision, {})
        spent[action] = max(review.seconds, spent.get(action, 0))
    together = Counter(action for spent in made.values() for action in spent)
    # Parts of a card that were decided alone, one after the other, are one decision.
    alone = [
        [seconds for action, seconds in spent.items() if together[action] == 1]
        for spent in made.values()
    ]
    seconds = [sum(each) for each in alone if each]
    if not seconds:
        return None
    return Pace(
        decisions=len(seconds),
        median_s=median(seconds),
        quick=sum(each < QUICK_S for each in seconds),
        at_once=len(made) - len(seconds),
    )


def hasty_reviewers(reviewed: Reviewed) -> tuple[str, ...]:
    """Reviewers most of whose decisions took under two seconds."""
    items = review_items(reviewed.draft)
    return tuple(
        name
        for name, record in sorted(reviewed.reviewers.items())
        if (pace := pace_of(record, items)) and pace.hasty
    )


def paces(reviewed: Reviewed) -> tuple[str, ...]:
    """The pace of each reviewer, a sentence each."""
    items, found = review_items(reviewed.draft), []
    for name, record in sorted(reviewed.reviewers.items()):
        if (pace := pace_of(record, items)) is not None:
            hasty = " Most of them took under two seconds." if pace.hasty else ""
            found.append(f"{name}: {pace.words}{hasty}")
    return tuple(found)
