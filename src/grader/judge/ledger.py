"""The ledger: every attempt of every question of one comparison, in order, in `calls.jsonl`.

Only ever appended to. It also holds each reply that was served from elsewhere, so that it is a
recording of the comparison by itself. What is under way stands in `sent.jsonl` until its end is in
`calls.jsonl`: a program that is killed leaves there what it may still have to pay for.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field, ValidationError

from grader.errors import InputError, RecordError
from grader.files.json_lines import LineAppender, numbered_lines
from grader.files.problems import first_problem
from grader.files.text import read_text, write_atomically
from grader.judge.reply import Call
from grader.records import Record

FILE_NAME = "calls.jsonl"
SENT = "sent.jsonl"
MAX_BYTES = 2_000_000_000

RECORDING = '{"recording":'
"""So begins the first line of a recording that says who answered."""


class Sent(Record):
    """One attempt that went out: a line of `sent.jsonl`."""

    attempt: str = Field(description="Its id, which its line in `calls.jsonl` repeats.")
    question: str
    usd_at_most: float = Field(ge=0, allow_inf_nan=False)


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
        self._folder = folder
        self._unended = {each.attempt: each for each in unended(folder)}
        self._sent: LineAppender | None = None
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

    def sending(self, question: str, usd_at_most: float) -> str:
        """Write down that an attempt goes out now. Returns its id.

        Raises:
            StorageError: the disk is full.
        """
        sent = Sent(attempt=secrets.token_hex(6), question=question, usd_at_most=usd_at_most)
        if self._sent is None:
            self._sent = LineAppender(self._folder / SENT, sync=False)
        self._sent.append(sent.model_dump_json().encode())
        self._unended[sent.attempt] = sent
        return sent.attempt

    def append(self, call: Call) -> None:
        """Write one line. It is with the operating system when this returns.

        Raises:
            StorageError: the disk is full.
        """
        self._file.append(call.model_dump_json(exclude_none=True).encode())
        self._note(call)

    def _note(self, call: Call) -> None:
        self._unended.pop(call.sent or "", None)
        if call.reply is not None:
            self._answered.add(call.question)
        elif call.source != "judge":
            self._given_up.add((call.question, call.source, call.attempt, call.error))

    def close(self) -> None:
        """Close the files. `sent.jsonl` keeps what has no end, and goes where there is nothing."""
        self._file.close()
        if self._sent is not None:
            self._sent.close()
        path = self._folder / SENT
        if self._unended:
            lines = [each.model_dump_json() + "\n" for each in self._unended.values()]
            write_atomically(path, "".join(lines))
        else:
            path.unlink(missing_ok=True)


def read_calls(path: Path) -> Iterator[Call]:
    """The lines of a `calls.jsonl`, in order.

    Raises:
        InputError: the file is missing or cannot be read.
        RecordError: a line is not a call, or of a newer version; with its number.
    """
    yield from parse_calls(read_text(path, limit=MAX_BYTES), path)


def recording_note(path: Path) -> str | None:
    """What a recording says on its first line of who answered and how; None where it says nothing.

    Raises:
        InputError: the file is missing or cannot be read.
        RecordError: the line is damaged.
    """
    line, _, _ = read_text(path, limit=MAX_BYTES).partition("\n")
    if not line.startswith(RECORDING):
        return None
    try:
        return str(json.loads(line)["recording"])
    except (ValueError, KeyError):
        raise RecordError(
            "this line does not say who answered",
            place=f"{path}:1",
            mend='It is {"recording": "who answered, and how"}.',
        ) from None


def parse_calls(text: str, path: Path) -> Iterator[Call]:
    """The calls in the text of a `calls.jsonl`. Raises RecordError as `read_calls`."""
    for number, line in numbered_lines(text):
        if number == 1 and line.startswith(RECORDING):
            continue
        try:
            yield Call.model_validate_json(line)
        except ValidationError as error:
            raise RecordError(
                f"this line is not a call that this version can read: {first_problem(error)}",
                place=f"{path}:{number}",
                mend="If a newer grader wrote it, update grader. Otherwise the file was changed; "
                "restore it or move it away.",
            ) from None


def unended(folder: Path) -> list[Sent]:
    """Attempts that went out from a folder and whose end is not recorded.

    Raises:
        InputError: a line can't be read.
    """
    lines = _whole_lines(folder / SENT)
    if not lines:
        return []
    ended = {call.sent for call in _calls(folder)}
    try:
        sent = [Sent.model_validate_json(line) for line in lines]
    except ValidationError as error:
        raise _unreadable(folder / SENT, "an attempt", error) from None
    return [each for each in sent if each.attempt not in ended]


def spent_in(folder: Path) -> float:
    """What the attempts recorded in a folder cost in US dollars, as far as prices were known.

    Where the server may have charged without counting, or no end is recorded, the most it can have
    been.
    """
    ended = sum(call.usd or call.usd_at_most or 0.0 for call in _calls(folder))
    return ended + sum(each.usd_at_most for each in unended(folder))


def _calls(folder: Path) -> list[Call]:
    """The attempts at judges that are recorded in a folder. Raises InputError."""
    path = folder / FILE_NAME
    try:
        calls = [Call.model_validate_json(line) for line in _whole_lines(path)]
    except ValidationError as error:
        raise _unreadable(path, "a call", error) from None
    return [call for call in calls if call.source == "judge"]


def _whole_lines(path: Path) -> list[str]:
    if not path.is_file():
        return []
    text = read_text(path, limit=MAX_BYTES)
    return [line for _, line in numbered_lines(text[: text.rfind("\n") + 1])]


def _unreadable(path: Path, what: str, error: ValidationError) -> InputError:
    return InputError(
        f"a line is not {what} that this version can read: {first_problem(error)}",
        place=path,
        mend="The file was changed, or a newer grader wrote it; restore it or move it away.",
    )
