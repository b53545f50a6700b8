"""Reviewed comparisons made by hand for tests of the writeup."""

from __future__ import annotations

from collections.abc import Mapping

from grader.comparison.comparison import Comparison
from grader.comparison.scorecard import scorecard
from grader.review.items import review_items
from grader.review.reviewed import Decision, Reviewed, SignOff

HASH = "d" * 64


def reviewed(
    draft: Comparison,
    decisions: Mapping[str, Decision] | None = None,
    sign_off: SignOff | None = None,
) -> Reviewed:
    """The draft with these decisions; every other item is undecided."""
    given = decisions or {}
    held = {
        id: (given.get(id) or Decision(item=id, state="undecided")).model_copy(
            update={"required": item.required}
        )
        for id, item in review_items(draft).items()
    }
    assert set(given) <= set(held)
    return Reviewed(
        draft=draft,
        draft_hash=HASH,
        decisions=held,
        scorecard=scorecard(
            draft.rubric.criteria,
            {(v.criterion, v.side): held[v.item].level for v in draft.verdicts},
        ),
        sign_off=sign_off,
        events=len(given) + (sign_off is not None),
        chain="e" * 64 if given else None,
    )


def accepted(draft: Comparison, reviewer: str = "Ada") -> dict[str, Decision]:
    """Every item accepted as the judge left it."""
    return {
        item: Decision(
            item=item,
            state="accepted",
            reviewer=reviewer,
            time="2026-11-24T10:00:00Z",
            **dict(each.drafted),
        )
        for item, each in review_items(draft).items()
    }


SIGNED = SignOff(reviewer="Ada", time="2026-11-24T10:05:00Z", statement="I read both in full.")
