"""Turns out of chat messages, as OpenAI, Anthropic and their kin write them.

System messages become the system prompt. Reasoning, images and other parts that are not text are
left out with a warning; tool calls are kept beside the text. A preamble never stays in a turn.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.errors import InputError
from grader.transcripts.preamble import without_preamble
from grader.transcripts.source import Source, check_turns
from grader.transcripts.transcript import ReadingWarning, Role, ToolCall, Turn

ROLES: dict[str, Role | None] = {
    "system": None,
    "developer": None,
    "user": "human",
    "human": "human",
    "assistant": "model",
    "model": "model",
    "ai": "model",
    "gpt": "model",
    "chatgpt": "model",
    "bot": "model",
    "tool": "tool",
    "function": "tool",
    "observation": "tool",
    "function_call": "model",
}
"""Role of a turn by the name a message gives; None: a system prompt."""

_TEXT_PARTS = ("text", "input_text", "output_text")
_REASONING_PARTS = ("thinking", "redacted_thinking", "reasoning", "thoughts")


@dataclass(frozen=True)
class Conversation:
    """What the messages of one session give."""

    turns: tuple[Turn, ...]
    system_prompt: str | None
    preamble_found: bool
    warnings: tuple[ReadingWarning, ...]


@dataclass
class _Parts:
    """The content of one message, sorted."""

    texts: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    reasoning: int = 0
    others: list[str] = field(default_factory=list)


def conversation(
    messages: Sequence[Any], source: Source, *, preamble: str | None = None, where: str = "messages"
) -> Conversation:
    """The turns of a list of messages.

    Args:
        messages: objects with `role` and `content`; `name`, `tool_calls` and a time are used.
        source: the file, for errors.
        preamble: the preamble that the source states, to be taken off.
        where: name of the list in errors.

    Raises:
        InputError: a message is no object, or its role or content cannot be read.
    """
    check_turns(len(messages), source)
    turns: list[Turn] = []
    systems: list[str] = []
    warnings: list[ReadingWarning] = []
    found = False
    for position, message in enumerate(messages, start=1):
        place = f"{where}[{position}]"
        if not isinstance(message, dict):
            raise _unreadable(source, place, f"an object was expected, found {message!r:.40}")
        given = message.get("role")
        if not isinstance(given, str) or given.lower() not in ROLES:
            raise _unreadable(
                source, f"{place}.role", f"{given!r:.40} is no role of a conversation"
            )
        role = ROLES[given.lower()]
        parts = _parts(message, source, place)
        _warn_of_left_out(parts, position, warnings)
        text = "\n\n".join(parts.texts)
        if role is None:
            systems.append(text)
            continue
        if role == "human":
            text, stood = without_preamble(text, preamble)
            found = found or stood is not None
            if stood == "inside":
                warnings.append(
                    ReadingWarning(
                        code="preamble_not_first",
                        message=f"the preamble stands inside message {position}, not at its "
                        "beginning; it was taken out there",
                    )
                )
            if stood and not text:
                continue
        name = message.get("name")
        speaker = name if isinstance(name, str) and name.strip() else given
        for result in parts.results:
            turns.append(Turn(number=len(turns) + 1, role="tool", speaker="tool", text=result))
        if text or parts.calls or not parts.results:
            turns.append(
                Turn(
                    number=len(turns) + 1,
                    role=role,
                    speaker=speaker,
                    text=text,
                    time=_time(message),
                    calls=tuple(parts.calls),
                )
            )
    return Conversation(
        turns=tuple(turns),
        system_prompt="\n\n".join(systems) if any(s.strip() for s in systems) else None,
        preamble_found=found,
        warnings=tuple(warnings),
    )


def _parts(message: dict[str, Any], source: Source, place: str) -> _Parts:
    parts = _Parts()
    content = message.get("content")
    if isinstance(content, str):
        parts.texts.append(content)
    elif isinstance(content, list):
        for number, part in enumerate(content, start=1):
            _sort(part, parts, source, f"{place}.content[{number}]")
    elif isinstance(content, dict):
        _sort(content, parts, source, f"{place}.content")
    elif content is not None:
        raise _unreadable(source, f"{place}.content", f"text was expected, found {content!r:.40}")
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal:
        parts.texts.append(refusal)
    if isinstance(message.get("reasoning_content"), str) or message.get("reasoning"):
        parts.reasoning += 1
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            parts.calls.append(_call(function.get("name"), function.get("arguments")))
        elif isinstance(call, dict):
            parts.calls.append(_call(call.get("name") or call.get("function"), call.get("args")))
    old_call = message.get("function_call")
    if isinstance(old_call, dict):
        parts.calls.append(_call(old_call.get("name"), old_call.get("arguments")))
    return parts


def _sort(part: Any, parts: _Parts, source: Source, place: str) -> None:
    """Put one content part where it belongs."""
    if isinstance(part, str):
        parts.texts.append(part)
        return
    if not isinstance(part, dict):
        raise _unreadable(source, place, f"a content part was expected, found {part!r:.40}")
    kind = part.get("type")
    if kind in _TEXT_PARTS or (kind is None and isinstance(part.get("text"), str)):
        text = part.get("text")
        if not isinstance(text, str):
            raise _unreadable(source, f"{place}.text", f"text was expected, found {text!r:.40}")
        parts.texts.append(text)
    elif kind == "refusal" and isinstance(part.get("refusal"), str):
        parts.texts.append(part["refusal"])
    elif kind in ("tool_use", "function_call", "tool_call"):
        parts.calls.append(_call(part.get("name"), part.get("input", part.get("arguments"))))
    elif kind in ("tool_result", "function_call_output"):
        inner = part.get("content", part.get("output"))
        sorted_ = _Parts()
        for piece in inner if isinstance(inner, list) else [inner]:
            if piece is not None:
                _sort(piece, sorted_, source, f"{place}.content")
        parts.results.append("\n\n".join(sorted_.texts))
        parts.others += sorted_.others
    elif kind in _REASONING_PARTS:
        parts.reasoning += 1
    else:
        parts.others.append(str(kind)[:40])


def _call(name: Any, arguments: Any) -> ToolCall:
    written = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return ToolCall(name=str(name), arguments=written if arguments is not None else "")


def _warn_of_left_out(parts: _Parts, position: int, warnings: list[ReadingWarning]) -> None:
    if parts.reasoning:
        warnings.append(
            ReadingWarning(
                code="reasoning_left_out",
                message=f"message {position} holds the model's reasoning; it was not said to "
                "anyone and was left out",
            )
        )
    for kind in sorted(set(parts.others)):
        warnings.append(
            ReadingWarning(
                code="part_left_out",
                message=f"message {position} holds a part of kind {kind!r} that is not text; it "
                "was left out",
            )
        )


def _time(message: dict[str, Any]) -> str | None:
    for key in ("time", "timestamp", "created_at"):
        value = message.get(key)
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            return str(value)
    return None


def _unreadable(source: Source, field: str, problem: str) -> InputError:
    return InputError(
        f"{field}: {problem}",
        place=source.path,
        mend="docs/transcripts.md shows the forms that are read.",
    )
