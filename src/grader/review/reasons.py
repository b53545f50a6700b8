"""Reasons that are due: a word from whoever decided otherwise than the judge. Pure.

They are asked for at the end, in one list, so that deciding costs the same whichever way it goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.comparison.content import Content
from grader.review.items import ReviewItem
from grader.review.reviewed import Decision, Reviewed, ReviewerRecord
from grader.review.rules import shown_content


def lacks_reason(item: ReviewItem, decision: Decision, judged: Content | None = None) -> bool:
    """Whether a decision is another than the judge's and nobody said why.

    Args:
        item: what was decided.
        decision: by a reviewer, or what holds.
        judged: what was shown as the judge's; None: the draft's.

    A rejection needs a reason of its own; elsewhere the reviewer's own rationale is one. The cells
    of the grid of signatures need none, nor does a level where no judge was asked, nor what was
    settled: there the reviewers' own words stand beside it.
    """
    if decision.reason or decision.adjudicated:
        return False
    if decision.state == "rejected":
        return True
    content = decision.content
    if decision.state != "edited" or content is None or item.together or not item.judged:
        return False
    if item.settled(content) == item.settled(judged or item.drafted):
        return False
    return not any(field.reason(content) for field in item.fields)


def due_words(record: ReviewerRecord, item: ReviewItem) -> str:
    """What a reviewer decided, in a few words, as they are shown it."""
    return item.words(record.shown_decision(item.id).content)


def told_due(due: Sequence[ReviewItem]) -> str:
    """How many decisions need a reason, and the key that asks for it; '': none."""
    if not due:
        return ""
    noun = "decision of yours still needs" if len(due) == 1 else "decisions of yours still need"
    return f"{len(due)} {noun} a reason: y asks for it."


def reasons_due(
    record: ReviewerRecord, reviewed: Reviewed, items: Mapping[str, ReviewItem]
) -> list[ReviewItem]:
    """The items for which this reviewer still owes a reason, in the order of review."""
    return [
        item
        for id, item in items.items()
        if not reviewed.decision(id).adjudicated
        and lacks_reason(item, record.shown_decision(id), shown_content(record, item))
    ]
