"""The record of calls: readable, complete, and the same as the journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.check.findings import Finding, Place
from grader.check.folder.loaded import Opened
from grader.check.registry import Check
from grader.comparison.answers import answers
from grader.comparison.comparison import Comparison
from grader.comparison.folder import CALLS, calls_bytes
from grader.errors import GraderError
from grader.files.text import decode_text, read_bytes
from grader.judge.reply import Call

CHECKS = (
    Check("call-unreadable", "error", "A call can't be read."),
    Check("call-missing", "error", "A question of the draft has no call."),
    Check("journal-unreadable", "warning", "The journal can't be read."),
    Check("reply-differs", "error", "A reply is not the one in the journal."),
)
"""What is looked for here."""


def read_recorded(folder: Path) -> tuple[tuple[Call, ...], list[Finding]]:
    """The calls that a folder's draft rests on, and what keeps them from being read."""
    path = folder / CALLS
    if not path.is_file():
        return (), []
    from grader.judge.ledger import MAX_BYTES, parse_calls

    try:
        data = read_bytes(path, limit=MAX_BYTES)[: calls_bytes(folder)]
        return tuple(parse_calls(decode_text(data, path), path)), []
    except GraderError as error:
        file, _, line = (error.place or str(path)).rpartition(":")
        known = bool(file) and line.isdigit()
        return (), [
            Finding(
                code="call-unreadable",
                severity="error",
                message=error.problem,
                mend=error.mend,
                place=Place(file=file if known else str(path), line=int(line) if known else None),
            )
        ]


def check_recorded(opened: Opened, journal: Path) -> Iterator[Finding]:
    """Questions of the draft without a call, and replies that the journal has otherwise."""
    asked = {call.question for call in opened.calls}
    if all(note.kind == "offline" for note in opened.draft.judges):
        return
    missing = [
        question
        for answer in answers(opened.draft)
        for question in answer.questions
        if question not in asked
    ]
    # A question that the budget stopped never went out; it has no call.
    if missing and not stopped_by_budget(opened.draft):
        yield opened.finding(
            CALLS,
            "call-missing",
            "error",
            f"{len(missing)} questions of the draft are not in the record of calls, the first "
            f"one {missing[0][:16]}…",
            "Restore calls.jsonl from a copy.",
        )
    if journal.is_file():
        yield from _against_journal(opened, journal)


def _against_journal(opened: Opened, where: Path) -> Iterator[Finding]:
    from grader.judge.journal import Journal

    try:
        journal = Journal(where)
    except GraderError as error:
        yield Finding(
            code="journal-unreadable",
            severity="warning",
            message=error.problem,
            mend=error.mend,
            place=Place(file=str(where)),
        )
        return
    try:
        for number, call in enumerate(opened.calls, 1):
            if call.reply is None or call.source == "recording":
                continue
            try:
                kept = journal.takes(call.question, server=call.server)
            except GraderError as error:
                yield Finding(
                    code="journal-unreadable",
                    severity="warning",
                    message=error.problem,
                    mend=error.mend,
                    place=Place(file=str(where)),
                )
                return
            if kept and call.reply not in kept:
                yield Finding(
                    code="reply-differs",
                    severity="error",
                    message=f"the reply to '{call.label}' is not the one in the journal",
                    mend="One of the two was changed. Restore calls.jsonl from a copy.",
                    place=Place(
                        file=str(opened.path / CALLS), line=number, quote=(call.reply.text or "")
                    ),
                    against=(Place(file=str(where), quote=kept[-1].text),),
                )
    finally:
        journal.close()


def stopped_by_budget(draft: Comparison) -> bool:
    """Whether some questions of a draft were never sent."""
    return any(count.outcome == "budget_stopped" for count in draft.outcomes)
