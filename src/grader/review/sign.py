"""Signing: a person's statement that ends a review, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.comparison.folder import refuse_changed_draft
from grader.errors import InputError
from grader.review.actions import Where, as_folder, changes_since, refuse_changed
from grader.review.events import Clock, Entry, utc_now
from grader.review.folder import ReviewFolder
from grader.review.items import ReviewItem, decisions_of
from grader.review.reasons import lacks_reason, reasons_due
from grader.review.reviewed import Reviewed, ReviewerRecord
from grader.review.reviewer import command_as, normalised_name
from grader.review.rules import others_take_part, refuse_if_signed, sees_all, takes_part

FIRST_FEW = 3
"""How many of each sort are named where more stand in the way."""


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
        InputError: something is undecided, disputed or without a reason that is due, or it is
            signed already. What is open is listed; others' decisions are not, unless the signer
            may see them. Who reviews beside others looks at what they decided first.
        ItemChanged: anybody decided something meanwhile.
        RecordError: draft or events cannot be used.
    """
    at = as_folder(folder)
    refuse_changed_draft(at.path)
    # Made here, since it asks git for a name, and nobody can write while the lock is held.
    go_on = command_as(normalised_name(reviewer), "review", at.path)
    with at.writing(reviewer, clock) as review:
        refuse_if_signed(review.reviewed)
        reviewed, record = review.reviewed, review.record
        sees = sees_all(record, reviewed)
        if waiting := blockers(at, reviewed, review.reviewer):
            if not takes_part(record) and others_take_part(record, reviewed) and not sees:
                raise InputError(
                    "this isn't ready: something is open, decided differently or without a reason",
                    place=at.path,
                    mend="Who settles sees what it is, and reviews this no more: "
                    f"{go_on} --adjudicate",
                )
            total = len(decisions_of(at.items.values()))
            raise InputError(
                "\n".join(open_lines(waiting, total, FIRST_FEW)),
                place=at.path,
                mend=_mend(waiting, record, reviewed, go_on),
            )
        if takes_part(record) and not sees:
            raise InputError(
                "others review this, too, and you have not looked at what they decided",
                place=at.path,
                mend=f"Look first, and settle what differs: {go_on} --adjudicate",
            )
        refuse_changed(changes_since(review.events, last), told=sees)
        review.add(Entry(action="sign", text=(statement or "").strip() or None))
    return review.reviewed


def _mend(
    waiting: Sequence[Blocker], record: ReviewerRecord, reviewed: Reviewed, go_on: str
) -> str:
    """What is to be done next, by this person or by another."""
    sorts = {each.why for each in waiting}
    if sees_all(record, reviewed) and "undecided" not in sorts and "disputed" in sorts:
        return f"Settle them with: {go_on} --adjudicate"
    if record.settles and not takes_part(record):
        return "Who reviews it decides them and gives the reasons."
    if sorts == {"no reason"}:
        return f"Give the reasons, by the key y: {go_on}"
    return f"Decide them with: {go_on}"


@dataclass(frozen=True)
class Blocker:
    """One thing that must be done before a comparison can be signed."""

    why: str
    """What is the matter: 'undecided', 'disputed', 'no reason'."""
    label: str
    item: ReviewItem
    """Where it is mended."""


_STATES = {
    "undecided": "undecided",
    "disputed": "decided differently by their reviewers",
    "no reason": "decided otherwise than the judge, without a reason",
}


def blockers(folder: ReviewFolder, reviewed: Reviewed, reviewer: str) -> list[Blocker]:
    """What stands between a comparison and a signature; empty: nothing.

    Args:
        folder: the comparison's folder.
        reviewed: the comparison as it is now.
        reviewer: who asks. Whoever reviews and may not see others' decisions is told of their own.
    """
    items, record = folder.items, reviewed.reviewer(reviewer)
    alone = takes_part(record) and not sees_all(record, reviewed)

    due = reasons_due(record, reviewed, items)

    def why(item: ReviewItem) -> str | None:
        holds = reviewed.decisions[item.id]
        decision = record.shown_decision(item.id) if alone and not holds.adjudicated else holds
        if decision.disputed:
            return "disputed"
        if decision.state == "undecided":
            return "undecided" if item.required else None
        own = item in due or (not alone and lacks_reason(item, decision))
        return "no reason" if own else None

    found: dict[tuple[str, str], Blocker] = {}
    for item in items.values():
        if (state := why(item)) is not None:
            whole = state == "undecided"
            name = (state, item.decision if whole else item.id)
            label = item.decision_label if whole else item.label
            found.setdefault(name, Blocker(state, label, item))
    return sorted(found.values(), key=lambda each: list(_STATES).index(each.why))


def open_lines(waiting: Sequence[Blocker], total: int, at_most: int) -> list[str]:
    """What stands between a comparison and a signature, line by line.

    Args:
        waiting: from `blockers`.
        total: how many decisions the comparison has.
        at_most: how many of each sort are named.
    """
    lines: list[str] = []
    for why, words in _STATES.items():
        labels = [each.label for each in waiting if each.why == why]
        if labels:
            verb = "is" if len(labels) == 1 else "are"
            of = "" if why == "no reason" else f" of {counted_decisions(total)}"
            lines.append(f"{len(labels)}{of} {verb} {words}:")
            lines += [f"    {label}" for label in labels[:at_most]]
            if more := len(labels) - len(labels[:at_most]):
                lines.append(f"    and {more} more")
    return lines


def counted_decisions(count: int) -> str:
    """A number of decisions, with its noun."""
    return f"{count} decision{'' if count == 1 else 's'}"


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
        if review.reviewed.sign_off is None:
            raise InputError(
                "this comparison is not signed", place=at.path, mend="There is nothing to do."
            )
        refuse_changed(changes_since(review.events, last))
        if not reason.strip():
            raise InputError("taking back a signature needs a reason", mend="Give a reason.")
        review.add(Entry(action="unsign", reason=reason.strip()))
    return review.reviewed
