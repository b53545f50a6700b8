"""Signing: a person's statement that ends a review, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence

from grader.comparison.folder import refuse_changed_draft
from grader.errors import InputError
from grader.review.actions import Where, as_folder, changes_since, refuse_changed
from grader.review.events import Clock, Entry, utc_now
from grader.review.reviewed import Reviewed
from grader.review.reviewer import command_as, normalised_name
from grader.review.rules import refuse_if_signed, sees_all

_FIRST_FEW = 3


def sign(
    folder: Where,
    reviewer: str,
    statement: str | None = None,
    *,
    last: int | None = None,
    clock: Clock = utc_now,
) -> Reviewed:
    """Sign a comparison whose every item is decided; nothing in it can change afterwards.

    Args:
        folder: the comparison's folder.
        reviewer: who signs.
        statement: a sentence beside the name.
        last: the number of the last event that the signer had in sight.
        clock: gives the time of the signature.

    Raises:
        InputError: items are undecided, disputed or rejected without a reason, or it is signed
            already. The items are listed, unless the signer still has to decide some blind.
        ItemChanged: anybody decided something meanwhile.
        RecordError: draft or events cannot be used.
    """
    at = as_folder(folder)
    refuse_changed_draft(at.path)
    # Made here, since it asks git for a name, and nobody can write while the lock is held.
    go_on = command_as(normalised_name(reviewer), "review", at.path)
    with at.writing(reviewer, clock) as review:
        refuse_if_signed(review.reviewed)
        refuse_changed(changes_since(review.events, last))
        reviewed = review.reviewed
        if waiting := what_is_open(at, reviewed, review.reviewer, at_most=_FIRST_FEW):
            disputed = reviewed.undecided and set(reviewed.undecided) == set(reviewed.disputed)
            settle = " --adjudicate" if disputed and sees_all(review.record, reviewed) else ""
            raise InputError(
                "\n".join(waiting),
                place=at.path,
                mend=f"Decide them with: {go_on}{settle}",
            )
        review.add(Entry(action="sign", text=(statement or "").strip() or None))
    return review.reviewed


def what_is_open(
    folder: Where, reviewed: Reviewed, reviewer: str, at_most: int | None = None
) -> list[str]:
    """What is left to do before a comparison can be signed, line by line; empty: nothing.

    Args:
        folder: the comparison's folder.
        reviewed: the comparison as it is now.
        reviewer: who asks. Where they still have to decide, others' decisions are not told.
        at_most: how many items of each sort are named; None: all.
    """
    items = as_folder(folder).items
    record = reviewed.reviewer(reviewer)
    total = len(reviewed.decisions)
    unreasoned = [
        id for id, d in reviewed.decisions.items() if d.state == "rejected" and not d.reason
    ]
    undecided = [id for id in reviewed.undecided if not reviewed.decisions[id].disputed]
    found: tuple[tuple[Sequence[str], str], ...] = (
        (undecided, "are undecided"),
        (reviewed.disputed, "are decided differently by their reviewers"),
        (unreasoned, "are rejected without a reason"),
    )
    if not sees_all(record, reviewed):
        if not any(ids for ids, _ in found):
            return []
        mine = [id for id in items if record.item(id).decision.state == "undecided"]
        alone = not any(each.decided for each in reviewed.reviewers.values() if each != record)
        found = ((mine, "are undecided" if alone else "are not decided by you"),)
    lines: list[str] = []
    for ids, state in found:
        if ids:
            lines.append(f"{len(ids)} of {total} items {state}:")
            labels = [item.label for id, item in items.items() if id in ids]
            lines += [f"    {label}" for label in labels[:at_most]]
            if more := len(labels) - len(labels[:at_most]):
                lines.append(f"    and {more} more")
    return lines


def take_back(
    folder: Where,
    reviewer: str,
    reason: str,
    *,
    last: int | None = None,
    clock: Clock = utc_now,
) -> Reviewed:
    """Take a signature back, so that the review can go on. The signature stays on record.

    Raises:
        InputError: nobody has signed, or no reason is given.
        ItemChanged: it was taken back and signed anew meanwhile.
    """
    at = as_folder(folder)
    with at.writing(reviewer, clock) as review:
        refuse_changed(changes_since(review.events, last))
        if review.reviewed.sign_off is None:
            raise InputError(
                "this comparison is not signed", place=at.path, mend="There is nothing to do."
            )
        if not reason.strip():
            raise InputError("taking back a signature needs a reason", mend="Give a reason.")
        review.add(Entry(action="unsign", reason=reason.strip()))
    return review.reviewed
