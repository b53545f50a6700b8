"""What a reviewer may see: one item, and the queue of items. Pure.

Every surface shows items from here and from nowhere else, so what is hidden in a blind review
stays hidden on all of them: the view of a hidden item contains no word of the judge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.comparison.content import Content
from grader.comparison.items import Details, Field, words_of
from grader.comparison.parts import Passage
from grader.review.items import (
    ReviewItem,
    attention_first,
    card_of,
    decisions_of,
    review_items,
    side_names,
)
from grader.review.reviewed import Comment, Decision, Reviewed, ReviewerRecord
from grader.review.rules import (
    is_hidden,
    is_open_for,
    is_unseen,
    may_be_bulk_accepted,
    names_are_open,
    shown_content,
)
from grader.rubric import Criterion
from grader.text.quotation import Evidence, Side

Order = Literal["attention", "rubric", "random"]
ORDERS: tuple[Order, ...] = ("attention", "rubric", "random")


@dataclass(frozen=True)
class JudgeView:
    """What the judge says of an item, in the words this reviewer may read."""

    content: Content
    words: str
    """The verdict in a few words: 'partially met', 'Transcript 1 shows more'."""
    details: Details


@dataclass(frozen=True)
class ItemView:
    """One item as one reviewer may see it."""

    id: str
    """Its name in events; it tells the side, so it is not shown."""
    key: str
    """Its name in pages."""
    kind: str
    title: str
    label: str
    number: int | None
    """1 or 2: which transcript it is about; None: both."""
    side: Side | None
    named: bool
    """Whether it is reviewed with names."""
    required: bool
    """Whether it must be decided; else it is evidence."""
    card_title: str
    """How its card is called, where that is one decision; '': it is decided by itself."""
    question: str
    """What is asked about; empty: nothing."""
    look_for: tuple[str, ...]
    fields: tuple[Field, ...]
    """What a reviewer gives for it."""
    quotable: bool
    """Whether quotations belong to it."""
    position: int
    """From 1, in this reviewer's queue."""
    attention: tuple[str, ...]
    hidden: bool
    """The judge's verdict is not shown yet."""
    judge: JudgeView | None
    """None while hidden, and where no judge was asked."""
    missing: str | None
    """What the judge left empty, so that there is nothing to accept."""
    candidates: tuple[Passage, ...]
    own: Content | None
    """What the reviewer gave before seeing the judge's."""
    decision: Decision
    """Nothing in it tells a planted verdict from the others, until that comes again."""
    comments: tuple[Comment, ...]
    """Their own."""
    again: bool
    """It was shown before with a planted verdict, and comes again."""
    adjudicated: bool
    ended: bool
    """The comparison is signed."""
    last: int
    """Sequence of the last event that counts here for this reviewer, their own or what settled it:
    tells a stale page from a fresh one."""

    @property
    def now(self) -> Content:
        """What an edit begins with: the decision, the reviewer's own, or the judge's."""
        judge = self.judge.content if self.judge else None
        return self.decision.content or self.own or judge or Content()

    def words(self, content: Content | None) -> str:
        """A content in a few words: 'partially met', 'Transcript 1 shows more'."""
        return words_of(self.fields, content)

    @property
    def text(self) -> str:
        """The words that hold for this reviewer, of an item that is a text; '': it is none."""
        judge = self.judge.content.text if self.judge else None
        return self.decision.text or judge or ""

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
    review = record.item(item.id)
    hidden = is_hidden(record, item)
    shown, asked = shown_content(record, item), item.asked
    return ItemView(
        id=item.id,
        key=item.key,
        kind=item.kind,
        title=item.title,
        label=item.label,
        number=item.number,
        side=item.side,
        named=item.named,
        required=item.required,
        card_title=item.card_title,
        question=asked.question
        if isinstance(asked, Criterion)
        else asked.description
        if asked
        else "",
        look_for=asked.look_for if isinstance(asked, Criterion) else (),
        fields=item.fields,
        quotable=item.quotable,
        position=position,
        attention=() if hidden else _attention(reviewed, record, item),
        hidden=hidden,
        judge=None if hidden or not item.judged else _judge(item, shown),
        missing=None if hidden else item.missing_in(shown),
        candidates=() if hidden else item.candidates,
        own=review.own,
        decision=record.shown_decision(item.id),
        comments=review.comments,
        again=review.planted == "done",
        adjudicated=reviewed.decisions[item.id].adjudicated,
        ended=reviewed.sign_off is not None,
        last=max(review.last, reviewed.decisions[item.id].settled_by or 0),
    )


