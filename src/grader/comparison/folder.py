"""The folder of one comparison: what lies in it, and that the draft is written once.

comparison.json   the draft
calls.jsonl       every attempt of every question
hashes.json       the hashes of these two, so that a changed byte in either is noticed, and how
                  long calls.jsonl was: a later run that did not finish may have added to it
reviews.jsonl     review events
comparison.md     rendered, never edited by hand; comparison.html likewise
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import ValidationError
from slugify import slugify

from grader.comparison.comparison import Comparison
from grader.comparison.made import DRAFTS, NOTED_REVIEW, note_draft
from grader.comparison.references import broken_reference
from grader.errors import InputError, RecordError, StorageError
from grader.files.problems import first_problem
from grader.files.text import read_bytes, write_atomically

DRAFT = "comparison.json"
CALLS = "calls.jsonl"
REVIEWS = "reviews.jsonl"
MARKDOWN = "comparison.md"
EVIDENCE = "evidence.md"
HTML = "comparison.html"
PDF = "comparison.pdf"
DOCX = "comparison.docx"
EVIDENCE_DOCX = "evidence.docx"
HASHES = "hashes.json"

ASSIGNMENTS = "assignments.json"
"""Beside the folders: who is asked to review which."""

_LOCK = ".grader.lock"
BESIDE_COMPARISONS = (
    "journal.db",
    "readings.jsonl",
    "reviewers.json",
    "reviewers",
    DRAFTS,
    ASSIGNMENTS,
    "studies",
)
"""What lies among the outputs and is no comparison: `outputs/*` names it too."""
_NEWEST = 1


def slug_of(control: str, treatment: str, judges: tuple[str, ...]) -> str:
    """The folder's name: the two ids and the judges, safe on any file system."""
    parts = (slugify(part, max_length=60) or "x" for part in (control, treatment, *judges))
    return "--".join(parts)[:200]


def draft_text(comparison: Comparison) -> str:
    """The draft as it is written: indented JSON, keys in the order of the record."""
    return comparison.model_dump_json(indent=2) + "\n"


def write_draft(folder: Path, comparison: Comparison, *, replace: bool = False) -> Path:
    """Write the draft. Raises StorageError when there is one already or it can't be written.

    Args:
        replace: write it in the place of one with questions left open, which nobody has reviewed.
    """
    path = folder / DRAFT
    if path.exists() and (not replace or is_reviewed(folder)):
        raise StorageError(
            "a draft is written once and this folder has one",
            place=path,
            mend="Give the new comparison another name with --name.",
        )
    text = draft_text(comparison)
    # The hashes go first: a draft without them would look like one that was put there.
    hashes = hashes_text(folder, text)
    write_atomically(folder / HASHES, hashes)
    files = json.loads(hashes)["files"]
    note_draft(folder, files[DRAFT], files.get(CALLS))
    write_atomically(path, text)
    return path


def hashes_text(folder: Path, draft: str, calls_bytes: int | None = None) -> str:
    """The text of `hashes.json` for a draft and the calls beside it.

    Args:
        folder: of the comparison.
        draft: its text.
        calls_bytes: how much of `calls.jsonl` belongs to this draft; None: all of it.
    """
    files = {DRAFT: hashlib.sha256(draft.encode()).hexdigest()}
    record: dict[str, Any] = {"schema_version": 1, "files": files}
    calls = folder / CALLS
    if calls.is_file():
        data = calls.read_bytes()[:calls_bytes]
        files[CALLS] = hashlib.sha256(data).hexdigest()
        record["calls_bytes"] = len(data)
    return json.dumps(record, indent=2) + "\n"


