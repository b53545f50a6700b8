"""Reads messages in Anthropic's form: a system prompt beside them, content in typed blocks."""

from __future__ import annotations

from typing import Any

from grader.transcripts.reader import Reader
from grader.transcripts.readers import chat_json
from grader.transcripts.readers.own_json import no_end_line
from grader.transcripts.source import Source
from grader.transcripts.transcript import Transcript

_OWN_BLOCKS = ("tool_use", "tool_result", "thinking", "redacted_thinking")


def recognises(source: Source) -> bool:
    """An object with `messages` and `system`, or with blocks that only Anthropic uses."""
    return fits(source.json)


def fits(value: Any) -> bool:
    """Whether a JSON value is one conversation in this form."""
    if not isinstance(value, dict) or not isinstance(value.get("messages"), list):
        return False
    if isinstance(value.get("system"), (str, list)):
        return True
    return any(
        isinstance(block, dict) and block.get("type") in _OWN_BLOCKS
        for message in value["messages"][:50]
        if isinstance(message, dict) and isinstance(message.get("content"), list)
        for block in message["content"]
    )


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """The conversation of the file. Raises InputError as `chat_json.read`."""
    if ends_at is not None:
        raise no_end_line(source)
    return of_value(source.json, source, source.path.stem)


def of_value(value: dict[str, Any], source: Source, id: str) -> tuple[Transcript, ...]:
    """The conversations of one object that `fits`. Raises InputError as `chat_json.read`."""
    about = {key: field for key, field in value.items() if key not in ("system", "messages")}
    messages = value["messages"]
    if value.get("system"):
        messages = [{"role": "system", "content": value["system"]}, *messages]
    return chat_json.with_replies(about, messages, source, "anthropic-json", id)


READER = Reader(
    name="anthropic-json",
    about="messages in Anthropic's form",
    recognises=recognises,
    read=read,
)
