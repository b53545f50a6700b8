"""The reviewed comparison: draft and events folded into one record.

Pure: the same draft and events give the same record, and each beginning of a review folds too.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.comparison.comparison import Comparison
from grader.comparison.scorecard import scorecard
from grader.errors import RecordError
from grader.evidence import Side
from grader.levels import Level
from grader.review.events import Content, ReviewEvent
from grader.review.reviewed import Comment, Decision, Reviewed, SignOff, State

_STATES: dict[str, State] = {"accept": "accepted", "edit": "edited", "reject": "rejected"}


def fold(draft: Comparison, draft_hash: str, events: Sequence[ReviewEvent]) -> Reviewed:
    """What holds after these events. The last decision on an item counts; comments add up.

    Args:
        draft: the judge's comparison.
        draft_hash: sha256 of its file.
        events: the review so far, as `read_events` gives it.

    Raises:
        RecordError: an event speaks of another draft or of an item that the draft does not have,
            or comes after the signature.
    """
    items = [*(v.item for v in draft.verdicts), *(s.item for s in draft.signatures)]
    decisions = {item: Decision(item=item, state="undecided") for item in items}
    sign_off: SignOff | None = None
    for event in events:
        if event.draft != draft_hash:
            raise _misplaced(event, "speaks of another draft")
        if sign_off is not None:
            raise _misplaced(event, "comes after the signature")
        if event.action == "sign":
            sign_off = SignOff(reviewer=event.reviewer, time=event.time, statement=event.text)
        elif event.item not in decisions:
            raise _misplaced(event, f"speaks of {event.item!r}, which the draft does not have")
        else:
            decisions[event.item] = _after(decisions[event.item], event)
    return Reviewed(
        draft=draft,
        draft_hash=draft_hash,
        decisions=decisions,
        scorecard=scorecard([c.id for c in draft.rubric.criteria], _levels(draft, decisions)),
        sign_off=sign_off,
        events=len(events),
        chain=events[-1].hash if events else None,
    )


def _after(decision: Decision, event: ReviewEvent) -> Decision:
    if event.action == "comment":
        comment = Comment(reviewer=event.reviewer, time=event.time, text=event.text or "")
        return decision.model_copy(update={"comments": (*decision.comments, comment)})
    content = event.after or Content()
    return Decision(
        item=decision.item,
        state=_STATES[event.action],
        level=content.level,
        rationale=content.rationale,
        note=content.note,
        presences=content.presences,
        evidence=content.evidence,
        reviewer=event.reviewer,
        time=event.time,
        reason=event.reason,
        comments=decision.comments,
    )


def _levels(
    draft: Comparison, decisions: dict[str, Decision]
) -> dict[tuple[str, Side], Level | None]:
    return {(v.criterion, v.side): decisions[v.item].level for v in draft.verdicts}


def _misplaced(event: ReviewEvent, problem: str) -> RecordError:
    return RecordError(
        f"the review event {problem}",
        place=f"reviews.jsonl:{event.sequence}",
        mend="Put back the draft that was reviewed, or take away this line and all after it.",
    )
