"""From a chat completion, as JSON, to a reply. Servers differ, so nothing is taken for granted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeGuard

from grader.judge.reply import Reply, Usage


def is_completion(body: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a body holds a choice, however odd."""
    choices = body.get("choices") if isinstance(body, dict) else None
    return isinstance(choices, list) and bool(choices) and isinstance(choices[0], dict)


def read_completion(
    body: dict[str, Any], *, latency_s: float | None = None, limit: int | None = None
) -> Reply:
    """The reply in a body that `is_completion`.

    A tool call's arguments count as the text where there are any. `limit` is how many tokens the
    server was told that it may write.
    """
    choice = body["choices"][0]
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    usage = _usage(body.get("usage"))
    finish_reason = _string(choice.get("finish_reason"))
    full = limit is not None and (usage.completion_tokens or 0) >= limit
    return Reply(
        text=_tool_arguments(message) or _text(message.get("content")),
        refusal=_string(message.get("refusal")) or None,
        finish_reason=finish_reason,
        used_up=True if full and finish_reason != "length" else None,
        model=_string(body.get("model")),
        fingerprint=_string(body.get("system_fingerprint")),
        usage=usage,
        latency_s=None if latency_s is None else round(latency_s, 4),
        at=now(),
    )


def now() -> str:
    """The time, UTC, ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _text(content: Any) -> str | None:
    if isinstance(content, list):
        # Some servers send the content as a list of parts.
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(part for part in parts if isinstance(part, str))
    return _string(content)


def _tool_arguments(message: dict[str, Any]) -> str | None:
    calls = message.get("tool_calls")
    call = calls[0] if isinstance(calls, list) and calls else None
    function = call.get("function") if isinstance(call, dict) else None
    return _string(function.get("arguments")) if isinstance(function, dict) else None


def _string(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    # JSON can spell half a surrogate pair; no file or database takes one.
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _usage(usage: Any) -> Usage:
    usage = usage if isinstance(usage, dict) else {}
    return Usage(
        prompt_tokens=_count(usage, "prompt_tokens"),
        cached_tokens=_count(usage.get("prompt_tokens_details"), "cached_tokens"),
        completion_tokens=_count(usage, "completion_tokens"),
        reasoning_tokens=_count(usage.get("completion_tokens_details"), "reasoning_tokens"),
    )


def _count(group: Any, name: str) -> int | None:
    value = group.get(name) if isinstance(group, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
