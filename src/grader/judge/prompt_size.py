"""Whether a server read the whole prompt, by its own count of the prompt's tokens."""

from __future__ import annotations

from grader.judge.reply import Reply
from grader.questions.question import Question

LEAST_TOKENS = 300
"""Prompts that take no more tokens than this aren't looked at: no server cuts them."""

_MARKS = (", ", ". ", ".\n", ": ", "; ", "? ")
"""Marks behind a word. No tokenizer in use joins a word with the next one, or with a mark that
white space follows, so words and these bound a prompt's tokens from below."""

_PLENTY = 1.25
"""With so many tokens for each blank nothing was cut, and nothing has to be counted."""


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
    if counted >= _PLENTY * sum(text.count(" ") + text.count("\n") for text in texts):
        return None
    least = sum(len(text.split()) + sum(map(text.count, _MARKS)) for text in texts)
    if least <= LEAST_TOKENS or counted >= least:
        return None
    return (
        f"the server cut the prompt: it counts {usage.prompt_tokens:,} tokens, and the prompt "
        f"has at least {least:,}"
    )
