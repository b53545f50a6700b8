"""One form for the messages of many programs: role, content, and the rest as it is.

OpenAI, Anthropic, Gemini, LangChain, ShareGPT and the Responses API name the same things
differently. What a message's content means is left to `message_parts`.
"""

from __future__ import annotations

import json
from typing import Any

from grader.transcripts.transcript import Role

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
    "gemini": "model",
    "claude": "model",
    "bot": "model",
    "agent": "model",
    "tool": "tool",
    "function": "tool",
    "observation": "tool",
    "function_response": "tool",
    "function_call": "model",
}
"""Role of a turn by the name a message gives; None: a system prompt."""

TEXT_KEYS = ("content", "parts", "text", "value", "message", "output_text")
"""Where a message's words may stand, in the order in which they are looked for."""

_ROLE_KEYS = ("role", "from", "sender", "speaker", "author", "type")
_CLASSES = {
    "human": "user", "humanmessage": "user", "humanmessagechunk": "user",
    "aimessage": "assistant", "aimessagechunk": "assistant", "systemmessage": "system",
    "toolmessage": "tool", "functionmessage": "tool", "chatmessage": "assistant",
    "user_message": "user", "assistant_message": "assistant", "agent_message": "assistant",
}  # fmt: skip
"""Names of LangChain's classes and of events, as roles."""


def normal(message: dict[str, Any]) -> dict[str, Any]:
    """The message with `role` and `content` where they are told otherwise.

    Items of the Responses API that are no messages become messages with one typed part.
    `role` is left out where none is told.
    """
    message = _unwrapped(message)
    kind = message.get("type")
    item = _responses_item(message, kind) if isinstance(kind, str) else None
    if item is not None:
        return item
    found = dict(message)
    role = role_of(message)
    if role is not None:
        found["role"] = role
    if found.get("content") is None:
        key = next((key for key in TEXT_KEYS if message.get(key) is not None), None)
        # A message inside a message has its own role and content.
        if key == "message" and isinstance(message["message"], dict):
            return {**found, **normal(message["message"])}
        if key is not None:
            found["content"] = message[key]
    return found


def role_of(message: dict[str, Any]) -> str | None:
    """The role in whatever field it stands; None where there is none."""
    if isinstance(message.get("role"), str):
        return str(message["role"])
    if isinstance(message.get("isCreatedByUser"), bool):  # LibreChat: the sender is a name.
        return "user" if message["isCreatedByUser"] else "assistant"
    for key in _ROLE_KEYS:
        value = message.get(key)
        if isinstance(value, dict):
            value = value.get("role") or value.get("name")
        if not isinstance(value, str):
            continue
        name = _CLASSES.get(value.lower(), value)
        if key != "type" or name.lower() in ROLES:
            return name
    return None


def is_message(value: Any) -> bool:
    """Whether a JSON value is a message: a known role, and a field for its words."""
    if not isinstance(value, dict):
        return False
    inner = _unwrapped(value)
    if isinstance(inner.get("type"), str) and _responses_item(inner, inner["type"]) is not None:
        return True
    role = role_of(inner)
    if role is None or role.lower() not in ROLES:
        return isinstance(inner.get("role"), str)
    return "role" in inner or any(key in inner for key in (*TEXT_KEYS, "tool_calls"))


def _unwrapped(message: dict[str, Any]) -> dict[str, Any]:
    """A message that LangChain has wrapped into its class, or into `data`."""
    inner = message.get("kwargs")
    if message.get("lc") and isinstance(inner, dict):
        named = message.get("id")
        name = str(named[-1]) if isinstance(named, list) and named else ""
        return {"type": _CLASSES.get(name.lower(), name), **inner}
    inner = message.get("data")
    if isinstance(inner, dict) and isinstance(message.get("type"), str) and "content" in inner:
        return {**inner, "type": message["type"]}
    return message


def _responses_item(message: dict[str, Any], kind: str) -> dict[str, Any] | None:
    """An item of the Responses API that is no message; None for anything else."""
    if "role" in message:
        return None
    if kind == "reasoning":
        groups = [message.get(name) for name in ("summary", "content")]
        texts = [
            part.get("text")
            for group in groups
            if isinstance(group, list)
            for part in group
            if isinstance(part, dict)
        ]
        thoughts = [text for text in texts if isinstance(text, str)]
        return {
            "role": "assistant",
            "content": [{"type": "reasoning", "text": "\n\n".join(thoughts)}],
            "only_reasoning": True,
        }
    if kind.endswith("_call_output") or kind.endswith("_tool_call_output"):
        output = message.get("output", message.get("content"))
        text = output if isinstance(output, (str, list)) else _written(output)
        return {"role": "tool", "content": text if text is not None else ""}
    if kind.endswith("_call") or kind.endswith("_tool_call"):
        name = message.get("name") or kind
        given = next(
            (message[key] for key in ("arguments", "input", "action", "code", "queries")
             if message.get(key) is not None),
            None,
        )  # fmt: skip
        return {
            "role": "assistant",
            "content": [{"type": "tool_use", "name": name, "input": given}],
            "status": message.get("status"),
        }
    return None


def _written(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
