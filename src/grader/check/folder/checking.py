"""All checks of one comparison's folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.check.findings import Finding, Place, in_order
from grader.check.folder import (
    blindness,
    computed,
    files,
    judges,
    made,
    recorded,
    registered,
    replayed,
    sources,
)
from grader.check.folder.blindness import check_blindness
from grader.check.folder.computed import check_computed
from grader.check.folder.files import (
    check_draft_form,
    check_hashes,
    check_rendered,
    check_reviews,
    check_strangers,
)
from grader.check.folder.judges import check_calls_of_judges
from grader.check.folder.loaded import Opened
from grader.check.folder.made import check_made
from grader.check.folder.recorded import check_recorded, read_recorded
from grader.check.folder.registered import check_registered
from grader.check.folder.replayed import check_replayed
from grader.check.folder.sources import check_sources
from grader.check.registry import Check
from grader.comparison.folder import DRAFT, read_draft
from grader.errors import RecordError
from grader.files.text import read_bytes

CHECKS = (
    *files.CHECKS,
    *made.CHECKS,
    *computed.CHECKS,
    *sources.CHECKS,
    *registered.CHECKS,
    *recorded.CHECKS,
    *judges.CHECKS,
    *replayed.CHECKS,
    *blindness.CHECKS,
    Check("draft-unreadable", "error", "The draft can't be read, or refers to what isn't in it."),
    Check("not-signed", "note", "Nobody has signed the comparison."),
    Check("signed-undecided", "error", "It is signed, and items are undecided."),
)
"""What is looked for here, one entry a check: a new module of checks is named here too."""


JOURNAL = "journal.db"


def check_folder(
    folder: str | Path, *, sources: Sequence[str | Path] = (), journal: Path | None = None
) -> list[Finding]:
    """What is wrong with a comparison's folder.

    Args:
        folder: as `grader compare` made it.
        sources: transcripts and rubrics the comparison may have been made from.
        journal: the journal's file; None looks for it beside the folder.

    Raises:
        InputError: there is no draft in it, or a source can't be read.
    """
    folder = Path(folder)
    found = list(check_hashes(folder))
    try:
        draft, hash = read_draft(folder)
    except RecordError as error:
        found.append(
            Finding(
                code="draft-unreadable",
                severity="error",
                message=error.problem,
                mend=error.mend,
                place=Place(file=str(folder / DRAFT)),
            )
        )
        return in_order([*found, *check_strangers(folder)])
    calls, unreadable = read_recorded(folder)
    text = read_bytes(folder / DRAFT).decode("utf-8", "replace")
    opened = Opened(folder, draft, text, hash, calls)
    found += unreadable
    found += check_draft_form(opened)
    found += check_made(opened)
    found += check_computed(opened)
    found += check_sources(opened, [Path(source) for source in sources])
    found += check_registered(opened, [Path(source) for source in sources])
    found += check_reviews(opened)
    found += check_rendered(opened)
    found += check_strangers(folder)
    found += check_calls_of_judges(opened)
    found += check_recorded(opened, journal or folder.parent / JOURNAL)
    # Questions are made from the prompts of this version; with others they'd all look unasked.
    if not any(finding.code == "prompt-changed" for finding in found):
        replayed, requests = check_replayed(opened)
        found += replayed
        found += check_blindness(opened, requests)
    found += _signed(opened)
    return in_order(found)


def _signed(opened: Opened) -> list[Finding]:
    from grader.errors import GraderError
    from grader.review.folder import read_reviewed
    from grader.review.items import decisions_made

    try:
        reviewed = read_reviewed(opened.path)
    except GraderError:
        return []
    made, total = decisions_made(reviewed)
    if reviewed.sign_off is None:
        return [
            opened.finding(
                DRAFT,
                "not-signed",
                "note",
                f"nobody has signed this; {total - made} of {total} decisions are open",
                "`grader review`, then `grader sign`.",
            )
        ]
    if reviewed.undecided:
        return [
            opened.finding(
                DRAFT,
                "signed-undecided",
                "error",
                f"it is signed with {len(reviewed.undecided)} items undecided",
                "Take the signature back, decide them, and sign again.",
            )
        ]
    return []
