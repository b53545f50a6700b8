"""How a judge is named in what is kept: without a place on the user's machine."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from grader.errors import InputError
from grader.files.stamp import Stamp, stamp_of
from grader.files.text import read_bytes
from grader.judge.choose import is_queue, queue_of

MAX_BYTES = 2_000_000_000
_LENGTH = 12


def record_name(spec: str) -> str:
    """The judge's name for folders, drafts and writeups.

    A recording or folder given by a path that leads out of the current folder is called by its
    own name and a hash, so that two of one name can be told apart: 'recorded:run.jsonl@3f2a…'. Of
    a queue's address host and database remain: 'queue:postgresql://HOST/DB#provider/model'.

    Args:
        spec: as in `--judge`.
    """
    if is_queue(spec):
        database, answering = queue_of(spec)
        return f"queue:postgresql://{database.place}#{answering}"
    kind, colon, rest = spec.partition(":")
    if not colon or kind not in ("recorded", "files"):
        return spec
    file, model = recording_parts(rest) if kind == "recorded" else (Path(rest), None)
    if not (file.is_absolute() or file.parts[:1] == ("~",) or ".." in file.parts):
        return spec
    name = f"{kind}:{file.name}@{_mark(file, stamp_of(file))}"
    return f"{name}#{model}" if model else name


def recording_parts(recording: str) -> tuple[Path, str | None]:
    """File and model of a recording's name. A '#' may also be part of the file's name."""
    file, mark, model = recording.rpartition("#")
    if mark and model and not Path(recording).exists():
        return Path(file), model
    return Path(recording), None


@lru_cache(maxsize=64)  # hundreds of pairs may be planned with one recording
def _mark(file: Path, stamp: Stamp | None) -> str:
    """What the file contains; of a folder, whose content changes, where it is, as a hash."""
    try:
        data = read_bytes(file, limit=MAX_BYTES)
    except InputError:
        data = str(file.absolute()).encode("utf-8", "surrogateescape")
    return hashlib.sha256(data).hexdigest()[:_LENGTH]
