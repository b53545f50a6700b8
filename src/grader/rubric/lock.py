"""The lock: a rubric as it stood at one time, in a file beside it that is written once.

`clinic-postmortem.yaml` has `clinic-postmortem.lock`. The lock holds the whole rubric, so that
every later change can be shown word by word. By itself it proves little: anyone can write one
with any date. What stands behind it is the commit that added it (`committed`) and, where there is
one, the signature beside it (`signing`). What it means for a comparison is in `registration`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from grader.errors import InputError, RecordError
from grader.files.problems import first_problem
from grader.files.text import read_text, write_atomically
from grader.records import Record, content_hash
from grader.rubric.criteria import Rubric
from grader.transcripts.transcript import Transcript

NEWEST = 1
SUFFIX = ".lock"


class LockedSource(Record):
    """A transcript that the criteria were derived from."""

    file: str
    sha256: str = Field(description="Hash of the file's bytes.")
    id: str
    condition: str | None = None
    date: str | None = None


Depth = Literal["quick", "standard", "deep"]
"""How much is asked about a pair: `comparison.plan` says what each depth asks."""


class JudgePlan(Record):
    """How judging was planned. None: not planned beforehand."""

    judges: tuple[str, ...] = ()
    depth: Depth | None = None
    samples: int | None = Field(None, ge=1)

    @property
    def empty(self) -> bool:
        """Whether nothing was planned."""
        return not self.judges and self.depth is None and self.samples is None


class Lock(Record):
    """The registration of a rubric."""

    schema_version: Literal[1] = 1
    locked_at: str = Field(description="UTC, ISO 8601; the clock of whoever locked it.")
    author: str = Field(min_length=1)
    rubric_hash: str
    derived_from: tuple[LockedSource, ...] = ()
    judge_plan: JudgePlan = JudgePlan()
    decision_rule: str | None = Field(
        None, description="From which result on the hypothesis is taken to hold, in words."
    )
    note: str | None = Field(None, description="What else should be said of this lock.")
    rubric: Rubric
    hash: str = Field(description="sha256 over all other fields.")

    @property
    def time(self) -> datetime:
        """When it was locked, by its own account."""
        return datetime.fromisoformat(self.locked_at)


def lock_path(rubric: Path) -> Path:
    """Where the lock of a rubric file lies."""
    return rubric.with_suffix(SUFFIX)


def make_lock(
    rubric: Rubric,
    *,
    author: str,
    at: datetime,
    derived_from: Sequence[Transcript] = (),
    judge_plan: JudgePlan | None = None,
    decision_rule: str | None = None,
    note: str | None = None,
) -> Lock:
    """The lock of a rubric as it stands now."""
    lock = Lock(
        locked_at=at.astimezone(UTC).isoformat(timespec="milliseconds"),
        author=author,
        rubric_hash=rubric.hash,
        derived_from=tuple(
            LockedSource(
                file=transcript.provenance.source,
                sha256=transcript.provenance.sha256,
                id=transcript.id,
                condition=transcript.condition,
                date=transcript.date,
            )
            for transcript in derived_from
        ),
        judge_plan=judge_plan or JudgePlan(),
        decision_rule=decision_rule,
        note=note,
        rubric=rubric,
        hash="",
    )
    return lock.model_copy(update={"hash": _hash(json.loads(lock_text(lock)))})


def lock_text(lock: Lock) -> str:
    """The lock as it is written."""
    return lock.model_dump_json(indent=2, exclude_none=True) + "\n"


def write_lock(path: Path, lock: Lock) -> None:
    """Write a lock once.

    Raises:
        InputError: there is one already.
        StorageError: it can't be written.
    """
    if path.exists():
        raise InputError(
            "this rubric is locked already, and a lock is written once",
            place=path,
            mend="Changed criteria are a new rubric: save them under another file name with a "
            "higher version, and lock that.",
        )
    write_atomically(path, lock_text(lock))


def read_lock(path: Path) -> Lock:
    """The lock in a file.

    Raises:
        InputError: the file is missing.
        RecordError: not a lock, of a newer version, or changed after it was written.
    """
    text = read_text(path)

    def broken(problem: str) -> RecordError:
        return RecordError(
            f"this lock {problem}",
            place=path,
            mend="Restore it from version control. Without it the rubric counts as never locked.",
        )

    try:
        values: Any = json.loads(text)
        version = values.get("schema_version", 1)
        if isinstance(version, int) and version > NEWEST:
            raise RecordError(
                f"this lock is of version {version}, this program knows {NEWEST}",
                place=path,
                mend="Use a newer grader.",
            )
        lock = Lock.model_validate_json(text)
    except ValidationError as error:
        raise broken(f"cannot be read: {first_problem(error)}") from None
    except (ValueError, AttributeError, RecursionError):
        raise broken("is not readable") from None
    if lock.hash != _hash(values) or lock.rubric_hash != lock.rubric.hash:
        raise broken("was changed after it was written")
    return lock


def _hash(values: dict[str, Any]) -> str:
    return content_hash({key: value for key, value in values.items() if key != "hash"})
