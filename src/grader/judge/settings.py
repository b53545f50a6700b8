"""How a judge is asked: sampling parameters, and how patiently."""

from __future__ import annotations

from pydantic import Field

from grader.records import Record

TIMEOUT_S = 180.0


class JudgeSettings(Record):
    """Settings of a judge. The first four are part of each question's hash, the rest are not."""

    temperature: float | None = Field(
        0.0, ge=0, le=2, description="None: the provider's own. Never sent where not taken."
    )
    max_tokens: int = Field(
        4096,
        ge=1,
        description="Limit of a reply, four times that for a model that thinks first; doubled once "
        "when a reply is cut off.",
    )
    seed: int | None = Field(
        None, description="Seed of the first sample; None: it is sent without one."
    )
    reasoning_effort: str | None = Field(
        None, description="As the provider names it, such as 'low'; None: the provider's own."
    )

    timeout_s: float = Field(TIMEOUT_S, gt=0, description="How long one attempt may take.")
    max_attempts: int = Field(6, ge=1, description="Sends of one request until it is given up.")
    first_wait_s: float = Field(
        0.5, ge=0, description="Wait before the second attempt; doubled each time, with jitter."
    )
    longest_wait_s: float = Field(30.0, ge=0, description="Upper bound of these waits.")
    longest_retry_after_s: float = Field(
        300.0, ge=0, description="A server that asks for a longer pause is not waited for."
    )
