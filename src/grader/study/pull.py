"""How much the judge's verdict moves reviewers who see it, from reviews that mix both ways.

In a mixed review a drawn half of the verdicts is decided with the judge's in sight, and for the
other half the reviewer's own level comes first. The pull is how often reviewers agree with the
judge when its level was seen, less how often they do when it wasn't. Since the half was drawn,
nothing but seeing it sets the two apart. A reviewer who saw nothing of it has a pull of 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.review.reviewed import Reviewed

FEWEST = 10
"""Below this many verdicts in either way there is no interval."""


@dataclass(frozen=True)
class Looked:
    """One verdict of one reviewer in a mixed review."""

    reviewer: str
    condition: str
    seen: bool
    """Whether the judge's level was in sight when the reviewer gave theirs."""
    same: bool
    """Whether it was the judge's."""


@dataclass(frozen=True)
class Pull:
    """The pull in one group."""

    group: str
    seen: int
    """Verdicts given with the judge's in sight."""
    seen_same: int
    unseen: int
    unseen_same: int
    value: float | None
    """Between -1 and 1; None where one way has no verdict."""
    low: float | None = None
    high: float | None = None
    """95% interval (Newcombe 1998, method 10); None with fewer than ten verdicts in either way."""


def pulls(comparisons: Iterable[Reviewed]) -> list[Pull]:
    """The pull over all mixed reviews, then by reviewer and by condition; none without any."""
    looked = [each for reviewed in comparisons for each in _looked(reviewed)]
    if not looked:
        return []
    found = [_pull("all", looked)]
    for name in sorted({each.reviewer for each in looked}):
        found.append(_pull(f"reviewer {name}", [e for e in looked if e.reviewer == name]))
    for name in sorted({each.condition for each in looked}):
        found.append(_pull(f"condition {name}", [e for e in looked if e.condition == name]))
    return found


def _looked(reviewed: Reviewed) -> Iterable[Looked]:
    draft = reviewed.draft
    for record in reviewed.reviewers.values():
        if record.mode != "mixed":
            continue
        for verdict in draft.verdicts:
            review = record.item(verdict.item)
            seen = verdict.item not in record.blind
            given = review.decision if seen else review.own
            decided = review.decision.state != "undecided"
            if verdict.level is None or given is None or not decided:
                continue
            condition = draft.transcript(verdict.side).condition or verdict.side
            yield Looked(record.name, condition, seen, given.level == verdict.level)


def _pull(group: str, looked: Sequence[Looked]) -> Pull:
    seen = [each.same for each in looked if each.seen]
    unseen = [each.same for each in looked if not each.seen]
    known = Pull(group, len(seen), sum(seen), len(unseen), sum(unseen), None)
    if not seen or not unseen:
        return known
    value = sum(seen) / len(seen) - sum(unseen) / len(unseen)
    low = high = None
    if min(len(seen), len(unseen)) >= FEWEST:
        from statsmodels.stats.proportion import confint_proportions_2indep

        low, high = confint_proportions_2indep(
            sum(seen), len(seen), sum(unseen), len(unseen), method="newcomb", compare="diff"
        )
    return Pull(
        group,
        known.seen,
        known.seen_same,
        known.unseen,
        known.unseen_same,
        value,
        None if low is None else float(low),
        None if high is None else float(high),
    )
