"""The lock of a study: file, criteria, runs, pairing, draw and looks as they stood at one time.

`study.yaml` has `study.lock` beside it, written once, as rubrics have. What stands behind it is
the commit that added it and, where there is one, its signature.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from grader.errors import InputError, RecordError
from grader.files.problems import first_problem
from grader.files.text import read_text, write_atomically
from grader.records import Record, content_hash
from grader.rubric import Rubric
from grader.rubric.committed import git_author
from grader.rubric.signing import sign_text, signature_path
from grader.study.plan import StudyPlan
from grader.study.runs import Run

SUFFIX = ".lock"
NAMESPACE = "grader-study"


class LockedRun(Record):
    """A run that was there when the study was locked."""

    transcript: str
    file: str
    file_sha256: str
    condition: str
    model: str
    task: str
    counts: bool


class StudyLock(Record):
    """A study as it was locked."""

    schema_version: Literal[1] = 1
    locked_at: str = Field(description="UTC, ISO 8601; the clock of whoever locked it.")
    author: str = Field(min_length=1)
    plan: StudyPlan
    plan_hash: str
    rubrics: dict[str, str] = Field(description="Hash of the rubric of each task.")
    runs: tuple[LockedRun, ...]
    seed: str = Field(description="What pairing and draw are made from.")
    pairs: tuple[tuple[str, str], ...] = Field(
        description="Matched pairs of the primary contrast, in the order in which they are drawn "
        "for people."
    )
    note: str | None = None
    hash: str = Field(description="sha256 over all other fields.")


def study_lock_path(study: Path) -> Path:
    """Where the lock of a study file lies."""
    return study.with_suffix(SUFFIX)


def make_study_lock(
    plan: StudyPlan,
    runs: Sequence[Run],
    rubrics: Mapping[str, Rubric],
    pairs: Sequence[tuple[str, str]],
    *,
    seed: str,
    author: str,
    at: datetime,
    note: str | None = None,
) -> StudyLock:
    """The lock of a study as it stands now."""
    lock = StudyLock(
        locked_at=at.astimezone(UTC).isoformat(timespec="milliseconds"),
        author=author,
        plan=plan,
        plan_hash=plan.hash,
        rubrics={task: rubric.hash for task, rubric in sorted(rubrics.items())},
        runs=tuple(
            LockedRun(**{name: getattr(run, name) for name in LockedRun.model_fields})
            for run in runs
        ),
        seed=seed,
        pairs=tuple(pairs),
        note=note,
        hash="",
    )
    return lock.model_copy(update={"hash": _hash(lock_text(lock))})


def lock_text(lock: StudyLock) -> str:
    """The lock as it is written."""
    return lock.model_dump_json(indent=2, exclude_none=True, by_alias=True) + "\n"


def write_study_lock(study: Path, lock: StudyLock, key: Path | None = None) -> Path:
    """Write a lock once, signed where a key is given. Returns its path.

    Raises:
        InputError: there is one already, or the key can't sign.
        StorageError: it can't be written.
    """
    path = study_lock_path(study)
    if path.exists():
        raise InputError(
            "this study is locked already, and a lock is written once",
            place=path,
            mend="A changed study is a new one: save it under another name and id.",
        )
    text = lock_text(lock)
    signature = sign_text(text, key, namespace=NAMESPACE) if key else None
    write_atomically(path, text)
    if signature:
        write_atomically(signature_path(path), signature)
    return path


def read_study_lock(path: Path) -> StudyLock:
    """The lock in a file.

    Raises:
        InputError: the file is missing.
        RecordError: not the lock of a study, or changed after it was written.
    """
    text = read_text(path)
    mend = "Restore it from version control. Without it the study counts as never locked."
    try:
        lock = StudyLock.model_validate_json(text)
    except ValidationError as error:
        raise RecordError(
            f"this lock can't be read: {first_problem(error)}", place=path, mend=mend
        ) from None
    if lock.hash != _hash(text) or lock.plan_hash != lock.plan.hash:
        raise RecordError("this lock was changed after it was written", place=path, mend=mend)
    return lock


def new_seed() -> str:
    """A seed nobody chose."""
    return secrets.token_hex(16)


def author_of(study: Path, author: str | None) -> str:
    """Who locks. Raises InputError where nobody is named."""
    who = author or git_author(study.parent)
    if not who:
        raise InputError(
            "nobody is named as the author of this lock",
            place="--author",
            mend="Give --author 'Name <address>', or set git's user.name.",
        )
    return who


def _hash(text: str) -> str:
    values = json.loads(text)
    return content_hash({key: value for key, value in values.items() if key != "hash"})
