"""How judges are asked: the options that everything which asks has in common.

Loads no network library.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from grader.judge.choose import own_server, provider_of
from grader.judge.prices import End, Price, Prices
from grader.judge.settings import TIMEOUT_S, JudgeSettings


@dataclass(frozen=True)
class JudgeOptions:
    """How judges are asked: where, how fast, for how much."""

    base_url: str | None = None
    """An OpenAI-compatible server for `provider/model` judges."""
    judge_model: str | None = None
    """The model that `files:` requests name."""
    concurrency: int = 8
    """Requests under way at once, for each judge."""
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    timeout_s: float = TIMEOUT_S
    """How long one attempt may take."""
    warm_prefix: bool = False
    """Let the first question on a transcript go ahead of the others."""
    budget_usd: float | None = None
    """Never spend more on these comparisons, with what earlier runs spent on them."""
    prices: Path | None = None
    """A table that corrects the shipped one."""
    server_errors: Path | None = None
    """Rules for what errors of servers mean, before the shipped ones."""
    reasoning_effort: str | None = None
    retry_failed: bool = False
    """Ask anew what ended in a failure."""
    insecure: bool = False
    """Send to plain HTTP addresses outside this machine, too."""

    def settings(self, *, temperature: float | None = 0.0) -> JudgeSettings:
        """The settings of judges asked so."""
        return JudgeSettings(
            temperature=temperature,
            reasoning_effort=self.reasoning_effort,
            timeout_s=self.timeout_s,
        )


def end_of(spec: str, options: JudgeOptions, prices: Prices) -> End | None:
    """When a live judge's model ends; None: nothing is announced."""
    server = own_server(provider_of(spec), options.base_url)
    return prices.end_of(spec, own_server=server is not None)


def end_notice(model: str, end: End) -> str:
    """That a model ends, or has ended, in a sentence."""
    tense = "ended" if end.on <= date.today() else "ends"
    instead = f"; {end.instead} is named in its place" if end.instead else ""
    return f"{model} {tense} on {end.on.isoformat()}, as its provider has announced{instead}"


def price_of(spec: str, options: JudgeOptions, prices: Prices) -> Price | None:
    """What a live judge's tokens cost; None: not known."""
    server = own_server(provider_of(spec), options.base_url)
    return prices.of(spec, own_server=server is not None)
