"""What the finish reasons of servers mean."""

from __future__ import annotations

from grader.judge.reply import Outcome

_MEANINGS: dict[Outcome, str] = {
    "answered": "stop tool_calls function_call tool_use end_turn stop_sequence eos eos_token "
    "end_of_text complete completed finished",
    "filtered": "content_filter content_filtered safety prohibited_content blocklist recitation "
    "spii sensitive language image_safety guardrail_intervened model_armor",
    "refused": "refusal refused",
    "truncated": "length max_tokens max_output_tokens token_limit",
    "context_too_long": "model_length model_context_window_exceeded context_length_exceeded "
    "context_window_exceeded",
    "api_error": "error network_error insufficient_system_resource abort aborted cancelled "
    "canceled timeout time_limit engine_overloaded server_error failed",
}
"""By outcome. OpenAI, Azure, Anthropic, Google, Mistral, DeepSeek, z.ai, xAI, Cohere, OpenRouter,
vLLM, SGLang and TGI each have some of their own."""

ENDINGS: dict[str, Outcome] = {
    name: outcome for outcome, names in _MEANINGS.items() for name in names.split()
}


def ending_of(finish_reason: str | None) -> Outcome | None:
    """The outcome that a finish reason stands for; None: it isn't known.

    Servers write them in capitals, too, and what was filtered behind a colon. A server that gives
    none has come to its end.
    """
    finish = (finish_reason or "stop").lower().partition(":")[0].strip()
    return ENDINGS.get(finish)