def card_views(
    reviewed: Reviewed, reviewer: str, items: Mapping[str, ReviewItem], item: ReviewItem
) -> list[ItemView]:
    """All that is decided with an item, as its reviewer may see it; nothing for an item alone."""
    if not item.together:
        return []
    card = [each for each in items.values() if each.decision == item.decision]
    return [view(reviewed, reviewer, each) for each in card]


def around(
    card: Sequence[ItemView], shown: ItemView
) -> tuple[Sequence[ItemView], Sequence[ItemView]]:
    """The parts of a card that come before one of them, and those after it."""
    place = next((n for n, each in enumerate(card) if each.id == shown.id), len(card))
    return card[:place], card[place + 1 :]


def _judge(item: ReviewItem, shown: Content) -> JudgeView:
    details = item.details(shown == item.drafted)
    if details.text is not None:
        shown = shown.model_copy(update={"text": details.text})
    return JudgeView(shown, item.words(shown), details)


# --- the queue ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Queue:
    """A reviewer's items in their order, and how far the review is."""

    items: tuple[ReviewItem, ...]
    """Those that may be opened now."""
    waiting: tuple[ReviewItem, ...]
    """Of these, what must still be decided, in the order in which it comes."""
    decided: int
    """Decisions made; a card that is decided as a whole is one."""
    total: int
    """Decisions to make among these items."""
    locked: int
    """Decisions that are made with names, later."""
    quiet: int
    """How many could be accepted at once."""

    def where(self, shown: ItemView) -> str:
        """Which item it is, and how far the review is."""
        if not shown.required:
            return f"Evidence: it needs no decision · {self.progress}"
        decisions = decisions_of(self.items)
        part = next(items for items in decisions.values() if any(i.id == shown.id for i in items))
        place = list(decisions.values()).index(part) + 1
        of = f", part {[i.id for i in part].index(shown.id) + 1} of {len(part)}"
        return f"Decision {place}{of if len(part) > 1 else ''} · {self.progress}"

    @property
    def named(self) -> bool:
        """Whether names may be told: what is reviewed with names is there only then."""
        return any(item.named for item in self.items)

    @property
    def progress(self) -> str:
        """How far the review is."""
        verb = "follows" if self.locked == 1 else "follow"
        later = f" {self.locked} more {verb} with names." if self.locked else ""
        return f"{self.decided} of {self.total} decisions made.{later}"

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

    def following(self, item: str) -> ReviewItem | None:
        """The item after, decided or not."""
        place = self.position(item)
        return self.items[place] if 0 < place < len(self.items) else None


