"""Who is asked to review which comparison: one file beside the folders, read by people too.

It changes no draft and no review. Whoever is asked sees the comparison first; others may still
open it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field, ValidationError

from grader.comparison.folder import ASSIGNMENTS
from grader.errors import RecordError, StorageError
from grader.files.problems import first_problem
from grader.files.text import read_text, write_atomically
from grader.files.writers import one_writer
from grader.records import Record
from grader.review.reviewer import normalised_name

MAX_BYTES = 10_000_000


class Assignments(Record):
    """Who is asked, by the name of the comparison's folder."""

    schema_version: int = 1
    reviewers: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def of(self, folder: str) -> tuple[str, ...]:
        """Who is asked to review a comparison; empty: anybody."""
        return self.reviewers.get(folder, ())

    def is_for(self, folder: str, reviewer: str) -> bool:
        """Whether a comparison is this reviewer's to decide: nobody else was asked for it."""
        asked = self.of(folder)
        return not asked or reviewer in asked


def read_assignments(outputs: Path) -> Assignments:
    """Who is asked to review the comparisons of a folder; nobody where there is no file.

    Raises:
        RecordError: the file can't be read.
    """
    path = outputs / ASSIGNMENTS
    if not path.is_file():
        return Assignments()
    try:
        return Assignments.model_validate_json(read_text(path, limit=MAX_BYTES))
    except ValidationError as error:
        raise RecordError(
            f"this says of no comparison who reviews it: {first_problem(error)}",
            place=path,
            mend="Restore the file from a copy, or take it away and assign again.",
        ) from None


def assign(folders: Sequence[Path], reviewers: Sequence[str]) -> Mapping[Path, tuple[str, ...]]:
    """Ask these people, and nobody else, to review these comparisons.

    Args:
        folders: comparisons' folders; they may lie in several outputs folders.
        reviewers: their names; none takes the assignment away.

    Returns:
        By folder who was asked until now.

    Raises:
        InputError: a name is empty.
        RecordError: a file of assignments can't be read.
        StorageError: it can't be written.
    """
    names = tuple(dict.fromkeys(normalised_name(name) for name in reviewers))
    before: dict[Path, tuple[str, ...]] = {}
    by_outputs: dict[Path, list[Path]] = {}
    for folder in folders:
        by_outputs.setdefault(folder.resolve().parent, []).append(folder)
    for outputs, theirs in by_outputs.items():
        path = outputs / ASSIGNMENTS
        try:
            with one_writer(path):
                known = dict(read_assignments(outputs).reviewers)
                for folder in theirs:
                    name = folder.resolve().name
                    before[folder] = known.pop(name, ())
                    if names:
                        known[name] = names
                made = Assignments(reviewers=dict(sorted(known.items())))
                text = json.dumps(made.model_dump(mode="json"), ensure_ascii=False, indent=1)
                write_atomically(path, text + "\n")
        except (OSError, UnicodeEncodeError) as error:
            raise StorageError(
                f"cannot be written: {error}", place=path, mend="Check the rights and the names."
            ) from None
    return before
