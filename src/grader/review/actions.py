"""What a reviewer can do. Every surface calls these, so the rules of a review hold everywhere.

Each action checks under the review's lock that it may happen, adds its event and returns the
comparison as it is then; when it returns, the event is on disk. `last` is the number of the last
event that the reviewer had in sight: an action on something that has changed since is refused. What
a reviewer may see is in `item_view`, adjudication in `adjudicate`, signing in `sign`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
    may_be_bulk_accepted,
    names_are_open,
    needs_own,
    refuse_if_signed,
    shown_content,
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
        mode: 'assisted' or 'blind-first'; None goes on as before, assisted at first.
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
        wanted = mode or record.mode
        refuse_settler(record)
        if record.began and record.mode == "blind-first" and wanted == "assisted":
            raise InputError(
                "this review began blind-first and stays so",
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
            if wanted == "blind-first" and any(each.opened_at for each in record.items.values()):
                raise InputError(
                    "verdicts of the judge were already seen in this review",
                    place="--mode",
                    mend="A blind review needs a reviewer who has not seen them.",
                )
            review.add(Entry(action="open", mode=wanted, traps=traps or record.traps))
    return review.reviewed


def open_item(folder: Where, reviewer: str, item: str, *, clock: Clock = utc_now) -> Reviewed:
    """Record that an item is shown to a reviewer.

    Raises:
        InputError: it is reviewed with names and blind items are still undecided.
    """
    with _acting(folder, reviewer, item, clock) as at:
        at.refuse_too_early()
        mine = [event for event in at.writer.events if event.reviewer == at.record.name]
        last = mine[-1] if mine else None
        if last is None or (last.action, last.item) != ("open", item):
            at.add(Entry(action="open", item=item))
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
    """A reviewer's own level, presences or side, before the judge's is seen.

    Raises:
        InputError: the judge's was seen already, or something is missing.
    """
    with _acting(folder, reviewer, item, clock, last) as at:
        if not needs_own(at.record, at.item):
            raise InputError(
                f"{at.item.label}: an own level first belongs to a blind-first review",
                mend="Edit the item instead.",
            )
        if at.review.revealed:
            raise InputError(
                f"{at.item.label}: the judge's verdict was seen already",
                mend="Edit the item instead; your first level is kept.",
            )
        refuse_settler(at.record, at.review)
        at.refuse_incomplete(content, words=False)
        own = at.quoted(content)
        at.add(
            Entry(
                action="own_level",
                item=item,
                before=at.review.own,
                after=own,
                seconds=at.seconds(),
                seen=False,
            )
        )
    return at.writer.reviewed


def reveal(
    folder: Where, reviewer: str, item: str, *, last: int | None = None, clock: Clock = utc_now
) -> Reviewed:
    """Show the judge's verdict after the reviewer's own level. It can't be taken back.

    Raises:
        InputError: the reviewer has given no level yet, or reviews with the verdict in sight.
    """
    with _acting(folder, reviewer, item, clock, last) as at:
        if not needs_own(at.record, at.item):
            raise InputError(f"{at.item.label}: nothing is hidden here", mend="Decide it as it is.")
        if at.review.own is None:
            raise InputError(
                f"{at.item.label}: the judge's verdict stays hidden until you gave your level",
                mend="Give your own level first.",
            )
        if not at.review.revealed:
            at.add(Entry(action="reveal", item=item))
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
        if missing := at.item.missing_in(at.shown):
            raise InputError(
                f"{at.item.label}: there is no {missing} to accept",
                mend=f"Edit it to give the {missing} yourself, or reject it with a reason.",
            )
        at.decide("accept", at.shown)
    return at.writer.reviewed


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

    Raises:
        InputError: a verdict without level or rationale, a marker without presence, a quotation
            that is not in the transcript, or a blind item that was not revealed.
    """
    with _acting(folder, reviewer, item, clock, last) as at:
        at.refuse_undecidable()
        at.refuse_incomplete(content)
        at.decide("edit", at.quoted(content), reason)
    return at.writer.reviewed


