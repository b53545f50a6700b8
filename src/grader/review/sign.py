"""Signing: the statement of a person that ends a review, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence

from grader.comparison.folder import refuse_changed_draft
from grader.errors import InputError
from grader.review.actions import Where, as_folder, named, refuse_if_signed
from grader.review.events import Clock, Entry, utc_now
from grader.review.reviewed import Reviewed
from grader.review.reviewer import command_as

_FIRST_FEW = 3


def sign(
    folder: Where, reviewer: str, statement: str | None = None, *, clock: Clock = utc_now
) -> Reviewed:
    """Sign a comparison whose every item is decided; nothing in it can change afterwards.

    Args:
        folder: the comparison's folder.
        reviewer: who signs.
        statement: a sentence to stand beside the name.
        clock: gives the time of the signature.

    Raises:
        InputError: items are undecided, disputed or rejected without a reason (they are listed),
            or it is signed already.
        RecordError: draft or events cannot be used.
    """
    at = as_folder(folder)
    refuse_changed_draft(at.path)
    # Made here, since it asks git for a name, and nobody can write while `decide` runs.
    go_on = command_as(reviewer, "review", at.path)

    def decide(reviewed: Reviewed, _: object) -> Sequence[Entry]:
        refuse_if_signed(reviewed)
        if waiting := what_is_open(at, reviewed, at_most=_FIRST_FEW):
            disputed = reviewed.undecided and set(reviewed.undecided) == set(reviewed.disputed)
            settle = " --adjudicate" if disputed else ""
            raise InputError(
                "\n".join(waiting),
                place=at.path,
                mend=f"Decide them with: {go_on}{settle}",
            )
        return [Entry("sign", text=(statement or "").strip() or None)]

    return at.add(named(reviewer), decide, clock)


def what_is_open(folder: Where, reviewed: Reviewed, at_most: int | None = None) -> list[str]:
    """What stands between a review and its signature, line by line; empty when nothing does.

    Args:
        folder: the comparison's folder.
        reviewed: what holds in it.
        at_most: how many items of each sort are named; None: all.
    """
    items = as_folder(folder).items
    total = len(reviewed.decisions)
    unreasoned = [
        id for id, d in reviewed.decisions.items() if d.state == "rejected" and not d.reason
    ]
    undecided = [id for id in reviewed.undecided if not reviewed.decisions[id].disputed]
    told: list[str] = []
    for ids, say in (
        (undecided, "are undecided"),
        (reviewed.disputed, "are decided differently by their reviewers"),
        (unreasoned, "are rejected without a reason"),
    ):
        if ids:
            told.append(f"{len(ids)} of {total} items {say}:")
            labels = [item.label for id, item in items.items() if id in ids]
            told += [f"    {label}" for label in labels[:at_most]]
            if more := len(labels) - len(labels[:at_most]):
                told.append(f"    and {more} more")
    return told


def take_back(folder: Where, reviewer: str, reason: str, *, clock: Clock = utc_now) -> Reviewed:
    """Take a signature back, so that the review can go on. The signature stays on record.

    Raises:
        InputError: nobody has signed, or no reason is given.
    """
    at = as_folder(folder)

    def decide(reviewed: Reviewed, _: object) -> Sequence[Entry]:
        if reviewed.sign_off is None:
            raise InputError(
                "this comparison is not signed", place=at.path, mend="There is nothing to do."
            )
        if not reason.strip():
            raise InputError("taking back a signature needs a reason", mend="Give a reason.")
        return [Entry("unsign", reason=reason.strip())]

    return at.add(named(reviewer), decide, clock)
