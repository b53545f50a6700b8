"""What the answers of a comparison took: tokens as the servers counted them, and their price.

Counted over the replies that the draft rests on, whenever and for whichever comparison they were
first paid; so a recording gives the same figures as the run that made it. Attempts that brought
no reply are in `calls.jsonl`.
"""

from __future__ import annotations

from collections.abc import Iterable

from grader.comparison.comparison import Spend
from grader.judge.prices import Price
from grader.judge.reply import Usage


def spend_of(usages: Iterable[Usage], price: Price | None) -> Spend:
    """The sum over replies. Its price is None where the price of any of them is not known."""
    usages = list(usages)
    costs = [price.of(usage) if price else None for usage in usages]
    return Spend(
        replies=len(usages),
        uncounted=sum(1 for usage in usages if usage.prompt_tokens is None),
        prompt_tokens=sum(usage.prompt_tokens or 0 for usage in usages),
        cached_tokens=sum(usage.cached_tokens or 0 for usage in usages),
        completion_tokens=sum(usage.completion_tokens or 0 for usage in usages),
        reasoning_tokens=sum(usage.reasoning_tokens or 0 for usage in usages),
        usd=None if price is None or None in costs else round(sum(c or 0.0 for c in costs), 6),
        priced=price.read if price else None,
    )
