"""Names that speakers have in plain text and Markdown, and which side they are on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, Protocol, TypeVar

from grader.transcripts.model_names import is_model_name
from grader.transcripts.transcript import Role

HUMAN_NAMES = frozenset(
    {"human", "user", "facilitator", "researcher", "interviewer", "you", "me", "prompt"}
)
MODEL_NAMES = frozenset(
    {"assistant", "ai", "model", "bot", "response", "reply", "answer", "output", "agent", "cursor",
     "copilot", "github copilot", "chatbot", "bard", "perplexity", "meta ai", "le chat"}
)  # fmt: skip
SYSTEM_NAMES = frozenset({"system", "system prompt"})
PREAMBLE_NAMES = frozenset({"preamble", "context preamble"})

ABOUT_SESSION = frozenset(
    {
        "analysis",
        "assessment",
        "commentary",
        "comments",
        "comparison",
        "conclusion of the analyst",
        "criteria assessment",
        "discussion of the session",
        "evaluation",
        "findings",
        "notes",
        "observations",
        "scorecard",
        "verdict",
        "verdicts",
    }
)
"""Headings below which people write about a session, once it is over."""

Part = Role | Literal["system", "preamble"]
_L = TypeVar("_L", bound="Labelled")

_ORNAMENT = re.compile(r"^(?:turn\s+)?\d{1,5}\s*[.):—–-]*\s+|[\s:]+$", re.IGNORECASE)
_PICTURE = re.compile(r"^[^\w\s(\[]+\s+")
"""A picture before a name, as some exports put one: '🧑 User'."""

_SAYS = re.compile(r"\s+(?:said|says|wrote|writes|asked|replied|responded)$", re.IGNORECASE)
_DETAILS = re.compile(r"\s*\([^()\n]{1,100}\)$")
_MODEL_DETAIL = re.compile(r"\(model:?\s+([^\s,()]{1,80})", re.IGNORECASE)


class Labelled(Protocol):
    """A line that names a speaker."""

    @property
    def part(self) -> Part:
        """Whose words follow."""

    @property
    def name(self) -> str:
        """The name as it stands there."""


def part_of_name(name: str) -> Part | None:
    """Whose words follow a label: 'User', '2. GPT-5.4', 'ChatGPT said'. None: no speaker's."""
    bare = _bare(name)
    key = _SAYS.sub("", bare).lower()
    if key in HUMAN_NAMES:
        return "human"
    if bare.lower() in SYSTEM_NAMES:
        return "system"
    if bare.lower() in PREAMBLE_NAMES:
        return "preamble"
    if key in MODEL_NAMES or (is_model_name(key) and len(key.split()) <= 3):
        return "model"
    return "tool" if key in ("tool", "function") else None


def model_of_name(name: str) -> str | None:
    """The model that a label states beside the speaker: 'Agent (model gpt-5.4, mode Ask)'."""
    found = _MODEL_DETAIL.search(name)
    return found[1] if found else None


def used_labels(labels: Sequence[_L]) -> tuple[list[_L], list[_L]]:
    """The labels by which this file opens turns, and those that are only words in its text.

    A file has one name for the human and one for the model, or the names of several models. The
    first label of the model, and the human's nearest before it, show which. System prompt and
    preamble stand before the model speaks; a tool's turn is followed by the model's.
    """
    first = next((n for n, label in enumerate(labels) if label.part == "model"), None)
    if first is None:
        return list(labels), []
    humans = [label for label in labels[:first] if label.part == "human"][-1:]
    humans = humans or [label for label in labels if label.part == "human"][:1]
    spoken = {_key(label.name) for label in (*humans, labels[first])}
    named = is_model_name(_key(labels[first].name))
    kept: list[_L] = []
    left: list[_L] = []
    for number, label in enumerate(labels):
        key = _key(label.name)
        if label.part == "model":
            used = key in spoken or (named and is_model_name(key))
        elif label.part == "human":
            used = key in spoken
        elif label.part == "tool":
            used = any(
                after.part == "model" and _key(after.name) in spoken
                for after in labels[number + 1 : number + 2]
            )
        else:
            used = number < first
        (kept if used else left).append(label)
    return kept, left


def _bare(name: str) -> str:
    plain = _PICTURE.sub("", name.strip().strip("*_"))
    bare = _DETAILS.sub("", _ORNAMENT.sub("", plain).strip().strip("*_"))
    return _ORNAMENT.sub("", bare).strip()


def _key(name: str) -> str:
    """One spelling of a label's name, without number, model and time."""
    return _bare(name).lower()
