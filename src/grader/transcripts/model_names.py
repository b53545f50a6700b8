"""Names of model families, by which a speaker is known as a model."""

from __future__ import annotations

import re

FAMILIES = ("CLAUDE", "OPUS", "SONNET", "HAIKU", "GPT", "CODEX", "CHATGPT", "GEMINI", "GEMMA",
            "GROK", "LLAMA", "MISTRAL", "DEEPSEEK", "QWEN", "KIMI")  # fmt: skip


def speaker_key(name: str) -> str:
    """One spelling for a speaker's name: capitals, hyphens."""
    return re.sub(r"[\s_]+", "-", name.strip()).upper()


def is_model_name(name: str) -> bool:
    """Whether a name is one of a model we know, such as 'GPT' or 'Opus 4'."""
    return speaker_key(name).split("-")[0] in FAMILIES
