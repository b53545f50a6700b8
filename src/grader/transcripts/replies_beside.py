"""The reply that stands beside the messages it answers, as logs of an API keep it.

A request has `messages`; its reply may stand in `choices`, `response`, `output` or the like, or as
`chosen` and `rejected`. Each reply found gives a conversation of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.transcripts.message_forms import is_message, role_of

REPLY_KEYS = (
    "choices", "candidates", "response", "output", "completion", "completions", "reply",
    "generation", "generations", "generated_text", "model_output", "model_response", "prediction",
    "raw_response", "assistant", "answer", "result", "message", "output_text", "responses",
    "content",
)  # fmt: skip
"""Fields that hold a reply, the surest first."""

PAIRS = (
    ("rejected", "chosen"), ("response_rejected", "response_chosen"),
    ("rejected_response", "chosen_response"), ("output_1", "output_2"),
    ("response_a", "response_b"), ("response_1", "response_2"), ("response_0", "response_1"),
    ("answer_a", "answer_b"), ("answer_1", "answer_2"), ("output_a", "output_b"),
    ("completion_a", "completion_b"), ("completion_1", "completion_2"),
    ("conversation_a", "conversation_b"), ("response_j", "response_k"),
    ("non_preferred_output", "preferred_output"), ("responseA", "responseB"),
)  # fmt: skip
"""Fields of the two sides of a preference file."""

_LABELS = {
    "response_rejected": "rejected", "rejected_response": "rejected",
    "response_chosen": "chosen", "chosen_response": "chosen",
    "non_preferred_output": "rejected", "preferred_output": "chosen",
}  # fmt: skip
_ENDS = ("finish_reason", "finishReason", "stop_reason", "stopReason", "done_reason",
         "incomplete_details", "error")  # fmt: skip
_MODEL_FIELDS = ("model", "model_name", "model_id", "generator", "model_version", "modelVersion")


@dataclass(frozen=True)
class Reply:
    """One reply: its messages, and what is told of it alone."""

    messages: tuple[dict[str, Any], ...]
    label: str | None = None
    """The side of a preference file: 'chosen', 'output_1'. None: the only kind of reply."""
    used: tuple[str, ...] = ()
    """Fields of the object that were read for it."""
    model: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def replies_of(value: Mapping[str, Any]) -> list[Reply]:
    """Every reply that an object holds beside its messages; empty where it holds none."""
    pair = next((p for p in PAIRS if all(value.get(key) for key in p)), None)
    if pair is not None:
        return [side for key in pair for side in [_side(value, key)] if side is not None]
    for key in REPLY_KEYS:
        found = _replies(value.get(key), value)
        if found:
            return [
                Reply(tuple(messages), used=(key,), model=_model(value.get(key)))
                for messages in found
            ]
    return []


def _side(value: Mapping[str, Any], key: str) -> Reply | None:
    found = _replies(value[key], {})
    if not found:
        return None
    ending = key.rpartition("_")[2] if "_" in key else key[-1:]
    names = [f"{name}_{ending}" for name in _MODEL_FIELDS] + [f"{key}_model", f"{key}-model"]
    model = next((value[name] for name in names if isinstance(value.get(name), str)), None)
    used = (key, *(name for name in names if name in value))
    return Reply(tuple(found[0]), label=_LABELS.get(key, key), used=used, model=model)


def _replies(given: Any, beside: Mapping[str, Any]) -> list[list[dict[str, Any]]]:
    """The messages of each reply in a value of any known form."""
    if isinstance(given, str):
        dialogue = messages_of_dialogue(given)
        if dialogue:
            return [dialogue]
        return [[_with_end({"role": "assistant", "content": given}, beside)]] if given else []
    if isinstance(given, dict):
        return _replies_of_object(given, beside)
    if not isinstance(given, list) or not given:
        return []
    if all(isinstance(each, dict) and _is_chunk(each) for each in given):
        return [[_joined(given)]]
    if all(isinstance(each, dict) and is_choice(each) for each in given):
        return [[choice_message(each)] for each in given]
    if all(isinstance(each, dict) and _has_role(each) for each in given):
        return [[_with_end(dict(each), beside) for each in given]]
    if all(isinstance(each, dict) and isinstance(each.get("type"), str) for each in given):
        # Content blocks of Anthropic's reply.
        return [[_with_end({"role": "assistant", "content": given}, beside)]]
    if all(isinstance(each, str) for each in given):
        return [[{"role": "assistant", "content": each}] for each in given]
    nested = [_replies(each, {}) for each in given]
    return [reply for replies in nested for reply in replies] if all(nested) else []


def _is_chunk(given: Mapping[str, Any]) -> bool:
    """Whether an object is one piece of a streamed reply, OpenAI's or Gemini's."""
    if str(given.get("object", "")).endswith(".chunk"):
        return True
    candidates = given.get("candidates")
    return isinstance(candidates, list) and len(candidates) <= 1 and "contents" not in given


def _joined(chunks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The one message of a streamed reply, with the last end that a piece tells."""
    texts: list[str] = []
    end: dict[str, Any] = {}
    for chunk in chunks:
        choices = chunk.get("choices") or chunk.get("candidates") or []
        for choice in choices if isinstance(choices, list) else []:
            if not isinstance(choice, Mapping):
                continue
            message = choice_message(choice)
            content = message.get("content", message.get("parts"))
            parts = content if isinstance(content, list) else [content]
            words = (p.get("text") if isinstance(p, Mapping) and not p.get("thought") else p
                     for p in parts)  # fmt: skip
            texts += [each for each in words if isinstance(each, str)]
            end |= {key: message[key] for key in _ENDS if message.get(key) is not None}
    return {"role": "assistant", "content": "".join(texts), **end}


