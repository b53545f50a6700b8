"""Reads the project's JSON form: OpenAI-style messages with metadata around them.

System messages become the system prompt; a preamble is taken off the user message it was sent
with, so that no turn holds it. How messages become turns is in `messages`.
"""

from __future__ import annotations

from typing import Any

from grader.errors import InputError
from grader.transcripts.contradictions import contradictions
from grader.transcripts.messages import conversation
from grader.transcripts.metadata import metadata
from grader.transcripts.reader import Reader
from grader.transcripts.readers.own_json import no_end_line
from grader.transcripts.source import Source
from grader.transcripts.transcript import Transcript


def recognises(source: Source) -> bool:
    """An object with a list `messages`, or a bare list of messages."""
    return fits(source.json) or _is_bare(source.json)


def fits(value: Any) -> bool:
    """Whether a JSON value is one conversation in this form."""
    return isinstance(value, dict) and isinstance(value.get("messages"), list)


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """The one conversation of the file.

    Raises:
        InputError: no messages, or a message that can't be read, with its number.
    """
    if ends_at is not None:
        raise no_end_line(source)
    value = source.json
    if isinstance(value, list):
        value = {"messages": value}
    return (of_value(value, source, source.path.stem),)


def of_value(value: dict[str, Any], source: Source, id: str) -> Transcript:
    """The conversation of one object that `fits`; `id` where it states none.

    Raises:
        InputError: as `read`.
    """
    return of_messages(value, value["messages"], source, "chat-json", id)


def of_messages(
    about: dict[str, Any], messages: list[Any], source: Source, format: str, id: str
) -> Transcript:
    """A transcript from messages in OpenAI's form and the metadata beside them.

    Raises:
        InputError: as `read`.
    """
    if not messages:
        raise InputError(
            "the list of messages is empty", place=source.path, mend="Was the session exported?"
        )
    facts = metadata(about, source)
    talk = conversation(messages, source, preamble=facts.preamble)
    transcript = facts.transcript(talk, source, format, id)
    return transcript.model_copy(
        update={"warnings": (*transcript.warnings, *contradictions(transcript))}
    )


def _is_bare(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(entry, dict) and "role" in entry for entry in value[:3])
    )


READER = Reader(
    name="chat-json",
    about="messages in OpenAI's form, with or without metadata around them",
    recognises=recognises,
    read=read,
)
