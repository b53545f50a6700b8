"""The reviewed comparison: draft and events folded into one record.

Pure: the same draft and events give the same record, and each beginning of a review folds too.
First each reviewer's own events make their own review; then the reviews are put together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from grader.comparison.comparison import Comparison
from grader.comparison.scorecard import scorecard
from grader.errors import RecordError
from grader.review.events import Content, ReviewEvent
from grader.review.items import ReviewItem, review_items
from grader.review.reviewed import (
    Comment,
    Decision,
    ItemReview,
    Reviewed,
    ReviewerRecord,
    SignOff,
    State,
    untouched,
)
from grader.review.rules import drawn_blind, needs_own
from grader.review.traps import trapped
from grader.rubric.scale import Level
from grader.text.quotation import Side

STATES: dict[str, State] = {"accept": "accepted", "edit": "edited", "reject": "rejected"}


def fold(draft: Comparison, draft_hash: str, events: Sequence[ReviewEvent]) -> Reviewed:
    """What holds after these events.

    A reviewer's last decision on an item counts; comments add up. An item holds what its
    reviewers decided alike, or what was adjudicated; where they differ it is undecided.

    Args:
        draft: the judge's comparison.
        draft_hash: sha256 of its file.
        events: the review so far, as `read_events` gives it.

    Raises:
        RecordError: an event speaks of another draft or of an item that the draft does not have,
            undoes what is not the reviewer's, or comes after the signature.
    """
    return Fold(draft, draft_hash, review_items(draft)).through(events)


class Fold:
    """A fold that can be gone on with when events were added.

    Args:
        draft: the judge's comparison.
        draft_hash: sha256 of its file.
        items: from `review_items`.
    """

    def __init__(self, draft: Comparison, draft_hash: str, items: dict[str, ReviewItem]) -> None:
        self._draft, self._draft_hash, self._items = draft, draft_hash, items
        self._begin()

    def _begin(self) -> None:
        self._count = 0
        self._began: dict[str, ReviewerRecord] = {}
        self._touched: dict[str, dict[str, ItemReview]] = {}
        self._adjudicated: dict[str, ReviewEvent] = {}
        self._adjudications: set[int] = set()
        self._signed: list[SignOff] = []
        self._decisions: dict[str, Decision] = {}

    def through(self, events: Sequence[ReviewEvent]) -> Reviewed:
        """What holds after these events; the first of them were folded by earlier calls.

        Raises:
            RecordError: as `fold`; after that this fold can't be gone on with.
        """
        new = events[self._count :]
        undone = {event.undoes for event in new if event.action == "undo"}
        if undone and self._count:
            self._begin()  # an undone event counts as if it had never been
            return self.through(events)
        for event in new:
            _check(event, self._draft_hash, self._items, events, self._signed)
            _check_evidence(event, self._draft)
            if event.action == "adjudicate":
                self._adjudications.add(event.sequence)
            if event.sequence not in undone:
                self._check_blind(event)
            self._take(event, undone)
        self._count = len(events)
        reviewers = dict(self._began)
        for name, items_of in self._touched.items():
            record = reviewers.get(name) or ReviewerRecord(name=name)
            reviewers[name] = record.model_copy(
                update={"items": dict(items_of), "resting": self._resting(items_of)}
            )
        changed = {event.item for event in new}
        if None in changed or not self._decisions:
            changed = {*self._items}
        self._decisions = {
            id: _together(item, reviewers, self._adjudicated.get(id))
            if id in changed
            else self._decisions[id]
            for id, item in self._items.items()
        }
        ended = bool(self._signed) and self._signed[-1].taken_back_by is None
        return Reviewed(
            draft=self._draft,
            draft_hash=self._draft_hash,
            decisions=self._decisions,
            scorecard=scorecard(self._draft.rubric.criteria, _levels(self._draft, self._decisions)),
            reviewers=reviewers,
            sign_off=self._signed[-1] if ended else None,
            taken_back=tuple(each for each in self._signed if each.taken_back_by is not None),
            events=len(events),
            chain=events[-1].hash if events else None,
        )

    def _resting(self, mine: dict[str, ItemReview]) -> frozenset[str]:
        """Answered planted verdicts of a reviewer who has other blind items to decide."""

        def is_open(id: str) -> bool:
            review = mine.get(id) or untouched(id)
            undecided = review.decision.state == "undecided" and not review.adjudicating
            return undecided and id not in self._adjudicated

        answered = {id for id, each in mine.items() if each.planted == "answered" and is_open(id)}
        others = answered and any(
            item.required
            and not item.named
            and (mine.get(id) or untouched(id)).planted in ("no", "waiting")
            and is_open(id)
            for id, item in self._items.items()
        )
        return frozenset(answered) if others else frozenset()

    def _check_blind(self, event: ReviewEvent) -> None:
        """Raises RecordError for what a blind-first review doesn't allow."""
        record = self._began.get(event.reviewer)
        item = self._items.get(event.item or "")
        if record is None or item is None or not needs_own(record, item):
            return
        review = self._touched.get(event.reviewer, {}).get(item.id) or untouched(item.id)
        if event.action == "reveal" and review.own is None:
            raise _misplaced(event, "reveals a verdict before the reviewer's own level")
        if event.action == "own_level" and review.revealed:
            raise _misplaced(event, "gives an own level after the judge's was seen")
        if event.action in STATES and not review.revealed:
            raise _misplaced(event, "decides in a blind-first review before the reveal")

    def _take(self, event: ReviewEvent, undone: set[int | None]) -> None:
        if event.action == "sign":
            self._signed.append(
                SignOff(reviewer=event.reviewer, time=event.time, statement=event.text)
            )
        elif event.action == "unsign":
            self._signed[-1] = _taken_back(self._signed[-1], event)
        elif event.item is None:
            record = self._began.get(event.reviewer) or ReviewerRecord(name=event.reviewer)
            if event.adjudicating:
                self._began[event.reviewer] = record.model_copy(update={"settles": True})
                return
            record = self._began[event.reviewer] = _begun(record, event)
            if record.mode == "mixed":
                drawn = drawn_blind(self._items.values(), self._draft_hash, event.reviewer)
                record = record.model_copy(update={"blind": drawn})
                self._began[event.reviewer] = record
            mine = self._touched.setdefault(event.reviewer, {})
            for item in trapped(
                self._items.values(), self._draft_hash, event.reviewer, record.traps
            ):
                review = mine.get(item) or untouched(item)
                if review.planted == "no":
                    mine[item] = review.model_copy(update={"planted": "waiting"})
        elif event.sequence in undone:
            return
        elif event.action == "adjudicate":
            self._adjudicated[event.item] = event
        elif event.action == "reopen" and self._reopens_adjudicated(event):
            settled = self._adjudicated.get(event.item)
            if settled is not None and event.undoes in (None, settled.sequence):
                del self._adjudicated[event.item]
        else:
            mine = self._touched.setdefault(event.reviewer, {})
            mine[event.item] = _after(mine.get(event.item) or untouched(event.item), event)

    def _reopens_adjudicated(self, event: ReviewEvent) -> bool:
        """Whether a `reopen` takes back what was settled, and not the reviewer's own decision.

        What it was stays what it was, also where the settling is undone later. Events of earlier
        versions don't say which one they take back: there it is what held at that time.
        """
        if event.undoes is None:
            return event.item in self._adjudicated
        return event.undoes in self._adjudications


