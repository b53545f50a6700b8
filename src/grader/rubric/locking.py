"""Locking a rubric file: from the file and its sources to the lock beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from grader.errors import InputError
from grader.files.text import write_atomically
from grader.rubric.committed import git_author
from grader.rubric.controls import read_control
from grader.rubric.criteria import Rubric
from grader.rubric.lock import (
    SUFFIX,
    Depth,
    JudgePlan,
    Lock,
    lock_path,
    lock_text,
    make_lock,
    read_lock,
    write_lock,
)
from grader.rubric.reading import read_rubric
from grader.rubric.signing import sign_text, signature_path


def lock_rubric(
    path: str | Path,
    *,
    derived_from: Sequence[str | Path] = (),
    author: str | None = None,
    judges: Sequence[str] = (),
    depth: Depth | None = None,
    samples: int | None = None,
    decision_rule: str | None = None,
    note: str | None = None,
    key: Path | None = None,
) -> tuple[Lock, Path]:
    """Lock a rubric and say where the lock was written.

    Args:
        path: the rubric.
        derived_from: files of the transcripts it was written from; their hashes are kept.
        author: who locks it; None asks git.
        judges: who will judge.
        depth: how much will be asked.
        samples: how often each verdict will be asked.
        decision_rule: from which result on the hypothesis is taken to hold.
        note: what else should be known.
        key: SSH key to sign the lock with.

    Raises:
        InputError: the rubric or a transcript can't be read, a transcript was treated, the rubric
            is locked already, nobody is named as its author, or the key can't sign.
    """
    path = Path(path)
    rubric = read_rubric(path)
    target = lock_path(path)
    if target == path:
        raise InputError("a rubric is a YAML file, this is a lock", place=path)
    who = author or git_author(path.parent)
    if not who:
        raise InputError(
            "nobody is named as the author of this lock",
            place="--author",
            mend="Give --author 'Name <address>', or set git's user.name.",
        )
    lock = make_lock(
        rubric,
        author=who,
        at=datetime.now(UTC),
        derived_from=[read_control(source) for source in derived_from],
        judge_plan=JudgePlan(judges=tuple(judges), depth=depth, samples=samples),
        decision_rule=decision_rule,
        note=note,
    )
    # Signed first: a key that fails leaves no lock without its signature.
    signature = sign_text(lock_text(lock), key) if key and not target.exists() else None
    write_lock(target, lock)
    if signature:
        write_atomically(signature_path(target), signature)
    return lock, target


def read_rubric_or_lock(path: Path) -> Rubric:
    """The rubric in a YAML file or in a lock. Raises as `read_rubric` and `read_lock`."""
    return read_lock(path).rubric if path.suffix == SUFFIX else read_rubric(path)
