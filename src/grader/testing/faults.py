"""The ways in which a judge or its server can fail, by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal, get_args

from grader.testing.server import HttpReply

Fault = Literal[
    "400",
    "401",
    "403",
    "404",
    "408",
    "429",
    "500",
    "502",
    "503",
    "hang",
    "drop",
    "drop_in_body",
    "web_page",
    "refuse",
    "refuse_in_text",
    "content_filter",
    "content_filter_error",
    "think",
    "truncate",
    "empty",
    "invalid_json",
    "off_schema",
    "wrong_enum",
    "false_quotation",
    "context_too_long",
    "no_json_schema",
    "no_tools",
    "no_usage",
]
FAULTS: tuple[Fault, ...] = get_args(Fault)

REFUSAL = "I'm sorry, but I can't help with judging this text."

THOUGHTS = 'The criterion asks for a {date}. I look for one, and then for a name: "{name}".'

_STATUS_MESSAGES = {
    400: ("Bad request.", None),
    401: ("Incorrect API key provided.", "invalid_api_key"),
    403: ("This key may not use this model.", "permission_denied"),
    404: ("The model does not exist or you do not have access to it.", "model_not_found"),
    408: ("Request timed out.", None),
    429: ("Rate limit reached.", "rate_limit_exceeded"),
    500: ("The server had an error.", None),
    502: ("Bad gateway.", None),
    503: ("The engine is overloaded.", None),
}


def fault_reply(
    fault: Fault, *, message: str | None, code: str | None, headers: dict[str, str]
) -> HttpReply | None:
    """The HTTP reply of a fault of the server; None for a fault of the model."""
    if fault.isdigit():
        usual_message, usual_code = _STATUS_MESSAGES[int(fault)]
        body = error_body(message or usual_message, code or usual_code)
        return HttpReply(int(fault), body, headers)
    if fault in ("hang", "drop"):
        return HttpReply(manner=fault)
    if fault == "web_page":
        return HttpReply(200, b"<html><body>Please log in to this network.</body></html>")
    if fault == "context_too_long":
        message = (
            "This model's maximum context length is 8192 tokens. However, your messages resulted "
            "in more. Please reduce the length of the messages."
        )
        return HttpReply(400, error_body(message, "context_length_exceeded"))
    if fault == "content_filter_error":
        message = "The prompt was filtered by the content management policy."
        return HttpReply(400, error_body(message, "content_filter"))
    if fault == "no_json_schema":
        return HttpReply(400, error_body("response_format json_schema is not supported", None))
    if fault == "no_tools":
        return HttpReply(400, error_body("tools are not supported by this model", None))
    return None


def error_body(message: str, code: str | None) -> dict[str, Any]:
    """An error as OpenAI's API spells it."""
    return {
        "error": {
            "message": message,
            "type": "invalid_request_error",
            "param": None,
            "code": code,
        }
    }


def spoil_text(fault: Fault, text: str) -> str | None:
    """An answer's text as a fault of the model leaves it."""
    match fault:
        case "refuse" | "content_filter":
            return None
        case "refuse_in_text":
            return REFUSAL
        case "think":
            return f"<think>\n{THOUGHTS}\n</think>\n{text}"
        case "empty":
            return ""
        case "truncate":
            return text[: len(text) // 2]
        case "invalid_json":
            return text.replace('"', "'", 1)
        case "off_schema":
            return json.dumps({"answer": json.loads(text)}, ensure_ascii=False)
        case "wrong_enum":
            return _changed(text, ("level", "presence", "shows_more", "kind", "bearing"), _wrong)
        case "false_quotation":
            return _changed(text, ("evidence", "quote"), _altered)
    return text


def _wrong(_: Any) -> str:
    return "excellent"


def _altered(value: Any) -> Any:
    """A quotation with a word put in that turns its meaning: near, plausible and not there."""
    if isinstance(value, list):
        return [_altered(entry) for entry in value]
    if not isinstance(value, str):
        return value
    words = value.split(" ")
    return " ".join([*words[: len(words) // 2], "never", *words[len(words) // 2 :]])


def _changed(text: str, names: tuple[str, ...], change: Callable[[Any], Any]) -> str:
    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            return {
                name: change(value) if name in names and not _holds_objects(value) else walk(value)
                for name, value in node.items()
            }
        return [walk(entry) for entry in node] if isinstance(node, list) else node

    return json.dumps(walk(json.loads(text)), ensure_ascii=False)


def _holds_objects(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(entry, dict) for entry in value)
    )