def outcome(item: ReviewItem, decision: Decision) -> tuple[object, ...]:
    """What a decision amounts to: two reviewers agree on an item when these are equal."""
    content = decision.content
    return ("rejected",) if content is None else item.settled(content)


# --- one reviewer ---------------------------------------------------------------------------


def _begun(record: ReviewerRecord, event: ReviewEvent) -> ReviewerRecord:
    return record.model_copy(
        update={
            "mode": event.mode or record.mode,
            "began": True,
            "traps": event.traps or record.traps,
        }
    )


def _opened(review: ItemReview, event: ReviewEvent) -> dict[str, Any]:
    seen = {"adjudicating": True} if event.adjudicating else {}
    told = {"planted": "done"} if event.seen and review.planted == "answered" else {}
    return {"opened_at": event.time, **seen, **told}


def _own(review: ItemReview, event: ReviewEvent) -> dict[str, Any]:
    return {"own": event.after, "spent": (review.opened_at, event.seconds or 0)}


def _spent_before(review: ItemReview) -> int:
    """Seconds of the own level, where the item was opened anew after it."""
    opened_at, seconds = review.spent
    return 0 if opened_at == review.opened_at else seconds


def _revealed(review: ItemReview, event: ReviewEvent) -> dict[str, Any]:
    return {"revealed": True}


