"""Reads trajectories of agents: ATIF (Harbor) and SWE-agent."""

from __future__ import annotations

from typing import Any

from grader.transcripts.branches import with_warnings
from grader.transcripts.reader import Reader
from grader.transcripts.readers import chat_json
from grader.transcripts.readers.own_json import no_end_line
from grader.transcripts.source import Source
from grader.transcripts.transcript import ReadingWarning, Transcript

_SOURCES = {"user": "user", "agent": "assistant", "system": "system"}


def recognises_atif(source: Source) -> bool:
    """An object with steps that name their source."""
    value = source.json
    steps = value.get("steps") if isinstance(value, dict) else None
    if not isinstance(steps, list) or not steps:
        return False
    return all(isinstance(each, dict) and str(each.get("source")) in _SOURCES for each in steps[:3])


def read_atif(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """The run of the file. Raises InputError as `chat_json.read`."""
    if ends_at is not None:
        raise no_end_line(source)
    value = source.json
    agent = value.get("agent") if isinstance(value.get("agent"), dict) else {}
    messages: list[Any] = []
    for step in value["steps"]:
        if not isinstance(step, dict):
            messages.append(step)
            continue
        messages.append(_step(step, agent))
        observation = step.get("observation")
        results = observation.get("results") if isinstance(observation, dict) else None
        messages += [
            {"role": "tool", "content": [{"type": "tool_result", "content": each.get("content")}]}
            for each in (results if isinstance(results, list) else [])
            if isinstance(each, dict)
        ]
    id = str(value.get("session_id") or value.get("trajectory_id") or source.path.stem)
    about = {
        "id": id,
        "agent": agent.get("name"),
        "atif": value.get("schema_version"),
        "date": next(
            (m.get("time") for m in messages if isinstance(m, dict) and m.get("time")), None
        ),
        "note": value.get("notes"),
    }
    about = {key: field for key, field in about.items() if isinstance(field, str)}
    return chat_json.with_replies(about, messages, source, "atif", id)


def _step(step: dict[str, Any], agent: dict[str, Any]) -> dict[str, Any]:
    calls = step.get("tool_calls")
    message: dict[str, Any] = {
        "role": _SOURCES.get(str(step.get("source")), str(step.get("source"))),
        "content": step.get("message") if step.get("message") is not None else "",
        "time": step.get("timestamp"),
        "reasoning_content": step.get("reasoning_content"),
        "is_demo": bool(step.get("is_copied_context")) or None,
        "tool_calls": [
            {"name": call.get("function_name"), "args": call.get("arguments")}
            for call in (calls if isinstance(calls, list) else [])
            if isinstance(call, dict)
        ],
    }
    if message["role"] == "assistant":
        message["model"] = step.get("model_name") or agent.get("model_name")
    return {key: value for key, value in message.items() if value is not None}


def recognises_swe_agent(source: Source) -> bool:
    """An object with a `trajectory` of actions, or a `history` of messages, and `info`."""
    value = source.json
    if not isinstance(value, dict) or not isinstance(value.get("info"), dict):
        return False
    history, steps = value.get("history"), value.get("trajectory")
    return (isinstance(history, list) and bool(history)) or (
        isinstance(steps, list) and bool(steps) and isinstance(steps[0], dict)
        and "action" in steps[0]
    )  # fmt: skip


def read_swe_agent(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """The run of the file. Demonstrations are the study's; what it submitted is a tool call.

    Raises:
        InputError: as `chat_json.read`.
    """
    if ends_at is not None:
        raise no_end_line(source)
    value = source.json
    history = value.get("history")
    info = value["info"]
    if isinstance(history, list) and history:
        messages = [_of_history(entry) for entry in history]
        # The first observation is the problem that the agent is given; later ones are its tools'.
        first = next((m for m in messages if isinstance(m, dict) and m.get("role") == "tool"), None)
        humans = (m for m in messages if isinstance(m, dict) and m.get("role") == "user")
        if first is not None and next(humans, None) is None:
            first["role"] = "user"
    else:
        messages = []
        for step in value["trajectory"]:
            if not isinstance(step, dict):
                continue
            words = step.get("response") or step.get("thought") or ""
            action = step.get("action")
            messages.append(
                {
                    "role": "assistant",
                    "content": words,
                    "tool_calls": [{"name": "action", "args": action}] if action else [],
                }
            )
            messages.append({"role": "tool", "content": str(step.get("observation") or "")})
    submission = info.get("submission")
    if isinstance(submission, str) and submission.strip() and messages:
        call = {"name": "submission", "args": submission}
        messages.append({"role": "assistant", "content": "", "tool_calls": [call]})
    about = {
        "id": source.path.stem,
        "environment": value.get("environment"),
        "exit_status": info.get("exit_status"),
    }
    about = {key: field for key, field in about.items() if isinstance(field, str)}
    found = chat_json.with_replies(about, messages, source, "swe-agent", source.path.stem)
    status = str(info.get("exit_status") or "")
    if status and not status.lower().startswith(("submitted", "success")):
        warning = ReadingWarning(
            code="sample_limited", message=f"the run ended with the status {status[:80]!r}"
        )
        found = tuple(with_warnings(each, [warning]) for each in found)
    return found


def _of_history(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    message = {key: entry[key] for key in ("role", "content", "tool_calls", "is_demo", "thinking")
               if entry.get(key) is not None}  # fmt: skip
    if entry.get("message_type") == "observation" and message.get("role") == "user":
        message["role"] = "tool"
    if entry.get("is_demo") and message.get("role") == "user":
        # One message may hold a whole demonstration; it sets no task.
        message["role"] = "system"
    message.setdefault("content", "")
    return message


ATIF = Reader(
    name="atif",
    about="an agent's trajectory in ATIF (Harbor)",
    recognises=recognises_atif,
    read=read_atif,
)
SWE_AGENT = Reader(
    name="swe-agent",
    about="an agent's trajectory of SWE-agent",
    recognises=recognises_swe_agent,
    read=read_swe_agent,
)
