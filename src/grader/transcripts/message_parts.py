"""The content of one message, sorted: words, thoughts, tool calls, tool results, other parts.

Only words are said to a person. A part that isn't known and yet holds text is refused, so that
nothing that was said is lost without a word.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from grader.errors import InputError
from grader.transcripts.message_forms import TEXT_KEYS
from grader.transcripts.source import Source
from grader.transcripts.transcript import ToolCall

_TEXT_PARTS = ("text", "input_text", "output_text", "markdown", "tether_quote", "inputtext")
_REASONING_PARTS = (
    "thinking", "redacted_thinking", "reasoning", "thoughts", "thought", "reasoning_text",
    "summary_text", "reasoning_content", "think", "reasoning_recap", "thinking_block",
)  # fmt: skip
_THOUGHT_KEYS = ("thinking", "think", "text", "reasoning", "content", "summary")
_CALL_PARTS = ("tool_use", "function_call", "tool_call", "server_tool_use", "mcp_tool_use",
               "custom_tool_call", "tool-call", "tool-use", "mcp_call")  # fmt: skip
_RESULT_PARTS = ("tool_result", "function_call_output", "function_response", "tool-result",
                 "mcp_tool_result", "web_search_tool_result", "tool_response",
                 "code_execution_tool_result")  # fmt: skip
_NO_TEXT = ("image", "image_url", "input_image", "image_file", "image_asset_pointer", "audio",
            "input_audio", "output_audio", "audio_url", "video", "video_url", "file", "input_file",
            "file_url", "document", "container_upload", "inlinedata", "filedata", "media",
            "audio_asset_pointer", "real_time_user_audio_video_asset_pointer", "citation",
            "citations", "search_result", "data", "source", "token_budget", "flag",
            "voice_note")  # fmt: skip
"""Parts that are no text, though a caption or a text for machines may stand beside them."""

_REASONING_KEYS = ("reasoning_content", "reasoning", "thinking", "thoughts", "thinking_content",
                   "thinking_trace", "reasoning_text")  # fmt: skip
_SILENT_KEYS = frozenset(
    """
    role from sender speaker author type id uuid name time timestamp created_at updated_at
    create_time update_time created updated date model modelName model_name modelIdx model_slug
    models usage metadata response_metadata additional_kwargs usage_metadata extra info
    finish_reason finishReason stop_reason stop_sequence stopReason status done done_reason
    tool_calls tool_call_id toolCallId invalid_tool_calls function_call annotations audio
    refusal isCreatedByUser messageId parentMessageId parentId parent_id parentUuid childrenIds
    children parent parent_message_uuid index weight content_type recipient channel end_turn
    object thread_id run_id assistant_id attachments files file_ids incomplete_details
    incomplete_at completed_at session_id sessionId conversation_id conversationId logprobs
    token_count tokenCount tokens cost latency source example prefix is_demo agent citations
    sources context only_reasoning error provider user_id feedback rating lang language
    timestamp_ms position parent_response_id version format images
    """.split()  # noqa: SIM905
)
"""Fields of a message that describe it. Anything else may hold what was said."""


@dataclass
class Parts:
    """The content of one message, sorted."""

    texts: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    reasoning: int = 0
    """How many parts are thoughts, also those whose words are not given."""
    others: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing at all was found."""
        return not (
            any(text.strip() for text in self.texts)
            or self.calls or self.results or self.reasoning or self.others
        )  # fmt: skip


def parts_of(message: dict[str, Any], source: Source, place: str) -> Parts:
    """The sorted content of a message in the form that `normal` gives.

    Raises:
        InputError: content that is no text, or text under a key or in a part that isn't known.
    """
    parts = Parts()
    content = message.get("content")
    if isinstance(content, str):
        parts.texts.append(content)
    elif isinstance(content, list):
        for number, part in enumerate(content, start=1):
            _sort(part, parts, source, f"{place}.content[{number}]")
    elif isinstance(content, dict):
        inner = content.get("parts")
        if isinstance(inner, list):
            for number, part in enumerate(inner, start=1):
                _sort(part, parts, source, f"{place}.content.parts[{number}]")
        else:
            _sort(content, parts, source, f"{place}.content")
    elif content is not None:
        raise unreadable(source, f"{place}.content", f"text was expected, found {content!r:.40}")
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal and refusal not in parts.texts:
        parts.texts.append(refusal)
    audio = message.get("audio")
    if isinstance(audio, dict) and isinstance(audio.get("transcript"), str):
        parts.texts.append(audio["transcript"])
    for key in _REASONING_KEYS:
        thought = message.get(key)
        if thought:
            parts.reasoning += 1
            parts.thoughts += [thought] if isinstance(thought, str) else []
            break
    parts.calls += _calls_beside(message)
    if parts.empty:
        _check_no_text_elsewhere(message, source, place)
    return parts


def unreadable(source: Source, field: str, problem: str) -> InputError:
    """The error for a message that can't be read."""
    return InputError(
        f"{field}: {problem}",
        place=source.path,
        mend="docs/transcripts.md shows the forms that are read.",
    )


def call(name: Any, arguments: Any) -> ToolCall:
    """A tool call with its arguments written down as the source gives them."""
    written = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return ToolCall(name=str(name), arguments=written if arguments is not None else "")


