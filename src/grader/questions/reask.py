"""The two ways to ask again: an answer off the schema, and quotations that were not found.

Each is a question of its own, with the first question and the reply before it, so it has its own
hash and its own place in the journal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from grader.questions.answers import RequoteAnswer
from grader.questions.prompts import read_prompt, render_shared
from grader.questions.question import Message, Question


@dataclass(frozen=True)
class MissingQuotation:
    """A quotation that was not found where it was said to stand."""

    quote: str
    transcript: Literal[1, 2] | None = None
    """1 or 2 where the question showed two transcripts."""


def after_mistake(question: Question, reply_text: str, problem: str) -> Question:
    """The same question again, with the reply that could not be read and what was wrong."""
    return replace(
        question,
        messages=(
            *question.messages,
            Message("assistant", reply_text),
            Message("user", render_shared("correction", problem=problem)),
        ),
    )


def for_quotations(
    question: Question, reply_text: str, missing: Sequence[MissingQuotation]
) -> Question:
    """Ask for quotations that were not found, and for nothing else."""
    prompt = read_prompt("requote")
    passages = [{"quote": _one_line(m.quote), "transcript": m.transcript} for m in missing]
    return Question(
        kind="requote",
        messages=(
            *question.messages,
            Message("assistant", reply_text),
            Message("user", prompt.render(passages=passages)),
        ),
        answer_model=RequoteAnswer,
        prompt=prompt.name,
        label=f"{question.label}, quotations again",
        rules={"quotations": len(missing)},
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
