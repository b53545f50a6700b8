"""The rules of a review that actions and surfaces share: what is hidden, complete, open. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from grader.errors import InputError
from grader.review.events import Content
from grader.review.items import ReviewItem
from grader.review.reviewed import Reviewed, ReviewerRecord


def needs_own(record: ReviewerRecord, item: ReviewItem) -> bool:
    """Whether the judge's verdict is hidden from this reviewer until they gave their own."""
    if item.named or not item.judged:
        return False
    return record.mode == "blind-first" or (record.mode == "mixed" and item.id in record.blind)


def drawn_blind(items: Iterable[ReviewItem], draft_hash: str, reviewer: str) -> frozenset[str]:
    """In a mixed review, what is blind first: half of the verdicts, drawn, and contrasts on them.

    Args:
        items: all items.
        draft_hash: sha256 of the draft; with the reviewer's name it decides the draw.
        reviewer: for whom.
    """

    def drawn(item: ReviewItem) -> str:
        return hashlib.sha256(f"mixed\n{draft_hash}\n{reviewer}\n{item.id}".encode()).hexdigest()

    items = tuple(items)
    verdicts = sorted((each for each in items if each.kind == "verdict"), key=drawn)
    blind = verdicts[: (len(verdicts) + 1) // 2]
    # The judge's contrast would tell what its hidden verdict on the same criterion may be.
    asked = {each.asked.id for each in blind if each.asked}
    beside = (e for e in items if e.kind == "contrast" and e.asked and e.asked.id in asked)
    return frozenset(each.id for each in (*blind, *beside))


def is_unseen(record: ReviewerRecord, item: str) -> bool:
    """Whether the judge's answer to an item is blind first for this reviewer and not shown yet."""
    blind = record.mode == "blind-first" or item in record.blind
    return blind and not record.item(item).revealed


def is_hidden(record: ReviewerRecord, item: ReviewItem) -> bool:
    """Whether the judge's verdict may not be given out to this reviewer now."""
    return needs_own(record, item) and not record.item(item.id).revealed


def is_open_for(record: ReviewerRecord, reviewed: Reviewed, item: str) -> bool:
    """Whether this reviewer still has an item to decide: they didn't, and nobody settled it."""
    return (
        record.item(item).decision.state == "undecided" and not reviewed.decision(item).adjudicated
    )


def has_decided_all(record: ReviewerRecord, reviewed: Reviewed) -> bool:
    """Whether this reviewer has decided all that must be decided, or somebody settled it."""
    return not any(
        is_open_for(record, reviewed, id)
        for id, decision in reviewed.decisions.items()
        if decision.required
    )


def takes_part(record: ReviewerRecord) -> bool:
    """Whether this person reviews the comparison."""
    return record.began or bool(record.decided)


def others_take_part(record: ReviewerRecord, reviewed: Reviewed) -> bool:
    """Whether anybody else reviews the comparison."""
    others = (each for name, each in reviewed.reviewers.items() if name != record.name)
    return any(takes_part(each) for each in others)


def sees_all(record: ReviewerRecord, reviewed: Reviewed) -> bool:
    """Whether this person may see what follows from the decisions of the others.

    Who reviews alone does once everything is decided. Beside other reviewers that is not enough,
    for decisions can be changed: whoever looks says so first, and from then on changes none.
    """
    if reviewed.sign_off is not None or record.settles:
        return True
    return has_decided_all(record, reviewed) and not others_take_part(record, reviewed)


def names_are_open(
    record: ReviewerRecord, reviewed: Reviewed, items: dict[str, ReviewItem]
) -> bool:
    """Whether this reviewer has no blind item left to decide, so that names may be told."""
    blind = (item for item in items.values() if item.required and not item.named)
    return not any(is_open_for(record, reviewed, item.id) for item in blind)


def shown_content(record: ReviewerRecord, item: ReviewItem) -> Content:
    """What is shown to this reviewer as the judge's: the draft's, or a planted verdict."""
    planted = item.planted if shows_planted(record, item.id) else None
    return item.drafted if planted is None else planted


def shows_planted(record: ReviewerRecord, item: str) -> bool:
    """Whether a planted verdict is shown to this reviewer: until they are told that it was one."""
    return record.item(item).planted in ("waiting", "answered")


def may_be_bulk_accepted(reviewed: Reviewed, record: ReviewerRecord, item: ReviewItem) -> bool:
    """Whether it needs no attention, was shown to this reviewer, and is open and complete.

    Never while something is hidden of which its reasons for attention could tell: how many may be
    accepted at once would tell it.
    """
    review = record.item(item.id)
    return (
        not item.attention
        and not any(is_unseen(record, each) for each in item.beside)
        and item.required
        and review.opened_at is not None
        and review.planted != "answered"
        and review.decision.state == "undecided"
        and not review.adjudicating
        and not reviewed.decisions[item.id].adjudicated
        and not is_hidden(record, item)
        and item.missing_in(shown_content(record, item)) is None
    )


def refuse_if_signed(reviewed: Reviewed) -> None:
    """Raises InputError when the review has ended."""
    if reviewed.sign_off is not None:
        raise InputError(
            f"this comparison was signed by {reviewed.sign_off.reviewer} on "
            f"{reviewed.sign_off.time}, so its review has ended",
            place=reviewed.draft.slug,
            mend="Take the signature back first: grader sign FOLDER --take-back REASON.",
        )
