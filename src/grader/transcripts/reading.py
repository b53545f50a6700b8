"""Reads a transcript from a file of any known format; the one door for all readers.

The format is chosen by the content, never by the file name. Readers are tried in a fixed order,
the most particular first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from grader.errors import GraderError, InputError
from grader.transcripts.documents import document_warnings
from grader.transcripts.guess_kind import seems, seems_binary
from grader.transcripts.hidden import hidden_characters
from grader.transcripts.kept_apart import keep_apart
from grader.transcripts.reader import Reader
from grader.transcripts.readers import (
    aider_markdown,
    anthropic_json,
    chat_json,
    chatgpt_export,
    claude_code,
    claude_export,
    codex_cli,
    gemini_cli,
    gemini_json,
    grok_export,
    inspect_log,
    many_json,
    markdown_page,
    open_webui,
    openai_responses,
    own_json,
    own_markdown,
    plain_text,
    prompt_table,
    sharegpt,
    trajectories,
)
from grader.transcripts.source import Source, open_source
from grader.transcripts.transcript import Transcript

READERS: tuple[Reader, ...] = (
    inspect_log.READER,
    own_json.READER,
    claude_code.READER,
    codex_cli.READER,
    gemini_cli.READER,
    trajectories.ATIF,
    trajectories.SWE_AGENT,
    open_webui.READER,
    grok_export.READER,
    chatgpt_export.READER,
    claude_export.READER,
    sharegpt.READER,
    gemini_json.AI_STUDIO,
    gemini_json.READER,
    openai_responses.ASSISTANTS,
    openai_responses.READER,
    anthropic_json.READER,
    chat_json.READER,
    prompt_table.READER,
    many_json.READER,
    own_markdown.READER,
    aider_markdown.READER,
    markdown_page.READER,
    plain_text.READER,
)
"""The built-in readers in the order in which they are tried."""

MAX_CHARACTERS = 8_000_000
"""Of all turns of one session. No judge takes in as much."""

ENTRY_POINTS = "grader.readers"
"""Installed packages, and the wing `archive`, add readers under this name; they are tried before
the built-in ones."""


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
    transcript = read_session(path, format=format, ends_at=ends_at)
    if not any(turn.role == "model" for turn in transcript.turns):
        what = "only the human's turn" if transcript.turns else "no turns"
        raise InputError(
            f"the transcript is empty: the page holds {what}, nothing the model said",
            place=path,
            mend="There is nothing to judge in it; `grader show` shows what was read.",
        )
    return transcript


def read_session(
    path: str | Path, *, format: str | None = None, ends_at: int | None = None
) -> Transcript:
    """Read the one session of a file, also one in which the model says nothing.

    Args and raises: as `read_transcript`, but for the last.
    """
    transcripts = read_transcripts(path, format=format, ends_at=ends_at)
    if len(transcripts) > 1:
        names = ", ".join(transcript.id for transcript in transcripts[:5])
        raise InputError(
            f"the file holds {len(transcripts)} sessions, one was expected ({names})",
            place=path,
            mend="Write them out one by one with `grader transcript convert`.",
        )
    return transcripts[0]


def read_transcripts(
    path: str | Path, *, format: str | None = None, ends_at: int | None = None
) -> tuple[Transcript, ...]:
    """Read every session of a file, also one that holds only what was written about it.

    Args and raises: as `read_transcript`, but several sessions and sessions without a word of
    the model are given back.
    """
    source = open_source(path)
    reader = _reader(source, format)
    with _blamed(reader, source):
        transcripts = reader.read(source, ends_at)
    for transcript in transcripts:
        length = sum(len(turn.text) for turn in transcript.turns)
        if length > MAX_CHARACTERS:
            raise InputError(
                f"the session {transcript.id!r:.80} holds {length:,} characters, at most "
                f"{MAX_CHARACTERS:,} are read",
                place=source.path,
                mend="Is this one session? Split the file.",
            )
    # A record of this program has been through this when its source was read.
    return tuple(
        _with_warnings(keep_apart(transcript))
        if transcript.provenance.sha256 == source.sha256
        else transcript
        for transcript in transcripts
    )


def _with_warnings(transcript: Transcript) -> Transcript:
    """The transcript with warnings for documents in tool calls and for hidden characters."""
    found = (*document_warnings(transcript), *hidden_characters(transcript))
    if not found:
        return transcript
    return transcript.model_copy(update={"warnings": (*transcript.warnings, *found)})


@cache
def all_readers() -> tuple[Reader, ...]:
    """The readers of installed packages by name, then the built-in ones.

    Raises:
        InputError: an installed reader can't be loaded, or takes the name of another.
    """
    installed: dict[str, Reader] = {}
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name):
        try:
            reader = entry.load()
        except Exception as error:
            raise InputError(
                f"the installed reader {entry.name!r} can't be loaded: {error}",
                place=entry.value,
                mend="Mend or uninstall the package that brings it.",
            ) from error
        names = {known.name for known in (*READERS, *installed.values())}
        if not isinstance(reader, Reader) or reader.name in names:
            raise InputError(
                f"the installed reader {entry.name!r} is no Reader with a name of its own",
                place=entry.value,
                mend="docs/transcripts.md shows how a reader is added.",
            )
        installed[reader.name] = reader
    return (*installed.values(), *READERS)


def _reader(source: Source, format: str | None) -> Reader:
    """The reader asked for, or the first that knows the content. Raises InputError."""
    if format is not None:
        named = next((reader for reader in all_readers() if reader.name == format), None)
        if named is None:
            raise InputError(
                f"there is no reader named {format!r}",
                mend=f"Known are: {', '.join(reader.name for reader in all_readers())}.",
            )
        if named.reads_any_text or _recognises(named, source):
            return named
        raise InputError(
            f"the file is not {named.about}; it seems to be {_seems(source)}",
            place=source.path,
            mend="Leave the format out, and the content decides.",
        )
    binary = seems_binary(source.data) is not None
    for reader in all_readers():
        if (reader.reads_bytes or not binary) and _recognises(reader, source):
            return reader
    raise InputError(
        f"this is no transcript; it seems to be {_seems(source)}",
        place=source.path,
        mend="docs/transcripts.md lists the formats; `--format` names one.",
    )


def _recognises(reader: Reader, source: Source) -> bool:
    with _blamed(reader, source):
        return reader.recognises(source)


@contextmanager
def _blamed(reader: Reader, source: Source) -> Iterator[None]:
    """Name the installed reader that fails; a failure of our own stays what it is."""
    try:
        yield
    except GraderError:
        raise
    except Exception as error:
        if reader in READERS:
            raise
        raise InputError(
            f"the reader {reader.name!r} failed: {type(error).__name__}: {error}"[:300],
            place=source.path,
            mend="It comes from an installed package; name another reader with --format.",
        ) from error


def _seems(source: Source) -> str:
    return seems_binary(source.data) or seems(source)
