"""What planned comparisons will cost together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.comparing.plan import Planned
from grader.comparison.estimate import Estimate, estimate
from grader.judge.choose import is_live
from grader.judge.options import JudgeOptions, price_of
from grader.judge.prices import read_prices


def planned_cost(planned: Sequence[Planned], asking: JudgeOptions) -> tuple[Estimate, ...]:
    """What the comparisons will take together, by kind; empty where nobody is asked.

    Answers that are in the journal already are not taken off.

    Raises:
        InputError: the price table or a judge's address can't be used.
    """
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
