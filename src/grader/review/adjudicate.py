"""Settling what reviewers decided differently. Their own decisions stay as they are.

Who adjudicates sees all decisions side by side; after that they can't decide the item as one of
its reviewers any more. What reviewers do on their own is in `actions`.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.errors import InputError
from grader.review.actions import Place, Where, as_folder, named, refuse_if_signed
from grader.review.events import Clock, Content, Entry, ReviewEvent, utc_now
from grader.review.reviewed import ItemReview, Reviewed


def look(
    folder: Where, person: str, item: str, *, clock: Clock = utc_now
) -> tuple[ItemReview, ...]:
    """What each reviewer did with a disputed item, for who is going to settle it.

    Raises:
        InputError: reviewers don't differ on it, or this person still has to decide it alone.
    """
    at = as_folder(folder)

    def decide(reviewed: Reviewed, _: object) -> Sequence[Entry]:
        refuse_if_signed(reviewed)
        _refuse(at.items[item].label if item in at.items else item, reviewed, named(person), item)
        seen = reviewed.reviewer(named(person)).item(item).adjudicating
        return [] if seen else [Entry("open", item, adjudicating=True)]

    return side_by_side(at.add(named(person), decide, clock), item)


def side_by_side(reviewed: Reviewed, item: str) -> tuple[ItemReview, ...]:
    """The reviews of all who decided an item."""
    reviews = (record.items.get(item) for record in reviewed.reviewers.values())
    return tuple(each for each in reviews if each and each.decision.state != "undecided")


def adjudicate(
    folder: Where,
    person: str,
    item: str,
    content: Content | None,
    reason: str | None = None,
    *,
    clock: Clock = utc_now,
) -> Reviewed:
    """Settle a disputed item.

    Args:
        folder: the comparison's folder.
        person: who settles it.
        item: the item's id.
        content: what shall hold; None: nothing, the item is rejected.
        reason: why; needed for a rejection.
        clock: gives the time of the event.

    Raises:
        InputError: reviewers don't differ on it, this person has not looked at their decisions,
            or something is missing.
    """
    at = as_folder(folder)

    def decide(reviewed: Reviewed, events: tuple[ReviewEvent, ...]) -> Sequence[Entry]:
        refuse_if_signed(reviewed)
        found = at.items.get(item)
        label = found.label if found else item
        _refuse(label, reviewed, named(person), item)
        assert found is not None
        desk = Place(reviewed, events, found, reviewed.reviewer(named(person)))
        if not desk.review.adjudicating:
            raise InputError(
                f"{label}: the decisions to settle were not looked at",
                mend="Open the item for adjudication first.",
            )
        if content is None and not (reason or "").strip():
            raise InputError(f"{label}: a rejection needs a reason", mend="Give a reason.")
        if content is not None and (missing := found.missing_in(content)):
            raise InputError(f"{label}: the {missing} is missing", mend=f"Give a {missing}.")
        theirs = {q for each in side_by_side(reviewed, item) for q in each.decision.evidence}
        held = None if content is None else desk.quoted(content, theirs)
        return [
            Entry(
                "adjudicate",
                item,
                None,
                held,
                (reason or "").strip() or None,
                seconds=desk.seconds(clock),
                seen=True,
            )
        ]

    return at.add(named(person), decide, clock)


def _refuse(label: str, reviewed: Reviewed, person: str, item: str) -> None:
    decision = reviewed.decisions.get(item)
    if decision is None or not decision.disputed:
        raise InputError(
            f"{label}: reviewers do not differ on this item", mend="There is nothing to settle."
        )
    record = reviewed.reviewer(person)
    if record.began and record.item(item).decision.state == "undecided":
        raise InputError(
            f"{label}: you review this comparison and have not decided it yourself",
            mend="Decide it first, without seeing what the others did.",
        )
