"""Making a recording: the replies of one or more comparisons in one file, for `recorded:FILE`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from grader.files.text import write_atomically
from grader.judge.ledger import FILE_NAME, read_calls
from grader.judge.reply import Call
from grader.records import canonical_json


def write_recording(file: Path, folders: Iterable[Path], note: str | None = None) -> int:
    """Write the last reply to each question asked for these comparisons; returns their number.

    Args:
        file: the recording.
        folders: of the comparisons.
        note: who answered and how; stands on the first line and travels into every replay.

    A question that could not be asked at all is in it with its error, so that a replay ends the
    same way.

    Raises:
        StorageError: the file can't be written.
    """
    last: dict[str, Call] = {}
    for folder in folders:
        for call in read_calls(folder / FILE_NAME):
            if call.reply is not None or last.get(call.question, call).reply is None:
                last[call.question] = call.model_copy(update={"sent": None})
    lines = [call.model_dump_json(exclude_none=True) for call in last.values()]
    if note is not None:
        lines.insert(0, canonical_json({"recording": note}))
    write_atomically(file, "".join(f"{line}\n" for line in lines))
    return len(last)
