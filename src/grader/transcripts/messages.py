"""Turns out of chat messages, as OpenAI, Anthropic and their kin write them.

System messages become the system prompt. Thoughts and tool calls are kept beside the text;
images and other parts that are not text are left out with a warning. A preamble never stays in a
turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.transcripts.message_forms import ROLES, normal
from grader.transcripts.message_parts import Parts, parts_of, unreadable
from grader.transcripts.preamble import ECHO, Place, length_in_letters, without_preamble
from grader.transcripts.source import Source, check_turns
from grader.transcripts.stop_reasons import ending_of
from grader.transcripts.transcript import ReadingWarning, Role, Turn

_MODEL_KEYS = ("model", "model_name", "model_slug", "model_id", "modelName")


@dataclass(frozen=True)
class Conversation:
    """What the messages of one session give."""

    turns: tuple[Turn, ...]
    system_prompt: str | None
    preamble_found: bool
    warnings: tuple[ReadingWarning, ...]
    models: tuple[str, ...] = ()
    """The models that the messages themselves name, in the order in which they first speak."""


@dataclass(frozen=True)
class _Message:
    """One message, read."""

    fields: dict[str, Any]
    given_role: str
    role: Role | None
    parts: Parts
    position: int

    @property
    def scripted(self) -> bool:
        """Whether the study wrote it: few-shot examples, prefilled beginnings, edited replies."""
        fields = self.fields
        return self.role == "model" and bool(
            fields.get("source") == "input" or fields.get("prefix") is True
            or fields.get("is_demo") is True or fields.get("isEdited") is True
        )  # fmt: skip

    @property
    def model(self) -> str | None:
        """The model that the message names."""
        metadata = self.fields.get("response_metadata"), self.fields.get("metadata")
        for group in (self.fields, *metadata):
            for key in _MODEL_KEYS:
                name = group.get(key) if isinstance(group, dict) else None
                if isinstance(name, str) and name.strip() and not name.startswith("<"):
                    return name.strip()
        return None


def conversation(
    messages: Sequence[Any], source: Source, *, preamble: str | None = None, where: str = "messages"
) -> Conversation:
    """The turns of a list of messages.

    Args:
        messages: objects with `role` and `content`; `name`, `tool_calls` and a time are used.
        source: the file, for errors.
        preamble: the preamble that the source states, to be taken off.
        where: name of the list in errors.

    Raises:
        InputError: a message is no object, its role or content cannot be read, or it holds text
            under a key that isn't known.
    """
    check_turns(len(messages), source)
    read = [_read(message, n, source, where) for n, message in enumerate(messages, start=1)]
    names = [m.model for m in read if m.role == "model" and not m.scripted]
    models = tuple(dict.fromkeys(name for name in names if name))
    turns: list[Turn] = []
    systems: list[str] = []
    warnings: list[ReadingWarning] = []
    thoughts: list[str] = []
    found = False
    for message in read:
        _warn_of_left_out(message, warnings)
        thoughts += message.parts.thoughts
        text, place = _without_preamble(message, preamble, warnings)
        found = found or place is not None
        if message.role is None:
            systems.append(text)
            continue
        emptied = place is not None and not text and not message.parts.calls
        if emptied or message.fields.get("only_reasoning"):
            continue
        for result in message.parts.results:
            turns.append(Turn(number=len(turns) + 1, role="tool", speaker="tool", text=result))
        if text or message.parts.calls or not message.parts.results:
            speaker = _speaker(message, several=len(models) > 1)
            turns.append(_turn(message, message.role, len(turns) + 1, speaker, text, thoughts))
            thoughts = [] if message.role == "model" else thoughts
    return Conversation(
        turns=tuple(turns),
        system_prompt="\n\n".join(systems) if any(s.strip() for s in systems) else None,
        preamble_found=found,
        warnings=tuple(warnings),
        models=models,
    )


def _without_preamble(
    message: _Message, preamble: str | None, warnings: list[ReadingWarning]
) -> tuple[str, Place | None]:
    """The words of a message without the preamble, and where it stood; None: nowhere."""
    text = "\n\n".join(message.parts.texts)
    if message.role == "human":
        text, place = without_preamble(text, preamble)
        if place == "inside":
            warnings.append(_inside(message.position))
        return text, place
    if message.role == "model" and length_in_letters(preamble) >= ECHO:
        text, place = without_preamble(text, preamble)
        if place is not None:
            warnings.append(_echo(message.position))
        return text, place
    return text, None


def _turn(
    message: _Message, role: Role, number: int, speaker: str, text: str, thoughts: list[str]
) -> Turn:
    speaks = role == "model"
    return Turn(
        number=number,
        role=role,
        speaker=speaker,
        text=text,
        time=_time(message.fields),
        calls=tuple(message.parts.calls),
        reasoning=("\n\n".join(thoughts) or None) if speaks else None,
        ended=ending_of(message.fields) if speaks else None,
        scripted=message.scripted,
    )


def _read(message: Any, position: int, source: Source, where: str) -> _Message:
    place = f"{where}[{position}]"
    if not isinstance(message, dict):
        raise unreadable(source, place, f"an object was expected, found {message!r:.40}")
    fields = normal(message)
    given = fields.get("role")
    if not isinstance(given, str) or given.lower() not in ROLES:
        role = given if isinstance(given, str) else message.get("role")
        raise unreadable(source, f"{place}.role", f"{role!r:.40} is no role of a conversation")
    parts = parts_of(fields, source, place)
    return _Message(fields, given, ROLES[given.lower()], parts, position)


def _speaker(message: _Message, *, several: bool) -> str:
    name = message.fields.get("name")
    if several and message.role == "model" and message.model:
        return message.model
    return name if isinstance(name, str) and name.strip() else message.given_role


def _inside(position: int) -> ReadingWarning:
    return ReadingWarning(
        code="preamble_not_first",
        message=f"the preamble stands inside message {position}, not at its beginning; it was "
        "taken out there",
    )


def _echo(position: int) -> ReadingWarning:
    return ReadingWarning(
        code="preamble_in_reply",
        message=f"the preamble stands in message {position}, which is the model's; it was taken "
        "out there, so that no judge sees it",
    )


def _warn_of_left_out(message: _Message, warnings: list[ReadingWarning]) -> None:
    position = message.position
    if message.parts.reasoning:
        warnings.append(
            ReadingWarning(
                code="reasoning_left_out",
                message=f"message {position} holds the model's reasoning; it was not said to "
                "anyone and was kept apart",
            )
        )
    if message.scripted:
        warnings.append(
            ReadingWarning(
                code="scripted_turn",
                message=f"message {position} was written by the study as the model's (an example, "
                "a given beginning, an edited reply); it is not judged",
            )
        )
    for kind in sorted(set(message.parts.others)):
        warnings.append(
            ReadingWarning(
                code="part_left_out",
                message=f"message {position} holds a part of kind {kind!r} that is not text; it "
                "was left out",
            )
        )


def _time(message: dict[str, Any]) -> str | None:
    for key in ("time", "timestamp", "created_at", "create_time", "createTime"):
        value = message.get(key)
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            return str(value)
    return None
