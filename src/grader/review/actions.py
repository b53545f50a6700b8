"""What a reviewer can do. Every surface calls these, so the rules of a review hold everywhere.

Each checks that the action may happen, adds its events and returns what holds then; when it
returns, they are on disk. What a reviewer may see is in `desk`, adjudication in `adjudicate`,
signing in `sign`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from grader.comparison.comparison import Comparison
from grader.comparison.folder import refuse_changed_draft
from grader.errors import InputError
from grader.review.events import Clock, Content, Entry, Mode, ReviewEvent, time_text, utc_now
from grader.review.folder import ReviewFolder
from grader.review.items import ReviewItem, review_items
from grader.review.reviewed import Decision, ItemReview, Reviewed, ReviewerRecord
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


def begin(
    folder: Where,
    reviewer: str,
    *,
    mode: Mode | None = None,
    traps: int = 0,
    clock: Clock = utc_now,
) -> Reviewed:
    """Open a comparison for a reviewer. Adds nothing where nothing new is said.

    Args:
        folder: the comparison's folder.
        reviewer: who reviews.
        mode: 'assisted' or 'blind-first'; None goes on as before, assisted at first.
        traps: how many wrong verdicts are planted for this reviewer.
        clock: gives the time of the event.

    Raises:
        InputError: a blind review cannot become an assisted one, nor planted verdicts change.
    """
    if traps < 0:
        raise InputError("the number of traps can't be negative", place="--traps", mend="Give 0.")
    refuse_changed_draft(as_folder(folder).path)

    def decide(reviewed: Reviewed, _: object) -> Sequence[Entry]:
        refuse_if_signed(reviewed)
        record = reviewed.reviewer(named(reviewer))
        wanted = mode or record.mode
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
        if record.began and wanted == record.mode:
            return []
        if wanted == "blind-first" and any(each.opened_at for each in record.items.values()):
            raise InputError(
                "verdicts of the judge were already seen in this review",
                place="--mode",
                mend="A blind review needs a reviewer who has not seen them.",
            )
        return [Entry("open", mode=wanted, traps=traps or record.traps)]

    return as_folder(folder).add(named(reviewer), decide, clock)


def open_item(folder: Where, reviewer: str, item: str, *, clock: Clock = utc_now) -> Reviewed:
    """Note that an item is laid before a reviewer.

    Raises:
        InputError: it is reviewed with names and blind items are still undecided.
    """

    def entry(desk: Place) -> Entry | None:
        _refuse_too_early(desk)
        last = desk.events[desk.review.last - 1] if desk.review.last else None
        mine = [event for event in desk.events if event.reviewer == desk.record.name]
        if last is not None and last.action == "open" and mine[-1] is last:
            return None  # laid before them again without anything between
        return Entry("open", item)

    return _act(folder, reviewer, item, entry, clock)


def give_own(
    folder: Where, reviewer: str, item: str, content: Content, *, clock: Clock = utc_now
) -> Reviewed:
    """A reviewer's own level, presences or side, before the judge's is seen.

    Raises:
        InputError: the judge's was seen already, or something is missing.
    """

    def entry(desk: Place) -> Entry:
        if not needs_own(desk.record, desk.item):
            raise InputError(
                f"{desk.item.label}: an own level first belongs to a blind-first review",
                mend="Edit the item instead.",
            )
        if desk.review.revealed:
            raise InputError(
                f"{desk.item.label}: the judge's verdict was seen already",
                mend="Edit the item instead; your first level is kept.",
            )
        if missing := desk.item.missing_in(content, words=False):
            raise InputError(
                f"{desk.item.label}: the {missing} is missing", mend=f"Give a {missing}."
            )
        return Entry(
            "own_level",
            item,
            desk.review.own,
            desk.quoted(content),
            seconds=desk.seconds(clock),
            seen=False,
        )

    return _act(folder, reviewer, item, entry, clock)


def reveal(folder: Where, reviewer: str, item: str, *, clock: Clock = utc_now) -> Reviewed:
    """Give out the judge's verdict after the reviewer's own level. It can't be taken back.

    Raises:
        InputError: the reviewer has given no level yet, or reviews with the verdict in sight.
    """

    def entry(desk: Place) -> Entry | None:
        if not needs_own(desk.record, desk.item):
            raise InputError(
                f"{desk.item.label}: nothing is hidden here", mend="Decide it as it stands."
            )
        if desk.review.own is None:
            raise InputError(
                f"{desk.item.label}: the judge's verdict stays hidden until you gave your level",
                mend="Give your own level first.",
            )
        return None if desk.review.revealed else Entry("reveal", item)

    return _act(folder, reviewer, item, entry, clock)


def accept(folder: Where, reviewer: str, item: str, *, clock: Clock = utc_now) -> Reviewed:
    """Take an item as the judge drafted it, whatever this reviewer decided before.

    Raises:
        InputError: the judge left a level or presence empty, so there is nothing to accept; or
            the item is blind and was not revealed.
    """

    def entry(desk: Place) -> Entry:
        if missing := desk.item.missing_in(desk.shown):
            raise InputError(
                f"{desk.item.label}: there is no {missing} to accept",
                mend=f"Edit it to give the {missing} yourself, or reject it with a reason.",
            )
        return desk.decided("accept", desk.shown, None, clock)

    return _act(folder, reviewer, item, entry, clock)


def accept_calm(folder: Where, reviewer: str, *, clock: Clock = utc_now) -> tuple[Reviewed, int]:
    """Accept every open item at once that needs no attention and was opened before.

    Returns:
        What holds then, and how many were accepted.
    """
    at = as_folder(folder)
    accepted = 0

    def decide(reviewed: Reviewed, events: tuple[ReviewEvent, ...]) -> Sequence[Entry]:
        nonlocal accepted
        refuse_if_signed(reviewed)
        entries = []
        for item in at.items.values():
            desk = Place(reviewed, events, item, reviewed.reviewer(named(reviewer)))
            if may_be_bulk_accepted(reviewed, desk.record, item):
                entries.append(desk.decided("accept", desk.shown, None, clock))
        accepted = len(entries)
        return entries

    return at.add(named(reviewer), decide, clock), accepted


def edit(
    folder: Where,
    reviewer: str,
    item: str,
    content: Content,
    reason: str | None = None,
    *,
    clock: Clock = utc_now,
) -> Reviewed:
    """Put the reviewer's own content in place of what the draft says.

    Raises:
        InputError: a verdict without level or rationale, a marker without presence, a quotation
            that does not stand in the transcript, or a blind item that was not revealed.
    """

    def entry(desk: Place) -> Entry:
        if missing := desk.item.missing_in(content):
            raise InputError(
                f"{desk.item.label}: the {missing} is missing", mend=f"Give a {missing}."
            )
        return desk.decided("edit", desk.quoted(content), _said(reason), clock)

    return _act(folder, reviewer, item, entry, clock)


def reject(
    folder: Where,
    reviewer: str,
    item: str,
    reason: str | None = None,
    *,
    clock: Clock = utc_now,
) -> Reviewed:
    """Throw an item out: no level, rationale or evidence holds for it.

    It takes as little as accepting. The reason may follow: rejecting again with one adds it,
    and nobody can sign before it is there.
    """

    def entry(desk: Place) -> Entry:
        return desk.decided("reject", None, _said(reason), clock)

    return _act(folder, reviewer, item, entry, clock)


def comment(
    folder: Where, reviewer: str, item: str, text: str, *, clock: Clock = utc_now
) -> Reviewed:
    """Leave a remark beside an item. It decides nothing.

    Raises:
        InputError: the remark is empty.
    """

    def entry(desk: Place) -> Entry:
        if not _said(text):
            raise InputError(f"{desk.item.label}: the comment is empty", mend="Write something.")
        return Entry("comment", item, text=_said(text))

    return _act(folder, reviewer, item, entry, clock)


def defer(folder: Where, reviewer: str, item: str, *, clock: Clock = utc_now) -> Reviewed:
    """Put an item behind the others."""
    return _act(folder, reviewer, item, lambda _: Entry("defer", item), clock)


def reopen(folder: Where, reviewer: str, item: str, *, clock: Clock = utc_now) -> Reviewed:
    """Take back one's own decision on an item, or its adjudication, however long ago.

    Raises:
        InputError: there is none.
    """

    def entry(desk: Place) -> Entry:
        adjudicated = desk.reviewed.decisions[item].adjudicated
        if not adjudicated and desk.review.decision.state == "undecided":
            raise InputError(
                f"{desk.item.label}: you have not decided it", mend="There is nothing to reopen."
            )
        return Entry("reopen", item, desk.held)

    return _act(folder, reviewer, item, entry, clock, adjudicated=True)


def undo(
    folder: Where, reviewer: str, item: str | None = None, *, clock: Clock = utc_now
) -> Reviewed:
    """Undo this reviewer's last action, or their last on one item. What was seen stays seen.

    Raises:
        InputError: there is nothing that can be undone.
    """

    def decide(reviewed: Reviewed, events: tuple[ReviewEvent, ...]) -> Sequence[Entry]:
        refuse_if_signed(reviewed)
        target = last_undoable(events, named(reviewer), item)
        if target is None:
            raise InputError("there is nothing to undo", mend="Nothing was changed.")
        return [Entry("undo", target.item, undoes=target.sequence)]

    return as_folder(folder).add(named(reviewer), decide, clock)


def last_undoable(
    events: Sequence[ReviewEvent], reviewer: str, item: str | None = None
) -> ReviewEvent | None:
    """The event that `undo` would undo; None where there is none."""
    mine = [e for e in events if e.reviewer == reviewer and item in (None, e.item)]
    undone = {event.undoes for event in mine if event.action == "undo"}
    seen: set[str | None] = set()
    for event in reversed(mine):
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


# --- rules that surfaces ask about ----------------------------------------------------------


def needs_own(record: ReviewerRecord, item: ReviewItem) -> bool:
    """Whether the judge's verdict is hidden from this reviewer until they gave their own."""
    return record.mode == "blind-first" and not item.named and item.judged


