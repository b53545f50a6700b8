"""What a reviewer may see: one item laid open, and the queue of items. Pure.

Every surface shows items from here and from nowhere else, so what is hidden in a blind review
stays hidden on all of them: a view of a hidden item does not hold the judge's words at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from grader.comparison.comparison import (
    Contrast,
    MarkerNote,
    Passage,
    SignatureNote,
    Verdict,
    VerdictSample,
)
from grader.review.actions import (
    is_hidden,
    may_be_bulk_accepted,
    missing_in,
    names_are_open,
    shown_content,
)
from grader.review.events import Content
from grader.review.items import (
    Kind,
    ReviewItem,
    Statement,
    attention_first,
    review_items,
    side_names,
    with_names,
)
from grader.review.reviewed import Comment, Decision, Reviewed, ReviewerRecord
from grader.rubric import Criterion, Signature
from grader.rubric.scale import level_name
from grader.text.quotation import Evidence, Side

Order = Literal["attention", "rubric", "random"]
ORDERS: tuple[Order, ...] = ("attention", "rubric", "random")


@dataclass(frozen=True)
class JudgeView:
    """What the judge says of an item, in the words this reviewer may read."""

    content: Content
    said: str
    """The verdict in a few words: 'partially met', 'Transcript 1 shows more'."""
    markers: tuple[MarkerNote, ...]
    failures: tuple[str, ...]
    samples: tuple[str, ...]
    """Each answer, where there is more than one."""
    in_vain: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]
    """Of a contrast: how it was asked, and the answer with its reason."""
    findings: tuple[str, ...]
    """Of a statement: what it rests on."""


@dataclass(frozen=True)
class ItemView:
    """One item as one reviewer may see it."""

    id: str
    key: str
    kind: Kind
    title: str
    label: str
    number: int | None
    side: Side | None
    position: int
    """From 1, in this reviewer's queue."""
    asked: Criterion | Signature | None
    attention: tuple[str, ...]
    hidden: bool
    """The judge's verdict is not given out yet."""
    judge: JudgeView | None
    """None while hidden, and where no judge was asked."""
    missing: str | None
    """What the judge left empty, so that there is nothing to accept."""
    candidates: tuple[Passage, ...]
    own: Content | None
    """What the reviewer gave before seeing the judge's."""
    decision: Decision
    comments: tuple[Comment, ...]
    """Their own."""
    again: bool
    """It was shown before with a planted verdict, and comes again."""
    adjudicated: bool
    last: int
    """Sequence of this reviewer's last event here: tells a stale page from a fresh one."""
    markers: tuple[str, ...]
    """Names of a signature's markers, hidden or not."""
    quotable: bool
    """Whether quotations belong to it."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The quotations to show: decided ones, else the judge's, else the reviewer's own."""
        if self.decision.state == "edited":
            return self.decision.evidence
        if self.judge is not None:
            return self.judge.content.evidence
        return self.own.evidence if self.own else ()


def view(reviewed: Reviewed, reviewer: str, item: ReviewItem, position: int = 1) -> ItemView:
    """One item for one reviewer.

    Args:
        reviewed: the comparison.
        reviewer: who looks.
        item: from `review_items`.
        position: its place in the reviewer's queue.
    """
    record = reviewed.reviewer(reviewer)
    review, source = record.item(item.id), item.source
    hidden = is_hidden(record, item)
    shown = shown_content(reviewed, record, item)
    return ItemView(
        id=item.id,
        key=item.key,
        kind=item.kind,
        title=item.title,
        label=item.label,
        number=item.number,
        side=item.side,
        position=position,
        asked=_asked(reviewed, item),
        attention=() if hidden else _attention(reviewed, record, item),
        hidden=hidden,
        judge=None if hidden else _judge(reviewed, item, shown),
        missing=None if hidden else missing_in(item, shown),
        candidates=source.candidates if isinstance(source, Verdict | SignatureNote) else (),
        own=review.own,
        decision=review.decision,
        comments=review.comments,
        again=review.planted == "done",
        adjudicated=reviewed.decisions[item.id].adjudicated,
        last=review.last,
        markers=(
            tuple(m.marker for m in source.markers) if isinstance(source, SignatureNote) else ()
        ),
        quotable=item.kind in ("verdict", "signature", "contrast"),
    )


