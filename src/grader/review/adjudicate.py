"""Settling what reviewers decided differently. Their own decisions stay as they are.

Who settles says so first, and from then on decides no item of the comparison as one of its
reviewers: which items are disputed already tells what the others decided. What reviewers do on
their own is in `actions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from grader.errors import InputError
from grader.review.actions import (
    ItemContext,
    Where,
    as_folder,
    changes_since,
    refuse_changed,
)
from grader.review.events import Clock, Content, Entry, ReviewEvent, utc_now
from grader.review.folder import ReviewWriter
from grader.review.item_view import ItemView, view
from grader.review.items import ReviewItem
from grader.review.reviewed import ItemReview, Reviewed
from grader.review.rules import has_decided_all, refuse_if_signed, takes_part


def begin_settling(folder: Where, person: str, *, clock: Clock = utc_now) -> Reviewed:
    """Record that this person settles, and so may see what reviewers decided.

    Raises:
        InputError: they review the comparison and have not decided all of it themselves.
    """
    with as_folder(folder).writing(person, clock) as review:
        refuse_if_signed(review.reviewed)
        _begin(review)
    return review.reviewed


def look(
    folder: Where, person: str, item: str, *, clock: Clock = utc_now
) -> tuple[ItemReview, ...]:
    """What each reviewer did with a disputed item, for the person who is going to settle it.

    Raises:
        InputError: reviewers don't differ on it, or this person still has to decide alone.
    """
    with as_folder(folder).writing(person, clock) as review:
        refuse_if_signed(review.reviewed)
        _disputed(review, item)
        if not review.record.item(item).adjudicating:
            _begin(review)
            review.add(Entry(action="open", item=item, adjudicating=True))
    return side_by_side(review.reviewed, item)


def side_by_side(reviewed: Reviewed, item: str) -> tuple[ItemReview, ...]:
    """The reviews of all who decided an item."""
    reviews = (record.items.get(item) for record in reviewed.reviewers.values())
    return tuple(each for each in reviews if each and each.decision.state != "undecided")


def settling_view(reviewed: Reviewed, item: ReviewItem) -> ItemView:
    """A disputed item for the person who settles it: what is asked, and the judge's answer."""
    nobody = reviewed.model_copy(update={"reviewers": {}})
    shown = view(nobody, "", item)
    return replace(shown, attention=(), missing=None, candidates=(), hidden=False)


def adjudicate(
    folder: Where,
    person: str,
    item: str,
    content: Content | None,
    reason: str | None = None,
    *,
    last: int | None = None,
    clock: Clock = utc_now,
) -> Reviewed:
    """Settle a disputed item.

    Args:
        folder: the comparison's folder.
        person: who settles it.
        item: the item's id.
        content: what counts from now on; None: nothing, the item is rejected.
        reason: why; needed for a rejection.
        last: the number of the last event that the person had in sight.
        clock: gives the time of the event.

    Raises:
        InputError: reviewers don't differ on it, this person has not looked at their decisions,
            or something is missing.
        ItemChanged: anybody changed a decision on the item meanwhile.
    """
    with as_folder(folder).writing(person, clock) as review:
        refuse_if_signed(review.reviewed)
        refuse_changed(changes_since(review.events, last, item=item))
        found = _disputed(review, item)
        at = ItemContext(review, found)
        if not at.review.adjudicating:
            raise InputError(
                f"{found.label}: the decisions to settle were not looked at",
                mend="Open the item for adjudication first.",
            )
        if content is None and not (reason or "").strip():
            raise InputError(f"{found.label}: a rejection needs a reason", mend="Give a reason.")
        after = None
        if content is not None:
            at.refuse_incomplete(content, words=False)
            reviews = side_by_side(review.reviewed, item)
            after = at.quoted(content, {q for each in reviews for q in each.decision.evidence})
        review.add(
            Entry(
                action="adjudicate",
                item=item,
                after=after,
                reason=(reason or "").strip() or None,
                seconds=at.seconds(),
                seen=True,
            )
        )
    return review.reviewed


def unfinished(reviewed: Reviewed) -> str:
    """Who still reviews, in one sentence for the person who settles; '': nobody."""
    names = [
        name
        for name, record in sorted(reviewed.reviewers.items())
        if takes_part(record) and not record.settles and not has_decided_all(record, reviewed)
    ]
    if not names:
        return ""
    verb = "has" if len(names) == 1 else "have"
    return (
        f"{', '.join(names)} {verb} not decided everything yet, and may differ on more than what "
        "is here."
    )


def next_disputed(
    reviewed: Reviewed, items: Mapping[str, ReviewItem], after: str
) -> ReviewItem | None:
    """The disputed item after this one, from the top again behind the last; None: none is left."""
    order = list(items)
    here = order.index(after)
    left = [id for id in (*order[here + 1 :], *order[:here]) if id in {*reviewed.disputed}]
    return items[left[0]] if left else None


def last_on(events: tuple[ReviewEvent, ...], item: str) -> int:
    """The number of the last event on an item, whoever did it; 0: there is none."""
    return next((event.sequence for event in reversed(events) if event.item == item), 0)


def _begin(review: ReviewWriter) -> None:
    if review.record.began and not has_decided_all(review.record, review.reviewed):
        raise InputError(
            "you review this comparison and have not decided it yourself",
            mend="Decide all its items first, without seeing what the others did.",
        )
    if not review.record.settles:
        review.add(Entry(action="open", adjudicating=True))


def _disputed(review: ReviewWriter, item: str) -> ReviewItem:
    found = review.items.get(item)
    decision = review.reviewed.decisions.get(item)
    if found is None or decision is None or not decision.disputed:
        raise InputError(
            f"{found.label if found else item}: reviewers do not differ on this item",
            mend="There is nothing to settle.",
        )
    return found
