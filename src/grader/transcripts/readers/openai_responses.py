"""Reads OpenAI's Responses API (`input` and `output`) and threads of the Assistants API."""

from __future__ import annotations

from typing import Any

from grader.transcripts.message_forms import is_message
from grader.transcripts.reader import Reader
from grader.transcripts.readers import chat_json
from grader.transcripts.readers.own_json import no_end_line
from grader.transcripts.source import Source
from grader.transcripts.transcript import Transcript


def recognises(source: Source) -> bool:
    """A response with `output` items."""
    return fits(source.json) and _thread(source.json) is None


def recognises_thread(source: Source) -> bool:
    """A listed thread of messages, or a listed conversation of items."""
    return isinstance(source.json, dict) and _thread(source.json) is not None


def fits(value: Any) -> bool:
    """Whether a JSON value is one conversation in this form."""
    if not isinstance(value, dict) or "messages" in value:
        return False
    if _thread(value) is not None:
        return True
    output = _response(value).get("output")
    if not isinstance(output, list) or not all(map(is_message, output[:3])):
        return False
    return bool(output) or _response(value).get("object") == "response"


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """The conversation of the file. Raises InputError as `chat_json.read`."""
    if ends_at is not None:
        raise no_end_line(source)
    return of_value(source.json, source, source.path.stem)


def of_value(value: dict[str, Any], source: Source, id: str) -> tuple[Transcript, ...]:
    """The conversation of one object that `fits`. Raises InputError as `chat_json.read`."""
    thread = _thread(value)
    if thread is not None:
        about = {key: field for key, field in value.items() if key not in _PAGING}
        return chat_json.with_replies(about, thread, source, "openai-assistants", id)
    response = _response(value)
    request = value.get("request")
    sent = request if isinstance(request, dict) else {}
    messages = _input(value.get("input", sent.get("input", response.get("input"))))
    system = response.get("instructions") or value.get("instructions") or sent.get("instructions")
    if isinstance(system, str):
        messages.insert(0, {"role": "system", "content": system})
    elif isinstance(system, list):
        messages[:0] = [each for each in system if isinstance(each, dict)]
    output = [dict(item) if isinstance(item, dict) else item for item in response["output"]]
    if not any(isinstance(item, dict) and item.get("type") == "message" for item in output):
        output.append({"role": "assistant", "content": ""})
    last = next(i for i in reversed(range(len(output))) if is_message(output[i]))
    for key in ("status", "incomplete_details", "error"):
        if response.get(key) and response[key] != "completed":
            output[last][key] = response[key]
    used = ("input", "output", "instructions", "response", "request", "object", "text", "tools",
            "incomplete_details", "error", "reasoning", "usage", "output_text")  # fmt: skip
    about = {k: v for k, v in {**response, **value}.items() if k not in used}
    if about.get("max_tokens") is None and isinstance(response.get("max_output_tokens"), int):
        about["max_tokens"] = response["max_output_tokens"]
    about = {key: field for key, field in about.items() if field is not None}
    return (chat_json.of_messages(about, [*messages, *output], source, "openai-responses", id),)


_PAGING = ("data", "object", "first_id", "last_id", "has_more")


def _response(value: dict[str, Any]) -> dict[str, Any]:
    inner = value.get("response")
    if isinstance(inner, dict):
        body = inner.get("body")
        return body if isinstance(body, dict) else inner
    return value


def _input(given: Any) -> list[Any]:
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    return list(given) if isinstance(given, list) else []


def _thread(value: dict[str, Any]) -> list[Any] | None:
    """The messages or items of a listed thread or conversation, the oldest first."""
    data = value.get("data")
    if value.get("object") != "list" or not isinstance(data, list) or not data:
        return None
    if not all(map(is_message, data[:3])):
        return None
    times = [each.get("created_at") for each in data if isinstance(each, dict)]
    numbers = [t for t in times if isinstance(t, (int, float)) and not isinstance(t, bool)]
    if len(numbers) == len(data):
        # Lists of the API begin with the newest; equal times keep their turned order.
        newest_first = numbers[0] >= numbers[-1] and len(set(numbers)) > 1
        ordered = data[::-1] if newest_first else data
        return sorted(ordered, key=lambda each: each["created_at"])
    return data


READER = Reader(
    name="openai-responses",
    about="a response of OpenAI's Responses API, with or without its request",
    recognises=recognises,
    read=read,
)
ASSISTANTS = Reader(
    name="openai-assistants",
    about="the listed messages of a thread of OpenAI's Assistants API",
    recognises=recognises_thread,
    read=read,
)
