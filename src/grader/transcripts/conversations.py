"""An account's export: one conversation, or a list of them. What each holds is its reader's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.errors import InputError
from grader.transcripts.readers.own_json import no_end_line
from grader.transcripts.source import Source
from grader.transcripts.transcript import Transcript


def conversations(source: Source) -> list[Any]:
    """The entries of the export."""
    value = source.json
    return value if isinstance(value, list) else [value]


def are_conversations(source: Source, fits: Callable[[Any], bool]) -> bool:
    """Whether the first entries look like conversations of the kind that `fits` knows."""
    entries = conversations(source)
    return bool(entries) and all(fits(entry) for entry in entries[:3])


def read_conversations(
    source: Source,
    ends_at: int | None,
    read_one: Callable[[Any, Source, int], Transcript | None],
) -> tuple[Transcript, ...]:
    """Every conversation in which the model says something.

    Args:
        source: the export.
        ends_at: must be None; an export has no last line to name.
        read_one: gives the transcript of an entry by its number from 1, None where the model
            says nothing in it.

    Raises:
        InputError: a conversation that can't be read, or none in which the model speaks.
    """
    if ends_at is not None:
        raise no_end_line(source)
    read = (read_one(entry, source, n) for n, entry in enumerate(conversations(source), 1))
    found = tuple(transcript for transcript in read if transcript is not None)
    if not found:
        raise InputError(
            "the model says nothing in any conversation of this export", place=source.path
        )
    return found
