"""When a transcript was first read for a comparison: one line each in `outputs/readings.jsonl`.

A rubric that was locked after its treatment had been read is not registered, whatever its lock
says; this is where grader remembers its own reading. It knows of `grader compare` alone: what a
person opened elsewhere, or read with another outputs folder, it can't know. A transcript is known
by what was said in it, so that a copy under another name is the same one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from grader.errors import RecordError
from grader.files.json_lines import append_lines, numbered_lines
from grader.files.text import read_text
from grader.records import content_hash
from grader.transcripts.transcript import Transcript

READINGS = "readings.jsonl"


def first_reading(outputs: Path, transcript: Transcript) -> datetime | None:
    """When this transcript was first read; None where it never was.

    Raises:
        RecordError: a line can't be read.
    """
    path = outputs / READINGS
    if not path.is_file():
        return None
    said = _words_hash(transcript)
    times = []
    for number, line in numbered_lines(read_text(path)):
        try:
            entry = json.loads(line)
            if entry["said"] == said:
                times.append(datetime.fromisoformat(entry["read_at"]))
        except (ValueError, KeyError, TypeError):
            raise RecordError(
                "this line is not a reading",
                place=f"{path}:{number}",
                mend="Restore the file, or take this line out; a rubric's registration rests on "
                "what it says.",
            ) from None
    return min(times, default=None)


def note_readings(outputs: Path, transcripts: Iterable[Transcript], at: datetime) -> None:
    """Remember the transcripts that were not read before.

    Raises:
        RecordError: a line can't be read.
        StorageError: the file can't be written.
    """
    lines = [
        json.dumps(
            {
                "said": _words_hash(transcript),
                "source": transcript.provenance.source,
                "read_at": at.astimezone(UTC).isoformat(timespec="milliseconds"),
            },
            ensure_ascii=False,
        )
        for transcript in transcripts
        if first_reading(outputs, transcript) is None
    ]
    if not lines:
        return
    append_lines(outputs / READINGS, lines)


def _words_hash(transcript: Transcript) -> str:
    return content_hash([[turn.role, turn.text] for turn in transcript.turns])