def _commented(review: ItemReview, event: ReviewEvent) -> dict[str, Any]:
    comment = Comment(reviewer=event.reviewer, time=event.time, text=event.text or "")
    return {"comments": (*review.comments, comment)}


def _deferred(review: ItemReview, event: ReviewEvent) -> dict[str, Any]:
    return {"deferred": True}


def _reopened(review: ItemReview, event: ReviewEvent) -> dict[str, Any]:
    if review.planted == "answered":
        return {"planted": "waiting", "answer": None}
    return {"decision": Decision(item=review.item, state="undecided")}


def _decided(review: ItemReview, event: ReviewEvent) -> dict[str, Any]:
    decision = _decision(event, STATES[event.action])
    always = {
        "deferred": False,
        "decided_at": event.sequence,
        "seconds": None if event.seconds is None else event.seconds + _spent_before(review),
        "batch": event.batch,
    }
    if event.trap:
        # The planted verdict was answered; the item comes again with the judge's own.
        return {"planted": "answered", "answer": decision, "opened_at": None, **always}
    planted = "done" if review.planted == "answered" else review.planted
    return {"decision": decision, "planted": planted, **always}


def _reasoned(review: ItemReview, event: ReviewEvent) -> dict[str, Any]:
    if review.planted == "answered" and review.answer is not None:
        return {"answer": review.answer.model_copy(update={"reason": event.reason})}
    return {"decision": review.decision.model_copy(update={"reason": event.reason})}


def _unchanged(review: ItemReview, event: ReviewEvent) -> dict[str, Any]:
    return {}


_EFFECTS: dict[str, Callable[[ItemReview, ReviewEvent], dict[str, Any]]] = {
    "open": _opened,
    "own_level": _own,
    "reveal": _revealed,
    "accept": _decided,
    "edit": _decided,
    "reject": _decided,
    "reason": _reasoned,
    "comment": _commented,
    "defer": _deferred,
    "reopen": _reopened,
    "undo": _unchanged,
}
"""What each action changes of its reviewer's review of the item."""

_OF_ALL = ("adjudicate", "sign", "unsign")
"""Actions that change what holds for all reviewers."""

ACTIONS = (*_EFFECTS, *_OF_ALL)
"""Every action that an event may record."""


def _after(review: ItemReview, event: ReviewEvent) -> ItemReview:
    changes = _EFFECTS[event.action](review, event)
    last = review.last if event.action == "open" else event.sequence  # a look changes nothing
    return review.model_copy(update={"last": last, **changes})


def _decision(event: ReviewEvent, state: State) -> Decision:
    return Decision(
        **dict(event.after or Content()),
        item=event.item or "",
        state=state,
        reviewer=event.reviewer,
        reviewers=(event.reviewer,),
        time=event.time,
        reason=event.reason,
        seen=event.seen,
    )


def _taken_back(signature: SignOff, event: ReviewEvent) -> SignOff:
    return signature.model_copy(
        update={
            "taken_back_by": event.reviewer,
            "taken_back_at": event.time,
            "taken_back_because": event.reason,
        }
    )


# --- all together ---------------------------------------------------------------------------


