"""Names that speakers have in plain text and Markdown, and which side they are on."""

from __future__ import annotations

import re
from typing import Literal

from grader.transcripts.model_names import is_model_name
from grader.transcripts.transcript import Role

HUMAN_NAMES = frozenset(
    {"human", "user", "facilitator", "researcher", "interviewer", "you", "me", "prompt"}
)
MODEL_NAMES = frozenset(
    {"assistant", "ai", "model", "bot", "response", "reply", "answer", "output"}
)
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

_ORNAMENT = re.compile(r"^(?:turn\s+)?\d{1,5}\s*[.):—–-]*\s+|[\s:]+$", re.IGNORECASE)


def part_of_name(name: str) -> Part | None:
    """Whose words follow a label: 'User', '2. GPT-5.4', 'System prompt'. None: no speaker's."""
    bare = _ORNAMENT.sub("", name.strip().strip("*_")).strip()
    key = bare.lower()
    if key in HUMAN_NAMES:
        return "human"
    if key in SYSTEM_NAMES:
        return "system"
    if key in PREAMBLE_NAMES:
        return "preamble"
    if key in MODEL_NAMES or (is_model_name(bare) and len(bare.split()) <= 3):
        return "model"
    return "tool" if key in ("tool", "function") else None
