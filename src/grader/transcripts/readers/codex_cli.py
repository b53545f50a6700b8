"""Reads sessions ("rollouts") of the Codex CLI: JSON Lines with a payload a line."""

from __future__ import annotations

import re
from typing import Any

from grader.errors import InputError
from grader.transcripts.branches import with_warnings
from grader.transcripts.reader import Reader
from grader.transcripts.readers import chat_json
from grader.transcripts.readers.claude_code import program_words
from grader.transcripts.readers.own_json import no_end_line
from grader.transcripts.source import Source
from grader.transcripts.transcript import Transcript

_KINDS = frozenset({"session_meta", "response_item", "event_msg", "turn_context", "compacted"})
_PROGRAM = re.compile(
    r"\s*(?:<(environment_context|user_instructions|INSTRUCTIONS|turn_aborted|permissions"
    r"|collaboration_mode|skill)\b|# AGENTS\.md instructions)"
)


def recognises(source: Source) -> bool:
    """Lines with a type and a payload, or older ones that begin with the session's facts."""
    lines = source.json_lines
    if lines is None:
        return False
    values = [value for _, value in lines[:20] if isinstance(value, dict)]
    if any(str(v.get("type")) in _KINDS and isinstance(v.get("payload"), dict) for v in values):
        return True
    return any("record_type" in v for v in values) and any(_is_item(v) for v in values)


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """The session of the file; several where it begins several times.

    Raises:
        InputError: an item that can't be read, or nothing said by the model.
    """
    if ends_at is not None:
        raise no_end_line(source)
    sessions: list[_Session] = [_Session()]
    for _, line in source.json_lines or ():
        if not isinstance(line, dict):
            continue
        payload = line.get("payload")
        kind = str(line.get("type"))
        if kind == "session_meta" and isinstance(payload, dict):
            if sessions[-1].items:
                sessions.append(_Session())
            sessions[-1].meta = payload
        elif kind in _KINDS and isinstance(payload, dict):
            sessions[-1].add(kind, payload, line.get("timestamp"))
        elif _is_item(line):
            sessions[-1].add("response_item", line, line.get("timestamp"))
        elif "id" in line and "timestamp" in line and not sessions[-1].meta:
            sessions[-1].meta = line
    found = [each.transcript(source) for each in sessions if each.speaks]
    if not found:
        raise InputError("the model says nothing in this session", place=source.path)
    return tuple(found)


def _is_item(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("type"), str)
        and (value["type"] in ("message", "reasoning") or "_call" in value["type"])
    )


class _Session:
    """One session as its lines are read."""

    def __init__(self) -> None:
        self.meta: dict[str, Any] = {}
        self.items: list[dict[str, Any]] = []
        self.model: str | None = None
        self._apart = 0

    @property
    def speaks(self) -> bool:
        """Whether the model says or does anything."""
        return any(item.get("role") == "assistant" or "_call" in item.get("type", "")
                   for item in self.items)  # fmt: skip

    def add(self, kind: str, payload: dict[str, Any], time: Any) -> None:
        """Take in one line."""
        if kind == "turn_context":
            if isinstance(payload.get("model"), str):
                self.model = payload["model"]
        elif kind == "response_item" and _is_item(payload):
            item = {**payload, "time": time}
            if item.get("role") == "user" and self._is_programs(item):
                self._apart += 1
                return
            if item.get("role") == "assistant" and self.model:
                item.setdefault("model", self.model)
            if item.get("role") in ("system", "developer") and self.items:
                return
            self.items.append(item)
        elif kind == "event_msg" and payload.get("type") in ("turn_aborted", "error"):
            self._end("aborted" if payload["type"] == "turn_aborted" else "error")

    def _end(self, reason: str) -> None:
        last = next((i for i in reversed(self.items) if i.get("role") != "user"), None)
        if last is not None and last is self.items[-1]:
            last["finish_reason"] = reason
            last.pop("status", None)
        elif self.items:
            self.items.append({"type": "message", "role": "assistant", "content": "",
                               "finish_reason": reason})  # fmt: skip

    @staticmethod
    def _is_programs(item: dict[str, Any]) -> bool:
        content = item.get("content")
        parts = content if isinstance(content, list) else [content]
        texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
        words = [text for text in texts if isinstance(text, str)]
        return bool(words) and all(_PROGRAM.match(text) for text in words)

    def transcript(self, source: Source) -> Transcript:
        """The record. Raises InputError."""
        id = str(self.meta.get("id") or self.meta.get("session_id") or source.path.stem)
        about: dict[str, Any] = {
            "id": id,
            "date": self.meta.get("timestamp"),
            "codex_cli": self.meta.get("cli_version"),
            "model": self.model,
            "provider": self.meta.get("model_provider"),
        }
        about = {key: value for key, value in about.items() if isinstance(value, str)}
        system = self.meta.get("base_instructions") or self.meta.get("instructions")
        if isinstance(system, dict):
            system = system.get("text")
        messages: list[dict[str, Any]] = list(self.items)
        if isinstance(system, str) and system.strip():
            messages.insert(0, {"role": "system", "content": system})
        transcript = chat_json.of_messages(about, messages, source, "codex-cli", id)
        return with_warnings(transcript, [program_words(self._apart)] if self._apart else [])


READER = Reader(
    name="codex-cli",
    about="a session of the Codex CLI (JSON Lines)",
    recognises=recognises,
    read=read,
)
