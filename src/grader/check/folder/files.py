"""Are the files of a folder the ones that were written, byte for byte?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from grader.check.findings import Finding, Place
from grader.check.folder.loaded import Opened
from grader.comparison.comparison import Comparison
from grader.comparison.folder import (
    CALLS,
    DOCX,
    DRAFT,
    EVIDENCE,
    EVIDENCE_DOCX,
    HASHES,
    HTML,
    MARKDOWN,
    PDF,
    REVIEWS,
    calls_bytes,
    draft_text,
    hashes_text,
)
from grader.errors import GraderError
from grader.text.quotation import locate
from grader.transcripts.transcript import deliverable

if TYPE_CHECKING:
    from grader.review.events import ReviewEvent
from grader.check.registry import Check
from grader.review.events import REVIEWS_LOCK

CHECKS = (
    Check("hashes-missing", "error", "There are no hashes of draft and calls."),
    Check("hashes-damaged", "error", "The file of hashes can't be read."),
    Check("hashes-changed", "error", "The file of hashes is not as grader writes it."),
    Check("file-missing", "error", "A file is gone that was there when the draft was written."),
    Check("file-added", "error", "A file was not there when the draft was written."),
    Check("file-changed", "error", "Draft or calls have other hashes than were written."),
    Check("calls-unfinished", "warning", "A later run that did not end added to the calls."),
    Check("draft-respelled", "warning", "The draft is not spelled as grader spells it."),
    Check(
        "review-chain-broken",
        "error",
        "The chain of review events is broken, or an event can't stand where it is.",
    ),
    Check("review-torn", "error", "The last line of a review is not a whole event."),
    Check("review-respelled", "error", "A review event is not spelled as it was written."),
    Check(
        "review-not-as-made",
        "error",
        "A review does not begin with the events that were counted beside the folder.",
    ),
    Check(
        "review-quotation", "error", "A reviewer's quotation does not stand where the event says."
    ),
    Check("lock-not-empty", "warning", "A file that marks a program at work is not empty."),
    Check("file-unknown", "note", "A file in the folder was not written by grader."),
    Check("writeup-missing", "warning", "There is no writeup."),
    Check("writeup-outdated", "error", "The writeup is not what draft and reviews give."),
)
"""What is looked for here."""


_LOCKS = (".grader.lock", REVIEWS_LOCK)
_WRITEUPS = {MARKDOWN, EVIDENCE, HTML, PDF, DOCX, EVIDENCE_DOCX}
_KNOWN = frozenset({DRAFT, CALLS, HASHES, REVIEWS, *_WRITEUPS, *_LOCKS})

_RESTORE = (
    "Restore the file from a copy, or make the comparison again; answers in the journal stay."
)


def check_hashes(folder: Path) -> Iterator[Finding]:
    """Draft and calls against `hashes.json`, and that against its own form."""
    path = folder / HASHES

    def found(file: str, code: str, message: str) -> Finding:
        return Finding(
            code=code,
            severity="error",
            message=message,
            mend=_RESTORE,
            place=Place(file=str(folder / file)),
        )

    if not path.is_file():
        yield found(HASHES, "hashes-missing", "there are no hashes to hold draft and calls against")
        return
    try:
        raw = path.read_bytes()
        stated = json.loads(raw)["files"]
        if not isinstance(stated, dict):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        yield found(HASHES, "hashes-damaged", "this file of hashes can't be read")
        return
    differs = False
    size = calls_bytes(folder)
    for name in (DRAFT, CALLS):
        file = folder / name
        data = file.read_bytes()[: size if name == CALLS else None] if file.is_file() else None
        there = None if data is None else hashlib.sha256(data).hexdigest()
        if stated.get(name) == there:
            continue
        differs = True
        if there is None:
            yield found(name, "file-missing", "this file was there when the draft was written")
        elif name not in stated:
            yield found(name, "file-added", "this file was not there when the draft was written")
        else:
            yield found(name, "file-changed", "this file, or its hash in hashes.json, was changed")
    if differs:
        return
    calls = folder / CALLS
    if size is not None and calls.is_file() and calls.stat().st_size > size:
        yield Finding(
            code="calls-unfinished",
            severity="warning",
            message="attempts were added after the draft was written, by a run that did not end; "
            "they do not count in it",
            mend="Run the same command with --retry-failed, or with a larger --budget, again.",
            place=Place(file=str(calls)),
        )
    if (folder / DRAFT).is_file():
        draft = (folder / DRAFT).read_bytes().decode("utf-8", "replace")
        if raw != hashes_text(folder, draft, size).encode():
            yield found(HASHES, "hashes-changed", "this file is not as grader writes it")


def check_draft_form(opened: Opened) -> Iterator[Finding]:
    """The draft is spelled as grader spells it: what was edited by hand shows."""
    if opened.text != draft_text(opened.draft):
        # A later version may add fields; the words that are there must still be the same.
        same = json.loads(opened.text) == json.loads(draft_text(opened.draft))
        yield opened.finding(
            DRAFT,
            "draft-respelled",
            "note" if same else "warning",
            "the draft is not spelled as this version of grader spells it",
            "If another version wrote it, all is well; otherwise restore it.",
        )


def check_reviews(opened: Opened) -> Iterator[Finding]:
    """The chain of review events, each byte of it, and what it means."""
    path = opened.path / REVIEWS
    from grader.review.events import read_events
    from grader.review.fold import fold

    try:
        events = read_events(path, opened.hash)
        yield from _noted_review(opened, events)
        if not events and not path.is_file():
            return
        fold(opened.draft, opened.hash, events)
    except GraderError as error:
        place = error.place or str(path)
        file, _, line = place.rpartition(":")
        known = bool(file) and line.isdigit()
        yield Finding(
            code="review-chain-broken",
            severity="error",
            message=error.problem,
            mend=error.mend,
            place=Place(file=file if known else place, line=int(line) if known else None),
        )
        return
    data = path.read_bytes()
    *lines, tail = data.split(b"\n")
    if tail:
        yield opened.finding(
            REVIEWS,
            "review-torn",
            "error",
            "the last line is not a whole event; its action does not count",
            "Look at the last action again; the next one takes the torn line away.",
            quote=tail[:200].decode("utf-8", "replace"),
        )
    for number, event in enumerate(lines, 1):
        values = json.loads(event)
        if event != json.dumps(values, ensure_ascii=False).encode():
            yield Finding(
                code="review-respelled",
                severity="error",
                message="this event is not spelled as it was written",
                mend="Restore reviews.jsonl from a copy.",
                place=Place(file=str(path), line=number),
            )
    yield from _reviewers_quotations(opened.draft, events, path)


def _noted_review(opened: Opened, events: tuple[ReviewEvent, ...]) -> Iterator[Finding]:
    """Whether the events are those that were counted beside the folder."""
    from grader.review.noted import continues, noted_path, read_noted

    noted = read_noted(opened.path)
    if noted is not None and not continues(noted, opened.hash, events):
        yield opened.finding(
            REVIEWS,
            "review-not-as-made",
            "error",
            f"{noted_path(opened.path)} counts {noted.events} events, and they are not those that "
            f"this file begins with; it holds {len(events)}",
            "Restore reviews.jsonl from a copy. If the review was begun anew on purpose, move that "
            "note away.",
        )


def _reviewers_quotations(
    draft: Comparison, events: Iterable[ReviewEvent], path: Path
) -> Iterator[Finding]:
    """Quotations of reviewers that are not where the event says."""
    from grader.review.items import review_items

    known = {quote for item in review_items(draft).values() for quote in item.drafted.evidence}
    for event in events:
        for quote in event.after.evidence if event.after else ():
            if quote in known:
                continue
            turns = deliverable(draft.transcript(quote.side))
            if quote.span is None or locate(quote.quote, turns, quote.side).span != quote.span:
                yield Finding(
                    code="review-quotation",
                    severity="error",
                    message=f"{event.reviewer} quotes what is not at that place: {quote.quote!r}",
                    mend="Look at the decision again; quote what the transcript says.",
                    place=Place(file=str(path), line=event.sequence),
                )
            known.add(quote)


def check_strangers(folder: Path) -> Iterator[Finding]:
    """Files that no part of grader wrote: nothing protects them."""
    for path in sorted(folder.iterdir()):
        if path.name in _LOCKS and path.is_file() and path.stat().st_size:
            yield Finding(
                code="lock-not-empty",
                severity="warning",
                message="this file only marks that a program is at work; it should be empty",
                mend="Take it away when nothing runs.",
                place=Place(file=str(path)),
            )
        elif path.name not in _KNOWN:
            yield Finding(
                code="file-unknown",
                severity="note",
                message="grader did not write this file, and no check covers it",
                mend="Keep notes elsewhere, so that the folder is as it was made.",
                place=Place(file=str(path)),
            )


def check_rendered(opened: Opened) -> Iterator[Finding]:
    """The writeups are what draft and reviews give now."""
    from grader.writeup.write import rendered

    try:
        texts = rendered(opened.path)
    except GraderError:
        return  # what stands in the way is told by another check
    for name, text in texts.items():
        path = opened.path / name
        if not path.is_file():
            yield opened.finding(
                name, "writeup-missing", "warning", "there is no writeup", "Run `grader render`."
            )
        elif path.read_bytes() != text.encode():
            there = path.read_bytes().decode("utf-8", "replace").split("\n")
            first = next(
                (
                    n
                    for n, (a, b) in enumerate(zip(there, text.split("\n"), strict=False))
                    if a != b
                ),
                min(len(there), text.count("\n") + 1) - 1,
            )
            yield Finding(
                code="writeup-outdated",
                severity="error",
                message="the writeup is not what draft and reviews give",
                mend="Run `grader render`; a writeup is never edited by hand.",
                place=Place(
                    file=str(path), line=first + 1, quote=(there[first] if there else "")[:300]
                ),
            )