def _has_role(given: Mapping[str, Any]) -> bool:
    return role_of(dict(given)) is not None or is_message(given)


def _replies_of_object(
    given: Mapping[str, Any], beside: Mapping[str, Any]
) -> list[list[dict[str, Any]]]:
    if _has_role(given):
        return [[_with_end(dict(given), {**beside, **given})]]
    for key in ("body", "choices", "candidates", "output", "message", "content", "messages"):
        inner = given.get(key)
        found = _replies(inner, given) if inner else []
        if found:
            return found
    for key in ("text", "output_text", "completion", "response", "generated_text", "value"):
        if isinstance(given.get(key), str):
            return [[_with_end({"role": "assistant", "content": given[key]}, given)]]
    return []


def is_choice(value: Mapping[str, Any]) -> bool:
    """Whether an object is one choice of OpenAI's reply, or one candidate of Gemini's."""
    if isinstance(value.get("message"), dict) or isinstance(value.get("delta"), dict):
        return True
    content = value.get("content")
    if isinstance(content, dict) and ("parts" in content or not content):
        return True
    return isinstance(value.get("text"), str) and ("finish_reason" in value or "index" in value)


def choice_message(choice: Mapping[str, Any]) -> dict[str, Any]:
    """The message of a choice or candidate, with how it ended."""
    content = choice.get("content")
    if isinstance(content, dict):
        message: dict[str, Any] = {"role": "model", **content}
        message.setdefault("parts", [])
    elif isinstance(choice.get("text"), str):
        message = {"role": "assistant", "content": choice["text"]}
    else:
        message = {"role": "assistant", **(choice.get("message") or choice.get("delta") or {})}
    return _with_end(message, choice)


def _with_end(message: dict[str, Any], beside: Mapping[str, Any]) -> dict[str, Any]:
    """The message with the stop reason that stands beside it."""
    for key in _ENDS:
        if beside.get(key) is not None and message.get(key) is None:
            message = {**message, key: beside[key]}
    return message


def _model(given: Any) -> str | None:
    """The model that a reply itself names."""
    if not isinstance(given, Mapping):
        return None
    inner = given.get("body")
    for group in (given, inner if isinstance(inner, Mapping) else {}):
        name = next((group[k] for k in _MODEL_FIELDS if isinstance(group.get(k), str)), None)
        if name:
            return str(name)
    return None


def messages_of_dialogue(text: str) -> list[dict[str, Any]]:
    """The messages of a dialogue in one text ('\\n\\nHuman: … \\n\\nAssistant: …'); else empty."""
    pieces = _split_dialogue(text)
    if len(pieces) < 2 or pieces[0][0] != "human":
        return []
    return [{"role": role, "content": words} for role, words in pieces]


def _split_dialogue(text: str) -> Sequence[tuple[str, str]]:
    if not text.lstrip().startswith("Human:"):
        return []
    found: list[tuple[str, str]] = []
    for piece in ("\n\n" + text.lstrip()).split("\n\nHuman:")[1:]:
        question, *replies = piece.split("\n\nAssistant:")
        found.append(("human", question.strip()))
        found += [("assistant", reply.strip()) for reply in replies]
    return found