def is_hidden(record: ReviewerRecord, item: ReviewItem) -> bool:
    """Whether the judge's verdict may not be given out to this reviewer now."""
    return needs_own(record, item) and not record.item(item.id).revealed


def names_are_open(record: ReviewerRecord, items: dict[str, ReviewItem]) -> bool:
    """Whether this reviewer has decided every blind item, so that names may be told."""
    blind = (item for item in items.values() if not item.named)
    return all(record.item(item.id).decision.state != "undecided" for item in blind)


def shown_content(reviewed: Reviewed, record: ReviewerRecord, item: ReviewItem) -> Content:
    """What is shown to this reviewer as the judge's: the draft's, or a planted verdict."""
    if record.item(item.id).planted == "waiting" and item.planted is not None:
        return item.planted
    return item.drafted


def may_be_bulk_accepted(reviewed: Reviewed, record: ReviewerRecord, item: ReviewItem) -> bool:
    """No attention, laid before this reviewer, still open, and something to accept."""
    review = record.item(item.id)
    return (
        not item.attention
        and review.opened_at is not None
        and review.decision.state == "undecided"
        and not review.adjudicating
        and not reviewed.decisions[item.id].adjudicated
        and not is_hidden(record, item)
        and item.missing_in(shown_content(reviewed, record, item)) is None
    )