def calls_bytes(folder: Path) -> int | None:
    """How much of `calls.jsonl` belongs to the draft; None: all of it, or that is not known."""
    try:
        size = json.loads((folder / HASHES).read_bytes())["calls_bytes"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return size if type(size) is int and size >= 0 else None


def refuse_changed_draft(folder: Path) -> None:
    """Stop a review or signature that would rest on a draft changed by hand.

    A folder without hashes is let pass here; `grader check` tells of it.

    Raises:
        RecordError: the draft is not the one that was written.
    """
    path = folder / HASHES
    if not path.is_file():
        return
    try:
        written = json.loads(read_bytes(path))["files"][DRAFT]
    except (ValueError, KeyError, TypeError, RecursionError):
        written = None
    if written != _file_hash(folder / DRAFT):
        raise RecordError(
            "the draft is not the one that was written here",
            place=folder / DRAFT,
            mend="`grader check` tells what changed. Restore the file from a copy.",
        )


def _file_hash(path: Path) -> str:
    return hashlib.sha256(read_bytes(path)).hexdigest()


def is_reviewed(folder: Path) -> bool:
    """Whether somebody has begun to review the draft: from then on it stays as it is."""
    reviews = folder / REVIEWS
    return reviews.is_file() and reviews.stat().st_size > 0


def has_draft(folder: Path) -> bool:
    """Whether the folder holds a draft."""
    return (folder / DRAFT).is_file()


def is_unfinished(folder: Path) -> bool:
    """Whether a run began here and left no draft."""
    return not has_draft(folder) and ((folder / _LOCK).exists() or (folder / CALLS).exists())


def is_beside_comparisons(path: Path) -> bool:
    """Whether a path is of the outputs folder's own files, such as the journal."""
    named = path.name.removesuffix("-wal").removesuffix("-shm").removesuffix("-journal")
    named = named.removesuffix(".lock").removeprefix(".")
    own = named in BESIDE_COMPARISONS or named.endswith(NOTED_REVIEW)
    return own and not has_draft(path)


def without_files_beside(paths: Sequence[Path]) -> list[Path]:
    """The paths without the outputs folder's own files, if anything else is there."""
    return [path for path in paths if not is_beside_comparisons(path)] or list(paths)


def read_draft(folder: Path) -> tuple[Comparison, str]:
    """The draft and the sha256 of its file.

    Raises:
        InputError: there is no draft in this folder.
        RecordError: it is not a draft, was changed out of shape, or is of a newer version.
    """
    path = folder / DRAFT
    if not path.is_file():
        raise InputError(
            f"there is no {DRAFT} in this folder",
            place=folder,
            mend="Give a folder that `grader compare` made, such as outputs/<name>.",
        )
    data = read_bytes(path)
    try:
        comparison = Comparison.model_validate_json(data)
    except ValidationError as error:
        if (version := _version(data)) > _NEWEST:
            raise RecordError(
                f"this draft is of version {version}, this program knows {_NEWEST}",
                place=path,
                mend="Use a newer grader.",
            ) from None
        raise _not_whole(path, first_problem(error)) from None
    if broken := broken_reference(comparison):
        raise _not_whole(path, broken)
    return comparison, hashlib.sha256(data).hexdigest()


def _not_whole(path: Path, problem: str) -> RecordError:
    return RecordError(
        f"this is not a whole draft: {problem}",
        place=path,
        mend="Restore the file, or make the comparison again: answers in the journal are kept.",
    )


def _version(data: bytes) -> int:
    """The version that a draft says it has; 0 where it says none."""
    try:
        version = json.loads(data)["schema_version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return 0
    return version if isinstance(version, int) else 0


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder while a comparison is made. Raises StorageError when another run has it."""
    lock = FileLock(folder / _LOCK, timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise StorageError(
            "another run is working in this folder",
            place=folder,
            mend="Wait for it to end, or give this comparison another name with --name.",
        ) from None
    except OSError as error:
        raise StorageError(
            f"this folder cannot be made or written: {error.strerror}",
            place=folder,
            mend="Choose another place with --outputs.",
        ) from None
    try:
        yield
    finally:
        _remove_if_nothing_came(folder)
        lock.release()


def _remove_if_nothing_came(folder: Path) -> None:
    """Take a folder away again that a run made and left without a single answer."""
    with suppress(OSError):
        calls = folder / CALLS
        if not has_draft(folder) and {each.name for each in folder.iterdir()} <= {_LOCK, CALLS}:
            if calls.exists() and calls.stat().st_size > 0:
                return
            calls.unlink(missing_ok=True)
            (folder / _LOCK).unlink(missing_ok=True)
            folder.rmdir()
