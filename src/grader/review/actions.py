"""What a reviewer can do. Every surface calls these, so the rules of a review hold everywhere.

Each action checks under the review's lock that it may happen, adds its event and returns the
comparison as it is then; when it returns, the event is on disk. `last` is the number of the last
event that the reviewer had in sight: an action on something that has changed since is refused. What
a reviewer may see is in `item_view`, adjudication in `adjudicate`, signing in `sign`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from grader.comparison.comparison import Comparison
from grader.comparison.folder import refuse_changed_draft
from grader.errors import InputError
from grader.review.events import Clock, Content, Entry, Mode, ReviewEvent, time_text, utc_now
from grader.review.folder import ReviewFolder, ReviewWriter
from grader.review.items import ReviewItem
from grader.review.reviewed import ItemReview, Reviewed, ReviewerRecord
from grader.review.rules import (
    is_hidden,
    is_open_for,
    may_be_bulk_accepted,
    names_are_open,
    needs_own,
    refuse_if_signed,
    shown_content,
    shows_planted,
)
from grader.text.quotation import Evidence, Side, locate
from grader.text.visible import as_written
from grader.transcripts.transcript import deliverable

Where = Path | ReviewFolder

UNDOABLE = (
    "own_level",
    "accept",
    "edit",
    "reject",
    "reason",
    "comment",
    "defer",
    "reopen",
    "adjudicate",
)


class ItemChanged(InputError):
    """The item, or the review, has changed since the page or screen was made."""


def begin(
    folder: Where,
    reviewer: str,
    *,
    mode: Mode | None = None,
    traps: int = 0,
    clock: Clock = utc_now,
) -> Reviewed:
    """Start or resume a review. Adds an event only if a setting changed.

    Args:
        folder: the comparison's folder.
        reviewer: who reviews.
        mode: 'assisted', 'blind-first' or 'mixed'; None goes on as before, at first as all
            others review it, else assisted.
        traps: how many wrong verdicts are planted for this reviewer.
        clock: gives the time of the event.

    Raises:
        InputError: a blind review cannot become an assisted one, nor planted verdicts change; or
            this person has seen what the others decided.
    """
    if traps < 0:
        raise InputError("the number of traps can't be negative", place="--traps", mend="Give 0.")
    at = as_folder(folder)
    refuse_changed_draft(at.path)
    with at.writing(reviewer, clock) as review:
        refuse_if_signed(review.reviewed)
        record = review.record
        wanted = mode or (record.mode if record.began else _mode_of_others(review.reviewed))
        refuse_settler(record)
        if record.began and record.mode != "assisted" and wanted != record.mode:
            raise InputError(
                f"this review began {record.mode} and stays so",
                place="--mode",
                mend="Leave the mode out to go on with it.",
            )
        if traps and record.began and traps != record.traps:
            raise InputError(
                f"this review began with {record.traps} planted verdicts and keeps them",
                place="--traps",
                mend="Leave it out to go on with the review.",
            )
        if not record.began or wanted != record.mode:
            if wanted != "assisted" and any(
                each.opened_at or each.last for each in record.items.values()
            ):
                raise InputError(
                    "verdicts of the judge were already seen in this review",
                    place="--mode",
                    mend="A blind review needs a reviewer who has not seen them.",
                )
            review.add(Entry(action="open", mode=wanted, traps=traps or record.traps))
    return review.reviewed


def _mode_of_others(reviewed: Reviewed) -> Mode:
    """How all who review it do; assisted where they differ, or where nobody does."""
    modes = {each.mode for each in reviewed.reviewers.values() if each.began}
    return modes.pop() if len(modes) == 1 else "assisted"


def open_item(folder: Where, reviewer: str, item: str, *, clock: Clock = utc_now) -> Reviewed:
    """Record that an item is shown to a reviewer.

    Raises:
        InputError: it is reviewed with names and blind items are still undecided.
    """
    with _acting(folder, reviewer, item, clock) as at:
        at.refuse_too_early()
        mine = [event for event in at.writer.events if event.reviewer == at.record.name]
        last = mine[-1] if mine else None
        # Once nothing else waits, a planted verdict that was answered is told to be one.
        told = at.review.planted == "answered" and item not in at.record.resting
        if told or last is None or (last.action, last.item) != ("open", item):
            at.add(Entry(action="open", item=item, seen=True if told else None))
    return at.writer.reviewed


def give_own(
    folder: Where,
    reviewer: str,
    item: str,
    content: Content,
    *,
    last: int | None = None,
    clock: Clock = utc_now,
) -> Reviewed:
    """A reviewer's own level or side, before the judge's is seen; the judge's is shown with it.

    A signature's judge is shown once every cell of the grid is filled.

    Raises:
        InputError: the judge's was seen already, or something is missing.
    """
    with _acting(folder, reviewer, item, clock, last) as at:
        at.refuse_incomplete(content, words=False)
        at.give_own(at.quoted(content))
    return at.writer.reviewed


def choose(
    folder: Where,
    reviewer: str,
    item: str,
    content: Content,
    *,
    last: int | None = None,
    clock: Clock = utc_now,
) -> Reviewed:
    """A level or side in one step: one's own where the judge's is hidden, else the decision.

    Args:
        folder: the comparison's folder.
        reviewer: whose it is.
        item: the item's id.
        content: the level or side, with the quotations that stay.
        last: the number of the last event that the reviewer had in sight.
        clock: gives the time.

    Raises:
        InputError: as `give_own` and `edit`.
    """
    with _acting(folder, reviewer, item, clock, last) as at:
        at.refuse_incomplete(content, words=False)
        if at.was_given(content):
            return at.writer.reviewed
        if is_hidden(at.record, at.item) and not at.review.own:
            at.give_own(at.quoted(content))
            return at.writer.reviewed
        at.refuse_undecidable()
        same = at.item.settled(content) == at.item.settled(at.shown)
        if same and not at.adds_words(content) and not at.item.missing_in(at.shown):
            at.decide("accept", at.shown)
        elif same:  # the judge's level and words, with what the reviewer quoted or wrote
            with_words = at.shown.model_copy(update={"evidence": content.evidence})
            for field in at.item.fields:
                with_words = field.put(with_words, field.value(content) or field.value(at.shown))
            at.decide("edit", at.quoted(with_words))
        else:
            at.decide("edit", at.quoted(content))
    return at.writer.reviewed


def accept(
    folder: Where, reviewer: str, item: str, *, last: int | None = None, clock: Clock = utc_now
) -> Reviewed:
    """Take an item as the judge drafted it, whatever this reviewer decided before.

    Raises:
        InputError: the judge left a level or presence empty, so there is nothing to accept; or
            the item is blind and was not revealed.
    """
    with _acting(folder, reviewer, item, clock, last) as at:
        at.refuse_undecidable()
        at.refuse_without_draft()
        at.decide("accept", at.shown)
    return at.writer.reviewed


def accept_card(
    folder: Where, reviewer: str, item: str, *, last: int | None = None, clock: Clock = utc_now
) -> Reviewed:
    """Take as the judge drafted it all that is undecided on an item's card.

    A part of a text that is decided already is taken alone: what was decided of the others stays.

    Raises:
        InputError: nothing on it can be accepted, or it is blind and was not revealed.
    """
    with _acting(folder, reviewer, item, clock, last) as at:
        at.refuse_hidden()  # of the item in view, whichever of its card comes first
        taken = [e for e in at.undecided_on_card() if not e.item.missing_in(e.shown)]
        for each in taken or [at]:
            each.refuse_undecidable()
            each.refuse_without_draft()
            each.decide("accept", each.shown)
    return at.writer.reviewed


def keep_card(
    folder: Where, reviewer: str, item: str, *, last: int | None = None, clock: Clock = utc_now
) -> Reviewed:
    """Decide all that is undecided on an item's card for what the reviewer gave first.

    A part of a text that is decided already is decided alone.

    Raises:
        InputError: they gave nothing of their own.
    """
    with _acting(folder, reviewer, item, clock, last) as at:
        for each in at.undecided_on_card() or [at]:
            each.keep()
    return at.writer.reviewed


def set_presences(
    folder: Where,
    reviewer: str,
    presences: Mapping[str, Sequence[str | None]],
    *,
    last: int | None = None,
    clock: Clock = utc_now,
) -> Reviewed:
    """Cells of the grid of signatures: the presences of markers, for one or more signatures.

    Before the judge's are shown they are the reviewer's own, and some may be empty; the judge's are
    shown once all cells of the grid are given. After that they are what the reviewer decides.

    Args:
        folder: the comparison's folder.
        reviewer: whose they are.
        presences: by item, in the order of its markers; None for an empty cell.
        last: the number of the last event that the reviewer had in sight.
        clock: gives the time.

    Raises:
        InputError: there is no such item, marker or presence, or it may not be decided now.
    """
    with as_folder(folder).writing(reviewer, clock) as writer:
        refuse_if_signed(writer.reviewed)
        refuse_changed(changes_since(writer.events, last, reviewer=writer.reviewer))
        own: dict[str, Content] = {}
        for id, values in presences.items():
            item = writer.items.get(id)
            if item is None or item.kind != "signature":
                raise InputError(f"there is no signature {id!r}", mend="Load the page again.")
            at = ItemContext(writer, item)
            if writer.reviewed.decisions[id].adjudicated:
                continue
            content = _with_presences(at, values)
            if not is_hidden(at.record, item):
                at.refuse_incomplete(content, words=False)
                decided = at.review.decision.content
                if decided is not None and item.settled(content) == item.settled(decided):
                    continue
                same = item.settled(content) == item.settled(at.shown) and not at.adds_words(
                    content
                )
                at.decide("accept" if same else "edit", at.shown if same else content)
            elif at.review.own is None or item.settled(content) != item.settled(at.review.own):
                at.add_own(content)
                own[id] = content
        for id in list(own)[-1:]:
            ItemContext(writer, writer.items[id]).reveal_if_given(own)
    return writer.reviewed


def _with_presences(at: ItemContext, values: Sequence[str | None]) -> Content:
    """What an item says with these presences in place of those it has."""
    fields = [each for each in at.item.fields if each.name == "presences"]
    if len(values) != len(fields):
        raise InputError(
            f"{at.item.label}: it has {len(fields)} markers, not {len(values)}",
            mend="Load the page again.",
        )
    hidden = is_hidden(at.record, at.item)
    own = at.review.own or Content()
    content = own if hidden else at.review.decision.content or at.review.own or at.shown
    for field, value in zip(fields, values, strict=True):
        try:
            content = field.put(content, value)
        except ValueError as error:
            raise InputError(
                f"{at.item.label}, {field.label}: {error}", mend="Choose one of the options."
            ) from None
    return content


def accept_quiet(
    folder: Where, reviewer: str, *, last: int | None = None, clock: Clock = utc_now
) -> tuple[Reviewed, int]:
    """Accept at once every open item that needs no attention and was opened before.

    Returns:
        The comparison then, and how many items were accepted.
    """
    with as_folder(folder).writing(reviewer, clock) as review:
        refuse_if_signed(review.reviewed)
        refuse_changed(changes_since(review.events, last, reviewer=review.reviewer))
        for item in review.items.values():
            if may_be_bulk_accepted(review.reviewed, review.record, item):
                at = ItemContext(review, item)
                at.decide("accept", at.shown)
    return review.reviewed, len(review.entries)


def edit(
    folder: Where,
    reviewer: str,
    item: str,
    content: Content,
    reason: str | None = None,
    *,
    last: int | None = None,
    clock: Clock = utc_now,
) -> Reviewed:
    """Put the reviewer's own content in place of what the draft says.

    A reason may follow, and must before anybody signs, where the decision is another.

    Raises:
        InputError: a verdict without level, a marker without presence, a quotation that is not in
            the transcript, or a blind item that was not revealed.
    """
    with _acting(folder, reviewer, item, clock, last) as at:
        at.refuse_undecidable()
        at.refuse_incomplete(content, words=False)
        at.decide("edit", at.quoted(content), reason)
    return at.writer.reviewed


def keep(
    folder: Where, reviewer: str, item: str, *, last: int | None = None, clock: Clock = utc_now
) -> Reviewed:
    """Decide for what the reviewer gave before the judge's was shown.

    It takes as little as accepting. Where it is another than the judge's, a reason may follow, and
    must before anybody signs.

    Raises:
        InputError: there is no own level.
    """
    with _acting(folder, reviewer, item, clock, last) as at:
        at.keep()
    return at.writer.reviewed


def reject(
    folder: Where,
    reviewer: str,
    item: str,
    reason: str | None = None,
    *,
    last: int | None = None,
    clock: Clock = utc_now,
) -> Reviewed:
    """Throw an item out: no level, rationale or evidence of it counts.

    It takes as little as accepting. The reason may follow: rejecting again with one adds it,
    and nobody can sign before it is there.
    """
    with _acting(folder, reviewer, item, clock, last) as at:
        at.decide("reject", None, reason)
    return at.writer.reviewed


def give_reasons(
    folder: Where,
    reviewer: str,
    reasons: Mapping[str, str],
    *,
    last: int | None = None,
    clock: Clock = utc_now,
) -> Reviewed:
    """Say why, for decisions of this reviewer that were made without a word.

    Args:
        folder: the comparison's folder.
        reviewer: whose decisions they are.
        reasons: words by item; empty ones are passed over.
        last: the number of the last event that the reviewer had in sight.
        clock: gives the time.

    Raises:
        InputError: there is no such item, or this reviewer has not decided it.
    """
    with as_folder(folder).writing(reviewer, clock) as review:
        refuse_if_signed(review.reviewed)
        refuse_changed(changes_since(review.events, last, reviewer=review.reviewer))
        for id, words in reasons.items():
            item = review.items.get(id)
            if item is None:
                raise InputError(f"the draft has no item {id!r}", mend="Load the page again.")
            if not words.strip():
                continue
            if review.record.shown_decision(id).state == "undecided":
                raise InputError(
                    f"{item.label}: you have not decided it", mend="Decide it, then say why."
                )
            review.add(Entry(action="reason", item=id, reason=words.strip()))
    return review.reviewed


def comment(
    folder: Where,
    reviewer: str,
    item: str,
    text: str,
    *,
    last: int | None = None,
    clock: Clock = utc_now,
) -> Reviewed:
    """Leave a remark beside an item. It decides nothing.

    Raises:
        InputError: the remark is empty.
    """
    with _acting(folder, reviewer, item, clock, last) as at:
        if not text.strip():
            raise InputError(f"{at.item.label}: the comment is empty", mend="Write something.")
        at.add(Entry(action="comment", item=item, text=text.strip()))
    return at.writer.reviewed


def defer(
    folder: Where, reviewer: str, item: str, *, last: int | None = None, clock: Clock = utc_now
) -> Reviewed:
    """Put an item behind the others."""
    with _acting(folder, reviewer, item, clock, last) as at:
        at.add(Entry(action="defer", item=item))
    return at.writer.reviewed


def reopen(
    folder: Where, reviewer: str, item: str, *, last: int | None = None, clock: Clock = utc_now
) -> Reviewed:
    """Take back one's own decision on an item, or its adjudication, however long ago.

    Raises:
        InputError: there is none.
        ItemChanged: it was adjudicated meanwhile.
    """
    with _acting(folder, reviewer, item, clock, last) as at:
        settled = at.writer.reviewed.decisions[item].settled_by
        if settled is not None:
            changes = changes_since(at.writer.events, last, item=item)
            refuse_changed([each for each in changes if each.sequence == settled])
        elif at.decision.state == "undecided":
            raise InputError(
                f"{at.item.label}: you have not decided it", mend="There is nothing to reopen."
            )
        else:
            refuse_settler(at.record, at.review)
        at.add(
            Entry(action="reopen", item=item, before=at.before, undoes=settled or at.review.last)
        )
    return at.writer.reviewed


def undo(
    folder: Where,
    reviewer: str,
    item: str | None = None,
    *,
    last: int | None = None,
    clock: Clock = utc_now,
) -> Reviewed:
    """Undo this reviewer's last action, or their last on one item. What was seen stays seen.

    Raises:
        InputError: there is nothing that can be undone.
    """
    with as_folder(folder).writing(reviewer, clock) as review:
        refuse_if_signed(review.reviewed)
        refuse_changed(changes_since(review.events, last, reviewer=review.reviewer))
        found = _undoable(review.events, review.reviewer, item)
        if not found:
            raise InputError("there is nothing to undo", mend="Nothing was changed.")
        target = found[0]
        if _given_since(review.events, review.reviewer, target, item):
            raise InputError(
                "your own level was the last thing you gave, and it stays: the judge's was shown",
                mend="Decide the item; a decision can be undone.",
            )
        same = [
            each
            for each in found
            if each is target or (target.batch is not None and each.batch == target.batch)
        ]
        for each in reversed(same):
            review.add(Entry(action="undo", item=each.item, undoes=each.sequence))
    return review.reviewed


def last_undoable(events: Sequence[ReviewEvent], reviewer: str) -> ReviewEvent | None:
    """The event that `undo` would undo; None where there is none."""
    return next(iter(_undoable(events, reviewer)), None)


def _undoable(
    events: Sequence[ReviewEvent], reviewer: str, item: str | None = None
) -> list[ReviewEvent]:
    """What this reviewer did, to one item or any, and may take back; the last first."""
    mine = [e for e in events if e.reviewer == reviewer and item in (None, e.item)]
    undone = {event.undoes for event in mine if event.action == "undo"}
    revealed: set[str | None] = set()
    told: set[str | None] = set()
    found = []
    for event in reversed(mine):
        if event.action == "open" and event.item is None and event.adjudicating:
            break  # what was decided before the others' decisions were seen stays
        if event.action == "reveal":
            revealed.add(event.item)
        elif event.action == "open" and event.seen:
            told.add(event.item)
        if event.action not in UNDOABLE or event.sequence in undone:
            continue
        # Neither an own level whose verdict was then seen, nor an answer to a planted verdict
        # that was then told, can be taken back.
        seen = event.action == "own_level" and event.item in revealed
        if not (seen or (event.trap and event.item in told)):
            found.append(event)
    return found


def _given_since(
    events: Sequence[ReviewEvent], reviewer: str, target: ReviewEvent, item: str | None
) -> bool:
    """Whether an own level came after what would be undone: then that is not what is meant."""
    undone = {event.undoes for event in events if event.action == "undo"}
    return any(
        event.action == "own_level" and event.reviewer == reviewer and item in (None, event.item)
        for event in events
        if event.sequence > target.sequence and event.sequence not in undone
    )


def changes_since(
    events: Sequence[ReviewEvent],
    last: int | None,
    *,
    reviewer: str | None = None,
    item: str | None = None,
) -> list[ReviewEvent]:
    """What was done after an event, on one item or on all, by one reviewer or by anybody.

    Opening an item changes nothing, so it doesn't count.

    Args:
        events: all events now.
        last: the number of the last event that was known; None: nothing has changed.
        reviewer: whose actions count; None: everybody's.
        item: which item's; None: all.

    Raises:
        ItemChanged: there are fewer events now than were known.
    """
    if last is not None and last > len(events):
        raise ItemChanged(
            "the record of this review is another than when this was shown",
            mend="Nothing was saved. Open it again.",
        )
    return [
        event
        for event in events[last if last is not None else len(events) :]
        if event.action != "open"
        and reviewer in (None, event.reviewer)
        and item in (None, event.item)
    ]


def refuse_changed(changes: Sequence[ReviewEvent], *, told: bool = True) -> None:
    """Raises ItemChanged where anything was done meanwhile.

    Args:
        changes: what was done.
        told: whether the message says it; not to somebody who may not see what others did.
    """
    if changes:
        done = ", ".join(f"{each.action.replace('_', ' ')} by {each.reviewer}" for each in changes)
        raise ItemChanged(
            f"this has changed since it was shown{f': {done}' if told else ''}",
            mend="Nothing was saved. Look at it as it is now, then decide again.",
        )


# --- one item in an action ------------------------------------------------------------------


class ItemContext:
    """One item and its reviewer, while an action on it is decided.

    Args:
        writer: the review under its lock.
        item: the item.
        changes: what this reviewer did with it since the page was made that asks for the action.
    """

    def __init__(
        self, writer: ReviewWriter, item: ReviewItem, changes: Sequence[ReviewEvent] = ()
    ) -> None:
        self.writer, self.item, self._changes = writer, item, changes
        self.record: ReviewerRecord = writer.record
        self.review: ItemReview = writer.record.item(item.id)
        self.decision = writer.record.shown_decision(item.id)
        """What the reviewer sees as their own decision."""
        self.shown = shown_content(writer.record, item)
        """What the reviewer sees as the judge's."""

    @property
    def before(self) -> Content | None:
        """What counted for this reviewer until now."""
        decision = self.decision
        return self.shown if decision.state == "undecided" else decision.content

    def seconds(self) -> int | None:
        """From showing the item to the reviewer until now."""
        if self.review.opened_at is None:
            return None
        now = datetime.fromisoformat(time_text(self.writer.clock()))
        spent = now - datetime.fromisoformat(self.review.opened_at)
        return max(0, round(spent.total_seconds()))

    def add(self, entry: Entry) -> None:
        """Add an action; one that was sent twice counts once.

        Raises:
            ItemChanged: something else was done with the item meanwhile.
        """
        if len(self._changes) == 1 and _same(self._changes[0], entry):
            return
        refuse_changed(self._changes)
        self.writer.add(entry)

    def decide(self, action: str, content: Content | None, reason: str | None = None) -> None:
        """Add a decision. Raises InputError where a decision may not be made yet, or any more."""
        self.refuse_undecidable()
        self.add(
            Entry(
                action=action,
                item=self.item.id,
                before=self.before,
                after=content,
                reason=(reason or "").strip() or self.reason_kept(content),
                seconds=self.seconds(),
                seen=self.item.judged,
                trap=shows_planted(self.record, self.item.id),
            )
        )

    def reason_kept(self, content: Content | None) -> str | None:
        """The reason given for the decision until now, where this one decides the same."""
        decided = self.decision.content
        if content is None or decided is None:
            same = self.decision.state == "rejected" and content is None
        else:
            same = self.item.settled(content) == self.item.settled(decided)
        return self.decision.reason if same else None

    def was_given(self, content: Content) -> bool:
        """Whether this very level was given as the own one since the page was made: sent twice."""
        done = [each for each in self._changes if each.action != "reveal"]
        given = done[0].after if len(done) == 1 and done[0].action == "own_level" else None
        return given is not None and self.item.settled(given) == self.item.settled(content)

    def give_own(self, content: Content) -> None:
        """Add the reviewer's own, and show the judge's once all of the card is given.

        Raises:
            InputError: the judge's is in sight already.
        """
        self.add_own(content)
        self.reveal_if_given({self.item.id: content})

    def add_own(self, content: Content) -> None:
        """Add the reviewer's own. Raises InputError where the judge's is in sight already."""
        if not needs_own(self.record, self.item):
            raise InputError(
                f"{self.item.label}: an own level first belongs to a blind-first review",
                mend="Edit the item instead.",
            )
        if self.review.revealed:
            raise InputError(
                f"{self.item.label}: the judge's verdict was seen already",
                mend="Edit the item instead; your first level is kept.",
            )
        refuse_settler(self.record, self.review)
        self.add(
            Entry(
                action="own_level",
                item=self.item.id,
                before=self.review.own,
                after=content,
                seconds=self.seconds(),
                seen=False,
            )
        )

    def reveal_if_given(self, now: Mapping[str, Content]) -> None:
        """Show the judge's once all of the card is given.

        Args:
            now: by item, what this action gives.
        """
        hidden = [each for each in self.card() if is_hidden(self.record, each)]
        given = {each.id: self.record.item(each.id).own for each in hidden} | dict(now)
        if any((own := given[e.id]) is None or e.missing_in(own, words=False) for e in hidden):
            return
        for each in hidden:
            self.writer.add(Entry(action="reveal", item=each.id))

    def adds_words(self, content: Content) -> bool:
        """Whether it has quotations or reasons that what is shown as the judge's has not."""
        reasons = ((field.reason(content), field.reason(self.shown)) for field in self.item.fields)
        new = any(given and given != judged for given, judged in reasons)
        return new or not set(content.evidence) <= set(self.shown.evidence)

    def keep(self) -> None:
        """Decide for the reviewer's own. Raises InputError where there is none."""
        self.refuse_undecidable()
        own = self.review.own
        if own is None:
            raise InputError(
                f"{self.item.label}: you gave no level of your own here", mend="Edit it instead."
            )
        self.refuse_incomplete(own, words=False)
        if not self.adds_words(own) and self.item.settled(own) == self.item.settled(self.shown):
            self.decide("accept", self.shown)  # they agree, and the judge's says more
        else:
            self.decide("edit", own)

    def card(self) -> list[ReviewItem]:
        """What is decided together with this item, itself included."""
        items = self.writer.items.values()
        return [each for each in items if each.decision == self.item.decision]

    def undecided_on_card(self) -> list[ItemContext]:
        """What this reviewer has not decided yet of it; nothing where a decided part is in view.

        The cells of the grid are all in view at once.
        """
        if self.decision.state != "undecided" and self.item.kind != "signature":
            return []
        found = [ItemContext(self.writer, each, self._changes) for each in self.card()]
        reviewed = self.writer.reviewed
        return [each for each in found if is_open_for(self.record, reviewed, each.item.id)]

    def refuse_without_draft(self) -> None:
        """Raises InputError where the judge left something empty that a result needs."""
        if missing := self.item.missing_in(self.shown):
            raise InputError(
                f"{self.item.label}: there is no {missing} to accept",
                mend=f"Edit it to give the {missing} yourself, or reject it with a reason.",
            )

    def refuse_hidden(self) -> None:
        """Raises InputError where the judge's is not shown to this reviewer yet."""
        if is_hidden(self.record, self.item):
            raise InputError(
                f"{self.item.label}: in a blind-first review your own comes first",
                mend="Give your own; the judge's is shown with it.",
            )

    def refuse_undecidable(self) -> None:
        """Raises InputError where this reviewer may not decide the item now."""
        self.refuse_hidden()
        self.refuse_too_early()
        refuse_settler(self.record, self.review)
        settled = self.writer.reviewed.decisions[self.item.id]
        if settled.adjudicated:
            raise InputError(
                f"{self.item.label}: it was adjudicated by {settled.reviewer}",
                mend="Reopen it first.",
            )

    def refuse_too_early(self) -> None:
        """Raises InputError for an item with names while blind ones are undecided."""
        if self.item.named and not names_are_open(
            self.record, self.writer.reviewed, self.writer.items
        ):
            raise InputError(
                f"{self.item.label}: this is reviewed with names, after all that is blind",
                mend="Decide the verdicts, signature notes and contrasts first.",
            )

    def refuse_incomplete(self, content: Content, *, words: bool = True) -> None:
        """Raises InputError where a level, presence, side, rationale or text is missing."""
        if missing := self.item.missing_in(content, words=words):
            raise InputError(
                f"{self.item.label}: the {missing} is missing", mend=f"Give a {missing}."
            )

    def quoted(self, content: Content, also: Iterable[Evidence] = ()) -> Content:
        """The content with its new quotations located; those in `also` are known already.

        Raises:
            InputError: one is not in its transcript.
        """
        known = {*also, *self.shown.evidence, *((self.before and self.before.evidence) or ())}
        known |= set(self.review.own.evidence if self.review.own else ())
        draft = self.writer.reviewed.draft
        found = tuple(
            each if each in known else located(draft, each.quote, each.side)
            for each in content.evidence
        )
        return content.model_copy(update={"evidence": tuple(dict.fromkeys(found))})


