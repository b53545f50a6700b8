"""Signing: the statement of a person that ends a review."""

from __future__ import annotations

from pathlib import Path

from grader.comparison.folder import REVIEWS, read_draft
from grader.errors import InputError
from grader.review.actions import named, refuse_if_signed
from grader.review.events import Clock, Entry, ReviewEvent, append_event, utc_now
from grader.review.fold import fold
from grader.review.items import review_items
from grader.review.reviewed import Reviewed


def sign(
    folder: str | Path, reviewer: str, statement: str | None = None, *, clock: Clock = utc_now
) -> Reviewed:
    """Sign a comparison whose every item is decided; nothing in it can change afterwards.

    Args:
        folder: the comparison's folder.
        reviewer: who signs.
        statement: a sentence to stand beside the name.
        clock: gives the time of the signature.

    Raises:
        InputError: items are undecided (they are listed), or it is signed already.
        RecordError: draft or events cannot be used.
    """
    folder = Path(folder)
    draft, draft_hash = read_draft(folder)

    def decide(events: tuple[ReviewEvent, ...]) -> Entry:
        reviewed = fold(draft, draft_hash, events)
        refuse_if_signed(reviewed)
        if reviewed.undecided:
            waiting = [item for id, item in review_items(draft).items() if id in reviewed.undecided]
            raise InputError(
                f"{len(waiting)} of {len(reviewed.decisions)} items are undecided:"
                + "".join(f"\n    {item.label}" for item in waiting),
                place=folder,
                mend=f"Decide them with: grader review {folder}",
            )
        return Entry("sign", text=(statement or "").strip() or None)

    events = append_event(folder / REVIEWS, draft_hash, named(reviewer), decide, clock=clock)
    return fold(draft, draft_hash, events)
