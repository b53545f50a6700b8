"""Review events: one line of `reviews.jsonl` for each thing a reviewer did, never changed.

Each event carries the hash of the one before it and of the draft it speaks of, so that a line
taken out, put in or altered is noticed. `fold` says what an event means for the comparison,
`actions`, `adjudicate` and `sign` say which events may happen. The hash is taken over the line as
it was written: a later version may add fields without breaking the chains of an earlier one.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from grader.comparison.content import Content as Content
from grader.errors import InputError, RecordError
from grader.files.json_lines import append_lines
from grader.files.problems import first_problem
from grader.files.stamp import Stamp, stamp_of
from grader.files.text import read_bytes
from grader.files.writers import one_writer
from grader.records import Record, canonical_json, content_hash

NEWEST = 1

Mode = Literal["assisted", "blind-first", "mixed"]
MODES: tuple[Mode, ...] = ("assisted", "blind-first", "mixed")
"""With the judge's verdicts in sight; after one's own; or a drawn half of them after one's own."""


Clock = Callable[[], datetime]

REVIEWS_LOCK = ".reviews.lock"

_log = logging.getLogger(__name__)


class Link(Record):
    """The place of an event in the chain, and who acted when."""

    schema_version: Literal[1] = 1
    sequence: int = Field(ge=1, description="Counts the events of the file.")
    previous: str | None = Field(description="Hash of the event before; None for the first.")
    draft: str = Field(description="sha256 of the comparison.json it speaks of.")
    time: str = Field(description="UTC, ISO 8601.")
    reviewer: str = Field(min_length=1)


class Entry(Record):
    """One action, before it has its place in the chain."""

    action: str = Field(description="What was done; `fold` knows what each action means.")
    item: str | None = Field(
        None, description="None: the comparison as a whole (open, sign, unsign)."
    )
    before: Content | None = Field(None, description="What held for the item until then.")
    after: Content | None = Field(None, description="What holds from then on; None: nothing.")
    reason: str | None = Field(None, description="Why it was rejected, edited or taken back.")
    text: str | None = Field(None, description="The comment, or the statement of a signature.")
    seconds: int | None = Field(
        None, ge=0, description="From opening the item to this decision; None: not opened."
    )
    seen: bool | None = Field(
        None,
        description="Whether the reviewer had seen the judge's verdict; of an `open`: that they "
        "were told that the verdict before was planted. None: neither.",
    )
    trap: bool = Field(False, description="What was shown was a planted verdict, not the judge's.")
    adjudicating: bool = Field(False, description="Opened with all reviewers' decisions in sight.")
    mode: Mode | None = Field(None, description="Of an `open` without item: how is reviewed.")
    traps: int | None = Field(None, ge=0, description="Of an `open` without item: how many.")
    undoes: int | None = Field(
        None, description="Sequence of the event that is undone, or that a `reopen` takes back."
    )
    batch: int | None = Field(
        None,
        description="Sequence of the first event of the same action, where it has several.",
        exclude_if=lambda batch: batch is None,
    )


class ReviewEvent(Entry, Link):
    """One action of one reviewer: a line of `reviews.jsonl`."""

    hash: str = Field(description="sha256 over all other fields of the line.")


def utc_now() -> datetime:
    """The time of an event, unless a test brings a clock of its own."""
    return datetime.now(UTC)


# --- reading --------------------------------------------------------------------------------


@dataclass(frozen=True)
class EventFile:
    """What was read of a file, with what a writer must know of its end."""

    events: tuple[ReviewEvent, ...]
    size: int
    """Bytes up to the end of the last whole event."""
    torn: int
    """Bytes after that, of a line that was never finished."""
    ends_open: bool
    """The last event is whole but its line end is missing."""
    stamp: Stamp | None
    """None: there was no file."""
    digest: hashlib._Hash = field(default_factory=hashlib.sha256, compare=False)
    """sha256 over these bytes, so that what was added since can be read alone."""


def read_events(path: Path, draft_hash: str) -> tuple[ReviewEvent, ...]:
    """All events of a file in order; none when there is no file.

    A last line that was cut off while it was written is left out: its action never counted as
    done. The next write takes it away and says so.

    Raises:
        RecordError: a line cannot be read, was changed, is missing, or speaks of another draft;
            with its number.
    """
    return read_event_file(path, draft_hash).events


def read_event_file(path: Path, draft_hash: str, known: EventFile | None = None) -> EventFile:
    """As `read_events`, without reading again what is `known`.

    Where the file has not changed since, `known` is given back. Where it begins with the very
    bytes that are known, only the events after them are read.

    Raises:
        RecordError: as `read_events`.
    """
    stamp = stamp_of(path)
    if known is not None and known.stamp == stamp:
        return known
    if stamp is None:
        return EventFile((), 0, 0, False, None)
    data = read_bytes(path)
    events, start, digest = _known_beginning(data, known)
    *lines, tail = data[start:].split(b"\n")
    for line in lines:
        number, last = len(events) + 1, events[-1].hash if events else None
        events.append(_event(line, f"{path}:{number}", number, last, draft_hash))
    end = len(data) - len(tail)
    digest.update(data[start:end])
    if not tail:
        return EventFile(tuple(events), end, 0, False, stamp, digest)
    try:
        last = events[-1].hash if events else None
        whole = _event(tail, str(path), len(events) + 1, last, draft_hash)
    except RecordError:
        return EventFile(tuple(events), end, len(tail), False, stamp, digest)
    digest.update(tail)
    return EventFile((*events, whole), len(data), 0, True, stamp, digest)


