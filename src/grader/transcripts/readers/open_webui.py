"""Reads chats that Open WebUI exported: one, or a list of them."""

from __future__ import annotations

from typing import Any

from grader.errors import InputError
from grader.transcripts.branches import branch_to, with_branches_counted
from grader.transcripts.conversations import are_conversations, read_conversations
from grader.transcripts.dates import time_text
from grader.transcripts.reader import Reader
from grader.transcripts.readers import chat_json
from grader.transcripts.source import Source
from grader.transcripts.transcript import Transcript


def recognises(source: Source) -> bool:
    """A list of chats, or one, whose `chat` holds messages or their history."""
    return are_conversations(source, _fits)


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """Every chat of the export. Raises as `read_conversations`."""
    return read_conversations(source, ends_at, _conversation)


def _chat(value: Any) -> dict[str, Any] | None:
    chat = value.get("chat") if isinstance(value, dict) else None
    return chat if isinstance(chat, dict) else None


def _fits(value: Any) -> bool:
    chat = _chat(value)
    return chat is not None and ("history" in chat or isinstance(chat.get("messages"), list))


def _conversation(entry: Any, source: Source, number: int) -> Transcript | None:
    chat = _chat(entry)
    if chat is None:
        raise InputError(
            f"entry {number}: an object with a 'chat' was expected, found {entry!r:.40}",
            place=source.path,
        )
    history = chat.get("history")
    nodes = history.get("messages") if isinstance(history, dict) else None
    left_out = 0
    if isinstance(nodes, dict) and nodes:
        current = history.get("currentId") if isinstance(history, dict) else None
        messages: list[Any] = branch_to(nodes, current, lambda node: node.get("parentId"))
        left_out = len(nodes) - len(messages)
    else:
        listed = chat.get("messages")
        messages = listed if isinstance(listed, list) else []
    if not any(isinstance(each, dict) and each.get("role") == "assistant" for each in messages):
        return None
    system = chat.get("system")
    params = chat.get("params") if isinstance(chat.get("params"), dict) else {}
    system = system or (params or {}).get("system")
    if isinstance(system, str) and system.strip():
        messages = [{"role": "system", "content": system}, *messages]
    models = chat.get("models")
    id = str(entry.get("id") or chat.get("id") or f"{source.path.stem}-{number}")
    about: dict[str, Any] = {
        "id": id,
        "title": entry.get("title") or chat.get("title"),
        "date": time_text(entry.get("created_at") or chat.get("timestamp")),
        "model": models[0] if isinstance(models, list) and len(models) == 1 else None,
    }
    for key in ("temperature", "top_p", "max_tokens"):
        value = (params or {}).get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            about[key] = int(value) if key == "max_tokens" else value
    if not isinstance(about["model"], str):
        about["model"] = None
    told_messages = [_unfinished(each) for each in messages]
    transcript = chat_json.of_messages(about, told_messages, source, "open-webui", id)
    return with_branches_counted(transcript, left_out)


def _unfinished(message: Any) -> Any:
    """A reply that was still being written when the chat was exported."""
    if not isinstance(message, dict) or message.get("done") is not False:
        return message
    return {"finish_reason": "interrupted", **message}


READER = Reader(
    name="open-webui",
    about="chats exported from Open WebUI",
    recognises=recognises,
    read=read,
)
