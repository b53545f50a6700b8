"""Writes a transcript as the project's own JSON record, and reads it back without any loss."""

from __future__ import annotations

from pydantic import ValidationError

from grader.errors import InputError, RecordError
from grader.files.problems import first_problem
from grader.transcripts.reader import Reader
from grader.transcripts.source import Source
from grader.transcripts.transcript import Transcript


def write_json(transcript: Transcript) -> str:
    """The transcript as JSON. `read_transcript` gives the same record back."""
    return transcript.model_dump_json(indent=2) + "\n"


def recognises(source: Source) -> bool:
    """An object with a schema version, turns and provenance."""
    value = source.json
    return isinstance(value, dict) and {"schema_version", "turns", "provenance"} <= value.keys()


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """The transcript as it was written, its warnings and provenance included.

    Raises:
        RecordError: of a newer version, or changed so that it is no transcript any more.
    """
    if ends_at is not None:
        raise no_end_line(source)
    value = source.json
    version = value.get("schema_version")
    if version != 1:
        raise RecordError(
            f"a transcript record of version {version!r}; this program reads version 1",
            place=source.path,
            mend="Use the newer program that wrote it.",
        )
    try:
        return (checked(Transcript.model_validate(value), source),)
    except ValidationError as error:
        raise RecordError(
            f"not a whole transcript record: {first_problem(error)}",
            place=source.path,
            mend="Was it edited by hand? Convert the original file again.",
        ) from None


def checked(transcript: Transcript, source: Source) -> Transcript:
    """The transcript, if each of its turns has a number of its own. Raises RecordError."""
    numbers = [turn.number for turn in transcript.turns]
    if len(set(numbers)) == len(numbers):
        return transcript
    raise RecordError(
        "not a whole transcript record: turns: two of them bear the same number",
        place=source.path,
        mend="Was it edited by hand? Convert the original file again.",
    )


def no_end_line(source: Source) -> InputError:
    """The error for a line given where the format itself marks the end."""
    return InputError(
        "the end of this transcript is marked by its format, no line can be given",
        place=source.path,
        mend="Leave the line out.",
    )


READER = Reader(
    name="grader-json",
    about="a transcript record of this program",
    recognises=recognises,
    read=read,
)