def located(draft: Comparison, quote: str, side: Side) -> Evidence:
    """A reviewer's quotation, by the same rule as a judge's.

    Raises:
        InputError: it is not in the transcript.
    """
    turns = deliverable(draft.transcript(side))
    found = locate(quote, turns, side)
    if found.span is None:
        # Copied from a page, which shows hidden characters by their number.
        found = locate(as_written(quote), turns, side)
    if found.span is None:
        asked = locate(f"{quote}?", turns, side).span is not None
        raise InputError(
            "these words do not stand in this transcript",
            mend="They are a question: quote its mark with them."
            if asked
            else "Copy them from the text, without leaving words out.",
        )
    return found


@contextmanager
def _acting(
    folder: Where, reviewer: str, item: str, clock: Clock, last: int | None = None
) -> Iterator[ItemContext]:
    """One item under the review's lock, for an action of one reviewer."""
    at = as_folder(folder)
    with at.writing(reviewer, clock) as writer:
        found = writer.items.get(item)
        if found is None:
            raise InputError(f"the draft has no item {item!r}", place=at.path)
        refuse_if_signed(writer.reviewed)
        changes = changes_since(writer.events, last, reviewer=writer.reviewer, item=item)
        try:
            yield ItemContext(writer, found, changes)
        except ItemChanged:
            raise
        except InputError:
            refuse_changed(changes)  # why it is impossible now is in what was done meanwhile
            raise


def as_folder(folder: Where) -> ReviewFolder:
    """A folder that actions can work on."""
    return folder if isinstance(folder, ReviewFolder) else ReviewFolder(folder)


def _same(event: ReviewEvent, entry: Entry) -> bool:
    """Whether an event is what this entry would add. A planted verdict is gone once answered."""
    words = (event.action, event.reason, event.text) == (entry.action, entry.reason, entry.text)
    return words and (event.trap or event.after == entry.after)


def refuse_settler(record: ReviewerRecord, review: ItemReview | None = None) -> None:
    """Raises InputError for a reviewer who has seen what the others decided."""
    if record.settles or (review is not None and review.adjudicating):
        raise InputError(
            "you have seen what the others decided here",
            mend="Adjudicate instead: grader review FOLDER --adjudicate.",
        )