def keep(
    folder: Where,
    reviewer: str,
    item: str,
    content: Content,
    *,
    last: int | None = None,
    clock: Clock = utc_now,
) -> Reviewed:
    """Decide for what the reviewer gave before the judge's was shown.

    Args:
        folder: the comparison's folder.
        reviewer: who decides.
        item: the item's id.
        content: their own, with a rationale where it had none.
        last: the number of the last event that the reviewer had in sight.
        clock: gives the time of the event.

    Raises:
        InputError: there is no own level, or as `edit`.
    """
    with _acting(folder, reviewer, item, clock, last) as at:
        at.refuse_undecidable()
        if at.review.own is None:
            raise InputError(
                f"{at.item.label}: you gave no level of your own here", mend="Edit it instead."
            )
        at.refuse_incomplete(content)
        at.decide("edit", at.quoted(content))
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
    """
    with _acting(folder, reviewer, item, clock, last) as at:
        adjudicated = at.writer.reviewed.decisions[item].adjudicated
        if not adjudicated and at.review.decision.state == "undecided":
            raise InputError(
                f"{at.item.label}: you have not decided it", mend="There is nothing to reopen."
            )
        if not adjudicated:
            refuse_settler(at.record, at.review)
        at.add(Entry(action="reopen", item=item, before=at.before))
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
        target = last_undoable(review.events, review.reviewer, item)
        if target is None:
            raise InputError("there is nothing to undo", mend="Nothing was changed.")
        review.add(Entry(action="undo", item=target.item, undoes=target.sequence))
    return review.reviewed


def last_undoable(
    events: Sequence[ReviewEvent], reviewer: str, item: str | None = None
) -> ReviewEvent | None:
    """The event that `undo` would undo; None where there is none."""
    mine = [e for e in events if e.reviewer == reviewer and item in (None, e.item)]
    undone = {event.undoes for event in mine if event.action == "undo"}
    seen: set[str | None] = set()
    for event in reversed(mine):
        if event.action == "open" and event.item is None and event.adjudicating:
            return None  # what was decided before the others' decisions were seen stays
        if event.action == "reveal" or (event.action == "open" and not event.adjudicating):
            seen.add(event.item)
        if event.action not in UNDOABLE or event.sequence in undone:
            continue
        # Neither an own level whose verdict was then seen, nor an answer to a planted verdict
        # that was then told, can be taken back.
        if event.item in seen and (event.action == "own_level" or event.trap):
            continue
        return event
    return None


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
            "the record of this review is another than when the page was loaded",
            mend="Nothing was saved. Load the page again.",
        )
    return [
        event
        for event in events[last if last is not None else len(events) :]
        if event.action != "open"
        and reviewer in (None, event.reviewer)
        and item in (None, event.item)
    ]


def refuse_changed(changes: Sequence[ReviewEvent]) -> None:
    """Raises ItemChanged, with what was done meanwhile, where anything was."""
    if changes:
        done = ", ".join(f"{each.action.replace('_', ' ')} by {each.reviewer}" for each in changes)
        raise ItemChanged(
            f"this has changed since the page was loaded: {done}",
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
        self.shown = shown_content(writer.record, item)
        """What the reviewer sees as the judge's."""

    @property
    def before(self) -> Content | None:
        """What counted for this reviewer until now."""
        decision = self.review.decision
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
                reason=(reason or "").strip() or None,
                seconds=self.seconds(),
                seen=self.item.judged,
                trap=self.review.planted == "waiting",
            )
        )

    def refuse_undecidable(self) -> None:
        """Raises InputError where this reviewer may not decide the item now."""
        if is_hidden(self.record, self.item):
            raise InputError(
                f"{self.item.label}: in a blind-first review your own level comes first",
                mend="Give your level, then reveal the judge's.",
            )
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
        if self.item.named and not names_are_open(self.record, self.writer.items):
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
