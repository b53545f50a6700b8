"""A draft and its calls against the list of what was made in the outputs folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from grader.check.findings import Finding, Place
from grader.check.folder.loaded import Opened
from grader.check.registry import Check
from grader.comparison.folder import CALLS, DRAFT, calls_bytes
from grader.comparison.made import DRAFTS, made_drafts, name_of
from grader.errors import RecordError
from grader.files.text import read_bytes
from grader.judge.ledger import MAX_BYTES

CHECKS = (
    Check("drafts-list-broken", "error", "The list of drafts of the outputs folder was changed."),
    Check("draft-not-as-made", "error", "Draft or calls are not those that were made here."),
    Check("draft-made-elsewhere", "note", "The list of drafts knows nothing of this comparison."),
)
"""What is looked for here."""


def check_made(opened: Opened) -> Iterator[Finding]:
    """Whether draft and calls are those that were noted when they were made."""
    path = opened.path.resolve()
    try:
        made = made_drafts(path.parent)
    except RecordError as error:
        file, _, line = (error.place or "").rpartition(":")
        yield Finding(
            code="drafts-list-broken",
            severity="error",
            message=error.problem,
            mend=error.mend,
            place=Place(file=file, line=int(line) if line.isdigit() else None),
        )
        return
    now = (opened.hash, _calls_hash(opened.path))
    here = [each for each in made if each.folder == name_of(path)]
    if here and now != (here[-1].draft, here[-1].calls):
        changed = DRAFT if now[0] != here[-1].draft else CALLS
        yield opened.finding(
            changed,
            "draft-not-as-made",
            "error",
            f"this is not the {changed} that was made here, by {path.parent / DRAFTS}",
            "Restore the file from a copy.",
        )
    elif made and not here and now not in {(each.draft, each.calls) for each in made}:
        yield opened.finding(
            DRAFT,
            "draft-made-elsewhere",
            "note",
            f"{path.parent / DRAFTS} knows nothing of this comparison: it was made elsewhere, or "
            "changed under another name",
            "Check it beside the list of the outputs folder that it was made in.",
        )


def _calls_hash(folder: Path) -> str | None:
    path = folder / CALLS
    if not path.is_file():
        return None
    data = read_bytes(path, limit=MAX_BYTES)[: calls_bytes(folder)]
    return hashlib.sha256(data).hexdigest()
