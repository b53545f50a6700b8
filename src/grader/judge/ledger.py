"""The ledger: every attempt of every question of one comparison, in order, in `calls.jsonl`.

Only ever appended to. It also holds each reply that was served from elsewhere, so that it is a
recording of the comparison by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from grader.errors import InputError, RecordError
from grader.files.json_lines import LineAppender, numbered_lines
from grader.files.problems import first_problem
from grader.files.text import read_text
from grader.judge.reply import Call

FILE_NAME = "calls.jsonl"
MAX_BYTES = 2_000_000_000


class Ledger:
    """Appends to a folder's `calls.jsonl`. A line torn by a killed run is cut off on opening.

    Raises:
        RecordError: a line in the middle cannot be read, or is of a newer version.
        StorageError: the file cannot be opened or written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        # Not synced: each reply is on the disk in the journal before its line is written here.
        self._file = LineAppender(
            self.path,
            sync=False,
            mend="Free some space or choose another folder, and run the same command again.",
        )
        self._answered: set[str] = set()
        self._given_up: set[tuple[str, str, int, str | None]] = set()
        for call in read_calls(self.path):
            self._note(call)

    def holds_reply(self, question: str) -> bool:
        """Whether a line with a reply to this question hash is there."""
        return question in self._answered

    def holds(self, call: Call) -> bool:
        """Whether a line that says the same, but for the time, is there from elsewhere."""
        if call.source == "judge":
            return False
        if call.reply is not None:
            return self.holds_reply(call.question)
        return (call.question, call.source, call.attempt, call.error) in self._given_up

    def append(self, call: Call) -> None:
        """Write one line. It is with the operating system when this returns.

        Raises:
            StorageError: the disk is full.
        """
        self._file.append(call.model_dump_json(exclude_none=True).encode())
        self._note(call)

    def _note(self, call: Call) -> None:
        if call.reply is not None:
            self._answered.add(call.question)
        elif call.source != "judge":
            self._given_up.add((call.question, call.source, call.attempt, call.error))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_calls(path: Path) -> Iterator[Call]:
    """The lines of a `calls.jsonl`, in order.

    Raises:
        InputError: the file is missing or cannot be read.
        RecordError: a line is not a call, or of a newer version; with its number.
    """
    yield from parse_calls(read_text(path, limit=MAX_BYTES), path)


def parse_calls(text: str, path: Path) -> Iterator[Call]:
    """The calls in the text of a `calls.jsonl`. Raises RecordError as `read_calls`."""
    for number, line in numbered_lines(text):
        try:
            yield Call.model_validate_json(line)
        except ValidationError as error:
            raise RecordError(
                f"this line is not a call that this version can read: {first_problem(error)}",
                place=f"{path}:{number}",
                mend="If a newer grader wrote it, update grader. Otherwise the file was changed; "
                "restore it or move it away.",
            ) from None


def spent_in(folder: Path) -> float:
    """What the attempts recorded in a folder cost in US dollars, as far as prices were known.

    Where the server may have charged without counting, the most it can have been.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return 0.0
    text = read_text(path, limit=MAX_BYTES)
    whole = text[: text.rfind("\n") + 1]
    try:
        calls = [Call.model_validate_json(line) for _, line in numbered_lines(whole)]
    except ValidationError as error:
        raise InputError(
            f"a line is not a call that this version can read: {first_problem(error)}",
            place=path,
            mend="The file was changed, or a newer grader wrote it; restore it or move it away.",
        ) from None
    return sum(call.usd or call.usd_at_most or 0.0 for call in calls if call.source == "judge")
