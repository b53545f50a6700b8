"""Reads a transcript from a file of any known format; the one door for all readers.

The format is chosen by the content, never by the file name. Readers are tried in a fixed order,
the most particular first.
"""

from __future__ import annotations

from pathlib import Path

from grader.errors import InputError
from grader.transcripts import archive_page, chat_json, own_json
from grader.transcripts.reader import Reader
from grader.transcripts.seems import seems, seems_binary
from grader.transcripts.source import Source, open_source
from grader.transcripts.transcript import Transcript

READERS: tuple[Reader, ...] = (
    own_json.READER,
    chat_json.READER,
    archive_page.READER,
)
"""The built-in readers in the order in which they are tried."""


def read_transcript(
    path: str | Path, *, format: str | None = None, ends_at: int | None = None
) -> Transcript:
    """Read the one session of a file, ready to be compared.

    Args:
        path: the file.
        format: name of a reader; None lets the content decide.
        ends_at: last line of the transcript, where a page leaves it uncertain.

    Raises:
        InputError: not readable, of no known format, damaged, several sessions in one file, or a
            session in which the model says nothing; with file and line where there is one.
    """
    transcripts = read_transcripts(path, format=format, ends_at=ends_at)
    if len(transcripts) > 1:
        names = ", ".join(transcript.id for transcript in transcripts[:5])
        raise InputError(
            f"the file holds {len(transcripts)} sessions, one was expected ({names})",
            place=path,
            mend="Write them out one by one with `grader transcript convert`.",
        )
    transcript = transcripts[0]
    if not any(turn.role == "model" for turn in transcript.turns):
        what = "only the human's turn" if transcript.turns else "no turns"
        raise InputError(
            f"the transcript is empty: the page holds {what}, nothing the model said",
            place=path,
            mend="There is nothing to judge in it; `grader show` shows what was read.",
        )
    return transcript


def read_transcripts(
    path: str | Path, *, format: str | None = None, ends_at: int | None = None
) -> tuple[Transcript, ...]:
    """Read every session of a file, also one that holds only what was written about it.

    Args and raises: as `read_transcript`, but several sessions and sessions without a word of
    the model are given back.
    """
    source = open_source(path)
    return _reader(source, format).read(source, ends_at)


def _reader(source: Source, format: str | None) -> Reader:
    if format is not None:
        for reader in READERS:
            if reader.name == format:
                return reader
        raise InputError(
            f"there is no reader named {format!r}",
            mend=f"Known are: {', '.join(reader.name for reader in READERS)}.",
        )
    binary = seems_binary(source.data)
    if binary is not None:
        raise _no_session(source, binary)
    for reader in READERS:
        if reader.recognises(source):
            return reader
    raise _no_session(source, seems(source))


def _no_session(source: Source, what: str) -> InputError:
    return InputError(
        f"this is no transcript; it seems to be {what}",
        place=source.path,
        mend="docs/transcripts.md lists the formats; `--format` names one.",
    )
