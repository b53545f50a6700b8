"""What a draft says of its rubric's registration, against the lock and the first reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from grader.check.findings import Finding
from grader.check.folder.loaded import Opened
from grader.check.registry import Check
from grader.comparison.first_reads import READINGS, first_reading
from grader.comparison.folder import DRAFT
from grader.errors import GraderError
from grader.records import difference
from grader.rubric.lock import JudgePlan, lock_path
from grader.rubric.registration import NEVER_LOCKED, registration_of

CHECKS = (
    Check("registration-unproven", "warning", "The draft claims a lock that is not at hand."),
    Check("registration-differs", "error", "The registration is not what the lock gives."),
    Check("lock-unreadable", "warning", "The lock of the rubric can't be read."),
    Check("first-read-differs", "error", "The treatment was read earlier than the draft says."),
    Check("readings-unreadable", "warning", "The record of first readings can't be read."),
)
"""What is looked for here."""


RUBRICS = Path("rubrics")
"""Where a rubric's lock is looked for if no source names it."""

_OF_THIS_MACHINE = ("commit", "committed_at", "signature", "signer")
"""What can't be looked up where git or the signer's key is missing."""


def check_registered(opened: Opened, sources: Sequence[Path]) -> Iterator[Finding]:
    """A registration that nothing at hand stands behind, and another first reading.

    Args:
        opened: the folder.
        sources: what was named; a rubric among them is checked by itself.
    """
    draft = opened.draft
    yield from _first_read(opened)
    if draft.registration.state == "never" and draft.registration != NEVER_LOCKED:
        yield _differs(opened, "it was never locked, and a lock is described")
    if draft.registration.state != "before":
        return
    name = f"{draft.rubric.id}.yaml"
    near = (RUBRICS / name, opened.path.resolve().parent.parent / RUBRICS / name)
    at_hand = [path for path in near if lock_path(path).is_file()]
    if any(lock_path(path).is_file() for path in sources if path.suffix in (".yaml", ".yml")):
        return
    if at_hand:
        yield from check_registration(opened, at_hand[0])
        return
    yield opened.finding(
        DRAFT,
        "registration-unproven",
        "warning",
        "the draft says that its rubric was locked before the treatment was read, and the lock is "
        "not at hand",
        f"Name the rubric with its lock beside it: --source {RUBRICS / name}.",
        near='"registration"',
    )


def check_registration(opened: Opened, rubric: Path) -> Iterator[Finding]:
    """The draft's registration against the lock beside a rubric file."""
    draft = opened.draft
    stated = draft.registration
    if not lock_path(rubric).is_file():
        return
    first = _moment(stated.first_read) or datetime.now(UTC)
    try:
        now = registration_of(
            rubric,
            draft.rubric,
            treatment=draft.treatment,
            first_read=first,
            judging=JudgePlan(
                judges=tuple(note.spec for note in draft.judges),
                depth=draft.depth,
                samples=draft.samples,
            ),
        )
    except GraderError as error:
        yield opened.finding(
            DRAFT, "lock-unreadable", "warning", f"{rubric}: {error.problem}", error.mend
        )
        return
    left_out = {name for name in _OF_THIS_MACHINE if getattr(now, name) in (None, "not_checked")}
    ours, theirs = (
        each.model_dump(mode="json", exclude=left_out | {"first_read"}) for each in (stated, now)
    )
    if ours != theirs:
        yield _differs(opened, f"by {lock_path(rubric)}: {difference(ours, theirs)}")


def _differs(opened: Opened, problem: str) -> Finding:
    return opened.finding(
        DRAFT,
        "registration-differs",
        "error",
        f"the registration is not as the draft says: {problem}",
        "Somebody changed the draft or the lock. Restore both from version control.",
        near='"registration"',
    )


def _first_read(opened: Opened) -> Iterator[Finding]:
    stated = opened.draft.registration.first_read
    outputs = opened.path.resolve().parent
    try:
        known = first_reading(outputs, opened.draft.treatment)
    except GraderError as error:
        yield opened.finding(DRAFT, "readings-unreadable", "warning", error.problem, error.mend)
        return
    moment = _moment(stated)
    if stated is None or known is None or (moment is not None and moment <= known):
        return
    yield opened.finding(
        DRAFT,
        "first-read-differs",
        "error",
        f"the treatment was first read on {known.isoformat(timespec='seconds')}, by "
        f"{outputs / READINGS}; the draft says {stated}",
        "Restore the draft from a copy.",
        near='"first_read"',
    )


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
