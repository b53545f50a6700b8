"""From a chat completion, as JSON, to a reply. Servers differ, so nothing is taken for granted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeGuard

from grader.judge.reply import Reply, Usage

MOST_TOKENS = 100_000_000
"""A count above this is no count."""

_CUT = re.compile(
    r"\b(prompt|input|context|messages?|history)\b.{0,60}\btruncat|"
    r"\btruncat\w*.{0,60}\b(prompt|input|context|messages?|history)\b",
    re.IGNORECASE,
)


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
    usage = read_usage(body.get("usage"))
    finish_reason = _string(choice.get("finish_reason"))
    full = limit is not None and (usage.completion_tokens or 0) >= limit
    calls = _tool_arguments(message)
    content = _text(message.get("content"))
    return Reply(
        text="\n".join(dict.fromkeys(calls)) if calls else content,
        beside=content if calls and (content or "").strip() else None,
        ambiguous=_ambiguous(body["choices"], calls),
        refusal=_string(message.get("refusal")) or None,
        finish_reason=finish_reason,
        prompt_cut=_prompt_cut(body, choice),
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


def read_usage(usage: Any) -> Usage:
    """The tokens that a server counted, whatever it calls them.

    What is billed as output is counted whole: where the total says more than prompt and completion
    together, the rest was written too, and thoughts beside the completion count. Counts that can't
    be are left out.
    """
    usage = usage if isinstance(usage, dict) else {}
    prompt = _count(usage, "prompt_tokens", "input_tokens", "prompt_eval_count")
    completion = _count(usage, "completion_tokens", "output_tokens", "eval_count")
    total = _count(usage, "total_tokens")
    details = [usage.get("completion_tokens_details"), usage.get("output_tokens_details"), usage]
    reasoning = _first(_count(group, "reasoning_tokens", "thoughts_tokens") for group in details)
    cached = _first(
        _count(group, "cached_tokens", "prompt_cache_hit_tokens", "cache_read_input_tokens")
        for group in (usage.get("prompt_tokens_details"), usage.get("input_tokens_details"), usage)
    )
    if _is_absurd(usage):
        return Usage()
    if completion is not None and total is not None and prompt is not None:
        completion = max(completion, total - prompt)
    elif completion is not None and (reasoning or 0) > completion:
        completion += reasoning or 0
    return Usage(
        # A prompt of no tokens is a server that doesn't count.
        prompt_tokens=prompt or None,
        cached_tokens=cached,
        completion_tokens=completion,
        reasoning_tokens=reasoning,
    )


def _ambiguous(choices: list[Any], calls: list[str]) -> str | None:
    different = {_canonical(call) for call in calls}
    if len(different) > 1:
        return f"the reply holds {len(calls)} tool calls that differ"
    if len(choices) > 1:
        return f"the reply holds {len(choices)} choices"
    return None


def _canonical(arguments: str) -> str:
    try:
        return json.dumps(json.loads(arguments), sort_keys=True)
    except (ValueError, RecursionError):
        return arguments


def _prompt_cut(body: dict[str, Any], choice: dict[str, Any]) -> str | None:
    """The words with which a server says that it judged only a part of the prompt."""
    for group in (body, choice):
        if group.get("truncated") is True or group.get("prompt_truncated") is True:
            return "it says 'truncated'"
        for name in ("warning", "warnings", "notice"):
            words = json.dumps(group.get(name), ensure_ascii=False) if group.get(name) else ""
            if _CUT.search(words):
                return _string(words[:200])
    return None


def _text(content: Any) -> str | None:
    if isinstance(content, list):
        # Some servers send the content as a list of parts, with thoughts among them.
        content = "".join(
            part["text"]
            for part in content
            if isinstance(part, dict)
            and isinstance(part.get("text"), str)
            and part.get("type") in (None, "text", "output_text")
        )
    elif isinstance(content, dict):
        content = json.dumps(content, ensure_ascii=False)
    return _string(content)


def _tool_arguments(message: dict[str, Any]) -> list[str]:
    calls = message.get("tool_calls")
    calls = calls if isinstance(calls, list) else []
    functions = [call.get("function") for call in calls if isinstance(call, dict)]
    functions.append(message.get("function_call"))
    found = []
    for function in functions:
        arguments = function.get("arguments") if isinstance(function, dict) else None
        if isinstance(arguments, dict):
            arguments = json.dumps(arguments, ensure_ascii=False)
        if (text := _string(arguments)) is not None:
            found.append(text)
    return found


def _string(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    # JSON can spell half a surrogate pair; no file or database takes one.
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _is_absurd(usage: dict[str, Any]) -> bool:
    """Whether a count is below nothing or beyond all models: then none of them is believed."""
    groups = [usage, *(value for value in usage.values() if isinstance(value, dict))]
    return any(
        not 0 <= value <= MOST_TOKENS
        for group in groups
        for name, value in group.items()
        if "token" in str(name) and isinstance(value, (int, float)) and not isinstance(value, bool)
    )


def _count(group: Any, *names: str) -> int | None:
    for name in names:
        value = group.get(name) if isinstance(group, dict) else None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


def _first(counts: Iterable[int | None]) -> int | None:
    return next((count for count in counts if count is not None), None)
