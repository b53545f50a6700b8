"""Whether a server read the whole prompt, by its own count of the prompt's tokens."""

from __future__ import annotations

import re

from grader.judge.reply import Reply
from grader.questions.question import Question

LEAST_TOKENS = 300
"""Prompts that take no more tokens than this aren't looked at: no server cuts them."""

_TOKENS = re.compile(
    r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[^\w\s](?=\s|$)",
)
"""What takes at least one token in every tokenizer in use: a word, a number, a mark that nothing
follows. None joins two words, so these bound a prompt's tokens from below."""

_ALWAYS_FEWER = 1.35
"""The bound is not counted where there are so many tokens for each run without blanks."""


def cut_prompt(question: Question, reply: Reply) -> str | None:
    """Why the server can't have read the whole prompt; None: nothing says so."""
    if reply.prompt_cut:
        return f"the server cut the prompt: {reply.prompt_cut}"
    usage = reply.usage
    if usage.prompt_tokens is None:
        return None
    # Some servers leave what their cache served out of their count.
    counted = usage.prompt_tokens + (usage.cached_tokens or 0)
    texts = [message.content for message in question.messages]
    if counted >= _ALWAYS_FEWER * sum(len(text.split()) for text in texts):
        return None
    least = sum(len(_TOKENS.findall(text)) for text in texts)
    if least <= LEAST_TOKENS or counted >= least:
        return None
    return (
        f"the server cut the prompt: it counts {usage.prompt_tokens:,} tokens, and the prompt "
        f"has at least {least:,}"
    )
