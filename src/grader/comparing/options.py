"""How judges are asked, and what that will cost. Loads no network library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.judge.choose import is_live, own_server, provider_of
from grader.judge.prices import Price, Prices, read_prices
from grader.judge.settings import TIMEOUT_S

if TYPE_CHECKING:
    from grader.comparing.make import Planned
    from grader.comparison.estimate import Estimate


@dataclass(frozen=True)
class Asking:
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
    reasoning_effort: str | None = None
    retry_failed: bool = False
    """Ask anew what ended in a failure."""
    insecure: bool = False
    """Send to plain HTTP addresses outside this machine, too."""


def price_of(spec: str, asking: Asking, prices: Prices) -> Price | None:
    """What a live judge's tokens cost; None: not known."""
    server = own_server(provider_of(spec), asking.base_url)
    return prices.of(spec, own_server=server is not None)


def planned_cost(planned: Sequence[Planned], asking: Asking) -> tuple[Estimate, ...]:
    """What the comparisons will take together, by kind; empty where nobody is asked.

    Answers that are in the journal already are not taken off.

    Raises:
        InputError: the price table or a judge's address can't be used.
    """
    from grader.comparison.estimate import estimate

    prices = read_prices(asking.prices)
    sums: dict[str, Estimate] = {}
    for each in planned:
        if not each.questions:
            continue
        known = {
            spec: price_of(spec, asking, prices) if is_live(spec) else None for spec in each.judges
        }
        for kind in estimate(each.plan, known):
            so_far = sums.get(kind.kind)
            sums[kind.kind] = kind if so_far is None else _sum(so_far, kind)
    return tuple(sums.values())


def _sum(one: Estimate, other: Estimate) -> Estimate:
    return replace(
        one,
        questions=one.questions + other.questions,
        prompt_tokens=one.prompt_tokens + other.prompt_tokens,
        reply_tokens=one.reply_tokens + other.reply_tokens,
        usd=None if one.usd is None or other.usd is None else one.usd + other.usd,
    )
