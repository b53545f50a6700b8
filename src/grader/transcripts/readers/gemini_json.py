"""Reads Gemini's form: `contents` with `parts`, and prompts that AI Studio saved."""

from __future__ import annotations

from typing import Any

from grader.transcripts.reader import Reader
from grader.transcripts.readers import chat_json
from grader.transcripts.readers.own_json import no_end_line
from grader.transcripts.source import Source
from grader.transcripts.transcript import Transcript

_SYSTEM = ("systemInstruction", "system_instruction")
_CONFIG = ("generationConfig", "generation_config", "config", "runSettings")
_ABOUT_CHUNK = ("finishReason", "isEdited", "createTime", "errorMessage")
_PARAMETERS = {
    "temperature": "temperature",
    "topP": "top_p",
    "top_p": "top_p",
    "maxOutputTokens": "max_tokens",
    "max_output_tokens": "max_tokens",
}


def recognises(source: Source) -> bool:
    """An object with `contents`."""
    return fits(source.json) and _chunks(source.json) is None


def recognises_ai_studio(source: Source) -> bool:
    """An object with AI Studio's `chunkedPrompt`."""
    return isinstance(source.json, dict) and _chunks(source.json) is not None


def fits(value: Any) -> bool:
    """Whether a JSON value is one conversation in this form."""
    if not isinstance(value, dict):
        return False
    if _chunks(value) is not None:
        return True
    contents = _contents(value)
    return contents is not None and all(_is_content(each) for each in contents[:3])


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """The conversation of the file. Raises InputError as `chat_json.read`."""
    if ends_at is not None:
        raise no_end_line(source)
    return of_value(source.json, source, source.path.stem)


def of_value(value: dict[str, Any], source: Source, id: str) -> tuple[Transcript, ...]:
    """The conversations of one object that `fits`. Raises InputError as `chat_json.read`."""
    chunks = _chunks(value)
    messages = [_content(each) for each in _contents(value) or ()] if chunks is None else chunks
    system = next((value[key] for key in _SYSTEM if value.get(key)), None)
    if isinstance(system, (str, dict)):
        words = system if isinstance(system, str) else system.get("parts", system.get("text"))
        if words:
            messages = [{"role": "system", "content": words}, *messages]
    used = (*_SYSTEM, *_CONFIG, "contents", "request", "chunkedPrompt", "modelVersion")
    about = {key: field for key, field in value.items() if key not in used}
    about |= _settings(value)
    blocked = value.get("promptFeedback")
    if isinstance(blocked, dict) and blocked.get("blockReason") and not value.get("candidates"):
        empty = {"role": "model", "parts": [], "finish_reason": "blocked"}
        messages = [*messages, empty]
    format = "gemini-json" if chunks is None else "ai-studio"
    return chat_json.with_replies(about, messages, source, format, id)


def _contents(value: dict[str, Any]) -> list[Any] | None:
    request = value.get("request")
    for group in (value, request if isinstance(request, dict) else {}):
        contents = group.get("contents")
        if isinstance(contents, dict):
            return [contents]
        if isinstance(contents, str):
            return [{"role": "user", "parts": [{"text": contents}]}]
        if isinstance(contents, list) and contents:
            return contents
    return None


def _is_content(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, dict) and "parts" in value)


def _content(given: Any) -> Any:
    """One entry of `contents`; without a role it is the user's."""
    if isinstance(given, str):
        return {"role": "user", "content": given}
    return {"role": "user", **given} if isinstance(given, dict) else given


def _chunks(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The chunks of an AI Studio prompt as messages; a thought goes with the reply it precedes."""
    prompt = value.get("chunkedPrompt")
    chunks = prompt.get("chunks") if isinstance(prompt, dict) else None
    if not isinstance(chunks, list):
        return None
    messages: list[dict[str, Any]] = []
    for chunk in chunks:
        if not isinstance(chunk, dict):
            messages.append({"role": None, "content": None})
            continue
        if chunk.get("isThought"):
            part = {"type": "reasoning", "text": chunk.get("text")}
            messages.append({"role": "model", "content": [part], "only_reasoning": True})
            continue
        media = [{"type": key} for key in chunk if key.startswith(("drive", "inline", "youtube"))]
        words = chunk.get("text")
        content = [*([words] if isinstance(words, str) else []), *media]
        rest = {key: chunk[key] for key in _ABOUT_CHUNK if chunk.get(key) is not None}
        if not content and isinstance(chunk.get("parts"), list):
            content = chunk["parts"]
        if rest.pop("errorMessage", None):
            rest["error"] = True
        messages.append({"role": chunk.get("role"), "content": content, **rest})
    return messages


def _settings(value: dict[str, Any]) -> dict[str, Any]:
    """Model and parameters as the project's own form names them."""
    found: dict[str, Any] = {}
    version = value.get("modelVersion") or value.get("model_version")
    for key in _CONFIG:
        group = value.get(key)
        if not isinstance(group, dict):
            continue
        for name, own in _PARAMETERS.items():
            if isinstance(group.get(name), (int, float)) and not isinstance(group[name], bool):
                found[own] = group[name]
        version = version or group.get("model")
    model = value.get("model") or version
    if isinstance(model, str):
        found["model"] = model.removeprefix("models/")
    if isinstance(found.get("max_tokens"), float):
        found["max_tokens"] = int(found["max_tokens"])
    return found


READER = Reader(
    name="gemini-json",
    about="Gemini's contents and parts",
    recognises=recognises,
    read=read,
)
AI_STUDIO = Reader(
    name="ai-studio",
    about="a prompt saved by AI Studio",
    recognises=recognises_ai_studio,
    read=read,
)
