"""Reads the project's JSON form: OpenAI-style messages with metadata around them.

System messages become the system prompt; a preamble is taken off the user message it was sent
with, so that no turn holds it. How messages become turns is in `messages`. A reply that stands
beside the messages is the last turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from grader.errors import InputError
from grader.transcripts.branches import branch_to, with_branches_counted
from grader.transcripts.contradictions import contradictions
from grader.transcripts.message_forms import is_message, role_of
from grader.transcripts.messages import conversation
from grader.transcripts.metadata import metadata
from grader.transcripts.reader import Reader
from grader.transcripts.readers.own_json import no_end_line
from grader.transcripts.replies_beside import Reply, replies_of
from grader.transcripts.source import Source
from grader.transcripts.transcript import ReadingWarning, Transcript


def recognises(source: Source) -> bool:
    """An object with a list `messages`, or a bare list of messages."""
    return fits(source.json) or is_bare(source.json)


def fits(value: Any) -> bool:
    """Whether a JSON value is one conversation in this form."""
    return isinstance(value, dict) and _messages(value) is not None


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """The conversation of the file; several where several replies stand beside its messages.

    Raises:
        InputError: no messages, or a message that can't be read, with its number.
    """
    if ends_at is not None:
        raise no_end_line(source)
    if isinstance(source.json, list):
        return of_message_list(source.json, source, "chat-json")
    return of_value(source.json, source, source.path.stem)


def of_value(value: dict[str, Any], source: Source, id: str) -> tuple[Transcript, ...]:
    """The conversations of one object that `fits`; `id` where it states none.

    Raises:
        InputError: as `read`.
    """
    messages = _messages(value)
    assert messages is not None
    request = value.get("request") or value.get("body")
    sent = request if isinstance(request, dict) else {}
    about = {key: sent[key] for key in _REQUESTED if key in sent}
    about |= {key: field for key, field in value.items() if key not in (*_LISTS, *_HOLDERS)}
    return with_replies(about, messages, source, "chat-json", id)


def of_message_list(values: list[Any], source: Source, format: str) -> tuple[Transcript, ...]:
    """One transcript for each session that a list of messages names.

    The first entry may hold facts about them in place of a message.

    Raises:
        InputError: as `read`.
    """
    first = values[0]
    about = first if isinstance(first, dict) and not is_message(first) else {}
    sessions: dict[str | None, list[Any]] = {}
    current: str | None = None
    for message in values[1:] if about else values:
        current = _session(message) or current
        sessions.setdefault(current, []).append(message)
    if len(sessions) <= 1:
        messages = next(iter(sessions.values()), [])
        return with_replies(about, messages, source, format, source.path.stem)
    return tuple(
        transcript
        for name, messages in sessions.items()
        for transcript in with_replies(
            {**about, "id": name} if name else about, messages, source, format, source.path.stem
        )
    )


def with_replies(
    about: dict[str, Any], messages: list[Any], source: Source, format: str, id: str
) -> tuple[Transcript, ...]:
    """One transcript for each reply that stands beside messages that end with the human's.

    Raises:
        InputError: as `read`.
    """
    replies = [] if _ends_with_reply(messages) else replies_of(about)
    if not replies:
        transcript = of_messages(about, messages, source, format, id)
        return (_warned_of_last_word(transcript),)
    found = []
    for number, reply in enumerate(replies, start=1):
        name = reply.label or (str(number) if len(replies) > 1 else None)
        own = facts_of_reply(about, reply, id, name)
        if name and not reply.label:
            own.setdefault("replicate", number)
        whole = list(reply.messages)
        if not _begins_with_human(whole):
            whole = [*messages, *whole]
        found.append(
            of_messages(own, whole, source, format, id if name is None else f"{id}-{name}")
        )
    return tuple(found)


def facts_of_reply(
    about: Mapping[str, Any], reply: Reply, id: str, name: str | None
) -> dict[str, Any]:
    """The facts beside the messages as they hold for one reply."""
    own = {key: field for key, field in about.items() if key not in reply.used}
    if reply.label is not None:
        own.setdefault("condition", reply.label)
        own.setdefault("task", id)
    if name is not None and own.get("id") is not None:
        own["id"] = f"{own['id']}-{name}"
    if reply.model is not None and own.get("model") is None:
        own["model"] = reply.model
    return own


def of_messages(
    about: dict[str, Any], messages: list[Any], source: Source, format: str, id: str
) -> Transcript:
    """A transcript from messages in OpenAI's form and the metadata beside them.

    Raises:
        InputError: as `read`.
    """
    if not messages:
        raise InputError(
            "the list of messages is empty", place=source.path, mend="Was the session exported?"
        )
    facts = metadata(about, source)
    branch = _last_branch(messages)
    talk = conversation(branch, source, preamble=facts.preamble)
    transcript = facts.transcript(talk, source, format, id)
    transcript = with_branches_counted(transcript, len(messages) - len(branch))
    return transcript.model_copy(
        update={"warnings": (*transcript.warnings, *contradictions(transcript))}
    )


_LINKS = (("messageId", "parentMessageId"), ("id", "parentId"), ("uuid", "parentUuid"),
          ("id", "parent_id"), ("uuid", "parent_message_uuid"))  # fmt: skip
"""Fields by which messages of a tree name themselves and the one they answer."""


def _last_branch(messages: list[Any]) -> list[Any]:
    """The branch that ends in the last message, where messages form a tree with branches."""
    for own, parent in _LINKS:
        if not all(isinstance(m, dict) and isinstance(m.get(own), str) for m in messages):
            continue
        parents = [m[parent] for m in messages if isinstance(m.get(parent), str)]
        nodes = {m[own]: {parent: None, **m} for m in messages}
        if len(nodes) < len(messages) or len(set(parents)) == len(parents):
            continue
        branch = branch_to(nodes, None, itemgetter(parent))
        return branch if len(branch) > 1 else messages
    return messages


_SESSION_KEYS = (
    "session_id", "sessionId", "conversation_id", "conversationId", "thread_id", "threadId",
    "chat_id", "chatId", "dialog_id", "dialogue_id", "session", "conversation",
)  # fmt: skip
"""Fields by which a message names the session it belongs to."""


def _session(message: Any) -> str | None:
    if not isinstance(message, dict):
        return None
    named = (message.get(key) for key in _SESSION_KEYS)
    return next((str(n) for n in named if isinstance(n, (str, int)) and str(n)), None)


_LISTS = ("messages", "conversation", "chat", "dialog", "dialogue", "chat_history", "history")
"""Fields that hold a list of messages."""

_REQUESTED = ("model", "temperature", "top_p", "max_tokens", "max_completion_tokens")
_HOLDERS = ("values", "state", "request", "body", "channel_values", "outputs", "data",
            "conversation", "session", "thread")  # fmt: skip
"""Fields of an object in which `messages` may stand: a graph's state, a logged request."""


