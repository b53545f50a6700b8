"""Making a recording: the replies of one or more comparisons in one file, for `recorded:FILE`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from grader.files.text import write_atomically
from grader.judge.ledger import FILE_NAME, read_calls
from grader.judge.reply import Call


def write_recording(file: Path, folders: Iterable[Path]) -> int:
    """Write the last reply to each question asked for these comparisons; gives their number.

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
    write_atomically(
        file, "".join(call.model_dump_json(exclude_none=True) + "\n" for call in last.values())
    )
    return len(last)