def _known_beginning(
    data: bytes, known: EventFile | None
) -> tuple[list[ReviewEvent], int, hashlib._Hash]:
    """The known events, where these bytes begin with them, unchanged; else none."""
    if known is not None and known.size and not known.ends_open:
        digest = hashlib.sha256(data[: known.size])
        if digest.digest() == known.digest.digest():
            return list(known.events), known.size, digest
    return [], 0, hashlib.sha256()


def _event(
    line: bytes, place: str, number: int, previous: str | None, draft_hash: str
) -> ReviewEvent:
    def broken(problem: str) -> RecordError:
        return RecordError(
            f"the chain of review events is broken: {problem}",
            place=place,
            mend="Restore reviews.jsonl from a copy. Without one, keep the file elsewhere, take "
            "away this line and all after it, and review these items again.",
        )

    try:
        values: Any = json.loads(line)
        if not isinstance(values, dict):
            raise ValueError
    except (ValueError, RecursionError):
        raise broken("this line is not an event") from None
    version = values.get("schema_version")
    if isinstance(version, int) and version > NEWEST:
        raise RecordError(
            f"this event is of version {version}, this program knows {NEWEST}",
            place=place,
            mend="Use a newer grader.",
        )
    if values.get("hash") != _hash(values):
        raise broken("this line was changed after it was written")
    try:
        event = ReviewEvent.model_validate(values)
    except ValidationError as error:
        raise broken(f"this line cannot be read: {first_problem(error)}") from None
    if event.sequence != number or event.previous != previous:
        raise broken("a line before this one was taken out, put in or moved")
    if event.draft != draft_hash:
        raise RecordError(
            "this event speaks of another draft than the comparison.json beside it",
            place=place,
            mend="Put back the comparison.json that was reviewed, or take reviews.jsonl out of "
            "the folder and review the new draft.",
        )
    return event


def _hash(values: dict[str, Any]) -> str:
    return content_hash({key: value for key, value in values.items() if key != "hash"})


# --- writing --------------------------------------------------------------------------------


class EventWriter:
    """The events of a file under its lock; nobody else writes until it is released.

    Args:
        path: the folder's reviews.jsonl.
        draft_hash: sha256 of the draft that its events speak of.
        file: what the file contains now.
    """

    def __init__(self, path: Path, draft_hash: str, file: EventFile) -> None:
        self._path, self._draft_hash = path, draft_hash
        self.file = file

    def append(
        self,
        reviewer: str,
        entries: Sequence[Entry],
        clock: Clock,
        check: Callable[[Sequence[ReviewEvent]], object],
    ) -> EventFile:
        """Add events of one reviewer; they are on disk when this returns.

        Args:
            reviewer: whose they are.
            entries: what they did.
            clock: gives the time.
            check: called with all events, the new ones last, before anything is written; what
                it raises goes through, and nothing is written.

        Returns:
            The file with the new events last.

        Raises:
            InputError: a text contains characters that can't be written.
            StorageError: the file cannot be written; it is left as it was.
        """
        file, events = self.file, list(self.file.events)
        try:
            lines = []
            for entry in entries:
                events.append(_sealed(events, self._draft_hash, reviewer, entry, clock))
                lines.append(json.dumps(events[-1].model_dump(mode="json"), ensure_ascii=False))
            check(events)
            if file.torn:
                _log.warning(
                    "%s: the last line was cut off while it was written (%d bytes); it is taken "
                    "away. Check your last action.",
                    self._path,
                    file.torn,
                )
            data = append_lines(self._path, lines, kept=file.size)
        except UnicodeEncodeError:
            # Bytes of a command line or of typed text that are no UTF-8.
            raise InputError(
                "the text contains characters that can't be written",
                mend="Type it again, in UTF-8.",
            ) from None
        digest = file.digest.copy()
        digest.update(data)
        end = file.size + len(data)
        self.file = EventFile(tuple(events), end, 0, False, stamp_of(self._path), digest)
        return self.file


@contextmanager
def locked_events(
    path: Path, draft_hash: str, *, wait_s: float = 30.0, known: EventFile | None = None
) -> Iterator[EventWriter]:
    """A file of events, read and locked against all other writers until the block ends.

    Args:
        path: the folder's reviews.jsonl.
        draft_hash: sha256 of the draft they speak of.
        wait_s: how long to wait for another reviewer's write.
        known: what was read of the file before, to save reading it again.

    Raises:
        RecordError: as `read_events`.
        StorageError: another writer doesn't end, or the folder can't be written to.
    """
    with one_writer(path, lock=REVIEWS_LOCK, wait_s=wait_s):
        yield EventWriter(path, draft_hash, read_event_file(path, draft_hash, known))


def _sealed(
    events: Sequence[ReviewEvent], draft_hash: str, reviewer: str, entry: Entry, clock: Clock
) -> ReviewEvent:
    event = ReviewEvent(
        sequence=len(events) + 1,
        previous=events[-1].hash if events else None,
        draft=draft_hash,
        time=time_text(clock()),
        reviewer=reviewer,
        hash="",
        **dict(entry),
    )
    values = json.loads(canonical_json(event.model_dump(mode="json")))
    return event.model_copy(update={"hash": _hash(values)})


def time_text(time: datetime) -> str:
    """A time as events write it: UTC, whole seconds, 'Z'."""
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