def _messages(value: Mapping[str, Any]) -> list[Any] | None:
    """The messages of an object, also in a graph's state or a logged request; None without."""
    if isinstance(value.get("messages"), list):
        return list(value["messages"])
    for key in _LISTS[1:]:
        found = value.get(key)
        if isinstance(found, list) and is_bare(found):
            return found
    for key in _HOLDERS:
        group = value.get(key)
        found = group.get("messages") if isinstance(group, Mapping) else None
        if isinstance(found, list):
            return found
    return None


def is_bare(value: Any) -> bool:
    """Whether a JSON value is a list of messages without anything around it."""
    return isinstance(value, list) and bool(value) and all(map(is_message, value[:3]))


def _role(message: Any) -> str:
    return ((role_of(message) if isinstance(message, dict) else None) or "").lower()


def _ends_with_reply(messages: list[Any]) -> bool:
    return bool(messages) and _role(messages[-1]) not in (
        "user",
        "human",
        "system",
        "developer",
        "",
    )


def _begins_with_human(messages: list[dict[str, Any]]) -> bool:
    return bool(messages) and _role(messages[0]) in ("user", "human", "system", "developer")


def _warned_of_last_word(transcript: Transcript) -> Transcript:
    """A warning where the file ends with the human's word: a reply may be missing."""
    if not transcript.turns or transcript.turns[-1].role != "human":
        return transcript
    warning = ReadingWarning(
        code="no_last_reply",
        message="the last word is the human's; the file holds no reply to it",
    )
    return transcript.model_copy(update={"warnings": (*transcript.warnings, warning)})


READER = Reader(
    name="chat-json",
    about="messages in OpenAI's form, with or without metadata around them",
    recognises=recognises,
    read=read,
)
