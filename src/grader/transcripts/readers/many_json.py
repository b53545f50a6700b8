"""Reads several sessions in one file: a JSON list of them, or JSON Lines.

JSON Lines and lists may also hold messages; those that name different sessions are of different
sessions. Each session is read by the reader of its own form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.errors import InputError
from grader.transcripts.message_forms import is_message
from grader.transcripts.reader import Reader
from grader.transcripts.readers import (
    anthropic_json,
    chat_json,
    gemini_json,
    openai_responses,
    prompt_table,
    sharegpt,
)
from grader.transcripts.readers.own_json import no_end_line
from grader.transcripts.source import Source
from grader.transcripts.transcript import Transcript

_Form = tuple[Callable[[Any], bool], Callable[[Any, Source, str], tuple[Transcript, ...]]]
FORMS: tuple[_Form, ...] = (
    (anthropic_json.fits, anthropic_json.of_value),
    (sharegpt.fits, sharegpt.of_value),
    (chat_json.fits, chat_json.of_value),
    (gemini_json.fits, gemini_json.of_value),
    (openai_responses.fits, openai_responses.of_value),
    (prompt_table.fits, prompt_table.of_value),
    (chat_json.is_bare, lambda value, source, id: _of_bare(value, source, id)),
)


def _of_bare(value: Any, source: Source, id: str) -> tuple[Transcript, ...]:
    """A list of messages among other lists: one session each."""
    return chat_json.with_replies({}, value, source, "json-lines", id)


def recognises(source: Source) -> bool:
    """A list or lines of conversations, or of messages."""
    if source.json_lines is not None:
        values = [value for _, value in source.json_lines]
        return _has_messages(values) or any(_form(value) for value in values[:5])
    value = source.json
    return isinstance(value, list) and any(_form(entry) for entry in value[:5])


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """Every session of the file, in its order.

    Raises:
        InputError: an entry that is no conversation, with its line or number.
    """
    if ends_at is not None:
        raise no_end_line(source)
    if source.json_lines is None:
        entries = [(f"{source.path}: entry {n}", value) for n, value in enumerate(source.json, 1)]
    else:
        values = [value for _, value in source.json_lines]
        if _has_messages(values):
            return chat_json.of_message_list(values, source, "json-lines")
        entries = [(f"{source.path}:{line}", value) for line, value in source.json_lines]
    return tuple(
        transcript
        for number, (place, value) in enumerate(entries, start=1)
        for transcript in _of_entry(place, value, source, f"{source.path.stem}-{number}")
    )


def _of_entry(place: str, value: Any, source: Source, id: str) -> tuple[Transcript, ...]:
    form = _form(value)
    if form is None:
        raise InputError(
            f"no conversation: an object with messages was expected, found {value!r:.60}",
            place=place,
            mend="Take the entry out, or mend it.",
        )
    try:
        return form[1](value, source, id)
    except InputError as error:
        raise InputError(error.problem, place=place, mend=error.mend) from None


def _form(value: Any) -> _Form | None:
    return next((form for form in FORMS if form[0](value)), None)


def _has_messages(values: list[Any]) -> bool:
    """Whether the lines are messages; the first may hold the facts about them."""
    return bool(values) and all(is_message(value) for value in values[1:4] or values)


READER = Reader(
    name="json-lines",
    about="JSON Lines or a JSON list: many conversations, or one with a message a line",
    recognises=recognises,
    read=read,
)