def held(item: ReviewItem, decision: Decision) -> Content | None:
    """What a decision makes of an item: the draft's content, the reviewer's, or nothing."""
    return item.drafted if decision.state == "undecided" else decision.content


def named(reviewer: str) -> str:
    """A reviewer's name as it is written down. Raises InputError when nothing is left of it."""
    name = " ".join("".join(c if c.isprintable() else " " for c in reviewer).split())
    if not name:
        raise InputError(
            "a review needs the name of its reviewer", place="--reviewer", mend="Give your name."
        )
    return name


def refuse_if_signed(reviewed: Reviewed) -> None:
    """Raises InputError when the review has ended."""
    if reviewed.sign_off is not None:
        raise InputError(
            f"this comparison was signed by {reviewed.sign_off.reviewer} on "
            f"{reviewed.sign_off.time}, so its review has ended",
            place=reviewed.draft.slug,
            mend="Take the signature back first: grader sign FOLDER --take-back REASON.",
        )


# --- the common frame -----------------------------------------------------------------------


class Place:
    """One item before one reviewer, while an action is decided."""

    def __init__(
        self,
        reviewed: Reviewed,
        events: tuple[ReviewEvent, ...],
        item: ReviewItem,
        record: ReviewerRecord,
    ) -> None:
        self.reviewed, self.events, self.item, self.record = reviewed, events, item, record
        self.review: ItemReview = record.item(item.id)
        self.shown = shown_content(reviewed, record, item)

    @property
    def held(self) -> Content | None:
        """What held for this reviewer until now."""
        decision = self.review.decision
        return self.shown if decision.state == "undecided" else decision.content

    def seconds(self, clock: Clock) -> int | None:
        """From laying the item before the reviewer until now."""
        if self.review.opened_at is None:
            return None
        now = datetime.fromisoformat(time_text(clock()))
        spent = now - datetime.fromisoformat(self.review.opened_at)
        return max(0, round(spent.total_seconds()))

    def decided(
        self,
        action: str,
        content: Content | None,
        reason: str | None,
        clock: Clock,
    ) -> Entry:
        """The entry of a decision. Raises InputError where a decision may not be made yet."""
        if is_hidden(self.record, self.item):
            raise InputError(
                f"{self.item.label}: in a blind-first review your own level comes first",
                mend="Give your level, then reveal the judge's.",
            )
        _refuse_too_early(self)
        if self.review.adjudicating:
            raise InputError(
                f"{self.item.label}: you have seen what the others decided",
                mend="Adjudicate it instead: grader review FOLDER --adjudicate.",
            )
        return Entry(
            action,  # type: ignore[arg-type]
            self.item.id,
            self.held,
            content,
            reason,
            seconds=self.seconds(clock),
            seen=self.item.judged,
            trap=self.review.planted == "waiting",
        )

    def quoted(self, content: Content, also: Iterable[Evidence] = ()) -> Content:
        """The content with its new quotations located; those in `also` are known already.

        Raises:
            InputError: one does not stand in its transcript.
        """
        known = {*also, *self.shown.evidence, *((self.held and self.held.evidence) or ())}
        known |= set(self.review.own.evidence if self.review.own else ())
        found = tuple(
            each if each in known else located(self.reviewed.draft, each.quote, each.side)
            for each in content.evidence
        )
        return content.model_copy(update={"evidence": tuple(dict.fromkeys(found))})


