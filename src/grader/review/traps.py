"""Planted verdicts: wrong ones shown to a reviewer to see whether they are noticed.

Which verdicts are planted follows from draft and reviewer, so that nothing in the events names
them beforehand. An answer to a planted verdict never enters the result; the item comes again
with the judge's own words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from grader.comparison.items import ReviewItem


def trapped(
    items: Iterable[ReviewItem], draft_hash: str, reviewer: str, count: int
) -> frozenset[str]:
    """The items whose verdict is planted for this reviewer: at most `count`, and one a criterion.

    Args:
        items: all items; those that bring a wrong verdict of their own are drawn from.
        draft_hash: sha256 of the draft.
        reviewer: for whom.
        count: how many.
    """
    if not count:
        return frozenset()

    def drawn(item: ReviewItem) -> str:
        return hashlib.sha256(f"{draft_hash}\n{reviewer}\n{item.id}".encode()).hexdigest()

    chosen: dict[str, str] = {}
    for item in sorted((each for each in items if each.planted is not None), key=drawn):
        if len(chosen) < count:
            chosen.setdefault(item.title, item.id)
    return frozenset(chosen.values())
