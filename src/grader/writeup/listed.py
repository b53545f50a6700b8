"""The section of a kind of question that has none of its own: its items, one after the other."""

from __future__ import annotations

from dataclasses import dataclass

from grader.comparison.items import ReviewItem
from grader.comparison.kinds.registry import kinds
from grader.review.reviewed import Comment, Reviewed
from grader.writeup.criteria import decided_by
from grader.writeup.quotations import Quotation, located
from grader.writeup.sides import Sides


@dataclass(frozen=True)
class ListedItem:
    """What holds for one item."""

    label: str
    """With names: 'Tone, C'."""
    value: str
    """What was decided, in words; the judge's draft until then."""
    judge_value: str | None
    """The judge's, where a reviewer decided otherwise."""
    by: str
    """Who stands behind it: 'the judge's draft', 'accepted by Ada'."""
    words: str | None
    """The reason given for it."""
    reason: str | None
    """Why the reviewer edited or rejected it."""
    failures: tuple[str, ...]
    quotations: tuple[Quotation, ...]
    attention: tuple[str, ...]
    comments: tuple[Comment, ...]


@dataclass(frozen=True)
class ItemList:
    """One section."""

    name: str
    title: str
    items: tuple[ListedItem, ...]


def item_lists(reviewed: Reviewed, sides: Sides) -> dict[str, ItemList]:
    """The sections of all kinds that list their items and have any, by name."""
    return {
        kind.id: ItemList(
            kind.id, kind.section, tuple(_listed(item, reviewed, sides) for item in items)
        )
        for kind in kinds()
        if kind.section and (items := kind.items(reviewed.draft))
    }


def _listed(item: ReviewItem, reviewed: Reviewed, sides: Sides) -> ListedItem:
    decision = reviewed.decision(item.id)
    content = item.drafted if decision.state == "undecided" else decision.content
    value = sides.named(item.words(content))
    judged = sides.named(item.words(item.drafted))
    who = f", {sides.short[item.side]}" if item.side else item.suffix
    reasons = (
        words for field in item.fields if content and (words := field.reason(content)) is not None
    )
    return ListedItem(
        label=f"{item.title}{who}",
        value=value,
        judge_value=judged if value != judged and item.judged else None,
        by=decided_by(decision, judged=item.judged),
        words=sides.named("\n\n".join(reasons)) or None,
        reason=decision.reason,
        failures=item.details(True).failures,
        quotations=located(content.evidence, reviewed.draft, sides) if content else (),
        attention=item.attention,
        comments=decision.comments,
    )
