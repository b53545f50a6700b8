"""Reads sessions that the Gemini CLI recorded, as JSON or as JSON Lines."""

from __future__ import annotations

from typing import Any

from grader.transcripts.reader import Reader
from grader.transcripts.readers import chat_json
from grader.transcripts.readers.own_json import no_end_line
from grader.transcripts.source import Source
from grader.transcripts.transcript import Transcript

_TYPES = ("user", "gemini", "info", "error", "warning")


def recognises(source: Source) -> bool:
    """An object with messages of the types 'user' and 'gemini', or such lines under a head."""
    return _session(source) is not None


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """The session of the file. Raises InputError as `chat_json.read`."""
    if ends_at is not None:
        raise no_end_line(source)
    session = _session(source)
    assert session is not None
    head, given = session
    messages: list[dict[str, Any]] = []
    for entry in given:
        kind = entry.get("type")
        if kind in ("user", "gemini"):
            messages.append(_message(entry))
            messages += _results(entry)
        elif kind == "error" and messages and messages[-1]["role"] == "gemini":
            messages[-1]["error"] = True
    id = str(head.get("sessionId") or source.path.stem)
    about = {"id": id, "date": head.get("startTime"), "provider": "Google"}
    return chat_json.with_replies(about, messages, source, "gemini-cli", id)


def _session(source: Source) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """The head and the messages of a session; None where the file is none."""
    if source.json_lines is not None:
        values = [value for _, value in source.json_lines if isinstance(value, dict)]
        head = values[0] if values and "type" not in values[0] else {}
        given = _latest([v for v in values[1 if head else 0 :] if str(v.get("type")) in _TYPES])
    else:
        value = source.json
        if not isinstance(value, dict) or not isinstance(value.get("messages"), list):
            return None
        head = value
        given = [each for each in value["messages"] if isinstance(each, dict)]
    known = [each for each in given if str(each.get("type")) in _TYPES and "content" in each]
    if not known or len(known) != len(given) or "role" in known[0]:
        return None
    # LangGraph has messages with types too; its model is 'ai'.
    return (head, known) if "sessionId" in head or _speaks(known) else None


def _speaks(given: list[dict[str, Any]]) -> bool:
    return any(each.get("type") == "gemini" for each in given)


def _latest(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each message once, as its last line has it: lines are written anew while a reply grows."""
    found: dict[Any, dict[str, Any]] = {}
    for number, entry in enumerate(given):
        found[str(entry.get("id") or number)] = entry
    return list(found.values())


def _message(entry: dict[str, Any]) -> dict[str, Any]:
    calls = entry.get("toolCalls")
    message = {
        "role": entry["type"],
        "content": entry.get("content") if entry.get("content") is not None else "",
        "time": entry.get("timestamp"),
        "model": entry.get("model"),
        "tool_calls": [
            {"name": call.get("name"), "args": call.get("args")}
            for call in (calls if isinstance(calls, list) else [])
            if isinstance(call, dict)
        ],
    }
    thoughts = entry.get("thoughts")
    spoken = [
        " ".join(str(each[key]) for key in ("subject", "description") if each.get(key))
        for each in (thoughts if isinstance(thoughts, list) else [])
        if isinstance(each, dict)
    ]
    if spoken:
        message["thinking"] = "\n\n".join(spoken)
    return message


def _results(entry: dict[str, Any]) -> list[dict[str, Any]]:
    calls = entry.get("toolCalls")
    return [
        {"role": "tool", "content": [{"type": "tool_result", "content": call.get("result")}]}
        for call in (calls if isinstance(calls, list) else [])
        if isinstance(call, dict) and call.get("result") is not None
    ]


READER = Reader(
    name="gemini-cli",
    about="a session recorded by the Gemini CLI",
    recognises=recognises,
    read=read,
)
