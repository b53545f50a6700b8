"""What a reviewer can do with an item: accept, edit, reject, comment. Signing is in `sign`.

Every surface for reviewers calls these. Each checks that the action may happen, adds one event
and returns what holds then; when it returns, the event is on disk.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from grader.comparison.comparison import Verdict
from grader.comparison.folder import REVIEWS, read_draft
from grader.errors import InputError
from grader.review.events import (
    Clock,
    Content,
    Entry,
    ReviewEvent,
    append_event,
    read_events,
    utc_now,
)
from grader.review.fold import fold
from grader.review.items import ReviewItem, review_items
from grader.review.reviewed import Decision, Reviewed


def read_reviewed(folder: Path) -> Reviewed:
    """The comparison of a folder with what was decided so far.

    Raises:
        InputError: there is no draft.
        RecordError: draft or events cannot be used.
    """
    draft, draft_hash = read_draft(folder)
    return fold(draft, draft_hash, read_events(folder / REVIEWS, draft_hash))


def accept(folder: Path, reviewer: str, item: str, *, clock: Clock = utc_now) -> Reviewed:
    """Take an item as the judge drafted it, whatever was decided before.

    Raises:
        InputError: the judge left a level or presence empty, so there is nothing to accept.
    """

    def entry(found: ReviewItem, decision: Decision) -> Entry:
        if missing := missing_in(found, found.drafted):
            raise InputError(
                f"{found.label}: there is no {missing} to accept",
                mend=f"Edit it to give the {missing} yourself, or reject it with a reason.",
            )
        return Entry("accept", item, held(found, decision), found.drafted)

    return _act(folder, reviewer, item, entry, clock)


def edit(
    folder: Path,
    reviewer: str,
    item: str,
    content: Content,
    reason: str | None = None,
    *,
    clock: Clock = utc_now,
) -> Reviewed:
    """Put the reviewer's own content in place of what the draft says.

    Raises:
        InputError: a verdict without level or rationale, or a marker without presence.
    """

    def entry(found: ReviewItem, decision: Decision) -> Entry:
        if missing := missing_in(found, content):
            raise InputError(f"{found.label}: the {missing} is missing", mend=f"Give a {missing}.")
        return Entry("edit", item, held(found, decision), content, _said(reason))

    return _act(folder, reviewer, item, entry, clock)


def reject(
    folder: Path, reviewer: str, item: str, reason: str, *, clock: Clock = utc_now
) -> Reviewed:
    """Throw an item out: no level, rationale or evidence holds for it.

    Raises:
        InputError: no reason is given.
    """

    def entry(found: ReviewItem, decision: Decision) -> Entry:
        if not _said(reason):
            raise InputError(f"{found.label}: a rejection needs a reason", mend="Give a reason.")
        return Entry("reject", item, held(found, decision), None, _said(reason))

    return _act(folder, reviewer, item, entry, clock)


def comment(
    folder: Path, reviewer: str, item: str, text: str, *, clock: Clock = utc_now
) -> Reviewed:
    """Leave a remark beside an item. It decides nothing.

    Raises:
        InputError: the remark is empty.
    """

    def entry(found: ReviewItem, decision: Decision) -> Entry:
        if not _said(text):
            raise InputError(f"{found.label}: the comment is empty", mend="Write something.")
        return Entry("comment", item, text=_said(text))

    return _act(folder, reviewer, item, entry, clock)


def missing_in(item: ReviewItem, content: Content) -> str | None:
    """What this content lacks to stand in a result: 'level', 'rationale' or 'presence'."""
    if isinstance(item.source, Verdict):
        if content.level is None:
            return "level"
        return None if (content.rationale or "").strip() else "rationale"
    presences = content.presences
    complete = len(presences) == len(item.source.markers) and None not in presences
    return None if complete else "presence"


def held(item: ReviewItem, decision: Decision) -> Content | None:
    """What holds for an item now: the draft's content, the reviewer's, or nothing."""
    if decision.state == "undecided":
        return item.drafted
    if decision.state == "rejected":
        return None
    return Content(
        level=decision.level,
        rationale=decision.rationale,
        note=decision.note,
        presences=decision.presences,
        evidence=decision.evidence,
    )


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
            mend="Nothing was changed. Make a new comparison to review the pair again.",
        )


def _act(
    folder: Path,
    reviewer: str,
    item: str,
    entry: Callable[[ReviewItem, Decision], Entry],
    clock: Clock,
) -> Reviewed:
    draft, draft_hash = read_draft(folder)
    found = review_items(draft).get(item)
    if found is None:
        raise InputError(f"the draft has no item {item!r}", place=folder)

    def decide(events: tuple[ReviewEvent, ...]) -> Entry:
        reviewed = fold(draft, draft_hash, events)
        refuse_if_signed(reviewed)
        return entry(found, reviewed.decisions[item])

    events = append_event(folder / REVIEWS, draft_hash, named(reviewer), decide, clock=clock)
    return fold(draft, draft_hash, events)


def _said(text: str | None) -> str | None:
    return (text or "").strip() or None