def said(reviewed: Reviewed, kind: Kind, content: Content | None, *, blind: bool = True) -> str:
    """A content in a few words."""
    if content is None:
        return "rejected"
    if kind == "verdict":
        return level_name(content.level)
    if kind == "signature":
        return ", ".join(presence or "not noted" for presence in content.presences)
    if kind == "contrast":
        if content.shows_more == "neither":
            return "neither shows more"
        if content.shows_more is None:
            return "no side is named"
        return f"{side_names(reviewed.draft, blind=blind)[content.shows_more]} shows more"
    return content.text or ""


# --- the queue ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Queue:
    """A reviewer's items in their order, and how far the review is."""

    items: tuple[ReviewItem, ...]
    """Those that may be opened now."""
    waiting: tuple[ReviewItem, ...]
    """Of these, the undecided ones, in the order in which they come."""
    decided: int
    total: int
    locked: int
    """Items that are reviewed with names, later."""
    calm: int
    """How many could be accepted at once."""

    @property
    def progress(self) -> str:
        """How far the review is."""
        later = f" {self.locked} more follow with names." if self.locked else ""
        return f"{self.decided} of {self.total} decided.{later}"

    def position(self, item: str) -> int:
        """An item's place, from 1."""
        return next((n for n, each in enumerate(self.items, 1) if each.id == item), 0)

    def after(self, item: str | None) -> ReviewItem | None:
        """The next undecided item; from the top again behind the last. None: none is left."""
        if item is None:
            return self.waiting[0] if self.waiting else None
        ids = [each.id for each in self.waiting]
        if item in ids:
            return self.waiting[(ids.index(item) + 1) % len(ids)]
        places = {each.id: n for n, each in enumerate(self.items)}
        here = places.get(item, -1)
        later = (w for w in self.waiting if places[w.id] > here)
        return next(later, None) or (self.waiting[0] if self.waiting else None)

    def before(self, item: str) -> ReviewItem | None:
        """The item before, decided or not."""
        place = self.position(item) - 1
        return self.items[place - 1] if place > 0 else None


def queue(
    reviewed: Reviewed,
    reviewer: str,
    order: Order = "attention",
    items: dict[str, ReviewItem] | None = None,
) -> Queue:
    """A reviewer's queue.

    Deferred items come behind the others, and those that come again after a planted verdict
    behind them; while others wait, they count as decided, so that nothing tells them apart.

    Args:
        reviewed: the comparison.
        reviewer: whose queue.
        order: 'attention' first, as the 'rubric' has it, or 'random' (by draft and reviewer).
        items: from `review_items`, where the caller has them.
    """
    items = items or review_items(reviewed.draft)
    record = reviewed.reviewer(reviewer)
    open_names = names_are_open(record, items)
    allowed = [i for i in _ordered(reviewed, reviewer, order, items) if open_names or not i.named]
    undecided = [i for i in allowed if not _is_done(reviewed, record, i)]
    planted = [i for i in undecided if record.item(i.id).planted == "done"]
    first = [i for i in undecided if i not in planted]
    first.sort(key=lambda item: record.item(item.id).deferred)
    waiting = first or planted
    return Queue(
        items=tuple(allowed),
        waiting=tuple(waiting),
        decided=len(allowed) - len(waiting),
        total=len(allowed),
        locked=len(items) - len(allowed),
        calm=sum(may_be_bulk_accepted(reviewed, record, item) for item in waiting),
    )


def _is_done(reviewed: Reviewed, record: ReviewerRecord, item: ReviewItem) -> bool:
    return (
        record.item(item.id).decision.state != "undecided"
        or reviewed.decisions[item.id].adjudicated
        or record.item(item.id).adjudicating
    )


def _ordered(
    reviewed: Reviewed, reviewer: str, order: Order, items: dict[str, ReviewItem]
) -> Sequence[ReviewItem]:
    if order == "rubric":
        return tuple(items.values())
    if order == "random":

        def drawn(item: ReviewItem) -> tuple[bool, str]:
            seed = f"{reviewed.draft_hash}\n{reviewer}\n{item.id}"
            return item.named, hashlib.sha256(seed.encode()).hexdigest()

        return sorted(items.values(), key=drawn)
    return attention_first(items)