def located(draft: Comparison, quote: str, side: Side) -> Evidence:
    """A reviewer's quotation, held to the same rule as a judge's.

    Raises:
        InputError: it does not stand in the transcript.
    """
    turns = deliverable(draft.transcript(side))
    found = locate(quote, turns, side)
    if found.span is None:
        # Copied from a page, which shows hidden characters by their number.
        found = locate(as_written(quote), turns, side)
    if found.span is None:
        raise InputError(
            "these words do not stand in this transcript",
            mend="Copy them from the text, without leaving words out.",
        )
    return found


def _refuse_too_early(desk: Place) -> None:
    if not desk.item.named:
        return
    if not names_are_open(desk.record, review_items(desk.reviewed.draft)):
        raise InputError(
            f"{desk.item.label}: this is reviewed with names, after all that is blind",
            mend="Decide the verdicts, signature notes and contrasts first.",
        )


def _act(
    folder: Where,
    reviewer: str,
    item: str,
    entry: Callable[[Place], Entry | None],
    clock: Clock,
    *,
    adjudicated: bool = False,
) -> Reviewed:
    at = as_folder(folder)
    found = at.items.get(item)
    if found is None:
        raise InputError(f"the draft has no item {item!r}", place=at.path)

    def decide(reviewed: Reviewed, events: tuple[ReviewEvent, ...]) -> Sequence[Entry]:
        refuse_if_signed(reviewed)
        desk = Place(reviewed, events, found, reviewed.reviewer(named(reviewer)))
        made = entry(desk)
        decides = made is not None and made.action in ("accept", "edit", "reject")
        if decides and reviewed.decisions[item].adjudicated and not adjudicated:
            raise InputError(
                f"{found.label}: it was adjudicated by {reviewed.decisions[item].reviewer}",
                mend="Reopen it first.",
            )
        return [] if made is None else [made]

    return at.add(named(reviewer), decide, clock)


def as_folder(folder: Where) -> ReviewFolder:
    """A folder that actions can work on."""
    return folder if isinstance(folder, ReviewFolder) else ReviewFolder(folder)


def _said(text: str | None) -> str | None:
    return (text or "").strip() or None
