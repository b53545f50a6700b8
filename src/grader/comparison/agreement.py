"""How far repeats of one judge, and judges with one another, agree on levels.

Exact: the share of pairs of answers to one verdict question that say the same. Ordinal: the mean
over these pairs of how close they are on the scale, 1 for the same level and 0 for its two ends; it
takes neighbouring levels to be equally far apart, and says no more than how steady the judging is.
Whether the situation arises at all is a question of its own: `not_applicable` and a level are 0.
Neither takes chance off. None where there is no pair.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from grader.comparison.comparison import Agreement
from grader.comparison.kinds.verdict import Verdict
from grader.rubric import Rubric


def agreement(rubric: Rubric, verdicts: Iterable[Verdict]) -> tuple[Agreement, ...]:
    """Between the samples of each judge, then between each two judges; only where there are any.

    Two judges are compared sample by sample: the first with the first.
    """
    within: dict[str, list[float]] = {}
    between: dict[tuple[str, str], list[float]] = {}
    for verdict in verdicts:
        scale = rubric.criterion(verdict.criterion).scale
        for one, other in combinations(verdict.samples, 2):
            if one.judge == other.judge:
                pairs = within.setdefault(one.judge, [])
            elif one.sample == other.sample:
                pairs = between.setdefault((one.judge, other.judge), [])
            else:
                continue
            if one.level is not None and other.level is not None:
                pairs.append(scale.closeness(one.level, other.level))
    return (
        *(_agreement((judge,), pairs) for judge, pairs in within.items()),
        *(_agreement(judges, pairs) for judges, pairs in between.items()),
    )


def _agreement(judges: tuple[str, ...], pairs: list[float]) -> Agreement:
    n = len(pairs)
    return Agreement(
        judges=judges,
        n=n,
        exact=sum(1 for each in pairs if each == 1) / n if n else None,
        ordinal=sum(pairs) / n if n else None,
    )
