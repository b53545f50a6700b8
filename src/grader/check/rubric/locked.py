"""A rubric held against its lock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.check.findings import Finding, Place
from grader.check.registry import Check
from grader.check.rubric.passages import RubricFile
from grader.errors import RecordError
from grader.rubric.committed import commit_that_added
from grader.rubric.difference import differences, word_by_word
from grader.rubric.lock import Lock, lock_path, read_lock
from grader.rubric.signing import check_signature

CHECKS = (
    Check("lock-damaged", "error", "The lock can't be read or was changed."),
    Check("changed-since-lock", "warning", "The rubric was changed since it was locked."),
    Check("lock-changed-since-commit", "error", "The lock was changed since it was committed."),
    Check("lock-not-committed", "note", "The lock is in no commit."),
    Check("signature-invalid", "error", "The signature of a lock is not valid."),
    Check("date-without-lock", "note", "The rubric states a date, and nothing shows it."),
)
"""What is looked for here."""


def check_lock(file: RubricFile, allowed_signers: Path | None = None) -> Iterator[Finding]:
    """Changes since the lock, a damaged lock, a lock nobody can rely on."""
    path = lock_path(file.document.path)
    place = Place(file=str(path))
    if not path.is_file():
        if file.rubric.registered:
            yield file.finding(
                "date-without-lock",
                "note",
                ("registered",),
                f"the date {file.rubric.registered} is stated, but no lock shows it",
                "`grader rubric lock` makes one, before the treatment is read.",
            )
        return
    try:
        lock = read_lock(path)
    except RecordError as error:
        yield Finding(
            code="lock-damaged",
            severity="error",
            message=error.problem,
            mend=error.mend if hasattr(error, "mend") else "",
            place=place,
        )
        return
    yield from _changes(file, lock, path)
    yield from _signature(path, allowed_signers)
    yield from _commit(path)


def _changes(file: RubricFile, lock: Lock, path: Path) -> Iterator[Finding]:
    if lock.rubric_hash == file.rubric.hash:
        return
    for change in differences(lock.rubric, file.rubric):
        yield Finding(
            code="changed-since-lock",
            severity="warning",
            message=f"{change.place} is not what was locked: "
            f"{word_by_word(change.before, change.after)}",
            mend="Take the change back, or save it as a new rubric and lock that.",
            place=Place(file=str(file.document.path), quote=change.after),
            against=(Place(file=str(path), quote=change.before),),
        )


def _signature(path: Path, allowed_signers: Path | None) -> Iterator[Finding]:
    signature = check_signature(path, allowed_signers)
    if signature.state == "invalid":
        yield Finding(
            code="signature-invalid",
            severity="error",
            message=f"the lock's signature is not valid: {signature.detail}",
            mend="Ask the author for the lock that was signed.",
            place=Place(file=str(path)),
        )


def _commit(path: Path) -> Iterator[Finding]:
    place = Place(file=str(path))
    commit = commit_that_added(path)
    if commit is None:
        yield Finding(
            code="lock-not-committed",
            severity="note",
            message="no commit added this lock, so its date is its own word",
            mend="Commit and push it.",
            place=place,
        )
    elif not commit.unchanged:
        yield Finding(
            code="lock-changed-since-commit",
            severity="error",
            message=f"this lock is not the one that commit {commit.id[:12]} added",
            mend="Restore it with git.",
            place=place,
        )
