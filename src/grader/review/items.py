"""What there is to decide in a draft, in the order of review.

What is blind comes first and never tells the condition: sides are Transcript 1 and Transcript 2.
What is reviewed with names comes after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from grader.comparison.comparison import Comparison
from grader.comparison.items import ReviewItem as ReviewItem
from grader.comparison.items import side_names as side_names
from grader.comparison.items import with_names as with_names
from grader.comparison.kinds.registry import kinds
from grader.text.quotation import Side


def review_items(draft: Comparison) -> dict[str, ReviewItem]:
    """All items by id, kind by kind."""
    named = count(1)
    return {
        item.id: item if item.key else replace(item, key=_key(item, named))
        for kind in kinds()
        for item in kind.items(draft)
    }


def _key(item: ReviewItem, named: Iterator[int]) -> str:
    """A name for addresses: it tells no side, and has no character that a study's author chose."""
    if item.named:
        return f"{item.kind}:{next(named)}"
    return item.id.removesuffix(item.side) + str(item.number) if item.side else item.id


def attention_first(items: dict[str, ReviewItem]) -> tuple[ReviewItem, ...]:
    """The items that need attention, then the others, each in the rubric's order.

    Items that are reviewed with names always come after the blind ones.
    """
    return tuple(sorted(items.values(), key=lambda item: (item.named, not item.attention)))


_SIDE = re.compile(r"\bthe (control|treatment)\b", re.IGNORECASE)


def pair_attention(draft: Comparison) -> tuple[str, ...]:
    """Why to look closely at the pair as a whole, in blind words."""
    names: dict[str, Side] = {"control": "control", "treatment": "treatment"}

    def blind(match: re.Match[str]) -> str:
        return f"Transcript {draft.blind_order.index(names[match[1].lower()]) + 1}"

    # Only the first name is ours; what follows may be quoted from a transcript.
    return tuple(_SIDE.sub(blind, each.message, count=1) for each in draft.attention)
