"""Reads `conversations.json` of a Claude export: conversations with `chat_messages`."""

from __future__ import annotations

from typing import Any

from grader.errors import InputError
from grader.transcripts.conversations import are_conversations, read_conversations
from grader.transcripts.reader import Reader
from grader.transcripts.readers import chat_json
from grader.transcripts.source import Source
from grader.transcripts.transcript import ReadingWarning, Transcript


def recognises(source: Source) -> bool:
    """A list of conversations, or one, with `chat_messages`."""
    return are_conversations(source, _fits)


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """Every conversation of the export. Raises as `read_conversations`."""
    return read_conversations(source, ends_at, _conversation)


def _fits(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("chat_messages"), list)


def _conversation(entry: Any, source: Source, number: int) -> Transcript | None:
    if not _fits(entry):
        raise InputError(
            f"entry {number}: a conversation with 'chat_messages' was expected, "
            f"found {entry!r:.40}",
            place=source.path,
        )
    messages: list[dict[str, Any]] = []
    files: list[str] = []
    for position, given in enumerate(entry["chat_messages"], start=1):
        if not isinstance(given, dict) or given.get("sender") not in ("human", "assistant"):
            raise InputError(
                f"entry {number}, message {position}: a sender 'human' or 'assistant' was expected",
                place=source.path,
            )
        content = given.get("content") or given.get("text") or ""
        links = {key: given[key] for key in ("uuid", "parent_message_uuid", "stop_reason", "model")
                 if isinstance(given.get(key), str)}  # fmt: skip
        messages.append(
            {**links, "role": given["sender"], "content": content, "time": given.get("created_at")}
        )
        for kind in ("attachments", "files"):
            listed = given.get(kind)
            files += [_file_name(each) for each in listed] if isinstance(listed, list) else []
    if not any(message["role"] == "assistant" for message in messages):
        return None
    id = str(entry.get("uuid") or f"{source.path.stem}-{number}")
    about = {
        "id": id,
        "date": entry.get("created_at"),
        "title": entry.get("name"),
        "model": {"name": entry.get("model") or "claude", "provider": "Anthropic"},
    }
    transcript = chat_json.of_messages(about, messages, source, "claude-export", id)
    warnings = tuple(
        ReadingWarning(
            code="attachment_left_out",
            message=f"the human attached {name!r}; its content was left out",
        )
        for name in dict.fromkeys(files)
    )
    return transcript.model_copy(update={"warnings": (*transcript.warnings, *warnings)})


def _file_name(attachment: Any) -> str:
    name = attachment.get("file_name") if isinstance(attachment, dict) else None
    return str(name or "a file")[:80]


READER = Reader(
    name="claude-export",
    about="conversations.json of a Claude export",
    recognises=recognises,
    read=read,
)
