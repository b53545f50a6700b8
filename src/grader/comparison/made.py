"""What was made in an outputs folder: one line a draft in `drafts.jsonl`, chained by hashes.

A folder's own hashes can be made to fit by whoever changes it. This list lies outside of it, so
that a change of any field of a draft or of its calls is noticed while the list is beside it.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path

from pydantic import Field, ValidationError

from grader.errors import RecordError
from grader.files.json_lines import append_lines, numbered_lines
from grader.files.problems import first_problem
from grader.files.stamp import Stamp, stamp_of
from grader.files.text import read_text
from grader.files.writers import one_writer
from grader.records import Record, canonical_json, content_hash

DRAFTS = "drafts.jsonl"
NOTED_REVIEW = ".reviews.json"
"""How the name of the note on a folder's review ends; it lies beside that folder."""
MAX_BYTES = 200_000_000
_WAIT_S = 60


class MadeDraft(Record):
    """One draft as it was written."""

    folder: str = Field(description="Name of its folder.")
    draft: str = Field(description="sha256 of comparison.json.")
    calls: str | None = Field(description="sha256 of calls.jsonl; None: no judge was asked.")
    previous: str | None = Field(description="Hash of the line before; None for the first.")


def name_of(folder: Path) -> str:
    """A folder's name as the list has it; bytes that are no text are written as `\\xff`."""
    return os.fsencode(folder.name).decode("utf-8", "backslashreplace")


def note_draft(folder: Path, draft: str, calls: str | None) -> None:
    """Note a draft that was written; it is on the disk when this returns.

    Args:
        folder: of the comparison.
        draft: sha256 of its draft.
        calls: sha256 of its record of calls.

    Raises:
        StorageError: the list can't be written.
    """
    path = folder.parent / DRAFTS
    with one_writer(path, wait_s=_WAIT_S):
        last = _last_line(path)
        previous = content_hash(json.loads(last)) if last else None
        line = MadeDraft(folder=name_of(folder), draft=draft, calls=calls, previous=previous)
        append_lines(path, [canonical_json(line.model_dump(mode="json"))])


def _last_line(path: Path) -> str | None:
    if not path.is_file():
        return None
    text = read_text(path, limit=MAX_BYTES)
    whole = text[: text.rfind("\n")] if "\n" in text else ""
    return whole[whole.rfind("\n") + 1 :] or None


def made_drafts(outputs: Path) -> tuple[MadeDraft, ...]:
    """All lines of the list, in order; none where there is no list.

    Raises:
        RecordError: a line can't be read, or the chain is broken; with its number.
    """
    path = outputs / DRAFTS
    return _made(path, stamp_of(path)) if path.is_file() else ()


@lru_cache(maxsize=8)  # all folders beside it are checked against it
def _made(path: Path, stamp: Stamp | None) -> tuple[MadeDraft, ...]:
    made: list[MadeDraft] = []
    text = read_text(path, limit=MAX_BYTES)
    # A last line that was torn never counted.
    for number, line in numbered_lines(text[: text.rfind("\n") + 1]):
        try:
            each = MadeDraft.model_validate(json.loads(line))
        except (ValidationError, ValueError, RecursionError) as error:
            told = first_problem(error) if isinstance(error, ValidationError) else "no JSON"
            raise _broken(path, number, f"it can't be read ({told})") from None
        if each.previous != (content_hash(made[-1]) if made else None):
            raise _broken(path, number, "a line before it was changed, put in or taken out")
        made.append(each)
    return tuple(made)


def _broken(path: Path, number: int, problem: str) -> RecordError:
    return RecordError(
        f"the list of drafts is broken at this line: {problem}",
        place=f"{path}:{number}",
        mend="Restore the file from a copy. Without one, move it away: what it says of the drafts "
        "beside it is then lost.",
    )
