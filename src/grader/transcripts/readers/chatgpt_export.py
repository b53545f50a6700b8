"""Reads `conversations.json` of a ChatGPT export: each conversation a tree of messages.

Only the branch that ends in the current node was seen last by the person, so that branch is the
transcript; other branches are counted in a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grader.errors import InputError
from grader.transcripts.branches import branch_to, with_branches_counted, with_warnings
from grader.transcripts.conversations import are_conversations, read_conversations
from grader.transcripts.dates import time_text
from grader.transcripts.reader import Reader
from grader.transcripts.readers import chat_json
from grader.transcripts.source import Source
from grader.transcripts.transcript import ModelInfo, ReadingWarning, Transcript


def recognises(source: Source) -> bool:
    """A list of conversations, or one, with a `mapping` of nodes."""
    return are_conversations(source, _fits)


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """Every conversation of the export. Raises as `read_conversations`."""
    return read_conversations(source, ends_at, _conversation)


def _fits(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("mapping"), dict)


def _conversation(entry: Any, source: Source, number: int) -> Transcript | None:
    if not _fits(entry):
        raise InputError(
            f"entry {number}: a conversation with a 'mapping' was expected, found {entry!r:.40}",
            place=source.path,
        )
    mapping: dict[str, Any] = entry["mapping"]
    branch = branch_to(mapping, entry.get("current_node"), lambda node: node.get("parent"))
    messages = [m for m in map(_message, branch) if m is not None]
    if not any(message["role"] == "assistant" for message in messages):
        return None
    named = entry.get("conversation_id") or entry.get("id") or f"{source.path.stem}-{number}"
    about = {
        "id": str(named),
        "date": time_text(entry.get("create_time")),
        "title": entry.get("title") if isinstance(entry.get("title"), str) else None,
    }
    transcript = chat_json.of_messages(about, messages, source, "chatgpt-export", str(named))
    models = tuple(
        ModelInfo(name=slug, provider="OpenAI") for slug in dict.fromkeys(_slugs(branch))
    )
    others = sum(1 for node in mapping.values() if _said(node)) - sum(map(_said, branch))
    tools = sorted({m["function_call"]["name"] for m in messages if "function_call" in m})
    if tools:
        transcript = with_warnings(transcript, [_sent_to_tools(tools)])
    return with_branches_counted(transcript, others).model_copy(
        update={
            "model": models[0] if models else transcript.model,
            "models": models if len(models) > 1 else (),
        }
    )


def _sent_to_tools(names: list[str]) -> ReadingWarning:
    listed = ", ".join(names)[:80]
    return ReadingWarning(
        code="tool_traffic",
        message=f"messages went to tools ({listed}), not to the person; they were kept apart",
    )


def _said(node: Any) -> bool:
    message = node.get("message") if isinstance(node, dict) else None
    author = message.get("author") if isinstance(message, dict) else None
    return isinstance(author, dict) and author.get("role") in ("user", "assistant")


def _message(node: dict[str, Any]) -> dict[str, Any] | None:
    """A node's message in OpenAI's form; None where it says nothing to anyone."""
    message = node.get("message")
    if not isinstance(message, dict):
        return None
    author, content = message.get("author"), message.get("content")
    facts = message.get("metadata")
    role = author.get("role") if isinstance(author, dict) else None
    if not isinstance(role, str) or not isinstance(content, dict):
        return None
    if isinstance(facts, dict) and facts.get("is_visually_hidden_from_conversation"):
        return None
    kind = content.get("content_type")
    time = time_text(message.get("create_time"))
    if kind == "user_editable_context":
        texts = [content.get("user_profile"), content.get("user_instructions")]
        return {"role": "system", "content": [t for t in texts if isinstance(t, str) and t]}
    if kind in ("thoughts", "reasoning_recap"):
        return {"role": role, "content": [{"type": "reasoning"}]}
    given = content.get("parts")
    parts = [_part(p) for p in given if p is not None] if isinstance(given, list) else []
    if isinstance(content.get("text"), str):
        parts.append(content["text"])
    recipient = message.get("recipient")
    if role == "assistant" and recipient not in (None, "all"):
        # What is sent to a tool is said to nobody, in code or in words.
        sent = "\n\n".join(part for part in parts if isinstance(part, str))
        call = {"name": str(recipient), "arguments": sent}
        return {"role": role, "content": "", "function_call": call, "time": time}
    if role != "assistant" and not any(isinstance(p, dict) or str(p).strip() for p in parts):
        return None
    told: dict[str, Any] = {"role": role, "content": parts, "time": time}
    if role == "assistant" and message.get("status") not in (None, "finished_successfully"):
        told["status"] = message["status"]
    details = facts.get("finish_details") if isinstance(facts, dict) else None
    if details and isinstance(details, dict):
        told["finish_details"] = details
    return told


def _part(part: Any) -> Any:
    if isinstance(part, dict):
        if isinstance(part.get("text"), str):
            return part["text"]
        return {"type": str(part.get("content_type", "part"))}
    return part if isinstance(part, str) else str(part)


def _slugs(branch: list[dict[str, Any]]) -> Iterator[str]:
    for node in branch:
        message = node.get("message")
        facts = message.get("metadata") if isinstance(message, dict) else None
        slug = facts.get("model_slug") if isinstance(facts, dict) else None
        if isinstance(slug, str) and slug:
            yield slug


READER = Reader(
    name="chatgpt-export",
    about="conversations.json of a ChatGPT export",
    recognises=recognises,
    read=read,
)
