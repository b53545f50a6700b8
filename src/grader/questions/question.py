"""One structured request, before any judge is chosen.

A question is a pure value: messages, the shape of the answer and the rules the answer must keep.
It knows neither model nor parameters; the judge adds those and the hash that names the request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from grader.questions.answers import Answer


@dataclass(frozen=True)
class Message:
    """One chat message."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Question:
    """What is asked.

    `label` is for people and records on this side of the wire; it is never sent.
    `rules` is handed to pydantic as validation context when the answer is parsed.
    """

    kind: str
    """Id of its prompt: 'verdict', 'orientation', 'requote'."""
    messages: tuple[Message, ...]
    answer_model: type[Answer]
    prompt: str = ""
    """Id and version of the prompt file, such as 'verdict@1'."""
    label: str = ""
    rules: Mapping[str, Any] = field(default_factory=dict)
