"""The facts that stand beside a conversation: condition, task, model, date, preamble.

Used by every structured format. Fields of the project's own form are checked; everything else a
source says is kept under `provenance.stated`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from grader.errors import InputError
from grader.transcripts.messages import Conversation
from grader.transcripts.preamble import holds_preamble, without_preamble
from grader.transcripts.source import Source
from grader.transcripts.task import find_task
from grader.transcripts.transcript import (
    ModelInfo,
    Provenance,
    ReadingWarning,
    Transcript,
)

_MODEL_FIELDS = ("name", "version", "provider", "temperature", "top_p", "max_tokens")
_CONVERSATION_FIELDS = ("messages", "conversations", "conversation", "turns", "chat_messages")


@dataclass
class Facts:
    """What a source states about its session. None: not stated."""

    id: str | None = None
    condition: str | None = None
    task: str | None = None
    replicate: int | None = None
    model: ModelInfo = field(default_factory=ModelInfo)
    date: str | None = None
    system_prompt: str | None = None
    preamble: str | None = None
    task_prompt: str | None = None
    note: str | None = None
    mode: str | None = None
    rounds: int | None = None
    context_mode: str | None = None
    session_code: str | None = None
    stated: dict[str, str] = field(default_factory=dict)
    warnings: list[ReadingWarning] = field(default_factory=list)

    @property
    def facilitated(self) -> bool:
        """Whether a live opening comes before the task."""
        return self.condition in ("F", "F+P") or (self.mode or "").lower().startswith("facilitat")

    def transcript(self, talk: Conversation, source: Source, format: str, id: str) -> Transcript:
        """The record of a conversation with these facts; `id` where none is stated.

        Raises:
            InputError: the model says nothing in it.
        """
        if not any(turn.role == "model" for turn in talk.turns):
            raise InputError(
                "the model says nothing in this conversation",
                place=source.path,
                mend="A transcript needs at least one message of the model to be judged.",
            )
        # A stated prompt may have been copied together with the preamble it was sent with.
        stated = without_preamble(self.task_prompt or "", self.preamble)[0]
        task = find_task(talk.turns, stated=stated, facilitated=self.facilitated)
        warnings = [*self.warnings, *talk.warnings, *task.warnings]
        system_prompt = self.system_prompt or talk.system_prompt
        in_system = holds_preamble(talk.system_prompt, self.preamble)
        if self.preamble and not talk.preamble_found and not in_system:
            warnings.append(
                ReadingWarning(
                    code="preamble_not_found",
                    message="the stated preamble stands in no message; was it really sent?",
                )
            )
        if (
            self.system_prompt
            and talk.system_prompt
            and (self.system_prompt.strip() != talk.system_prompt.strip())
        ):
            warnings.append(
                ReadingWarning(
                    code="system_prompt_differs",
                    message="the stated system prompt is not the one in the messages",
                )
            )
        model, models = _models(self.model, talk.models)
        return Transcript(
            id=self.id or id,
            condition=self.condition,
            task=self.task,
            replicate=self.replicate,
            model=model,
            models=models,
            date=self.date,
            system_prompt=system_prompt,
            preamble=self.preamble,
            task_prompt=task.prompt,
            task_turn=task.turn,
            turns=talk.turns,
            warnings=tuple(warnings),
            provenance=Provenance(
                source=source.name,
                format=format,
                sha256=source.sha256,
                session_code=self.session_code,
                mode=self.mode,
                rounds=self.rounds,
                context_mode=self.context_mode,
                note=self.note,
                stated=self.stated,
            ),
        )


def metadata(about: dict[str, Any], source: Source) -> Facts:
    """The facts in an object's fields and in the file beside it; the conversation is left aside.

    Where both state a field, the object's own counts, with a warning if they differ.

    Raises:
        InputError: a field of the project's own form holds the wrong kind of value.
    """
    facts = Facts()
    about = _with_sidecar(about, source, facts.warnings)
    for key, value in about.items():
        if value is None or key in _CONVERSATION_FIELDS or key in ("schema_version", "model"):
            continue
        if key in ("id", "condition", "task", "date"):
            setattr(facts, key, _text(value, key, source))
        elif key in ("system_prompt", "preamble", "mode", "context_mode", "session_code"):
            setattr(facts, key, _text(value, key, source) or None)
        elif key in ("prompt", "task_prompt"):
            facts.task_prompt = _text(value, key, source)
        elif key in ("provenance", "note"):
            facts.note = value if isinstance(value, str) else _written(value)
        elif key in ("replicate", "rounds"):
            setattr(facts, key, _whole(value, key, source))
        elif key not in ("temperature", "top_p", "max_tokens", "max_completion_tokens", "provider"):
            facts.stated[key] = value if isinstance(value, str) else _written(value)
    facts.model = _model(about, source)
    return facts


def _with_sidecar(
    about: dict[str, Any], source: Source, warnings: list[ReadingWarning]
) -> dict[str, Any]:
    beside = {key: value for key, value in source.sidecar.items() if value is not None}
    own = {key: value for key, value in about.items() if value is not None}
    for key in beside.keys() & own.keys():
        if str(beside[key]).strip() != str(own[key]).strip():
            warnings.append(
                ReadingWarning(
                    code="sidecar_differs",
                    message=f"the file of facts beside this one says {str(beside[key])[:60]!r} "
                    f"for '{key}', the file itself {str(own[key])[:60]!r}; the latter counts",
                )
            )
    return beside | own


def _models(stated: ModelInfo, named: tuple[str, ...]) -> tuple[ModelInfo, tuple[ModelInfo, ...]]:
    """The model of a session and, where several speak, all of them.

    What each message names is nearer to what happened than what is stated for the whole file.
    """
    if len(named) > 1:
        all_ = tuple(
            stated if name in (stated.name, stated.version) else ModelInfo(name=name)
            for name in named
        )
        return all_[0], all_
    if not named or named[0] in (stated.name, stated.version):
        return stated, ()
    if stated.name is None:
        return stated.model_copy(update={"name": named[0]}), ()
    if stated.version is None:
        return stated.model_copy(update={"version": named[0]}), ()
    return stated, ()


def _model(about: dict[str, Any], source: Source) -> ModelInfo:
    given = about.get("model")
    if isinstance(given, dict):
        fields = {key: given.get(key) for key in _MODEL_FIELDS}
    else:
        name = None if given is None else _text(given, "model", source)
        tokens = about.get("max_tokens", about.get("max_completion_tokens"))
        fields = {
            "name": name,
            "provider": about.get("provider"),
            "temperature": about.get("temperature"),
            "top_p": about.get("top_p"),
            "max_tokens": tokens,
        }
    for key in ("name", "version", "provider"):
        if fields.get(key) is not None:
            fields[key] = _text(fields[key], f"model.{key}", source)
    for key in ("temperature", "top_p"):
        if fields.get(key) is not None and not _is_number(fields[key]):
            raise _wrong(source, f"model.{key}", "a number", fields[key])
    if fields.get("max_tokens") is not None:
        fields["max_tokens"] = _whole(fields["max_tokens"], "model.max_tokens", source)
    return ModelInfo.model_validate(fields)


def _text(value: Any, key: str, source: Source) -> str:
    if isinstance(value, (dict, list, bool)):
        raise _wrong(source, key, "a text", value)
    return str(value)


def _whole(value: Any, key: str, source: Source) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(source, key, "a whole number", value)
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _wrong(source: Source, field: str, wanted: str, found: Any) -> InputError:
    return InputError(
        f"{field}: {wanted} was expected, found {found!r:.60}",
        place=source.path,
        mend="docs/transcripts.md lists the fields.",
    )
