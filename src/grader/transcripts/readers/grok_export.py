"""Reads conversations that Grok exported: `conversations` with `responses`."""

from __future__ import annotations

from typing import Any

from grader.errors import InputError
from grader.transcripts.branches import branch_to, with_branches_counted
from grader.transcripts.dates import time_text
from grader.transcripts.reader import Reader
from grader.transcripts.readers import chat_json
from grader.transcripts.readers.own_json import no_end_line
from grader.transcripts.source import Source
from grader.transcripts.transcript import Transcript


def recognises(source: Source) -> bool:
    """An object, or a list, whose conversations hold `responses` with a sender and a message."""
    return bool(_entries(source.json))


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """Every conversation in which the model says something.

    Raises:
        InputError: a message that can't be read, or none in which the model speaks.
    """
    if ends_at is not None:
        raise no_end_line(source)
    read_ = (_conversation(e, source, n) for n, e in enumerate(_entries(source.json), start=1))
    found = tuple(transcript for transcript in read_ if transcript is not None)
    if not found:
        raise InputError(
            "the model says nothing in any conversation of this export", place=source.path
        )
    return found


def _entries(value: Any) -> list[dict[str, Any]]:
    """The conversations of the export; empty where it is none."""
    if isinstance(value, dict):
        value = value.get("conversations", [value])
    entries = value if isinstance(value, list) else []
    known = [each for each in entries if isinstance(each, dict) and _responses(each)]
    return known if known and _is_response(_responses(known[0])[0]) else []


def _responses(entry: dict[str, Any]) -> list[Any]:
    given = entry.get("responses")
    return given if isinstance(given, list) else []


def _unwrapped(given: Any) -> Any:
    inner = given.get("response") if isinstance(given, dict) else None
    return inner if isinstance(inner, dict) else given


def _is_response(given: Any) -> bool:
    inner = _unwrapped(given)
    return isinstance(inner, dict) and "sender" in inner and "message" in inner


def _conversation(entry: dict[str, Any], source: Source, number: int) -> Transcript | None:
    given = [_unwrapped(each) for each in _responses(entry)]
    nodes = {
        str(each.get("_id") or each.get("responseId") or n): each
        for n, each in enumerate(given)
        if isinstance(each, dict)
    }
    chained = sum(isinstance(each, dict) and _parent(each) in nodes for each in given)
    branch: list[Any] = given
    if chained == len(given) - 1 and len(given) > 2:
        branch = branch_to(nodes, None, _parent)
    messages = [_message(each) for each in branch]
    if not any(isinstance(m, dict) and str(m.get("role")).lower() == "assistant" for m in messages):
        return None
    head = entry.get("conversation")
    about_it = head if isinstance(head, dict) else entry
    id = str(about_it.get("id") or about_it.get("conversationId") or f"{source.path.stem}-{number}")
    about = {
        "id": id,
        "title": about_it.get("title") if isinstance(about_it.get("title"), str) else None,
        "date": time_text(about_it.get("create_time") or about_it.get("createTime")),
        "provider": "xAI",
    }
    transcript = chat_json.of_messages(about, messages, source, "grok-export", id)
    return with_branches_counted(transcript, len(given) - len(branch))


def _parent(node: dict[str, Any]) -> Any:
    return node.get("parent_response_id") or node.get("parentResponseId")


def _message(given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    message = {
        "role": given.get("sender"),
        "content": given.get("message"),
        "model": given.get("model"),
        "thinking": given.get("thinking_trace") or given.get("thinkingTrace"),
        "time": time_text(given.get("create_time") or given.get("createTime")),
        "error": given.get("error") or bool(given.get("stream_errors")),
    }
    if given.get("partial") is True:
        message["finish_reason"] = "interrupted"
    return {key: value for key, value in message.items() if value not in (None, False)}


READER = Reader(
    name="grok-export",
    about="conversations exported from Grok",
    recognises=recognises,
    read=read,
)
