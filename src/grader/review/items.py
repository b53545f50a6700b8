"""What there is to decide in a draft, in the order of review: card by card, then evidence.

What is blind comes first and never tells the condition: sides are Transcript 1 and Transcript 2.
What is reviewed with names comes after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from grader.comparison.comparison import Comparison
from grader.comparison.items import ReviewItem as ReviewItem
from grader.comparison.items import side_names as side_names
from grader.comparison.items import with_names as with_names
from grader.comparison.kinds.registry import kinds
from grader.text.quotation import Side

if TYPE_CHECKING:
    from grader.review.reviewed import Reviewed


def review_items(draft: Comparison) -> dict[str, ReviewItem]:
    """All items by id: what must be decided, each card's items together, then evidence.

    What is blind comes before what is reviewed with names.
    """
    named, places = count(1), dict[str, int]()
    found = [
        item if item.key else replace(item, key=_key(item, named))
        for kind in kinds()
        for item in kind.items(draft)
    ]

    def place(item: ReviewItem) -> tuple[bool, bool, int]:
        return item.named, not item.required, places.setdefault(card_of(item), len(places))

    return {item.id: item for item in sorted(found, key=place)}


def card_of(item: ReviewItem) -> str:
    """The card that an item is shown on: its own where it stands alone."""
    return item.card or item.id


def decisions_of(items: Iterable[ReviewItem]) -> dict[str, list[ReviewItem]]:
    """What must be decided: the items of each decision. Most decisions are about one item."""
    found: dict[str, list[ReviewItem]] = {}
    for item in items:
        if item.required:
            found.setdefault(item.decision, []).append(item)
    return found


def _key(item: ReviewItem, named: Iterator[int]) -> str:
    """A name for addresses: it tells no side, and has no character that a study's author chose."""
    if item.named:
        return f"{item.kind}:{next(named)}"
    return item.id.removesuffix(item.side) + str(item.number) if item.side else item.id


def decisions_made(reviewed: Reviewed) -> tuple[int, int]:
    """How many decisions of a comparison are made, and how many there are to make."""
    decisions = decisions_of(review_items(reviewed.draft).values())
    waiting = {*reviewed.undecided}
    made = sum(not waiting & {item.id for item in items} for items in decisions.values())
    return made, len(decisions)


def attention_first(items: dict[str, ReviewItem]) -> tuple[ReviewItem, ...]:
    """The cards on which something needs attention, then the others, each in the rubric's order.

    Items that are reviewed with names always come after the blind ones, and evidence last.
    """
    wanted = {card_of(item) for item in items.values() if item.attention}

    def place(item: ReviewItem) -> tuple[bool, bool, bool]:
        return item.named, not item.required, card_of(item) not in wanted

    return tuple(sorted(items.values(), key=place))


_SIDE = re.compile(r"\bthe (control|treatment)\b", re.IGNORECASE)


def pair_attention(draft: Comparison, *, named: bool) -> tuple[str, ...]:
    """Why to look closely at the pair as a whole, in blind words.

    Args:
        draft: the comparison.
        named: whether it may be told who made the models.
    """
    names: dict[str, Side] = {"control": "control", "treatment": "treatment"}

    def blind(match: re.Match[str]) -> str:
        return f"Transcript {draft.blind_order.index(names[match[1].lower()]) + 1}"

    # Only the first name is ours; what follows may be quoted from a transcript.
    return tuple(
        _SIDE.sub(blind, each.message, count=1)
        for each in draft.attention
        if named or each.code != "same_family"
    )
