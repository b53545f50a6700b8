"""What comes back from a judge: the raw reply, its outcome, and the record of each attempt."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import Field

from grader.records import Record

Outcome = Literal[
    "answered",
    "refused",
    "filtered",
    "truncated",
    "unparseable",
    "context_too_long",
    "api_error",
    "budget_stopped",
]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

Source = Literal["judge", "journal", "recording", "files", "queue"]
"""Where a reply came from. queue: it was in the queue's database, paid for by another run."""

Shape = Literal["json_schema", "tools", "json"]
"""How the shape of an answer is asked for: strict schema, a forced tool, or in the prompt."""


class Usage(Record):
    """Tokens as the server counted them. None: the server did not say."""

    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None


class Reply(Record):
    """One reply of a judge, before it is parsed. Kept in the journal by question hash."""

    text: str | None = Field(None, description="The reply's content; None if there was none.")
    beside: str | None = Field(
        None, description="What was said beside a tool call, whose argument is the text."
    )
    ambiguous: str | None = Field(
        None, description="Why it isn't plain which part of the server's reply is the answer."
    )
    refusal: str | None = None
    finish_reason: str | None = None
    context_too_long: bool = Field(False, description="The server said the request is too long.")
    prompt_cut: str | None = Field(
        None, description="The server's words where it says that it cut the prompt."
    )
    used_up: bool | None = Field(
        None,
        description="True: by the server's count it took all the room it was given, though the "
        "finish reason does not say so.",
    )
    left_out: tuple[str, ...] | None = Field(
        None, description="Parts of the request that the server refuses, such as temperature."
    )
    model: str | None = Field(None, description="The model as the server names it.")
    fingerprint: str | None = Field(None, description="The server's system fingerprint.")
    usage: Usage = Usage()
    latency_s: float | None = None
    at: str | None = Field(None, description="When it arrived: UTC, ISO 8601.")


class Call(Record):
    """One attempt of one question: a line of `calls.jsonl`."""

    schema_version: Literal[1] = 1
    question: str = Field(description="Question hash.")
    kind: str
    label: str
    prompt: str
    judge: str = Field(description="The judge as the user named it: 'openai/gpt-5.4'.")
    model: str
    parameters: dict[str, Any]
    source: Source
    sent: str | None = Field(None, description="The attempt's id in `sent.jsonl`.")
    attempt: int = Field(ge=1, description="Counts the sends of this question hash in this run.")
    outcome: Outcome
    shape: Shape | None = Field(None, description="As sent to a live judge.")
    left_out: tuple[str, ...] | None = Field(
        None, description="Parts of the request that the server refuses, such as temperature."
    )
    http_status: int | None = None
    error: str | None = Field(None, description="What failed, without keys or messages sent.")
    retry_after_s: float | None = None
    reply: Reply | None = None
    server: str | None = Field(
        None, description="The address asked in place of the provider's own; None: its own."
    )
    usd: float | None = Field(
        None, description="What it cost by the price table. None: nothing, or not known."
    )
    usd_at_most: float | None = Field(
        None,
        description="Where the server counted no tokens but may charge: the most it can have cost.",
    )
    at: str | None = None