def _calls_beside(message: dict[str, Any]) -> list[ToolCall]:
    found = []
    calls = message.get("tool_calls")
    for each in calls if isinstance(calls, list) else []:
        if not isinstance(each, dict):
            continue
        function = each.get("function")
        if isinstance(function, dict):
            found.append(call(function.get("name"), function.get("arguments")))
        else:
            given = (each.get(key) for key in ("args", "arguments", "input"))
            arguments = next((value for value in given if value is not None), None)
            found.append(call(each.get("name") or function, arguments))
    old = message.get("function_call")
    if isinstance(old, dict):
        found.append(call(old.get("name"), old.get("arguments")))
    return found


def _sort(part: Any, parts: Parts, source: Source, place: str) -> None:
    """Put one content part where it belongs. Raises InputError."""
    if isinstance(part, str):
        parts.texts.append(part)
        return
    if not isinstance(part, dict):
        raise unreadable(source, place, f"a content part was expected, found {part!r:.40}")
    kind = part.get("type") or part.get("content_type")
    kind = kind.lower() if isinstance(kind, str) else None
    if kind in _REASONING_PARTS or part.get("thought") is True:
        parts.reasoning += 1
        words = (part.get(key) for key in _THOUGHT_KEYS)
        thought = next((each for each in words if isinstance(each, str) and each.strip()), None)
        parts.thoughts += [thought] if thought else []
    elif kind in _TEXT_PARTS or (kind is None and "text" in part):
        parts.texts.append(_text(part, source, place))
    elif kind == "refusal" and isinstance(part.get("refusal"), str):
        parts.texts.append(part["refusal"])
    elif kind in _CALL_PARTS:
        given = (part.get(key) for key in ("input", "arguments", "args"))
        arguments = next((each for each in given if each is not None), None)
        parts.calls.append(call(part.get("name") or part.get("toolName"), arguments))
    elif kind in _RESULT_PARTS or str(kind).endswith("_tool_result"):
        inner = part.get("content", part.get("output", part.get("result")))
        _sort_result(inner, parts, source, place)
    elif kind is None and _sort_gemini(part, parts):
        pass
    elif kind in _NO_TEXT or not _holds_text(part):
        parts.others.append(str(kind or _first_key(part))[:40])
    else:
        raise unreadable(
            source, place, f"a part of the unknown kind {kind or _first_key(part)!r} holds text"
        )


def _text(part: dict[str, Any], source: Source, place: str) -> str:
    text = part.get("text", part.get("content"))
    if isinstance(text, dict) and isinstance(text.get("value"), str):
        text = text["value"]  # The Assistants API.
    if not isinstance(text, str):
        raise unreadable(source, f"{place}.text", f"text was expected, found {text!r:.40}")
    return text


def _sort_result(inner: Any, parts: Parts, source: Source, place: str) -> None:
    sorted_ = Parts()
    for piece in inner if isinstance(inner, list) else [inner]:
        if isinstance(piece, dict) and not {"type", "text"} & piece.keys():
            sorted_.texts.append(json.dumps(piece, ensure_ascii=False))
        elif isinstance(piece, dict) and piece.get("type") not in (*_TEXT_PARTS, None):
            # What a tool gives back is never judged, so its parts needn't be known.
            sorted_.others.append(str(piece.get("type"))[:40])
        elif isinstance(piece, (str, dict)):
            _sort(piece, sorted_, source, f"{place}.content")
        elif piece is not None:
            sorted_.texts.append(json.dumps(piece, ensure_ascii=False))
    parts.results.append("\n\n".join(sorted_.texts))
    parts.others += sorted_.others


def _sort_gemini(part: dict[str, Any], parts: Parts) -> bool:
    """Parts of Gemini, which have no type but a key of their own. Whether it was one."""
    for key in ("functionCall", "function_call"):
        function = part.get(key)
        if isinstance(function, dict):
            parts.calls.append(call(function.get("name"), function.get("args")))
            return True
    for key in ("functionResponse", "function_response"):
        given = part.get(key)
        if isinstance(given, dict):
            parts.results.append(json.dumps(given.get("response"), ensure_ascii=False))
            return True
    for key in ("executableCode", "executable_code"):
        code = part.get(key)
        if isinstance(code, dict):
            parts.calls.append(call("code_execution", code.get("code")))
            return True
    for key in ("codeExecutionResult", "code_execution_result"):
        ran = part.get(key)
        if isinstance(ran, dict):
            parts.results.append(str(ran.get("output") or ""))
            return True
    for key in ("inlineData", "inline_data", "fileData", "file_data"):
        if key in part:
            parts.others.append(key)
            return True
    return set(part) <= {"thoughtSignature", "thought_signature", "thought"}


def _holds_text(part: dict[str, Any]) -> bool:
    """Whether a part of an unknown kind holds words: a text with a blank in it, or a text field."""
    return any(
        isinstance(value, str) and value.strip()
        and (key in (*TEXT_KEYS, "body", "markdown") or " " in value.strip())
        for key, value in part.items()
        if key not in ("type", "content_type", "id", "name")
    )  # fmt: skip


def _first_key(part: dict[str, Any]) -> str:
    return next(iter(part), "nothing")


def _check_no_text_elsewhere(message: dict[str, Any], source: Source, place: str) -> None:
    """Refuse a message without words of which an unknown field holds some. Raises InputError."""
    unknown = [
        key
        for key, value in message.items()
        if key not in _SILENT_KEYS and key not in TEXT_KEYS and key not in _REASONING_KEYS
        and isinstance(value, (str, list, dict)) and value and str(value).strip()
    ]  # fmt: skip
    if unknown:
        named = ", ".join(repr(key) for key in unknown[:5])
        raise unreadable(
            source,
            place,
            f"no text under a known key; it may stand under {named}",
        )
