"""What an error of a server means: try again, give this question up, or stop the run."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

Meaning = Literal[
    "retry",
    "unreachable",
    "give_up",
    "context_too_long",
    "filtered",
    "no_such_shape",
    "key_refused",
    "no_credit",
    "no_such_model",
    "no_temperature",
    "redirected",
]

MAX_MESSAGE = 300

_TOO_LONG = re.compile(
    r"context[ _](length|window|size|limit)|maximum context|"
    r"(prompt|input|request) (is|was) too long|too many (input )?tokens|"
    r"(input|prompt) token count .{0,40}exceeds|"
    r"exceeds? the (available |model'?s? )?context|reduce the length of the (messages|prompt)",
    re.IGNORECASE,
)
_SHAPE = re.compile(
    r"response_format|json_schema|structured output|tool_choice|\btools?\b|function call|grammar",
    re.IGNORECASE,
)
_SHAPE_BY_NAME = re.compile(r"\b(response_format|json_schema|tool_choice)\b")
"""Told by a server that answers 500 to a request it does not understand, as llama-cpp-python's."""

_TEMPERATURE = re.compile(
    r"\btemperature\b.{0,60}(not? support|unsupported|only the default|not allowed)|"
    r"(unsupported|not supported).{0,60}\btemperature\b",
    re.IGNORECASE,
)

_FILTERED = {"content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"}
_NO_CREDIT = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}


@dataclass(frozen=True)
class Failure:
    """One failed attempt."""

    meaning: Meaning
    message: str
    """Short, for people; keys are blotted out."""
    status: int | None = None
    retry_after_s: float | None = None
    hung: bool = False
    """No reply came in time."""

    @property
    def too_much(self) -> bool:
        """Whether fewer requests at once may help: the server says so, or falls behind."""
        return self.status in (429, 503, 504) or self.hung

    @property
    def may_be_charged(self) -> bool:
        """Whether the server may have worked on it: it broke off after it was sent."""
        return self.status in (None, 200) and self.meaning != "unreachable"


def read_failure(
    status: int, body: Any, headers: Mapping[str, str] | None = None, *, key: str = ""
) -> Failure:
    """What an HTTP status and error body mean."""
    error = error_of(body)
    code = str(error.get("code") or error.get("type") or "")
    message = one_line(str(error.get("message") or ""), key)
    said = f"{status}: {message}" if message else f"{status}"
    return Failure(
        _meaning(status, code, message),
        said,
        status=status,
        retry_after_s=retry_after(headers or {}),
    )


def error_of(body: Any) -> dict[str, Any]:
    """The error object in a body: `{"error": {...}}`, `{"error": "..."}`, or the body itself."""
    if isinstance(body, dict):
        inner = body.get("error", body)
        if isinstance(inner, dict):
            detail = inner.get("detail")
            return inner if "message" in inner or not detail else {**inner, "message": str(detail)}
        return {"message": str(inner)}
    return {"message": body if isinstance(body, str) else ""}


def one_line(text: str, key: str = "") -> str:
    """Text of a server, shortened to one line, without the key."""
    if len(key) > 3:
        text = text.replace(key, "[key]")
    text = " ".join(text.split())
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The pause a server asks for, in seconds; `retry-after` may be seconds or a date."""
    value = headers.get("retry-after", "").strip()
    milliseconds, seconds = _number(headers.get("retry-after-ms", "")), _number(value)
    if milliseconds is not None:
        return milliseconds / 1000
    if seconds is not None:
        return seconds
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None


def _meaning(status: int, code: str, message: str) -> Meaning:
    if status in (401, 403):
        return "key_refused"
    if code in _NO_CREDIT or status == 402:
        return "no_credit"
    if status == 500 and _SHAPE_BY_NAME.search(message):
        return "no_such_shape"
    if status in (408, 409, 425, 429) or status >= 500:
        return "retry"
    if code in ("context_length_exceeded", "exceed_context_size_error") or status == 413:
        return "context_too_long"
    if code in _FILTERED:
        return "filtered"
    if status == 404 or code == "model_not_found":
        return "no_such_model"
    if status in (400, 422):
        if _TEMPERATURE.search(message):
            return "no_temperature"
        if _TOO_LONG.search(message):
            return "context_too_long"
        if _SHAPE.search(message):
            return "no_such_shape"
    return "give_up"
