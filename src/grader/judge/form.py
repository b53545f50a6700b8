"""How a request is written for one server: the shape it takes, and what it refused so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from grader.judge.refusals import Meaning, Refused
from grader.judge.reply import Shape

NEXT_SHAPE: dict[Shape, Shape] = {"json_schema": "tools", "tools": "json"}

REFUSALS: frozenset[Meaning] = frozenset(get_args(Refused))

LIMITS = ("max_tokens", "max_completion_tokens")

_KEYS: dict[Meaning, tuple[str, ...]] = {
    "no_temperature": ("temperature",),
    "no_seed": ("seed",),
    "no_reasoning_effort": ("reasoning_effort",),
    "no_max_tokens": ("max_tokens",),
    "no_max_completion_tokens": ("max_completion_tokens",),
    "no_tool_choice": ("tool_choice",),
    "no_strict": ("response_format", "tools"),
    "no_additional_properties": ("response_format", "tools"),
    "no_such_shape": ("response_format", "tools"),
}
"""Keys of a body in which the refused part stands."""


@dataclass(frozen=True)
class RequestForm:
    """What is sent beside model and messages, and how the answer's shape is asked for."""

    shape: Shape = "json_schema"
    refused: frozenset[Meaning] = frozenset()

    @property
    def left_out(self) -> tuple[str, ...] | None:
        """What is left out, for records: 'temperature'. None: nothing is."""
        return tuple(sorted(each.removeprefix("no_") for each in self.refused)) or None

    def without(self, refused: Meaning, body: Mapping[str, Any]) -> RequestForm | None:
        """The form to try next; None: the body holds nothing that could be left out for it.

        Args:
            refused: what the server refuses.
            body: what was sent.
        """
        if not any(key in body for key in _KEYS[refused]):
            return None
        if refused == "no_such_shape" or refused in self.refused:
            shape = NEXT_SHAPE.get(self.shape)
            structured = "response_format" in _KEYS[refused] or refused == "no_tool_choice"
            return replace(self, shape=shape) if shape and structured else None
        return replace(self, refused=self.refused | {refused})

    def parameters(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Sampling parameters as this server takes them."""
        sent = {name: value for name, value in asked.items() if f"no_{name}" not in self.refused}
        limit = next((asked[name] for name in LIMITS if name in asked), None)
        if limit is not None and not any(name in sent for name in LIMITS):
            # Known under one name only: the other one is tried.
            name = next((name for name in LIMITS if f"no_{name}" not in self.refused), None)
            if name is not None:
                sent[name] = limit
        return sent


def limit_of(body: Mapping[str, Any]) -> int | None:
    """How many tokens a body allows the reply; None: it sets no limit."""
    return next((body[name] for name in LIMITS if name in body), None)
