"""How far repeats of one judge, and judges with one another, agree on levels.

Exact: the share of pairs of answers to one verdict question with the same level. Ordinal: the mean
over these pairs of 1 - |difference| / 2, with levels counted 0, 1, 2; so 1 is the same level and 0
met against not_met. Neither takes chance off. None where there is no pair.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from grader.comparison.comparison import Agreement
from grader.comparison.kinds.verdict import Verdict, VerdictSample
from grader.rubric.scale import LEVELS


def agreement(verdicts: Iterable[Verdict]) -> tuple[Agreement, ...]:
    """Between the samples of each judge, then between each two judges; only where there are any.

    Two judges are compared sample by sample: the first with the first.
    """
    within: dict[str, list[tuple[int, int]]] = {}
    between: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for verdict in verdicts:
        for one, other in combinations(verdict.samples, 2):
            if one.judge == other.judge:
                within.setdefault(one.judge, []).extend(_pair(one, other))
            elif one.sample == other.sample:
                between.setdefault((one.judge, other.judge), []).extend(_pair(one, other))
    return (
        *(_agreement((judge,), pairs) for judge, pairs in within.items()),
        *(_agreement(judges, pairs) for judges, pairs in between.items()),
    )


def _pair(one: VerdictSample, other: VerdictSample) -> list[tuple[int, int]]:
    if one.level is None or other.level is None:
        return []
    return [(LEVELS.index(one.level), LEVELS.index(other.level))]


def _agreement(judges: tuple[str, ...], pairs: list[tuple[int, int]]) -> Agreement:
    n, most = len(pairs), len(LEVELS) - 1
    return Agreement(
        judges=judges,
        n=n,
        exact=sum(1 for a, b in pairs if a == b) / n if n else None,
        ordinal=sum(1 - abs(a - b) / most for a, b in pairs) / n if n else None,
    )
