"""Where each provider's models are reached, and what they take."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from grader.judge.reply import Shape


@dataclass(frozen=True)
class Provider:
    """One provider's OpenAI-compatible door."""

    address: str | None
    """Base URL; None: only known from `--base-url`."""
    key_variables: tuple[str, ...]
    """Environment variables that may hold the key, first one first. Empty: no key is needed."""
    limit_parameter: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    shape: Shape = "json_schema"
    """What to ask for first; a server that refuses it is asked for the next."""


PROVIDERS: dict[str, Provider] = {
    "openai": Provider(
        "https://api.openai.com/v1", ("OPENAI_API_KEY",), limit_parameter="max_completion_tokens"
    ),
    # Anthropic's compatible door ignores response_format but takes tools.
    "anthropic": Provider("https://api.anthropic.com/v1", ("ANTHROPIC_API_KEY",), shape="tools"),
    "google": Provider(
        "https://generativelanguage.googleapis.com/v1beta/openai",
        ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    ),
    "openrouter": Provider("https://openrouter.ai/api/v1", ("OPENROUTER_API_KEY",)),
    "ollama": Provider("http://localhost:11434/v1", ()),
}

_OPENAI_REASONING = re.compile(r"(^|/)(o\d|gpt-([5-9]|\d\d))(?!.*\bchat\b)", re.IGNORECASE)


def provider(name: str) -> Provider:
    """The table's entry; for an unknown name one that needs `--base-url`.

    The key of an unknown provider is looked for in `<NAME>_API_KEY`.
    """
    variable = re.sub(r"\W", "_", name).upper() + "_API_KEY"
    return PROVIDERS.get(name) or Provider(None, (variable,))


def is_reasoning_model(model: str) -> bool:
    """True for OpenAI's reasoning families: they refuse a temperature, and think before they write.

    `model` is named as in `--judge`: 'openai/o4-mini', 'openrouter/openai/gpt-5.4'.
    """
    return bool(
        model.startswith(("openai/", "openrouter/openai/")) and _OPENAI_REASONING.search(model)
    )
