"""What a provider's stop reason says of a reply: whole, cut off, filtered or failed.

One table for all formats. The words for a whole reply are listed too, since a list of bad ones
misses the next one: a reason that isn't known leaves it unclear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from grader.transcripts.transcript import Ending

_CUT_OFF = (
    "length", "max_tokens", "max_output_tokens", "max_completion_tokens", "token_limit",
    "model_length", "model_context_window_exceeded", "context_length_exceeded",
    "context_window_exceeded", "max_new_tokens", "max_tokens_reached", "incomplete", "truncated",
    "interrupted", "cancelled", "canceled", "aborted", "turn_aborted", "user_cancelled", "limit",
    "finished_partial_completion", "pause_turn", "time", "timeout", "max_time", "in_progress",
    "client_stopped", "stopped_by_user", "user_stopped",
)  # fmt: skip
_FILTERED = (
    "content_filter", "content_filtered", "contentfilter", "refusal", "safety", "recitation",
    "blocklist", "prohibited_content", "spii", "guardrail_intervened", "image_safety", "language",
    "error_toxic", "moderation", "blocked", "content_policy", "content_policy_violation",
    "user_canceled_safety", "model_armor",
)  # fmt: skip
_FAILED = (
    "error", "failed", "failure", "other", "malformed_function_call", "malformed_response",
    "unexpected_tool_call", "insufficient_system_resource", "network_error", "server_error",
    "internal_error", "system_error", "api_error", "expired", "error_limit",
    "no_image", "too_many_tool_calls", "exception",
)  # fmt: skip
_WHOLE = (
    "stop", "end_turn", "end", "eos", "eos_token", "stop_sequence", "stop_token", "stop_str",
    "tool_calls", "tool_call", "tool_use", "function_call", "complete", "completed", "success",
    "succeeded", "finish", "finished", "finished_successfully", "done", "natural", "normal", "ok",
    "none", "null", "", "unspecified", "finish_reason_unspecified", "load", "unload", "default",
    "submit", "submitted", "unknown", "end_of_turn", "end_of_text", "stopped",
)  # fmt: skip
_ENDINGS: dict[str, Ending] = {
    **dict.fromkeys(_CUT_OFF, "cut_off"),
    **dict.fromkeys(_FILTERED, "filtered"),
    **dict.fromkeys(_FAILED, "failed"),
}
_REASONS = ("finish_reason", "finishReason", "stop_reason", "stopReason", "done_reason",
            "completion_reason")  # fmt: skip
_FIELDS = (*_REASONS, "status", "stop_type")
_DETAILS = ("type", "reason")
_GROUPS = ("response_metadata", "metadata", "generation_info", "info")
_GRAVEST: tuple[Ending, ...] = ("failed", "filtered", "cut_off", "unclear")

MEANINGS: dict[Ending, str] = {
    "cut_off": "was cut off before its end",
    "filtered": "was stopped by a content filter or a refusal of the provider",
    "failed": "ended in an error",
    "unclear": "ended for a reason that isn't known",
}
"""Each ending in words, to follow 'the reply'."""


def ending(reason: Any) -> Ending | None:
    """What one stop reason says. None: the reply ended by itself, or nothing is known."""
    return _ENDINGS.get(_word(reason)) if isinstance(reason, str) else None


def _word(reason: str) -> str:
    """One spelling of a reason: 'FinishReason.MAX_TOKENS' and 'maxTokens' are 'max_tokens'."""
    word = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", reason.strip())
    word = re.sub(r"[\s-]+", "_", word).lower()
    return re.sub(r"^(?:finish_reason|stop_reason|finishreason)[._]", "", word)


def ending_of(message: Mapping[str, Any]) -> Ending | None:
    """What the fields of a message or reply say of its end; the gravest where several speak."""
    found = set(_endings(message, _FIELDS))
    for name in _GROUPS:
        group = message.get(name)
        if isinstance(group, Mapping):
            found |= set(_endings(group, _FIELDS))
            details = group.get("finish_details")
            if isinstance(details, Mapping):
                found |= set(_endings(details, _DETAILS))
    for name in ("finish_details", "incomplete_details"):
        details = message.get(name)
        if isinstance(details, Mapping):
            found |= set(_endings(details, _DETAILS))
    if message.get("isApiErrorMessage") or message.get("error"):
        found.add("failed")
    return next((each for each in _GRAVEST if each in found), None)


def _endings(group: Mapping[str, Any], fields: Iterable[str]) -> list[Ending]:
    found = [each for name in fields if (each := ending(group.get(name))) is not None]
    if any(_is_unclear(group.get(name)) for name in fields if name in _REASONS):
        found.append("unclear")
    return found


def _is_unclear(reason: Any) -> bool:
    return isinstance(reason, str) and _word(reason) not in (*_WHOLE, *_ENDINGS)