def _together(
    item: ReviewItem, reviewers: dict[str, ReviewerRecord], adjudication: ReviewEvent | None
) -> Decision:
    reviews = [record.items[item.id] for record in reviewers.values() if item.id in record.items]
    comments = sorted(
        (comment for each in reviews for comment in each.comments), key=lambda each: each.time
    )
    shared: dict[str, Any] = {"comments": tuple(comments), "required": item.required}
    if adjudication is not None:
        state: State = (
            "rejected"
            if adjudication.after is None
            else "accepted"
            if adjudication.after == item.drafted
            else "edited"
        )
        shared["settled_by"] = adjudication.sequence
        return _decision(adjudication, state).model_copy(update=shared)
    decided = [each for each in reviews if each.decision.state != "undecided"]
    if not decided:
        return Decision(item=item.id, state="undecided", **shared)
    if len({outcome(item, each.decision) for each in decided}) > 1:
        return Decision(item=item.id, state="undecided", disputed=True, **shared)
    first = min(decided, key=lambda each: each.decided_at)
    shared["reviewers"] = tuple(each.decision.reviewer for each in decided)
    shared["reason"] = next((e.decision.reason for e in decided if e.decision.reason), None)
    return first.decision.model_copy(update=shared)


def _levels(
    draft: Comparison, decisions: dict[str, Decision]
) -> dict[tuple[str, Side], Level | None]:
    return {(v.criterion, v.side): decisions[v.item].level for v in draft.verdicts}


# --- what must not be there -----------------------------------------------------------------


def _check(
    event: ReviewEvent,
    draft_hash: str,
    items: dict[str, ReviewItem],
    events: Sequence[ReviewEvent],
    signed: list[SignOff],
) -> None:
    """Raises RecordError for an event that cannot stand where it stands."""
    ended = bool(signed) and signed[-1].taken_back_by is None
    if event.action not in ACTIONS:
        raise RecordError(
            f"this version doesn't know the action {event.action!r}",
            place=f"reviews.jsonl:{event.sequence}",
            mend="Use a newer grader.",
        )
    if event.draft != draft_hash:
        raise _misplaced(event, "speaks of another draft")
    if event.action == "unsign":
        if not ended:
            raise _misplaced(event, "takes back a signature that is not there")
    elif ended:
        raise _misplaced(event, "comes after the signature")
    if event.item is not None and event.item not in items:
        raise _misplaced(event, f"speaks of {event.item!r}, which the draft does not have")
    given = [] if event.item is None else [each for each in (event.before, event.after) if each]
    for content in given:
        for field in items[event.item or ""].fields:
            value = field.value(content)
            if value is not None and field.options and value not in field.values:
                raise _misplaced(event, f"gives the {field.noun} {value!r}, which is not one here")
    if event.item is None and event.action not in ("open", "sign", "unsign"):
        raise _misplaced(event, "names no item")
    if event.action == "undo" or event.undoes is not None:
        at = event.undoes or 0
        target = events[at - 1] if 0 < at < event.sequence else None
        settled = event.action == "reopen" and target is not None and target.action == "adjudicate"
        whose = (target.reviewer if settled else event.reviewer, event.item) if target else None
        if target is None or (target.reviewer, target.item) != whose:
            raise _misplaced(event, "undoes what this reviewer did not do")


def _check_evidence(event: ReviewEvent, draft: Comparison) -> None:
    """Raises RecordError for a quotation whose place is not in the transcript."""
    for each in event.after.evidence if event.after else ():
        span = each.span
        if span is None:
            continue
        transcript = draft.transcript(span.transcript)
        turn = next((t for t in transcript.turns if t.number == span.turn), None)
        if turn is None or not 0 <= span.start < span.end <= len(turn.text):
            raise _misplaced(event, f"quotes a place that is not there: turn {span.turn}")


def _misplaced(event: ReviewEvent, problem: str) -> RecordError:
    return RecordError(
        f"the review event {problem}",
        place=f"reviews.jsonl:{event.sequence}",
        mend="Put back the draft that was reviewed, or take away this line and all after it.",
    )
