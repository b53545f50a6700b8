"""The protocol every way to reach a judge fulfils, and the request it gets.

A judge takes a request and returns a parsed reply. It knows nothing of criteria, transcripts or
conditions. `asking.Asker` adds the journal and asks again where a reply is no answer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol

from grader.judge.parsing import ParsedReply
from grader.judge.reply import Call
from grader.judge.schema import answer_schema
from grader.questions.question import Question
from grader.records import content_hash

JudgeKind = Literal["live", "recorded", "files"]


@dataclass(frozen=True)
class Request:
    """A question put to one model with one set of parameters."""

    question: Question
    model: str
    """Provider and model as the judge names itself: 'openai/gpt-5.4'."""
    parameters: tuple[tuple[str, Any], ...]
    """Sampling parameters in sorted order; part of the hash."""

    @cached_property
    def hash(self) -> str:
        """sha256 over model, parameters, answer schema and rendered messages."""
        return content_hash(
            {
                "model": self.model,
                "parameters": dict(self.parameters),
                "schema": answer_schema(self.question.answer_model),
                "messages": [[m.role, m.content] for m in self.question.messages],
            }
        )


class Recorder(Protocol):
    """Records the attempts of one question."""

    def sending(self, question: str, usd_at_most: float | None) -> str | None:
        """Called before an attempt goes out. Returns an id for its record, where it has one."""
        ...

    def __call__(self, call: Call) -> None:
        """Called with each attempt as it ends. A reply in it is kept when this returns."""
        ...


class AttemptList(list[Call]):
    """A recorder that keeps attempts in a list and nowhere else."""

    def sending(self, question: str, usd_at_most: float | None) -> str | None:
        """Called before an attempt goes out; nothing is written down."""

    def __call__(self, call: Call) -> None:
        """Add an attempt that has ended."""
        self.append(call)


class AttemptsExhausted(Exception):
    """This one question could not be asked; others may still be. Its outcome is `api_error`."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(detail)


class AnswerPending(Exception):
    """The question is open: its reply will come later, from outside."""

    def __init__(self, question: str) -> None:
        self.question = question
        super().__init__(f"question {question[:12]} is open")


class Judge(Protocol):
    """A way to reach one model."""

    spec: str
    """As the user named it: 'openai/gpt-5.4', 'recorded:calls.jsonl', 'files:batch'."""
    kind: JudgeKind
    model: str
    """As it stands in question hashes: 'openai/gpt-5.4'."""
    server: str | None
    """The address asked in place of the provider's own; None: its own. Kept beside the hash, so
    that replies of another server are not taken for the provider's."""
    parameters: dict[str, Any]
    """What each request carries beside model, messages and answer schema."""

    async def reply(self, request: Request, record: Recorder) -> ParsedReply:
        """The reply, parsed; `record` is called with each attempt as it ends.

        Raises:
            AttemptsExhausted: this one question could not be asked (outcome `api_error`).
            BudgetStopped: it was not sent, so as not to pass the budget.
            Halted: it was not sent, since the run was asked to stop.
            AnswerPending: the reply is awaited (files).
            JudgeError: nothing can be asked at all (key, model, address).
        """
        ...

    async def end_round(self, asked: Collection[str] | None) -> None:
        """Say that nothing more can be asked before the open questions are answered.

        Args:
            asked: hashes of all that was asked in this run, also where the journal answered;
                None: the run broke off before all was asked.

        Raises:
            WaitingForAnswers: there are open questions; they are written out.
        """
        ...

    async def close(self) -> None:
        """Free connections."""
        ...
