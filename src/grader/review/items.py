"""What there is to decide in a draft, in blind words and in the order of review.

An item is a verdict or a signature note. Its names never tell the condition: sides are
Transcript 1 and Transcript 2, and within a criterion Transcript 1 comes first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.comparison.comparison import Comparison, SignatureNote, Verdict
from grader.evidence import Side
from grader.review.events import Content


@dataclass(frozen=True)
class ReviewItem:
    """One thing to decide."""

    id: str
    """Its name in events; it tells the side, so it is not shown."""
    title: str
    number: int
    """1 or 2: which transcript it speaks of."""
    source: Verdict | SignatureNote
    attention: tuple[str, ...]
    """Why to look here first, in blind words."""

    @property
    def label(self) -> str:
        """How the item is called before a reviewer."""
        return f"{self.title}, Transcript {self.number}"

    @property
    def drafted(self) -> Content:
        """What the draft says."""
        source = self.source
        if isinstance(source, Verdict):
            return Content(level=source.level, rationale=source.rationale, evidence=source.evidence)
        return Content(
            note=source.note,
            presences=tuple(marker.presence for marker in source.markers),
            evidence=tuple(each for marker in source.markers for each in marker.evidence),
        )


def review_items(draft: Comparison) -> dict[str, ReviewItem]:
    """All items by id: verdicts, then signature notes, in the rubric's order."""
    verdicts = {(v.criterion, v.side): v for v in draft.verdicts}
    notes = {(s.signature, s.side): s for s in draft.signatures}
    items: list[ReviewItem] = []
    for criterion in draft.rubric.criteria:
        for number, side in enumerate(draft.blind_order, 1):
            if verdict := verdicts.get((criterion.id, side)):
                told = _verdict_attention(draft, verdict)
                items.append(ReviewItem(verdict.item, criterion.title, number, verdict, told))
    for signature in draft.rubric.signatures:
        for number, side in enumerate(draft.blind_order, 1):
            if note := notes.get((signature.id, side)):
                told = tuple(each.message for each in note.attention)
                items.append(ReviewItem(note.item, signature.title, number, note, told))
    return {item.id: item for item in items}


def attention_first(items: dict[str, ReviewItem]) -> tuple[ReviewItem, ...]:
    """The items that need attention, then the others, each in the rubric's order."""
    return tuple(sorted(items.values(), key=lambda item: not item.attention))


_SIDE = re.compile(r"\bthe (control|treatment)\b", re.IGNORECASE)


def pair_attention(draft: Comparison) -> tuple[str, ...]:
    """Why to look closely at the pair as a whole, in blind words."""
    names: dict[str, Side] = {"control": "control", "treatment": "treatment"}

    def blind(match: re.Match[str]) -> str:
        return f"Transcript {draft.blind_order.index(names[match[1].lower()]) + 1}"

    # Only the first name is ours; what follows may be quoted from a transcript.
    return tuple(_SIDE.sub(blind, each.message, count=1) for each in draft.attention)


def _verdict_attention(draft: Comparison, verdict: Verdict) -> tuple[str, ...]:
    told = [each.message for each in verdict.attention]
    for contrast in draft.contrasts:
        if contrast.criterion != verdict.criterion:
            continue
        for each in contrast.attention:
            if each.code == "order_sensitive":
                told.append("side by side, the answer changes with the order of the two")
            elif each.code == "contrast_against_shift":
                told.append(
                    "side by side, the judge saw the two the other way round than these levels"
                )
            else:
                told.append("the two could not be compared side by side")
    return tuple(dict.fromkeys(told))
