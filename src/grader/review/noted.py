"""How far a review had come, in a file beside its folder: `<folder>.reviews.json`.

A chain of hashes tells what was changed inside of it, not what was cut off at its end, nor that all
of it was made anew. This note lies outside of the folder, as the list of drafts does, and is kept
where that list is.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field, ValidationError

from grader.comparison.made import DRAFTS, NOTED_REVIEW
from grader.errors import GraderError, RecordError
from grader.files.problems import first_problem
from grader.files.text import read_bytes, write_atomically
from grader.records import Record, canonical_json
from grader.review.events import ReviewEvent

MAX_BYTES = 100_000

_log = logging.getLogger(__name__)


class NotedReview(Record):
    """The end of a review's file, as it was after the last action."""

    draft: str = Field(description="sha256 of the comparison.json it speaks of.")
    events: int = Field(ge=1, description="How many events there were.")
    last: str = Field(description="Hash of the last one.")


def noted_path(folder: Path) -> Path:
    """Where the note on a folder's review is."""
    folder = folder.resolve()
    return folder.with_name(f"{folder.name}{NOTED_REVIEW}")


def read_noted(folder: Path) -> NotedReview | None:
    """The note on a folder's review; None: there is none.

    Raises:
        RecordError: it can't be read.
    """
    path = noted_path(folder)
    if not path.exists():
        return None
    try:
        return NotedReview.model_validate_json(read_bytes(path, limit=MAX_BYTES))
    except ValidationError as error:
        raise RecordError(
            f"this is not the note on a review: {first_problem(error)}",
            place=path,
            mend="Restore the file from a copy.",
        ) from None


def continues(noted: NotedReview, draft: str, events: Sequence[ReviewEvent]) -> bool:
    """Whether events begin with all that a note counts. A note on another draft says nothing."""
    if noted.draft != draft:
        return True
    return noted.events <= len(events) and events[noted.events - 1].hash == noted.last


def note_review(folder: Path, draft: str, events: Sequence[ReviewEvent]) -> None:
    """Note how far a review has come, after its events are on disk.

    A note that the events do not continue stays as it is, so that `grader check` goes on telling.
    What can't be written is a warning: the action itself is done.
    """
    if not (folder.resolve().parent / DRAFTS).is_file():
        return
    try:
        noted = read_noted(folder)
        if noted is not None and not continues(noted, draft, events):
            _log.warning("%s: events are missing that were here before.", folder / "reviews.jsonl")
            return
        new = NotedReview(draft=draft, events=len(events), last=events[-1].hash)
        write_atomically(noted_path(folder), canonical_json(new.model_dump(mode="json")) + "\n")
    except (GraderError, OSError) as error:
        _log.warning("%s could not be written: %s", noted_path(folder), error)