def queue(
    reviewed: Reviewed,
    reviewer: str,
    order: Order = "attention",
    items: dict[str, ReviewItem] | None = None,
) -> Queue:
    """A reviewer's queue.

    Deferred items come behind the others, and those that come again after a planted verdict
    behind them; while others wait, they count and look as decided, so that nothing tells them
    apart.

    Args:
        reviewed: the comparison.
        reviewer: whose queue.
        order: 'attention' first, as the 'rubric' has it, or 'random' (by draft and reviewer). What
            is blind first comes in the rubric's order instead of by attention.
        items: from `review_items`, where the caller has them.
    """
    items = items or review_items(reviewed.draft)
    record = reviewed.reviewer(reviewer)
    open_names = names_are_open(record, reviewed, items)
    allowed = [i for i in _ordered(reviewed, reviewer, order, items) if open_names or not i.named]
    undecided = [i for i in allowed if i.required and not _is_done(reviewed, record, i)]
    waiting = [item for item in undecided if item.id not in record.resting]
    waiting.sort(
        key=lambda item: (
            record.item(item.id).planted in ("answered", "done"),
            record.item(item.id).deferred,
        )
    )
    return Queue(
        items=tuple(allowed),
        waiting=tuple(waiting),
        decided=(total := len(decisions_of(allowed))) - len(decisions_of(waiting)),
        total=total,
        locked=len(decisions_of(items.values())) - total,
        quiet=sum(may_be_bulk_accepted(reviewed, record, item) for item in waiting),
    )


def _is_done(reviewed: Reviewed, record: ReviewerRecord, item: ReviewItem) -> bool:
    return not is_open_for(record, reviewed, item.id) or record.item(item.id).adjudicating


def _ordered(
    reviewed: Reviewed, reviewer: str, order: Order, items: dict[str, ReviewItem]
) -> Sequence[ReviewItem]:
    if order == "rubric":
        return tuple(items.values())
    if order == "attention" and reviewed.reviewer(reviewer).mode != "assisted":
        # Where an item comes must not tell what the judge's answer looks like.
        blind = [item for item in items.values() if not item.named]
        return (*blind, *(item for item in attention_first(items) if item.named))
    if order == "random":

        def drawn(item: ReviewItem) -> tuple[bool, bool, str]:
            seed = f"{reviewed.draft_hash}\n{reviewer}\n{card_of(item)}"
            return item.named, not item.required, hashlib.sha256(seed.encode()).hexdigest()

        return sorted(items.values(), key=drawn)
    return attention_first(items)


# --- reasons for attention ------------------------------------------------------------------


def _attention(reviewed: Reviewed, record: ReviewerRecord, item: ReviewItem) -> tuple[str, ...]:
    about = item.attention_from
    seen = (
        reason
        for reason in item.attention
        if not any(is_unseen(record, each) for each in about.get(reason, ()))
    )
    return (*seen, *_changed_support(reviewed, record, item))


def _says_the_same(reviewed: Reviewed, about: str, decision: Decision) -> bool:
    """Whether an edited decision keeps the judge's level."""
    draft = reviewed.draft
    return any(v.item == about and v.level == decision.level for v in draft.verdicts)


def _about(reviewed: Reviewed, about: str) -> str:
    """What a finding is about, in words that a reviewer knows. Statements are read with names."""
    kind, _, rest = about.partition(":")
    id, _, side = rest.partition(":")
    draft = reviewed.draft
    titles = {each.id: each.title for each in draft.rubric.criteria}
    titles |= {each.id: each.title for each in draft.rubric.signatures}
    names = {str(key): name for key, name in side_names(draft, blind=False).items()}
    of = f" of {names[side]}" if side in names else ""
    return f"the {kind} on “{titles.get(id, id)}”{of}"


def _changed_support(
    reviewed: Reviewed, record: ReviewerRecord, item: ReviewItem
) -> tuple[str, ...]:
    """Findings of a statement that this reviewer, or who settled them, has changed since."""
    abouts = {finding.label: finding.about for finding in reviewed.draft.findings}
    changed = []
    for label in item.findings:
        about = abouts.get(label) or ""
        common = reviewed.decisions.get(about)
        decision = record.item(about).decision
        if common is not None and common.adjudicated:
            decision = common
        if decision.state == "rejected" or (
            decision.state == "edited" and not _says_the_same(reviewed, about, decision)
        ):
            name = _about(reviewed, about)
            changed.append(f"it rests on {name}, which was {decision.state} in review")
    return tuple(changed)