# --- parts of a view ------------------------------------------------------------------------


def _asked(reviewed: Reviewed, item: ReviewItem) -> Criterion | Signature | None:
    source, rubric = item.source, reviewed.draft.rubric
    if isinstance(source, Verdict | Contrast):
        return rubric.criterion(source.criterion)
    return rubric.signature(source.signature) if isinstance(source, SignatureNote) else None


def _attention(reviewed: Reviewed, record: ReviewerRecord, item: ReviewItem) -> tuple[str, ...]:
    if record.item(item.id).planted == "waiting":
        return ()
    return (*item.attention, *changed_grounds(reviewed, item))


def changed_grounds(reviewed: Reviewed, item: ReviewItem) -> tuple[str, ...]:
    """What a statement rests on that reviewers have changed since."""
    if not isinstance(item.source, Statement):
        return ()
    abouts = {finding.label: finding.about for finding in reviewed.draft.findings}
    told = []
    for label in item.source.findings:
        decision = reviewed.decisions.get(abouts.get(label) or "")
        if decision is not None and decision.state in ("edited", "rejected"):
            told.append(f"it rests on {label}, which was {decision.state} in review")
    return tuple(told)


def _judge(reviewed: Reviewed, item: ReviewItem, shown: Content) -> JudgeView | None:
    draft, source = reviewed.draft, item.source
    blind = not item.named
    failures: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    in_vain: tuple[str, ...] = ()
    markers: tuple[MarkerNote, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()
    findings: tuple[str, ...] = ()
    if isinstance(source, Verdict):
        if not source.samples:
            return None
        failures = tuple(_failure(s) for s in source.samples if s.outcome != "answered")
        if shown == item.drafted:
            samples = tuple(map(_sample, source.samples)) if len(source.samples) > 1 else ()
            in_vain = source.looked_for_in_vain
    elif isinstance(source, SignatureNote):
        if source.outcome is None:
            return None
        if source.outcome != "answered":
            detail = f": {source.detail}" if source.detail else ""
            failures = (f"no answer ({source.outcome}{detail})",)
        markers = source.markers
    elif isinstance(source, Contrast):
        reasons = tuple(
            (
                f"asked with {side_names(draft, blind=True)[order.first]} first",
                f"{_order_said(reviewed, order.shows_more, order.outcome)}. "
                + with_names(draft, order.reason or "", blind=True, first=order.first),
            )
            for order in source.orders
        )
    else:
        shown = shown.model_copy(update={"text": with_names(draft, source.text, blind=False)})
        texts = {finding.label: finding.text for finding in draft.findings}
        findings = tuple(
            f"{label}: {with_names(draft, texts[label], blind=False)}"
            for label in source.findings
            if label in texts
        )
        if source.part == "hypothesis" and draft.implications:
            notes = draft.implications.hypotheses
            bearing = next(n.bearing for n in notes if n.hypothesis == source.place)
            study = draft.study.hypotheses if draft.study else ()
            told = next((h.text for h in study if h.id == source.place), "")
            findings = (f"{source.place}: {told} The judge says: {bearing} it.", *findings)
    return JudgeView(
        content=shown,
        said=said(reviewed, item.kind, shown, blind=blind),
        markers=markers,
        failures=failures,
        samples=samples,
        in_vain=in_vain,
        reasons=reasons,
        findings=findings,
    )


def _order_said(reviewed: Reviewed, shows_more: str | None, ended: str) -> str:
    if ended != "answered":
        return f"no answer ({ended})"
    content = Content.model_validate({"shows_more": shows_more})
    return said(reviewed, "contrast", content)


def _sample(sample: VerdictSample) -> str:
    ended = level_name(sample.level) if sample.outcome == "answered" else sample.outcome
    return f"{sample.judge} #{sample.sample}: {ended}"


def _failure(sample: VerdictSample) -> str:
    detail = f": {sample.detail}" if sample.detail else ""
    return f"{sample.judge} #{sample.sample} gave no answer ({sample.outcome}{detail})"
